"""The recall of public bugs: which lie tells a bug, what catches it, and what is said of the rest."""

from __future__ import annotations

import json

import pytest

from benchmarks import recall
from conformance.areas.catalogue import lies


def catalogue(tmp_path, *rows):
    file = tmp_path / "bugs.jsonl"
    file.write_text("\n".join(row if isinstance(row, str) else json.dumps(row) for row in rows))
    return file


def bug(id, area="stream", severity="breaks-sdk", evidence="report", threads=()):
    return {"id": id, "area": area, "severity": severity, "evidence": evidence, "threads": list(threads)}


def found(tmp_path, row):
    return recall.look_for(recall.read(catalogue(tmp_path, row))[0])


def test_a_bug_that_a_lie_claims_is_caught_by_the_strictest_check(tmp_path):
    seen = found(tmp_path, bug("stream-first-role-missing"))
    assert (seen.outcome, seen.words) == ("caught", "stream-without-role: MUST stream.role")


def test_a_bug_that_nobody_knows_is_missed(tmp_path):
    seen = found(tmp_path, bug("never-heard-of"))
    assert (seen.outcome, seen.words) == ("missed", "no lie of ours claims it")


def test_an_unknown_bug_is_found_by_the_thread_where_it_was_reported(tmp_path):
    thread = "https://github.com/algorithmicsuperintelligence/optillm/pull/67#issuecomment-1"
    seen = found(tmp_path, bug("role-never-sent", threads=[thread]))
    assert (seen.outcome, seen.words) == ("caught", "stream-without-role (by its thread): MUST stream.role")


def test_a_thread_of_several_lies_claims_nothing(tmp_path):
    shared = "https://github.com/LostRuins/koboldcpp/issues/2481"
    assert sum(shared in lie.links for lie in lies().values()) > 1
    assert found(tmp_path, bug("another", threads=[shared])).outcome == "missed"


@pytest.mark.parametrize(("severity", "outcome"), [("cosmetic", "caught"), ("breaks-sdk", "weak")])
def test_a_may_is_enough_for_what_is_cosmetic_only(tmp_path, severity, outcome):
    assert found(tmp_path, bug("tool-stream-single-chunk", "tools", severity)).outcome == outcome


def test_a_bug_that_rests_on_a_mistake_is_said_to(tmp_path, monkeypatch):
    monkeypatch.setitem(recall.MISTAKEN, "odd", "OpenAI does so itself")
    seen = found(tmp_path, bug("odd"))
    assert (seen.outcome, seen.words) == ("mistaken", "OpenAI does so itself")


def test_the_report_counts_what_is_strong_and_of_our_areas(tmp_path):
    rows = [
        bug("stream-first-role-missing"),
        bug("unheard"),
        bug("unheard-too", evidence="thin"),
        bug("song", area="videos"),
    ]
    lines = list(recall.report(recall.read(catalogue(tmp_path, *rows))))
    assert [line.split() for line in lines[4:]] == [
        ["stream", "50%", "1", "of", "2"],
        ["in", "all", "50%", "1", "of", "2"],
        ["not", "judged", "yet:", "videos", "(1)"],
    ]


@pytest.mark.parametrize(("rows", "code"), [(["stream-first-role-missing"], 0), (["unheard"], 1), ([], 1)])
def test_the_exit_code_says_whether_enough_is_caught(tmp_path, rows, code):
    assert recall.main([str(catalogue(tmp_path, *map(bug, rows)))]) == code


@pytest.mark.parametrize("line", ["{", "[]", '{"id": 1}'])
def test_a_file_that_is_no_catalogue_gets_one_line(tmp_path, capsys, line):
    assert recall.main([str(catalogue(tmp_path, line))]) == 2
    assert capsys.readouterr().err.count("\n") == 1


@pytest.mark.parametrize("arguments", [[], ["/nowhere/bugs.jsonl"]])
def test_without_a_file_it_says_how_to_call_it(capsys, arguments):
    assert recall.main(arguments) == 2
    assert capsys.readouterr().err.count("\n") == 1
