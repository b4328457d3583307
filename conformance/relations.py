"""Which exchanges belong together, for the checks that compare several. Found from the requests, so recordings have them too."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any

from conformance.catalogue import Relation
from conformance.exchange import Exchange

_STREAM_KEYS = ("stream", "stream_options")


def conversation(x: Exchange) -> str:
    """What was asked, streaming apart: equal for two requests that differ only in how the answer is sent."""
    body: dict[str, Any] = {key: value for key, value in x.asked.items() if key not in _STREAM_KEYS and value is not None}
    headers = sorted(name.lower() for name, _ in x.request_headers if name.lower() == "authorization")
    return json.dumps([x.method, x.url, headers, sorted(x.intent), body], sort_keys=True)


def _twins(exchanges: Sequence[Exchange]) -> Iterator[tuple[Exchange, ...]]:
    """Each plain chat request with the same one streamed."""
    plain: dict[str, Exchange] = {}
    streamed: dict[str, Exchange] = {}
    for x in exchanges:
        if x.route == "chat" and x.method == "POST" and x.asked:
            (streamed if x.streaming else plain).setdefault(conversation(x), x)
    for key, x in plain.items():
        if key in streamed:
            yield x, streamed[key]


def _repeats(exchanges: Sequence[Exchange]) -> Iterator[tuple[Exchange, ...]]:
    """Plain chat requests that were sent more than once, byte for byte or as another JSON text of the same value."""
    groups: dict[str, list[Exchange]] = defaultdict(list)
    for x in exchanges:
        if x.route == "chat" and x.method == "POST" and x.asked and not x.streaming:
            body = {key: value for key, value in x.asked.items() if value is not None}
            groups[json.dumps([x.url, body], sort_keys=True)].append(x)
    yield from (tuple(group) for group in groups.values() if len(group) > 1)


def _continued(exchanges: Sequence[Exchange]) -> Iterator[tuple[Exchange, ...]]:
    """A plain chat request and a longer one whose messages begin with the same ones, all else equal."""
    groups: dict[str, list[Exchange]] = defaultdict(list)
    for x in exchanges:
        if x.route == "chat" and x.method == "POST" and not x.streaming and isinstance(x.asked.get("messages"), list):
            rest = {key: value for key, value in x.asked.items() if key != "messages" and value is not None}
            groups[json.dumps([x.url, rest], sort_keys=True)].append(x)
    for group in groups.values():
        ordered = sorted(group, key=lambda x: len(x.asked["messages"]))
        for shorter, longer in zip(ordered, ordered[1:], strict=False):
            beginning = shorter.asked["messages"]
            if len(beginning) < len(longer.asked["messages"]) and longer.asked["messages"][: len(beginning)] == beginning:
                yield shorter, longer


def _pairs(first: str, second: str, exchanges: Sequence[Exchange]) -> Iterator[tuple[Exchange, ...]]:
    """The exchange of one probe with that of another, where both are in the run."""
    by_id = {x.id: x for x in exchanges}
    if first in by_id and second in by_id:
        yield by_id[first], by_id[second]


def _everything(exchanges: Sequence[Exchange]) -> Iterator[tuple[Exchange, ...]]:
    if len(exchanges) > 1:
        yield tuple(exchanges)


streamed_twin = Relation("request sent both plain and streamed", _twins)
"""(plain, streamed)"""
repeated = Relation("request sent more than once", _repeats)
"""(first, second, ...)"""
continued = Relation("conversation that continues another", _continued)
"""(shorter, longer)"""
whole_run = Relation("run of several exchanges", _everything)
"""Every exchange of the run. The check looks only at those that concern it."""


def probes(first: str, second: str) -> Relation:
    """The exchanges of two probes, in this order."""
    return Relation(f"run with {first} and {second}", partial(_pairs, first, second))
