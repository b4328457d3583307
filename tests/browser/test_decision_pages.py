"""The pages that one decides by, in Chromium: of a parity run, of two of them, of a migration. They fill a screen and fit a phone."""

from __future__ import annotations

from pathlib import Path

import pytest

from conformance.report.comparison import write_comparison
from conformance.report.html import write_html
from conformance.report.migration import write_migration
from conformance.run.run_file import read
from tests.browser.conftest import AXE
from tests.browser.test_report import violations

LINE = {
    "name": "smoke test",
    "why": f"it holds; {'a-long-word-' * 20}",
    "evidence": ["one", "two"],
    "page": "checks/index.html",
}


@pytest.fixture(scope="session")
def pages(chromium, tmp_path_factory) -> dict[str, Path]:
    from concurrent.futures import ThreadPoolExecutor

    from tests.browser import material

    folder = tmp_path_factory.mktemp("decisions")
    with ThreadPoolExecutor(1) as pool:  # Playwright keeps an event loop in this thread
        run = pool.submit(material.parity, folder / "parity").result()
    write_html(read(run), folder / "parity.html")
    write_comparison([run, run], folder / "comparison.html")
    lines = [{**LINE, "verdict": verdict} for verdict in ("yes", "no", "untold")] * 3
    found = {"answer": "No, do not cut over yet: smoke test", "exit_code": 1, "started": "2026-11-01T00:00:00", "version": "1",
             "lines": lines, "from": {"base_url": "http://old/v1"}, "to": {"base_url": "http://new/v1", "model": "m" * 60}}  # fmt: skip
    write_migration(found, folder)
    return {
        "parity": folder / "parity.html",
        "comparison": folder / "comparison.html",
        "migration": folder / "index.html",
    }


@pytest.mark.parametrize("name", ["parity", "migration"])
def test_the_first_screen_is_filled(visit, pages, name):
    """The cards of the first screen cover most of what is below the answer."""
    seen = visit(pages[name])
    assert seen.said == []
    assert seen.elsewhere() == []
    share = seen.page.evaluate("""() => {
        const top = document.querySelector('.verdict').getBoundingClientRect().bottom, main = document.querySelector('main')
        const boxes = [...document.querySelectorAll('.card')].map(each => each.getBoundingClientRect())
        const shown = boxes.reduce((sum, b) => sum + b.width * Math.max(0, Math.min(b.bottom, innerHeight) - Math.max(b.top, top)), 0)
        return shown / (main.clientWidth * (innerHeight - top))
    }""")
    assert share > 0.75
    answer = seen.page.locator("h1").bounding_box()
    assert answer["y"] < 200


@pytest.mark.parametrize("name", ["parity", "comparison", "migration"])
def test_on_a_phone_nothing_is_cut_off_or_scrolls_sideways(visit, pages, name):
    seen = visit(pages[name], width=390)
    seen.page.evaluate("for (const each of document.querySelectorAll('details')) each.open = true")
    assert seen.page.evaluate("document.documentElement.scrollWidth") <= 390
    wide = seen.page.evaluate("""[...document.querySelectorAll('table, .card, pre, p, h1, h3, li, nav, nav a')].filter(each => {
        const frame = each.closest('.scroll') ?? each.parentElement
        return frame.scrollWidth > frame.clientWidth + 1 || each.getBoundingClientRect().right > innerWidth + 1
    }).filter(each => !each.closest('.matrix')).map(each => `${each.tagName}.${each.className} ${each.textContent.slice(0, 40)}`)""")
    assert wide == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1440])
def test_axe_core_finds_no_violation(visit, pages, scheme, width):
    if not AXE:
        pytest.skip("axe-core is not installed: nox -s browser")
    for path in pages.values():
        seen = visit(path, width=width, color_scheme=scheme, bypass_csp=True)
        seen.page.add_script_tag(path=str(Path(AXE) / "axe.min.js"))
        assert violations(seen.page) == []
