"""Every report links a check to its page of the site."""

from __future__ import annotations

import io
import re
from pathlib import Path

import pytest
from rich.console import Console

from conformance.cli.github import annotations
from conformance.report.details import linked
from conformance.report.html import write_html
from conformance.report.junit import write_junit
from conformance.report.markdown import markdown
from conformance.report.site import SITE, page_of
from conformance.report.summary import show_summary
from tests.support import rendered

PACKAGE = Path(__file__).parents[2] / "conformance"
LINK = re.compile(r"\x1b\]8;[^;]*;([^\x1b]*)\x1b\\")


def printed(text, **how) -> str:
    console = Console(file=io.StringIO(), width=100, legacy_windows=False, **how)
    console.print(text)
    return console.file.getvalue()


def test_the_address_stands_in_one_place():
    host = SITE.partition("://")[2].partition("/")[0]
    holding = [path.name for path in PACKAGE.rglob("*.py") if host in path.read_text("utf-8")]
    assert holding == ["site.py"]


@pytest.mark.parametrize("id", ["../../x", "a b", "x\x1b]8;;http://evil\x1b\\", 'x"><script>', "x)|[y]", "ü"])
def test_an_address_holds_nothing_but_an_address_whatever_an_id_holds(id):
    assert re.fullmatch(re.escape(SITE) + r"/checks/[\w.%-]+\.html", page_of(id), re.ASCII)


def test_a_terminal_gets_hyperlinks_and_a_pipe_none():
    text = linked("2 checks (chat.id, chat.id-form)", ["chat.id", "chat.id-form"])
    shown = printed(text, force_terminal=True, color_system="standard")
    assert [each for each in LINK.findall(shown) if each] == [page_of("chat.id"), page_of("chat.id-form")]
    assert printed(text) == "2 checks (chat.id, chat.id-form)\n"
    assert "\x1b]8" not in printed(text, force_terminal=True, color_system=None)


def test_every_report_of_a_run_links_to_the_pages(tmp_path):
    run = rendered.run("checks")
    [red, *_] = run.footer["red"]
    write_junit(run, tmp_path / "junit.xml")
    write_html(run, tmp_path / "index.html")
    for text in (
        (tmp_path / "junit.xml").read_text("utf-8"),
        (tmp_path / "index.html").read_text("utf-8"),
        markdown(run, "r"),
    ):
        assert page_of(red) in text
    assert all(f"{SITE}/checks/" in line for line in annotations(run) if " more" not in line and "feature" not in line)
    console = Console(file=io.StringIO(), width=80, force_terminal=True, color_system="standard", legacy_windows=False)
    show_summary(run, "r/index.html", console)
    assert {*LINK.findall(console.file.getvalue())} - {""}
