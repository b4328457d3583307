"""The report in Chromium: content, filters, links, keys, themes, printing, nothing sent, no violation that axe-core knows."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.browser.conftest import AXE

CHECK = "tool.delta-index"


def test_it_loads_without_an_error_or_a_request(visit, page, comparison):
    for path in (page, comparison):
        seen = visit(path)
        seen.page.wait_for_timeout(300)
        assert seen.said == []
        assert seen.elsewhere() == []


def test_what_people_decide_by_is_above_the_fold(visit, page):
    seen = visit(page)
    for words in ("No, not a drop-in replacement", "Fix these first", "unlocks", "requests", "Breaks", "The answer"):
        box = seen.page.locator("main").get_by_text(words, exact=False).first.bounding_box()
        assert box["y"] + box["height"] <= 900, words


def test_a_failure_has_its_evidence(visit, page):
    card = visit(page, fragment=f"#{CHECK}").page.locator(f"[id='{CHECK}']")
    text = card.inner_text()
    for words in ("MUST", "absent", "index", "openai-python", "https://github.com/openai/openai-openapi", "curl -sS -N",
                  "$REPORT_TEST_KEY", "events, the first after"):  # fmt: skip
        assert words in text, words
    assert card.locator("mark").count() >= 1
    assert card.locator("figure svg path.marked").count() >= 1


def test_an_address_leads_to_its_check_whatever_hides_it(visit, page):
    seen = visit(page, fragment="#chat.object")
    quiet = seen.page.locator("[id='chat.object']")
    assert quiet.is_visible()
    assert quiet.get_attribute("open") is not None
    seen.page.evaluate("location.hash = 'level=may'")
    seen.until("document.querySelector('#level').value === 'may'")
    assert not seen.page.locator(f"[id='{CHECK}']").is_visible()
    seen.page.evaluate(f"location.hash = '{CHECK}'")
    seen.until("document.querySelector('#level').value === ''")
    assert seen.page.locator(f"[id='{CHECK}']").is_visible()


@pytest.mark.parametrize(
    ("field", "value", "attribute"),
    [
        ("level", "should", "data-level"),
        ("state", "fail", "data-state"),
        ("area", "stream", "data-area"),
        ("gap", "worse", "data-gap"),
    ],
)
def test_a_filter_shows_what_it_says_and_stands_in_the_address(visit, page, field, value, attribute):
    seen = visit(page)
    seen.page.select_option(f"#{field}", value)
    seen.until(f"location.hash === '#{field}={value}'")
    shown = seen.page.locator(".check:visible")
    wanted = seen.count(f".check[{attribute}={value}]")
    assert shown.count() == wanted > 0
    assert {each.get_attribute(attribute) for each in shown.all()} == {value}
    assert seen.page.inner_text("#found") == f"{wanted} of {seen.count('.check')} checks"
    again = visit(page, fragment=f"#{field}={value}")
    assert again.page.locator(".check:visible").count() == wanted
    again.page.click("button[type=reset]")
    again.until("location.hash === ''")


def test_text_is_searched_in_all_that_a_check_says(visit, page):
    seen = visit(page)
    seen.page.fill("#text", "delta index")
    seen.until("location.hash === '#text=delta%20index'")
    shown = seen.page.locator(".check:visible")
    assert 0 < shown.count() < 100
    for each in shown.all():
        words = (each.get_attribute("id") + each.text_content()).lower()
        assert "delta" in words
        assert "index" in words


def test_it_is_used_by_keyboard_alone(visit, page):
    seen = visit(page)
    press = seen.page.keyboard.press
    press("j")
    first = seen.page.locator(".check.at").get_attribute("id")
    press("j")
    assert seen.page.locator(".check.at").get_attribute("id") != first
    press("k")
    assert seen.page.locator(".check.at").get_attribute("id") == first
    press("/")
    assert seen.page.evaluate("document.activeElement.id") == "text"
    seen.page.keyboard.type("usage")
    seen.until("location.hash === '#text=usage'")
    seen.page.evaluate("document.activeElement.blur()")
    press("x")
    seen.until("location.hash === ''")
    press("?")
    assert seen.page.locator("#keys").is_visible()
    seen.page.uncheck("#keys-on")
    press("Escape")
    press("/")
    assert seen.page.evaluate("document.activeElement.id") != "text"


def test_the_theme_follows_the_system_and_the_button_and_is_kept(visit, page):
    def background(page) -> str:
        return page.evaluate("getComputedStyle(document.body).backgroundColor")

    light, dark = (background(visit(page, color_scheme=scheme).page) for scheme in ("light", "dark"))
    assert light != dark
    seen = visit(page, color_scheme="light")
    seen.page.click("#theme")
    assert background(seen.page) == dark
    seen.page.reload()
    assert background(seen.page) == dark


@pytest.mark.parametrize("width", [360, 768, 1440])
def test_nothing_is_wider_than_the_window(visit, page, comparison, width):
    for path in (page, comparison):
        seen = visit(path, width=width)
        seen.page.evaluate("for (const each of document.querySelectorAll('details')) each.open = true")
        assert seen.page.evaluate("document.documentElement.scrollWidth") <= width


def test_on_a_phone_no_table_scrolls_sideways(visit, page):
    seen = visit(page, width=400)
    seen.page.evaluate("for (const each of document.querySelectorAll('details')) each.open = true")
    wide = seen.page.evaluate("""[...document.querySelectorAll('table')].filter(each => {
        const frame = each.closest('.scroll') ?? each.parentElement
        return frame.scrollWidth > frame.clientWidth + 1 || each.getBoundingClientRect().right > innerWidth
    }).map(each => each.className)""")
    assert wide == []


def test_the_causes_come_first_and_lead_to_their_checks(visit, page):
    seen = visit(page)
    headings = seen.page.locator("h2:visible").all_inner_texts()
    assert headings[0].startswith("Fix th")
    first = seen.page.locator("article.cause").first
    assert "unlocks" in first.inner_text()
    first.locator("summary").click()
    first.locator("dl a").last.click()
    assert seen.page.evaluate("document.querySelector(':target') !== null")


def test_without_scripts_all_content_is_there(visit, page):
    seen = visit(page, java_script_enabled=False)
    assert not seen.page.locator("form.filters").is_visible()
    assert not seen.page.locator("#theme").is_visible()
    assert seen.page.locator(f"[id='{CHECK}'] mark").first.is_visible()
    seen.page.locator("#area-chat > summary").click()
    seen.page.locator("[id='chat.object'] > summary").click()
    assert seen.page.locator("[id='chat.object'] dl").is_visible()


def test_it_prints_with_all_evidence_and_without_controls(visit, page):
    seen = visit(page)
    seen.page.emulate_media(media="print")
    assert not seen.page.locator("form.filters").is_visible()
    assert not seen.page.locator(".bar").is_visible()
    closed = seen.page.locator("#wrong details:not([open]) pre.answer").first
    assert closed.evaluate(
        "each => each.checkVisibility({ contentVisibilityAuto: true }) && each.getBoundingClientRect().height > 10"
    )
    printed = seen.page.pdf(format="A4")
    assert printed.startswith(b"%PDF")
    assert printed.count(b"/Type /Page\n") > 3


def test_the_curl_line_is_copied(visit, page):
    seen = visit(page, permissions=["clipboard-read", "clipboard-write"])
    seen.page.locator(f"[id='{CHECK}'] button.copy").first.click()
    seen.until("['Copied', 'Selected'].includes(document.querySelector('article .copy')?.textContent) || "
                                "[...document.querySelectorAll('.copy')].some(each => each.textContent === 'Copied')")  # fmt: skip
    assert seen.page.evaluate("navigator.clipboard.readText()").startswith("curl -sS ")


def test_the_comparison_filters_and_shows_why(visit, comparison):
    seen = visit(comparison)
    whole = seen.page.locator("tr.check:visible").count()
    seen.page.check("#telling")
    seen.until("location.hash === '#telling='")
    shown = seen.page.locator("tr.check:visible")
    assert 0 < shown.count() < whole
    row = seen.page.locator(f"[id='{CHECK}']")
    row.locator("summary").click()
    assert "absent" in row.inner_text()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1440])
def test_axe_core_finds_no_violation(visit, page, comparison, scheme, width):
    if not AXE:
        pytest.skip("axe-core is not installed: nox -s browser")
    for path in (page, comparison):
        seen = visit(path, width=width, color_scheme=scheme, bypass_csp=True)
        seen.page.add_script_tag(path=str(Path(AXE) / "axe.min.js"))
        seen.page.evaluate(
            "for (const each of document.querySelectorAll('#wrong details, #golden details')) each.open = true"
        )
        assert violations(seen.page) == []


def violations(page) -> list[str]:
    """What axe-core finds, in a line each."""
    found = page.evaluate("axe.run(document, { resultTypes: ['violations'] })")["violations"]
    return [f"{each['id']}: {each['help']}: {node['html'][:200]}" for each in found for node in each["nodes"][:3]]
