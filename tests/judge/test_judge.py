"""The judge: what our own laws, conditions and relations get wrong breaks their checks, and nothing else."""

from __future__ import annotations

import pytest

from conformance.judge import MUST
from conformance.judge.condition import Condition
from conformance.judge.decider import OURS, Decider
from conformance.judge.features import Feature
from conformance.judge.judge import Judge
from conformance.judge.verdicts import Check, Relation
from tests.support.recordings import HONEST

X = HONEST["chat.hello"]
ALWAYS = Condition("at all", lambda x: True)


def fails(*anything):
    raise ZeroDivisionError("ours")


def check(id, law=lambda *x: iter(()), when=ALWAYS, together=None):
    return Check(id, MUST, law, when, together, (), (), ())


@pytest.mark.parametrize(
    "amiss",
    [
        check("a.law", law=fails),
        check("a.condition", when=Condition("that fails", fails)),
        check("a.later", when=ALWAYS & Condition("that fails, too", fails)),
        check("a.relation", together=Relation("of none", fails)),
        check(
            "a.pair", together=Relation("of one", lambda some: [(x,) for x in some]), when=Condition("failing", fails)
        ),
    ],
    ids=lambda check: check.id,
)
def test_what_is_ours_is_broken_and_the_rest_is_judged(amiss):
    court = Judge([amiss, check("b.other")])
    court.add(X)
    broken, other = court.finish()
    assert (broken.outcome, other.outcome) == ("broken", "pass")
    assert "ZeroDivisionError: ours" in broken.reason


def test_a_feature_that_fails_is_undecided_and_says_so():
    def feature(name, **parts):
        given = {"law": lambda x: None, "when": ALWAYS, "together": None, "beside": None, "part_of": None} | parts
        return Feature(name=name, names=(), probes=(), profile=None, needs=None, route=False, **given)

    decider = Decider([feature("law", law=fails), feature("when", when=Condition("failing thus", fails)),
                       feature("groups", together=Relation("failing", fails)), feature("whole")])  # fmt: skip
    decider.add(X)
    decided = {each.feature.name: each for each in decider.finish()}
    assert [each.decision for each in decided.values()] == ["undecided"] * 4
    assert [name for name, each in decided.items() if each.why.startswith(OURS)] == ["law", "when"]
