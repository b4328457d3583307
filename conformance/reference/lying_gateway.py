"""A gateway as a function, and how its lies are declared: each changes one thing on the way, and proves the laws that name it.

@asks("model-renamed")      (call, onward) -> onward     what is asked upstream in its place
@answers("text-trimmed")    (call, passed) -> passed     what comes back in the place of the answer
@behaves("asks-twice")      (onward, upstream) -> passed the whole way
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Literal

from conformance.reference.replies import Call, Headers, changed, compact, event


@dataclass(frozen=True)
class Passed:
    """An answer as it passes a gateway: `pieces` of its body as they come, an event each of a stream. `held`: all are passed on at
    the end; `goes_on`: where the client leaves, the upstream is not told."""

    status: int
    headers: Headers
    pieces: tuple[bytes, ...]
    ending: Literal["clean", "cut", "hang", "none", "silent"] = "clean"
    held: bool = False
    goes_on: bool = False

    @property
    def streams(self) -> bool:
        return self.header("content-type").startswith("text/event-stream")

    @property
    def in_events(self) -> bool:
        """A stream whose pieces are an event each."""
        return self.streams and all(p.endswith(b"\n\n") and b"\n\ndata: " not in p for p in self.pieces)

    def header(self, name: str) -> str:
        return next((value for key, value in self.headers if key.lower() == name), "")

    def with_headers(self, **changes: str | None) -> Passed:
        """The same with headers set (underscores for dashes), or removed by None."""
        return replace(self, headers=changed(self.headers, changes))


Upstream = Callable[[Call], Passed]


@dataclass(frozen=True)
class GatewayLie:
    """One small lie. `says` tells it in a sentence."""

    name: str
    says: str
    ask: Callable[[Call, Call], Call] | None = None
    answer: Callable[[Call, Passed], Passed] | None = None
    way: Callable[[Call, Upstream], Passed] | None = None


_LIES: dict[str, GatewayLie] = {}


def _declare(hook: str) -> Callable[[str], Callable]:
    def with_name(name: str) -> Callable:
        def declare(function: Callable) -> Callable:
            says = (function.__doc__ or "").strip()
            if name in _LIES or not says:
                raise ValueError(f"the lie {name!r} exists twice, or has no docstring that tells it")
            _LIES[name] = GatewayLie(name, says, **{hook: function})
            return function

        return declare

    return with_name


asks = _declare("ask")
answers = _declare("answer")
behaves = _declare("way")


def declared() -> dict[str, GatewayLie]:
    """Every lie declared so far, by name."""
    return dict(_LIES)


def passes(call: Call, upstream: Upstream, key: str, lie: GatewayLie | None = None) -> Passed:
    """What a gateway makes of a call, telling one lie or none. It asks the upstream with the key of its own."""
    onward = call.with_headers(authorization=f"Bearer {key}", accept_encoding=None, host=None)
    if lie and lie.way:
        return lie.way(onward, upstream)
    onward = lie.ask(call, onward) if lie and lie.ask else onward
    passed = upstream(onward)
    return lie.answer(call, passed) if lie and lie.answer else passed


# ---------------------------------------------------------------------- tools for telling lies


def edit(onward: Call, change: Callable[[dict[str, Any]], object]) -> Call:
    """The call with its body changed in place; what is no JSON object stays."""
    try:
        body = json.loads(onward.body)
    except ValueError:
        return onward
    if not isinstance(body, dict):
        return onward
    change(body)
    return rewritten(onward, compact(body))


def rewritten(onward: Call, body: bytes) -> Call:
    """The call with another body."""
    from conformance.reference.app import parse

    return replace(onward, body=body, json=parse(body)).with_headers(content_length=None)


def edit_answer(passed: Passed, change: Callable[[dict[str, Any]], object], *, errors: bool = False) -> Passed:
    """A plain answer with its body changed in place: of a success, or of an error."""
    if passed.streams or (passed.status >= 400) is not errors:
        return passed
    try:
        body = json.loads(b"".join(passed.pieces))
    except ValueError:
        return passed
    if not isinstance(body, dict):
        return passed
    change(body)
    return replace(passed, pieces=(compact(body),)).with_headers(content_length=None)


def edit_events(passed: Passed, change: Callable[[int, dict[str, Any]], object]) -> Passed:
    """A stream with the JSON of each event changed in place; where the change gives False, the event is left out."""
    if not passed.streams:
        return passed
    pieces = []
    for n, piece in enumerate(_events(passed)):
        before, data, text = piece.partition(b"data: ")
        if not data or not text.startswith(b"{"):
            pieces.append(piece)
            continue
        value = json.loads(text)
        if change(n, value) is not False:
            pieces.append(before + event(compact(value)))
    return replace(passed, pieces=tuple(pieces))


def _events(passed: Passed) -> list[bytes]:
    """The pieces of a stream, an event each: where they were cut otherwise, cut anew."""
    if passed.in_events:
        return list(passed.pieces)
    return [each + b"\n\n" for each in b"".join(passed.pieces).split(b"\n\n") if each]
