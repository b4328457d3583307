"""Which exchanges belong together, for the checks that compare several. Found from the requests, so recordings have them too."""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterator, Sequence
from functools import partial
from itertools import pairwise
from typing import Any
from urllib.parse import quote

from conformance.exchange import ABSENT, Exchange, find, remembered
from conformance.exchange.probe import PATIENT
from conformance.judge.belonging import named
from conformance.judge.blame import for_another
from conformance.judge.condition import Condition
from conformance.judge.mistakes import mistaken
from conformance.judge.verdicts import Relation

_STREAM_KEYS = ("stream", "stream_options")
_KEYLESS = frozenset({"no-key", "wrong-key"})
_ODD = _KEYLESS | {"mistake"}
_REFUSALS = frozenset(range(300, 500)) - {408, 429}


@remembered
def conversation(x: Exchange) -> str:
    """What was asked, streaming apart: equal for two requests that differ only in how the answer is sent."""
    body: dict[str, Any] = {
        key: value for key, value in x.asked.items() if key not in _STREAM_KEYS and value is not None
    }
    headers = sorted(name.lower() for name, _ in x.request_headers if name.lower() == "authorization")
    return json.dumps([x.method, x.url, headers, sorted(x.intent), body], sort_keys=True)


def _put_off(x: Exchange) -> bool:
    """Told to come back later, as clients do: the answer to the same request is another one, if any."""
    return x.status in (429, 503)


def _twins(exchanges: Sequence[Exchange]) -> Iterator[tuple[Exchange, ...]]:
    """Each plain chat request with the same one streamed; those with a mistake as far as both were refused."""
    plain: dict[str, Exchange] = {}
    streamed: dict[str, Exchange] = {}
    for x in exchanges:
        if x.route == "chat" and x.method == "POST" and x.asked:
            side, key = streamed if x.streaming else plain, conversation(x)
            if key not in side or _put_off(side[key]):
                side[key] = x
    for key, x in plain.items():
        if key in streamed and not (mistaken(x) and (x.ok or streamed[key].ok)):
            yield x, streamed[key]


def variations(exchanges: Sequence[Exchange], parameter: str) -> list[list[Exchange]]:
    """The served chat requests that set this parameter, those together that differ in nothing else, streaming apart."""
    groups: dict[str, list[Exchange]] = defaultdict(list)
    for x in exchanges:
        if x.route == "chat" and x.method == "POST" and x.ok and x.asked.get(parameter) is not None:
            body = {
                key: value
                for key, value in x.asked.items()
                if key not in (*_STREAM_KEYS, parameter) and value is not None
            }
            groups[json.dumps([x.url, body], sort_keys=True)].append(x)
    return list(groups.values())


def _repeats(exchanges: Sequence[Exchange]) -> Iterator[tuple[Exchange, ...]]:
    """Plain chat requests without a mistake that were sent more than once, byte for byte or as another JSON text of the same value."""
    groups: dict[str, list[Exchange]] = defaultdict(list)
    for x in exchanges:
        if (
            x.route == "chat"
            and x.method == "POST"
            and x.asked
            and not x.streaming
            and not (_put_off(x) or mistaken(x))
        ):
            body = {key: value for key, value in x.asked.items() if value is not None}
            groups[json.dumps([x.url, body], sort_keys=True)].append(x)
    yield from (tuple(group) for group in groups.values() if len(group) > 1)


def _continued(exchanges: Sequence[Exchange]) -> Iterator[tuple[Exchange, ...]]:
    """A plain chat request and a longer one whose messages begin with the same ones, all else equal."""
    by_messages: dict[str, Exchange] = {}
    plain = [x for x in exchanges if x.route == "chat" and x.method == "POST" and not x.streaming and not _put_off(x)]
    for x in plain:
        for whole in _beginnings(x)[-1:]:
            by_messages.setdefault(whole, x)
    for longer in plain:
        for beginning in reversed(_beginnings(longer)[:-1]):
            if beginning in by_messages:
                yield by_messages[beginning], longer
                break


@remembered
def _beginnings(x: Exchange) -> list[str]:
    """A key for each beginning of the conversation, the whole last; all other parameters are part of it."""
    messages = x.asked.get("messages")
    rest = {key: value for key, value in x.asked.items() if key != "messages" and value is not None}
    key, keys = json.dumps([x.url, rest], sort_keys=True), []
    for message in messages if isinstance(messages, list) else ():
        key = hashlib.sha256((key + json.dumps(message, sort_keys=True)).encode()).hexdigest()
        keys.append(key)
    return keys


def _pairs(first: str, second: str, exchanges: Sequence[Exchange]) -> Iterator[tuple[Exchange, ...]]:
    """The exchange of one probe with that of another, where both are in the run."""
    by_name = named(exchanges)
    if first in by_name and second in by_name:
        yield by_name[first], by_name[second]


