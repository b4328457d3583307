"""Nothing that an endpoint sends is ever run, loaded or made into markup, wherever it says it."""

from __future__ import annotations

import pytest

from conformance.report.comparison import write_comparison
from conformance.report.html import write_html
from conformance.run.run_file import read
from tests.browser import hostile, material


@pytest.fixture(scope="module")
def pages(chromium, tmp_path_factory):
    folder = tmp_path_factory.mktemp("hostile")
    run, parity = material.hostile(folder, hostile.strings())
    write_html(read(run), folder / "run.html", baseline=read(run), parity=[read(parity)])
    write_html(read(parity), folder / "parity.html")
    write_comparison([run, run], folder / "comparison.html")
    return [folder / name for name in ("run.html", "parity.html", "comparison.html")]


def test_the_corpus_is_large_enough():
    assert len(set(hostile.strings())) >= 200


@pytest.mark.parametrize("bypass_csp", [False, True], ids=["with-policy", "escaping-alone"])
def test_nothing_hostile_is_executed(visit, pages, bypass_csp):
    for path in pages:
        seen = visit(path, bypass_csp=bypass_csp)
        seen.page.evaluate("for (const each of document.querySelectorAll('details')) each.open = true")
        seen.page.evaluate("for (const each of document.querySelectorAll('a[href^=\"#\"]')) each.focus()")
        seen.page.mouse.move(700, 400)
        seen.page.wait_for_timeout(300)
        assert seen.hits == []
        assert seen.said == []
        assert seen.elsewhere() == []
        assert seen.count("script") == 2
        assert (
            seen.count("iframe, object, embed, img, base, video, form:not(.filters):not([method=dialog]), body body")
            == 0
        )
        names = "[...new Set([...document.querySelectorAll('*')].flatMap(each => each.getAttributeNames()))]"
        assert [name for name in seen.page.evaluate(names) if name.startswith("on") or name == "style"] == []
        odd = "[...document.querySelectorAll('a')].map(a => a.href).filter(href => !/^(file:.*#|https?:)/.test(href))"
        assert seen.page.evaluate(odd) == []


def test_hostile_strings_are_shown_as_text_and_cut_where_long(visit, pages):
    text = visit(pages[0]).page.text_content("main")
    for string in (
        "<script>hit()</script>",
        "{{ hit() }}",
        "\\u202e<script>",
        "\\u0000<script>",
        "</title><img src=x onerror=hit()>",
    ):
        assert string in text, string
    for path in pages:
        assert path.stat().st_size < 6_000_000
