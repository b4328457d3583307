"""The summary in Markdown: so many failures are listed, how many more there are is said, and text is cut and fenced."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from conformance.report import markdown
from conformance.report.markdown import FAILURES, code


@pytest.mark.parametrize(
    ("red", "more"), [(FAILURES, ""), (FAILURES + 1, "\n\n... and 1 more."), (FAILURES + 7, "\n\n... and 7 more.")]
)
def test_how_many_more_are_red_is_said_where_not_all_are_listed(red, more, monkeypatch):
    row = SimpleNamespace(
        id="chat.object", level="must", requirement="It holds.", complaint="no", problems=(), reason=""
    )
    monkeypatch.setattr(markdown, "_source", lambda row: "")
    told = markdown._failures("What makes it red", [row] * red)
    assert told.count("`It holds.`") == FAILURES
    assert told.endswith(f"|{more}")


@pytest.mark.parametrize(("causes", "more"), [(FAILURES, ""), (FAILURES + 2, "\n\n... and 2 more.")])
def test_how_many_more_causes_there_are_is_said(causes, more):
    root = SimpleNamespace(id="chat.object")
    one = SimpleNamespace(sentence="It is so.", root=root, unlocks="1 check", touched=1200, of=2400, breaks="", said="")
    told = markdown._causes([one] * causes)
    assert told.count("`It is so.`") == FAILURES
    assert told.count("1 check, 1,200 of 2,400 requests") == FAILURES
    assert told.endswith(f"|{more}")


@pytest.mark.parametrize(
    ("text", "length", "said"),
    [
        ("", 9, ""),
        ("a\nb  c", 9, "`a b c`"),
        ("123456789", 9, "`123456789`"),
        ("1234567890", 9, "`123456...`"),
        ("a`b", 9, "``a`b``"),
        ("`a``b", 9, "``` `a``b ```"),
        ("a|b", 9, "`a\\|b`"),
    ],
)
def test_any_text_is_a_span_of_code(text, length, said):
    assert code(text, length) == said
