"""Every way in which an answer can be damaged: JSON nodes, events, headers, status, body and ending.

A damage is a function of no arguments that gives the damaged exchange, so that thousands can be listed and few made. Used by the
tests (sampled, and stacked by Hypothesis) and by the benchmark (all of them). It judges nothing.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from functools import partial
from typing import Any

from conformance.exchange import Exchange

Damage = Callable[[], Exchange]

REMOVED = object()
REPLACEMENTS: tuple[Any, ...] = (
    REMOVED,
    None,
    True,
    -1,
    1.5,
    10**30,
    "",
    "x\ud800\u202e\x00",
    [],
    [None],
    {},
    {"x": [1]},
)
"""What a node becomes: gone, another type, or a value of its type that nobody expects."""
EVENT_DAMAGES = ("dropped", "doubled", "swapped", "halved", "unterminated")
STATUSES = (200, 204, 301, 400, 404, 429, 500, 599)
BODIES = (
    b"",
    b"null",
    b"[]",
    b"{",
    b"\xff\xfe\x00",
    b"\xef\xbb\xbf{}",
    b"<html></html>",
    b"[" * 5000,
    b"data: [DONE]",
    b"data:\n\n",
)
ENDINGS = ("refused", "timeout", "cut", "limit", "undecodable")
HEADER_VALUES = ("", "\ufffd, \x7f;=1", "-1")


def all_damages(x: Exchange) -> list[Damage]:
    """Every single damage of an exchange. Of a stream, nodes in its first three, its last four and one middle event."""
    return [*node_damages(x), *event_damages(x), *outer_damages(x)]


def node_damages(x: Exchange) -> Iterator[Damage]:
    for place, path in _places(x):
        for new in REPLACEMENTS:
            yield partial(damaged, x, place, path, new)


def event_damages(x: Exchange) -> Iterator[Damage]:
    if _is_stream(x):
        for n in range(len(_events(x))):
            for kind in EVENT_DAMAGES:
                yield partial(event, x, n, kind)


def outer_damages(x: Exchange) -> Iterator[Damage]:
    for n, (name, value) in enumerate(x.headers):
        for new in ((), ((name, value),) * 2, *(((name, text),) for text in HEADER_VALUES)):
            yield partial(_anew, x, headers=(*x.headers[:n], *new, *x.headers[n + 1 :]))
    for status in STATUSES:
        yield partial(_anew, x, status=status)
    for body in BODIES:
        yield partial(_anew, x, body=body)
    half = x.body[: len(x.body) // 2]
    for ended in ENDINGS:
        status = None if ended == "refused" else x.status
        yield partial(_anew, x, status=status, body=half, ended=ended, failure=f"ended: {ended}")
    yield partial(_anew, x, headers=(), arrivals=(), started=None, intent=frozenset(), headers_known=False)


# ---------------------------------------------------------------------- making them


def _anew(x: Exchange, **changes: Any) -> Exchange:
    return replace(x, memo={}, **changes)


def _is_stream(x: Exchange) -> bool:
    return x.body.startswith((b"data:", b":"))


def _events(x: Exchange) -> list[bytes]:
    return [piece + b"\n\n" for piece in x.body.split(b"\n\n") if piece]


def _places(x: Exchange) -> Iterator[tuple[int | None, tuple]]:
    """(position of the event, None for a plain answer; path of the node) of the nodes to change."""
    if not _is_stream(x):
        if x.not_json is None:
            yield from ((None, path) for path in paths(x.json))
        return
    pieces = _events(x)
    last = len(pieces)
    for n in sorted({0, 1, 2, last // 2, *range(last - 4, last)} & set(range(last))):
        with suppress(ValueError):  # not JSON: [DONE], or damaged before
            yield from ((n, path) for path in paths(json.loads(pieces[n].removeprefix(b"data: "))))


def paths(value: Any, path: tuple = ()) -> Iterator[tuple]:
    yield path
    children = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, child in children:
        yield from paths(child, (*path, key))


def damaged(x: Exchange, place: int | None, path: tuple, new: Any) -> Exchange:
    """The exchange with one JSON node changed: of the event at that place, or of the body where it is None."""
    if place is None:
        return _anew(x, body=_changed(x.body, path, new))
    pieces = _events(x)
    name, _, data = pieces[place].partition(b"data: ")
    pieces[place] = name + b"data: " + _changed(data, path, new) + b"\n\n"
    return _anew(x, body=b"".join(pieces))


def _changed(raw: bytes, path: tuple, new: Any) -> bytes:
    value = json.loads(raw)
    return json.dumps(changed(value, path, new)).encode()


def changed(value: Any, path: tuple, new: Any) -> Any:
    if not path:
        return None if new is REMOVED else copy.copy(new)
    owner = value
    for key in path[:-1]:
        owner = owner[key]
    if new is REMOVED:
        del owner[path[-1]]
    else:
        owner[path[-1]] = new
    return value


def event(x: Exchange, n: int, kind: str) -> Exchange:
    pieces = _events(x)
    piece = pieces[n]
    if kind == "swapped":
        pieces[n : n + 2] = reversed(pieces[n : n + 2])
    else:
        pieces[n : n + 1] = {
            "dropped": [],
            "doubled": [piece, piece],
            "halved": [piece[: len(piece) // 2]],
            "unterminated": [piece.rstrip() + b"\n"],
        }[kind]
    return _anew(x, body=b"".join(pieces))
