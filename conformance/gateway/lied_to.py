"""A gateway whose upstream lies: each lie told in answer to the requests that provoke it, both ends kept, and what came of it.

The same requests are asked first without a lie. Ids of exchanges are those of the requests, after the name of the lie.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from conformance.exchange import Exchange
from conformance.gateway.lie_cells import STATES, UNSEEN, WORSE, Cell, judged_alone, ruled
from conformance.gateway.pair import Pair
from conformance.gateway.provoking import Provoked
from conformance.send.requests import Request

HONEST = "honest"
WAIT = 10.0
"""Seconds that a client waits for an answer here, at most: the upstream needs a few milliseconds."""
Ask = Callable[[Request, str, Any], Awaitable[Pair]]
"""Asks a request through the gateway, under an id, while the upstream tells a lie or none."""


@dataclass
class Told:
    """What came of each lie: lines of the run file, and the exchanges that show it."""

    lines: list[dict[str, Any]] = field(default_factory=list)
    evidence: list[Exchange] = field(default_factory=list)
    asked: int = 0

    def states(self) -> dict[str, int]:
        return {state: sum(line["state"] == state for line in self.lines) for state in STATES}


def cost(plan: Sequence[Provoked]) -> tuple[int, int]:
    """How many lies can be told by a request, and how many requests that takes."""
    told = [each for each in plan if each.requests]
    return len(told), len(_each(plan)) + sum(len(each.requests) for each in told)


def _each(plan: Sequence[Provoked]) -> dict[str, Request]:
    return {request.id: request for each in plan for request in each.requests}


async def tell(plan: Sequence[Provoked], ask: Ask, over: Callable[[], str | None] = lambda: None) -> Told:
    """Ask it all, and say what came of each lie; a gateway that is gone is asked no more, nor where it is `over`."""
    told = Told()
    honest = {id: await _asked(told, ask, request, HONEST) for id, request in _each(plan).items() if not over()}
    lying: list[list[Pair]] = []
    gone = why_not = ""
    for each in plan:
        why_not = why_not or over() or ""
        asks = [] if gone or why_not else each.requests
        lying.append([await _asked(told, ask, request, each.lie.name, each.lie) for request in asks])
        unanswered = any(not pair.outer.answered for pair in lying[-1])
        if unanswered and not over() and not await _lives(told, each, honest, ask):
            gone = each.lie.name
    found = judged_alone(told.evidence)
    dead = False
    for each, pairs in zip(plan, lying, strict=True):
        without = [honest[request.id] for request in each.requests] if pairs else []
        cells = [(ruled(each.checks, *both, found), both[1]) for both in zip(without, pairs, strict=True)]
        why = f"not asked: {why_not}" if why_not and each.requests else "no single request has it told"
        why = f"the gateway is gone since {gone}" if dead else why
        cell, shown = min(cells, key=lambda each: STATES.index(each[0].state), default=(Cell(UNSEEN, why), None))
        if each.lie.name == gone:
            dead, cell = True, replace(cell, state=WORSE, why="the gateway serves nothing from then on")
        told.lines.append(_line(each, cell, sorted(pairs, key=lambda pair: pair is not shown), without))
    return told


async def _asked(told: Told, ask: Ask, request: Request, whose: str, lie: Any = None) -> Pair:
    told.asked += 1
    pair = await ask(request, f"{whose}/{request.id}", lie)
    told.evidence += [pair.outer, *pair.inners]
    return pair


async def _lives(told: Told, after: Provoked, honest: dict[str, Pair], ask: Ask) -> bool:
    """Whether the gateway still serves what it served before."""
    request = next((r for id, r in _each([after]).items() if honest[id].outer.answered), None)
    if request is None:
        return True
    pair = await _asked(told, ask, request, f"{HONEST}/after-{after.lie.name}")
    return pair.outer.status == honest[request.id].outer.status


def _line(each: Provoked, cell: Cell, lying: Sequence[Pair], honest: Sequence[Pair]) -> dict[str, Any]:
    return {
        "type": "lie",
        "lie": each.lie.name,
        "kind": each.kind,
        "says": each.lie.says,
        "state": cell.state,
        "why": cell.why,
        "checks": list(cell.checks),
        "exchanges": _ids(lying),
        "without": _ids(honest),
    }


def _ids(pairs: Sequence[Pair]) -> list[str]:
    return [x.id for pair in pairs for x in (pair.outer, *pair.inners)]
