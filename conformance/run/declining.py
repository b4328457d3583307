"""How to decline what is ignored: which checks fail on nothing but requests with a member that the endpoint takes and does not look at.

Were that member refused by name, they would find nothing wrong. It must not change a verdict.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from conformance.judge.asked_with import Asking
from conformance.judge.decider import Decided, spells
from conformance.judge.verdicts import Verdict

MOST = 0.5
"""The part of the requests with the member that must fail: what fails on few of them has another reason."""


def declines(verdicts: Sequence[Verdict], decided: Sequence[Decided], asking: Asking) -> dict[str, str]:
    """By failing check, the member of requests that the endpoint ignores, and may refuse instead."""
    ignored = {each.feature.name: each for each in decided if each.decision == "ignored" and not each.feature.route}
    members = [(name, _member(each, asking)) for name, one in ignored.items() for each in _wholes(one, ignored)]
    wanted = {_member(each, asking) for each in decided if each.decision == "supported"}  # by other features
    found = {}
    for verdict in verdicts:
        fitting = [
            (not said, -part, n, member)
            for n, (name, member) in enumerate(members)
            for said in [verdict.outcome == "fail" and spells(ignored[name].feature, _words(verdict))]
            if member
            and member not in wanted
            and verdict.outcome == "fail"
            and (part := _part(verdict, member, asking)) >= (0.01 if said else MOST)
        ]
        if fitting:
            found[verdict.check.id] = min(fitting)[-1]
    return found


def _wholes(each: Decided, ignored: Mapping[str, Decided]) -> list[Decided]:
    """What it is a part of, where that is ignored, too, before itself."""
    return [whole for whole in (ignored.get(each.feature.part_of or ""), each) if whole is not None]


def _member(each: Decided, asking: Asking) -> str:
    """The member of the request to refuse; "" where it is a form of the messages."""
    return next((member for member in asking.members(each.feature.name) if spells(each.feature, member)), "")


def _part(verdict: Verdict, member: str, asking: Asking) -> float:
    """The part of the judged requests with this member that fail; 0 where any problem is of others."""
    groups = [joined.split(" + ") for named, _ in verdict.problems for joined in named]
    failing = [[id for id in group if asking.carries(id, member)] for group in groups]
    if not failing or not all(failing):
        return 0.0
    carrying = sum(asking.carries(id, member) for id in verdict.exchanges)
    return len({id for ids in failing for id in ids}) / max(1, carrying)


def _words(verdict: Verdict) -> str:
    return f"{verdict.check.requirement} {verdict.problems[0][1]}"
