"""The fewest lies that explain what fails: exact sets first, words where sets are equal, nothing against what passes."""

from __future__ import annotations

from conformance.areas.catalogue import catalogue, lies
from conformance.judge.verdicts import Verdict
from conformance.run.diagnosis import diagnose, explain, problem_words
from tests.support import proving


def failed(**words: str):
    return {id.replace("_", "."): problem_words([(("x",), text)]) for id, text in words.items()}


def names(found) -> list[str]:
    return [each.lie for each in found]


def test_the_lie_that_explains_all_comes_before_those_that_explain_a_part():
    told = {"one": ("", {"a.b"}), "both": ("", {"a.b", "a.c"}), "other": ("", {"a.c"})}
    assert names(explain(failed(a_b="", a_c=""), set(), told)) == ["both"]


def test_a_check_that_passes_speaks_against_a_lie_and_one_that_could_not_be_tested_does_not():
    told = {"too-much": ("", {"a.b", "a.c"}), "just": ("", {"a.b"})}
    assert names(explain(failed(a_b=""), {"a.c"}, told)) == ["just"]
    told = {"too-much": ("", {"a.b", "a.c", "a.d"}), "just": ("", {"a.b"})}
    assert names(explain(failed(a_b="", a_c=""), set(), told))[0] == "too-much"


def test_words_tell_lies_apart_that_fail_the_same_check():
    told = {"created-text": ("`created` is a text.", {"a.b"}), "created-float": ("`created` has a fraction.", {"a.b"})}
    [one] = explain(failed(a_b="created is 17.5, expected an integer"), set(), told)
    assert one.lie == "created-float"
    [other] = explain(failed(a_b='created is "17", expected an integer'), set(), told)
    assert other.lie == "created-text"


def test_what_words_do_not_tell_apart_is_said():
    told = {"x-1": ("It is so.", {"a.b"}), "x-2": ("It is so, too.", {"a.b"})}
    [one] = explain(failed(a_b="nothing of it"), set(), told)
    assert len(one.rivals) == 1


def test_two_lies_at_once_are_both_found():
    told = {"one": ("", {"a.b", "a.c"}), "two": ("", {"d.e"}), "three": ("", {"a.b", "f.g"})}
    assert names(explain(failed(a_b="", a_c="", d_e=""), {"f.g"}, told)) == ["one", "two"]


def test_a_lie_of_the_reference_is_diagnosed_and_nothing_where_nothing_fails():
    lie = "stream-done-missing" if "stream-done-missing" in lies() else catalogue()["stream.done"].breaks[0]
    assert diagnose(proving.verdicts(lies()[lie]))[0].lie == lie
    assert diagnose([Verdict(catalogue()["stream.done"], "pass", ("x",))]) == []
