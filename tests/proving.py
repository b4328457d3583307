"""Proving a check: what the reference server's lies make fail. Used by the tests and the benchmark."""

from __future__ import annotations

from functools import cache

from conformance.catalogue import Verdict, catalogue, judge
from conformance.exchange import Exchange
from conformance.reference.defects import Defect
from conformance.sources.inprocess import exchanges


@cache
def honest() -> dict[str, Exchange]:
    """The answers of the honest reference, by id."""
    return {x.id: x for x in exchanges()}


def verdicts(defect: Defect) -> list[Verdict]:
    """The verdicts that a lie can change: by checks of one exchange on the answers that it changed, by the others on all.

    What stays the same was judged with the honest answers, which pass (a test of its own), so it is not judged again.
    """
    lying = [honest()[x.id] if x == honest().get(x.id) else x for x in exchanges(defect)]
    changed = [x for x in lying if x is not honest().get(x.id)]
    alone = [check for check in catalogue().values() if check.together is None]
    together = [check for check in catalogue().values() if check.together is not None]
    return [*judge(changed, alone), *judge(lying, together)]


def named(defect: str) -> set[str]:
    """The checks that name this defect as their proof."""
    return {check.id for check in catalogue().values() if defect in check.breaks}
