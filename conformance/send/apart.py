"""What is asked on about a valid request that was refused: the same with one thing more or less, down to the smallest that is refused.

`plan` says what to send next and never sends, so that tests need no network. It looks at a run that is over: most of what a refused
request carries was taken in others by then. An endpoint that refuses nothing valid pays nothing.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable, Sequence
from dataclasses import replace
from typing import Any, TypeVar

from conformance.areas.catalogue import probes
from conformance.exchange import APART, REFUSED, Exchange
from conformance.exchange.probe import Probe
from conformance.judge.blame import Case, named
from conformance.judge.carried import Part, parts_of

MOST = 40
"""Requests in all: what an endpoint refuses is found in less, and one that refuses nearly everything is not taken apart to the end."""
T = TypeVar("T")
Plan = Generator[list[Probe], list[Exchange], None]


def plan(exchanges: Iterable[Exchange], most: int = MOST) -> Plan:
    """What to send next, given the exchanges of what it said last; it ends where one of them is not there."""
    seen = list(exchanges)
    sent = 0
    for x in Case(seen).refused:
        steps, got = _steps(x, seen), None
        while sent < most and (bodies := following(steps, got)):
            asking = [_probe(x, body, sent + n) for n, body in enumerate(bodies[: most - sent], 1)]
            sent += len(asking)
            got = yield asking
            seen += got
            ids = {probe.name for probe in asking}
            got = [x for x in got if x.id in ids and x.answered]
            if len(got) < len(asking):
                return


def following(steps: Generator[T, Any, None], got: Sequence[Exchange] | None) -> T | None:
    """What comes next in the plan, None at its end."""
    try:
        return steps.send(got)
    except StopIteration:
        return None


def _steps(x: Exchange, seen: Sequence[Exchange]) -> Generator[list[dict], list[Exchange], None]:
    """The bodies to send about one refusal. First without what is known or said to be the reason, then without everything that nobody
    took, and with each of these alone."""
    case = Case(seen)
    left, known = case.suspects(x), case.known
    said = [part for part in left if part.name in known] or named(x, left)
    sure = bool(said) and (len(said) == 1 or all(part.name in known for part in said))
    rest = parts_of(_without(x, said)).keys() & {part.name for part in left}
    if REFUSED in x.id or not left or (sure and not rest) or (said and "optional" in x.intent):
        return
    if said and rest:
        (less,) = yield [_without(x, said)]
        if less.ok:
            return
    (least,) = yield [_without(x, left)]
    if least.ok and len(left) > 1:
        yield [alone for part in left if (alone := _alone(x, part, left)) is not None]


def _without(x: Exchange, taken: Sequence[Part]) -> dict:
    body = x.asked
    for part in taken:
        body = part.without(body)
    return body


def _alone(x: Exchange, part: Part, others: Sequence[Part]) -> dict | None:
    """The request with this part, and of the others only those without which it makes no sense."""
    body = x.asked
    for other in others:
        less = other.without(body)
        if other != part and part.name in parts_of(less):
            body = less
    return None if body == x.asked else body


def _probe(x: Exchange, body: dict, number: int) -> Probe:
    mine = next((probe for probe in probes() if probe.name == x.id.partition("+")[0]), Probe(x.id))
    name, intent = f"{x.id}{APART}-{number}", frozenset({"apart"})
    return replace(mine, name=name, body=body, intent=intent, streamed=None, after=None, build=None, omit=("model",))
