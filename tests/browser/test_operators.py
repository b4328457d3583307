"""The page for operators in Chromium: what began and got worse, on a phone and on paper; no name of a model is obeyed."""

from __future__ import annotations

from pathlib import Path

import pytest

from conformance.report.html import write_html
from conformance.report.operators import write_operators
from conformance.report.production import Production
from conformance.run.run_file import read
from tests.browser import hostile
from tests.browser.conftest import AXE
from tests.browser.test_report import violations
from tests.support import production


@pytest.fixture(scope="module")
def pages(tmp_path_factory) -> dict[str, Path]:
    folder, found = tmp_path_factory.mktemp("operators"), {}
    corpus = hostile.strings()
    names = (*corpus[:2], "{{ hit() }}", "\u202e<script>hit()</script>", corpus[-6], "m" * 5000)
    for name, (models, days) in {"usual": (production.NAMES, 5), "hostile": (names, 2), "long": (("m",), 66)}.items():
        (folder / name).mkdir()
        run = read(production.run_file(folder / name / "run.jsonl", models, days))
        found[name] = folder / name / "operators.html"
        write_operators(Production(run), found[name])
    write_html(read(folder / "usual" / "run.jsonl"), folder / "usual" / "index.html")
    return found


def test_it_is_reached_from_the_report_and_says_what_began_and_got_worse(visit, pages):
    seen = visit(pages["usual"].with_name("index.html"))
    seen.page.click("text=by day and model")
    seen.page.wait_for_url("**/operators.html")
    first = seen.page.inner_text("h1")
    assert first == "2 regressions between days"
    worse, began = seen.page.inner_text("#worse"), seen.page.inner_text("#began")
    for words in ("2026-11-03", production.BEGAN, "2026-11-04", production.WORSE, "llama-4-70b", "Fisher's exact test"):
        assert words in worse, words
    assert production.BEGAN in began
    assert "without a failure" in began
    assert seen.count("#laws figure path.bar.fail[d^=M]") == 2
    assert seen.count("#laws td.n") > 100
    for figure in seen.page.locator("figure").all():
        assert figure.locator("tbody td").count() > 0  # the numbers are beside every picture


def test_nothing_hostile_is_executed(visit, pages):
    for bypass in (False, True):
        seen = visit(pages["hostile"], bypass_csp=bypass)
        seen.page.evaluate("for (const each of document.querySelectorAll('details')) each.open = true")
        assert (seen.hits, seen.said, seen.elsewhere(), seen.count("script")) == ([], [], [], 2)
        assert seen.count("iframe, object, embed, img, base, video, form, body body") == 0
    assert "<script>hit()</script>" in seen.page.text_content("main")
    assert pages["hostile"].stat().st_size < 3_000_000


@pytest.mark.parametrize("name", ["usual", "hostile", "long"])
@pytest.mark.parametrize("width", [390, 1440])
def test_nothing_scrolls_sideways_or_is_cut_off(visit, pages, name, width):
    seen = visit(pages[name], width=width)
    assert seen.said == []
    seen.page.evaluate("for (const each of document.querySelectorAll('details')) each.open = true")
    assert seen.page.evaluate("document.documentElement.scrollWidth") <= width
    wide = seen.page.evaluate("""[...document.querySelectorAll('table, figure, article, p, h1, h3, li, nav, td, th')].filter(each =>
        each.parentElement.scrollWidth > each.parentElement.clientWidth + 1 || each.getBoundingClientRect().right > innerWidth + 1
    ).map(each => `${each.tagName}.${each.className} ${each.textContent.slice(0, 40)}`)""")
    assert wide == []


@pytest.mark.parametrize(("scheme", "width"), [("light", 390), ("dark", 1440)])
def test_axe_core_finds_no_violation(visit, pages, scheme, width):
    if not AXE:
        pytest.skip("axe-core is not installed: nox -s browser")
    seen = visit(pages["usual"], width=width, color_scheme=scheme, bypass_csp=True)
    seen.page.add_script_tag(path=str(Path(AXE) / "axe.min.js"))
    assert violations(seen.page) == []


def test_it_prints_with_its_numbers(visit, pages):
    seen = visit(pages["usual"])
    seen.page.emulate_media(media="print")
    assert not seen.page.locator(".bar").first.is_visible()
    assert seen.page.locator("figure tbody td").first.is_visible()
    assert seen.page.locator("details.more table").first.is_visible()
