"""The curve of a load: a row a level, a picture of each number with its numbers beside it, and where each check first failed."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from conformance.report.html import html
from conformance.report.load_curve import COLUMNS, curve_rows, curve_view, show_curve
from conformance.run.run_file import Run


def level(at_once: int, **given):
    usual = {
        "requests": 100 * at_once, "left": 0, "seconds": 10.0, "tokens": 5000 * at_once, "errors": {}, "lag": 0.001,
        "first": {"p50": 0.02 * at_once, "p95": 0.05 * at_once}, "violations": {}, "firsts": {}, "after": None,
    }  # fmt: skip
    return {"at_once": at_once, **usual, **given}


LEVELS = [
    level(1, first={"p50": 0.02}),
    level(8),
    level(32, errors={"503": 7}, violations={"tool.named": 3}, firsts={"tool.named": ["load.32.call.9", "<b>is</b> wrong"]}),
]  # fmt: skip


@pytest.fixture
def run() -> Run:
    return Run({"version": "1", "started": "2026-01-01", "target": {}, "options": {}}, footer={"load": LEVELS})


def test_a_level_is_a_row(run):
    rows = curve_rows(run)
    assert [dict(zip(COLUMNS, row, strict=True)) for row in rows][2] == {
        "in flight": "32", "asked": "3,200", "failed": "7 x 503", "left": "0", "first": "640 ms", "p95": "1,600 ms",
        "tok/s": "16,000", "req/s": "320.0", "wrong": "3", "own lag": "1.0 ms",
    }  # fmt: skip
    assert rows[0][5] == "-"


def test_a_picture_holds_each_value_at_its_level(run):
    wrong, first, *_ = curve_view(run).pictures
    assert [label for _, label in wrong.ticks] == ["1", "8", "32"]
    assert {line.name: line.values for line in wrong.lines} == {"wrong": ("0", "0", "3"), "failed": ("0", "0", "7")}
    p95 = first.lines[1]
    assert p95.values[0] == "-"
    assert [x for x, _ in p95.dots] == [x for x, _ in first.ticks[1:]]
    heights = [y for _, y in first.lines[0].dots]
    assert heights == sorted(heights, reverse=True)


def test_the_page_has_table_pictures_and_what_first_failed_where(run):
    page = html(run)
    section = page.partition('<section id="load">')[2].partition("</section>")[0]
    assert section.count("<svg") == 4
    assert section.count("<table") == 6
    assert "load.32.call.9" in section
    assert "&lt;b&gt;is&lt;/b&gt; wrong" in section
    assert '<a href="#load">' in page


def test_one_level_is_no_curve_and_no_load_no_section(run):
    run.footer["load"] = LEVELS[:1]
    assert '<section id="load">' in html(run)
    assert 'class="curve' not in html(run).partition('id="load"')[2]
    run.footer["load"] = []
    assert '<section id="load">' not in html(run)


def test_the_terminal_has_the_table(run):
    out = io.StringIO()
    show_curve(run, Console(file=out, width=120))
    assert "7 x 503" in out.getvalue()
    show_curve(Run({}, footer={}), Console(file=(nothing := io.StringIO())))
    assert not nothing.getvalue()
