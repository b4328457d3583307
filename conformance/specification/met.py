"""Which names of a specification this suite meets. A property is met where a check fails as soon as it is gone, null or of another
type in an answer of the honest reference; an event, where one fails as soon as it is called otherwise; a parameter, where a probe
sends it. What is not met has a reason in reasons.toml, or is lacking.
"""

from __future__ import annotations

import copy
import fnmatch
import json
import tomllib
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path as File
from typing import Any
from urllib.parse import parse_qs, urlsplit

from conformance.areas.catalogue import catalogue, judge
from conformance.exchange import Exchange
from conformance.judge.verdicts import Check
from conformance.send.inprocess import exchanges
from conformance.specification.openapi import Document
from conformance.specification.placed import Path, places

SEEN = 4
"""Answers in which a property is damaged, at most, until a check notices."""
GONE = 1
"""Of the ways in which a property is damaged, the one that leaves it out."""
KINDS = ("parameter", "property", "event")
Place = tuple[Exchange, int | None, Path]
"""Where in an answer something stands: the number of the event in a stream, and the path."""


@dataclass(frozen=True)
class Name:
    """One name of one route, and what meets it: the id of a check or of a request; else why it need not be met, if there is a reason."""

    route: str
    kind: str
    name: str
    met: str | None
    reason: str | None


@cache
def reasons() -> dict[str, dict[str, str]]:
    """For each kind of name, why what fits a pattern is not met."""
    return tomllib.loads((File(__file__).parent / "reasons.toml").read_text("utf-8"))


def names(document: Document) -> list[Name]:
    """Every name of every known route, in order, with what meets it. Takes a minute: it judges thousands of damaged answers."""
    honest = exchanges()
    found = []
    for route, named in document.routes.items():
        asked = [x for x in honest if _is_of(route, x)]
        sent = _sent(asked)
        noticed = _noticed(document, route, asked)
        found += [_name(route, "parameter", name, sent.get(name)) for name in named.parameters]
        found += [_name(route, "property", name, noticed.get(name)) for name in named.properties]
        found += [_name(route, "event", name, noticed.get(name)) for name in named.events]
    return found


def _name(route: str, kind: str, name: str, met: str | None) -> Name:
    reason = next((why for pattern, why in reasons().get(kind, {}).items() if fnmatch.fnmatchcase(name, pattern)), None)
    return Name(route, kind, name, met, None if met else reason)


def _is_of(route: str, x: Exchange) -> bool:
    method, _, path = route.partition(" ")
    steps, asked = path.split("/"), urlsplit(x.url).path.removeprefix("/v1").split("/")
    same = len(steps) == len(asked) and all(a == b or a.startswith("{") for a, b in zip(steps, asked, strict=True))
    return x.method == method and same and not ("{" in path and x.route in ("response-compact", "response-tokens"))


def _sent(asked: Sequence[Exchange]) -> dict[str, str]:
    """The parameters that requests of the suite set, and the first that does."""
    found: dict[str, str] = {}
    for x in asked:
        for name in (*x.asked, *(field.name for field in x.form), *parse_qs(urlsplit(x.url).query)):
            found.setdefault(name.partition("[")[0], x.id)
    return found


def _noticed(document: Document, route: str, beside: Sequence[Exchange]) -> dict[str, str]:
    """The properties and events of the answers to these requests that a check misses, and that check."""
    alone = [check for check in catalogue().values() if check.together is None and check.area != "sdk"]
    together = [check for check in catalogue().values() if check.together is not None]
    where: dict[str, list[Place]] = defaultdict(list)
    for x in (x for x in beside if x.ok):
        for name, event, path in places(document, route, x):
            where[name].append((x, event, path))
        for event, value in _events(x):
            where[str(value.get("type"))].append((x, event, ("type",)))
    found: dict[str, str] = {}
    for name, seen in where.items():
        # The last place of an answer first: what a stream says in the end counts.
        for order in (seen[::-1], seen):
            if name not in found and (missed := _missed(_first(order), beside, alone, together)):
                found[name] = missed
    return found


def _missed(
    places: Sequence[Place], beside: Sequence[Exchange], alone: Sequence[Check], together: Sequence[Check]
) -> str | None:
    """The check that misses what stands in one of these places."""
    damaged = [list(_damaged(*place)) for place in places]
    for each in damaged:
        if found := next((check for y in each if (check := _failing([y], alone))), None):
            return found
    some = [*damaged[0], *(each[GONE] for each in damaged[1:])]
    return next((check for y in some if (check := _failing(_with(y, beside), together))), None)


def _events(x: Exchange) -> Iterator[tuple[int, dict[str, Any]]]:
    if x.streaming and x.ok:
        yield from ((n, value) for n, value in x.messages if isinstance(value, dict) and "type" in value)


def _first(seen: Sequence[Place]) -> list[Place]:
    """One place of each answer, first those where something stands: null, for want of a question, shows no check at work."""
    once: dict[str, Place] = {}
    for each in sorted(seen, key=lambda place: not _standing(*place)):
        once.setdefault(each[0].id, each)
    return list(once.values())[:SEEN]


def _standing(x: Exchange, event: int | None, path: Path) -> bool:
    value = x.json if event is None else dict(x.messages)[event]
    for step in path:
        value = value[step]
    return bool(value)


def _with(changed: Exchange, others: Sequence[Exchange]) -> list[Exchange]:
    return [changed if x.id == changed.id else x for x in others]


def _failing(answers: Sequence[Exchange], checks: Sequence[Check]) -> str | None:
    return next((verdict.check.id for verdict in judge(answers, checks) if verdict.outcome == "fail"), None)


def _damaged(x: Exchange, event: int | None, path: Path) -> Iterator[Exchange]:
    """The answer without what stands there, and with something else in its place."""
    value = x.json if event is None else dict(x.messages)[event]
    for change in (None, [], 7.5, "conformance"):
        changed = copy.deepcopy(value)
        holder = changed
        for step in path[:-1]:
            holder = holder[step]
        if change == []:
            del holder[path[-1]]
        else:
            holder[path[-1]] = change
        yield replace(x, body=_written(x, event, value, changed), memo={})


def _written(x: Exchange, event: int | None, value: Any, changed: Any) -> bytes:
    if event is None:
        return json.dumps(changed, ensure_ascii=False).encode()
    before, after = (json.dumps(each, ensure_ascii=False, separators=(",", ":")).encode() for each in (value, changed))
    return x.body.replace(b"data: " + before, b"data: " + after, 1)