def _keyless(exchanges: Sequence[Exchange]) -> Iterator[tuple[Exchange, ...]]:
    """Each request without a key or with a wrong one, and one to the same route with the key, where keys are asked for."""
    keyed: dict[tuple[str, str, bool], Exchange] = {}
    for x in exchanges:
        if not x.intent & _ODD and (_door(x) not in keyed or (x.ok and not keyed[_door(x)].ok)):
            keyed[_door(x)] = x
    keyless = [x for x in exchanges if x.intent & _KEYLESS and "bad-body" not in x.intent]
    pairs = [(x, keyed[_door(x)]) for x in keyless if _door(x) in keyed]
    refused = any(y.ok and x.status in _REFUSALS for x, y in pairs)
    if refused or not any(x.ok for x, _ in pairs):
        yield from pairs


def _unlocked(exchanges: Sequence[Exchange]) -> Iterator[tuple[Exchange, ...]]:
    """A request that was served with the key it sent, and all without a good one to the same route."""
    doors: dict[tuple[str, str, bool], list[Exchange]] = defaultdict(list)
    for x in exchanges:
        if x.intent & _KEYLESS and "bad-body" not in x.intent:
            doors[_door(x)].append(x)
    for door, strangers in doors.items():
        alike = (x for x in exchanges if x.ok and not x.intent & _ODD and _door(x) == door and x.sent("authorization"))
        if (guest := next(alike, None)) is not None:
            yield guest, *strangers


def _door(x: Exchange) -> tuple[str, str, bool]:
    return x.method, x.url, x.streaming


def _neighbours(exchanges: Sequence[Exchange]) -> Iterator[tuple[Exchange, ...]]:
    """Exchanges that have an x-request-id, each with the next in the order of the ids: equal ids come together. The turns of one WebSocket
    have that of its handshake."""
    named = [(x.header("x-request-id"), n, x) for n, x in enumerate(exchanges) if not x.socket]
    ordered = [x for id, _, x in sorted((id, n, x) for id, n, x in named if id)]
    yield from pairwise(ordered)


def _completions(exchanges: Sequence[Exchange]) -> Iterator[tuple[Exchange, ...]]:
    """All plain chat completions that came back whole and readable."""
    found = tuple(
        x
        for x in exchanges
        if x.route == "chat" and x.method == "POST" and x.ok and not x.streaming
        and x.ended == "complete" and x.not_json is None and isinstance(x.json, dict)
    )  # fmt: skip
    if len(found) > 1:
        yield found


MOMENT = 60.0
"""Seconds within which a stored completion need not be there yet: OpenAI itself was recorded to answer 404 at first."""


def _stored(exchanges: Sequence[Exchange]) -> Iterator[tuple[Exchange, ...]]:
    """Each plain chat completion that was to be stored, with the last request for it by its id that tells: it is there, or came
    late enough, or is ours, which is sent again as long as it is not."""
    made: dict[str, Exchange] = {}
    fetched: dict[str, Exchange] = {}
    for x in exchanges:
        if x.route == "chat" and x.ok and x.asked.get("store") is True and not x.streaming:
            id = find(x.json, "id") if x.not_json is None else ABSENT
            if isinstance(id, str) and id:
                made[f"{x.url.rstrip('/')}/{quote(id, safe='')}"] = x
        elif x.route == "stored" and x.method == "GET" and x.url in made:
            tells = x.ok or PATIENT in x.intent or _late(made[x.url], x)
            fetched |= {x.url: x} if tells else {}
    yield from ((made[url], x) for url, x in fetched.items())


def _late(made: Exchange, fetched: Exchange) -> bool:
    return made.started is not None and fetched.started is not None and fetched.started - made.started > MOMENT


streamed_twin = Relation("request sent both plain and streamed", _twins)
"""(plain, streamed)"""
repeated = Relation("request sent more than once", _repeats)
"""(first, second, ...)"""
continued = Relation("conversation that continues another", _continued)
"""(shorter, longer)"""
plain_completions = Relation("run of several plain chat completions", _completions)
"""Every plain chat completion of the run."""
stored = Relation("completion that was to be stored and then asked for", _stored)
"""(made, fetched)"""
keyless = Relation("request without a good key to an endpoint that asks for one", _keyless)
"""(the request, one to the same route with the key). Nothing where every such request was served: then there are no keys."""
unlocked = Relation("request served with a key, and one without a good key to the same route", _unlocked)
"""(the one with the key, the others)"""
by_request_id = Relation("run of several exchanges with an x-request-id", _neighbours)
"""(one, the next in the order of the ids)"""


def probes(first: str, second: str) -> Relation:
    """The exchanges of two probes, in this order."""
    return Relation(f"run with {first} and {second}", partial(_pairs, first, second))


def _accepted(
    first: str, second: str, about: Condition | None, exchanges: Sequence[Exchange]
) -> Iterator[tuple[Exchange, ...]]:
    """The exchanges of two probes, plain and streamed, where the endpoint takes what the second builds on."""
    for twin in ("", "+stream"):
        for pair in _pairs(first + twin, second + twin, exchanges):
            if pair[0].ok and not (about is not None and for_another(about, pair[1], exchanges)):
                yield pair


def accepted(first: str, second: str, about: Condition | None = None) -> Relation:
    """The exchanges of two probes, wherever the first was answered 2xx: so a refused feature is not held against the second.

    Nor is a refusal of the second for something else than what it is `about`.
    """
    return Relation(f"run with {second}, and {first} accepted", partial(_accepted, first, second, about))
