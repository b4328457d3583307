"""The curve of a load in a real Chromium: what was measured is to be seen, and leads to what failed."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from conformance.report.html import write_html
from conformance.run.run_file import read


@pytest.fixture(scope="module")
def loaded(chromium, tmp_path_factory):
    """The run of a load whose answers are swapped from four in flight on, and its page."""
    from tests.browser import material

    folder = tmp_path_factory.mktemp("load")
    with ThreadPoolExecutor(1) as pool:  # Playwright keeps an event loop in this thread
        run = read(pool.submit(material.load, folder).result())
    write_html(run, folder / "page.html")
    return run, folder / "page.html"


def test_every_number_has_a_picture_with_a_point_a_level_inside_it(visit, loaded):
    seen = visit(loaded[1])
    assert (seen.said, seen.elsewhere()) == ([], [])
    assert seen.count("#load > .scroll >> nth=0 >> tbody tr") == 3
    figures = seen.page.locator("#load figure")
    assert figures.count() == 4
    for n in range(4):
        figure = figures.nth(n)
        frame = figure.locator("svg").bounding_box()
        dots = [dot.bounding_box() for dot in figure.locator("circle").all()]
        assert len(dots) >= 2
        assert all(frame["x"] <= dot["x"] and dot["x"] + dot["width"] <= frame["x"] + frame["width"] for dot in dots)
        assert all(frame["y"] <= dot["y"] and dot["y"] + dot["height"] <= frame["y"] + frame["height"] for dot in dots)
        assert figure.locator("svg").get_attribute("aria-label")


def test_what_first_failed_leads_to_its_check(visit, loaded):
    seen = visit(loaded[1])
    first = seen.page.locator("#load a", has_text="connection.no-stranger")
    assert "load." in first.locator("xpath=ancestor::tr").inner_text()
    first.click()
    seen.until("location.hash.length > 1")
    assert seen.page.locator("[id='connection.no-stranger']").is_visible()


@pytest.mark.parametrize("width", [360, 768])
def test_the_curve_is_no_wider_than_the_window(visit, loaded, width):
    seen = visit(loaded[1], width=width)
    assert seen.page.evaluate("document.documentElement.scrollWidth") <= width
