"""The measure of the diagnosis: what counts as right, and what is said of files."""

from __future__ import annotations

import pytest

from benchmarks import diagnosis
from benchmarks.diagnosis import Diagnosed


@pytest.mark.parametrize(
    ("told", "named", "right"),
    [
        (("a",), ("a", "b"), True),
        (("a",), ("b", "a"), False),
        (("a",), (), False),
        (("a", "b"), ("c", "b", "a"), True),
        (("a", "b"), ("a", "c", "d"), False),
    ],
)
def test_one_lie_must_be_first_and_two_among_the_first_three(told, named, right):
    assert Diagnosed(told, named).right is right


def test_two_lies_at_once_are_diagnosed():
    assert diagnosis.diagnosed("stream-without-role", "chat-created-float").right


def test_lies_that_fail_the_same_checks_are_counted():
    shared = diagnosis.alike()
    assert "chat-created-text" in shared["chat-created-float"]
    lines = list(diagnosis.report_lies([Diagnosed(("chat-created-float",), ("chat-created-float",))], []))
    assert (
        lines[-2] == "alone: 1 of 1 (100.0%) first; 1 share their checks with another lie, 1 of them first by the words"
    )


def test_files_have_their_causes_counted_and_a_wrong_name_gets_one_line(tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert diagnosis.main(["/nowhere/at.har"]) == 2
    assert capsys.readouterr().err.count("\n") == 1
