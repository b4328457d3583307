"""PAIR: what is accepted alone is accepted together. That each keeps its own laws then, those laws say."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from itertools import combinations

from conformance.areas.citations import REQUEST
from conformance.areas.pairs.factors import FACTORS, alone, asked_by
from conformance.exchange import Exchange
from conformance.judge import MUST, Problems, check, differs
from conformance.judge.condition import response
from conformance.judge.refusals import TURNED_DOWN, judged, lacking
from conformance.judge.verdicts import Relation

GUILTY = "features that were refused together"
"""Where a refused request remembers which of its features no other answer clears."""


PINNED = {"temperature"}
"""What nearly every request of the suite asks for."""


def _together(exchanges: Sequence[Exchange]) -> Iterator[tuple[Exchange, ...]]:
    """Each request for features together; one that was refused comes after the answers that show its guilty ones taken apart.

    One that was refused as a request for fewer of them was is none: what is refused alone says nothing of being together.
    """
    chats = [(x, asked_by(x)) for x in exchanges if x.route == "chat"]
    ours = [(x, names) for x, names in chats if "pairs" in x.intent]
    served = {names: x for x, names in reversed(chats) if x.ok and "burst" not in x.intent}
    refused = [names for x, names in ours if not x.ok]
    simpler = [names - PINNED for x, names in alone(exchanges) if x.status in TURNED_DOWN and names - PINNED]
    for x, names in ours:
        if not x.ok and any(fewer <= names for fewer in simpler):
            continue
        x.memo[GUILTY] = guilty = () if x.ok else _guilty(x, names, served.keys(), refused)
        shown = [next((y for others, y in served.items() if name in others), None) for name in guilty]
        if None not in shown:
            yield *dict.fromkeys(shown), x


def _guilty(
    x: Exchange, names: frozenset[str], served: Collection[frozenset[str]], refused: Collection[frozenset[str]]
) -> tuple[str, ...]:
    """The two or three features whose being together may have been refused, as no request with all of them was served: best those
    that the refusal names, then those that most of the refused requests have."""
    said = {name for name in names if FACTORS[name].named(x)}
    sets = [frozenset(some) for size in (2, 3) for some in combinations(sorted(names), size)]
    weights = {
        some: (sum(name in said for name in some), sum(some <= others for others in refused), -len(some))
        for some in sets
        if not any(some <= others for others in served)
    }
    best = max(weights.values(), default=None)
    return tuple(sorted(names if best is None else set().union(*(s for s, w in weights.items() if w == best))))


@response("that was served, or turned down for what it asks")
def ruled_on(x: Exchange) -> bool:
    return x.status < 500 and not lacking(x)


@check("pair.accepted", MUST, when=judged & ruled_on,
       together=Relation("request for several features at once", _together), source=REQUEST,
       breaks=("pair-logprobs-refused", "pair-choices-refused", "pair-image-refused", "structured-refuses-tools"),
       covers="PAIR-001")  # fmt: skip
def features_are_accepted_together(*group: Exchange) -> Problems:
    """Features that are each accepted are accepted together.

    Each works when it is tried; the application that needs both is turned away, and nothing in the documents says why.
    """
    x = group[-1]
    if not x.ok:
        yield differs("the status", x.status, f"200: {', '.join(x.memo[GUILTY])} are each accepted")
