"""A parity run as a decision: the answer in a sentence, by category, the worst first."""

from __future__ import annotations

import pytest

from conformance.report.decision import Decision
from conformance.report.parity_numbers import spread
from conformance.run.run_file import Run
from tests.report.test_golden_view import line, side

RULE = "finish_reason is stop, expected length"


def run(lines, code, gates=(), **options):
    header = {"kind": "parity", "options": options, "target": {}, "baseline": {"kind": "url"}, "golden": []}
    return Decision(Run(header, golden=lines, footer={"exit_code": code, "gates": list(gates)}))


def broken(prompt, gap="same", mine=True, theirs=True, outcome="same"):
    sides = {
        name: side(f"{name}#{prompt}", violations=[[RULE] if broke else []])
        for name, broke in (("target", mine), ("baseline", theirs))
    }
    return line(prompt, outcome, gap, **sides)


FINE, WORSE = line("a.fine", "same", "same"), broken("b.worse", "worse", theirs=False)
SLOW = {"gate": "--max-ttft-p95", "wanted": "at most 1.5 times the baseline's", "seen": "2.00 times", "holds": False}


@pytest.mark.parametrize(
    ("lines", "code", "gates", "tone", "answer"),
    [
        ([FINE], 0, (), "yes", "Yes, you may switch: of the 1 shipped prompt none is answered worse"),
        ([FINE, WORSE], 1, (), "no", "No, do not switch: of the 2 shipped prompts 1 is answered worse, in b (1 of 1)"),
        ([FINE], 1, (SLOW,), "no",
         "No, do not switch: the first token's p95 is 2.00 times, wanted at most 1.5 times the baseline's"),
        ([FINE, broken("c.both")], 0, (), "part", "You may switch, but both sides break what must hold: 1 of the 2 shipped "
         "prompts break what must hold on both sides; of the 2 shipped prompts none is answered worse"),
        ([FINE, line("d.left", "not-compared", "not-compared")], 3, (), "unknown",
         "Not told: 1 of the 2 shipped prompts could not be compared"),
        ([FINE], 3, ({**SLOW, "holds": None},), "unknown",
         "Not told: the first token's p95 is 2.00 times, wanted at most 1.5 times the baseline's"),
    ],
)  # fmt: skip
def test_the_answer_is_a_sentence(lines, code, gates, tone, answer):
    found = run(lines, code, gates)
    assert (found.answer, found.tone) == (answer, tone)


def test_whose_prompts_they_are_is_said():
    assert "of your 1 prompt none" in run([FINE], 0, golden="mine").answer


def test_the_worst_category_comes_first():
    lines = [FINE, broken("b.one", "worse", theirs=False), line("b.two", "same", "same"), broken("c.both"),
             line("d.differs", "differs", "same"), broken("e.one", "worse", theirs=False)]  # fmt: skip
    found = run(lines, 1).categories
    assert [each.name for each in found] == ["e", "b", "c", "d", "a"]
    assert [each.state for each in found] == ["worse", "worse", "broken", "differs", "same"]


@pytest.mark.parametrize(("mine", "theirs", "told"), [(True, True, True), (True, False, False), (False, True, False)])
def test_what_one_side_holds_is_not_broken_on_both(mine, theirs, told):
    assert bool(run([broken("a.one", mine=mine, theirs=theirs)], 0).both) is told


def test_a_side_without_a_usable_answer_breaks_nothing():
    lone = broken("a.one") | {"baseline": side("baseline#a.one", violations=[[]], finish_reasons=[None])}
    assert run([lone], 3).both == []


def test_no_number_is_told_of_nothing():
    assert spread(None) == "-"
    nothing = {"p50": None, "p95": None, "p99": None, "values": 0, "least": None, "most": None}
    assert spread(nothing) == "-"
    assert spread(nothing | {"values": 3, "least": 0.01, "most": 0.2}) == "10.0 to 200 (3)"
