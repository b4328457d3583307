"""The registry of checks: how one is declared, and the words in which it says what is wrong. It applies none of them."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

from conformance.exchange import ABSENT, Exchange, Unreadable, need
from conformance.judge.condition import Condition, whole
from conformance.judge.verdicts import Check, Level, Problems, Relation
from conformance.wire.jsontext import show

_ID = re.compile(r"[a-z]+(\.[a-z0-9]+(-[a-z0-9]+)*)+")


_CHECKS: dict[str, Check] = {}


def check(
    id: str,
    level: Level,
    *,
    when: Condition | None = None,
    together: Relation | None = None,
    source: str | Sequence[str],
    breaks: str | Sequence[str],
    covers: str | Sequence[str] = (),
    chance: bool = False,
    into: dict[str, Check] = _CHECKS,
) -> Callable[[Callable[..., Problems]], Callable[..., Problems]]:
    """Declare a check, for the catalogue unless `into` says for what else. `when` must hold for the exchange, or for every member of
    each group that `together` finds.

    `source` is where the requirement stands (links), `breaks` the lies that prove it, `covers` the rows of
    requirements.toml that it answers; `chance` is for what a server at fault passes now and then. The docstring's first line is
    the requirement, the rest what breaks without it.
    """

    def declare(law: Callable[..., Problems]) -> Callable[..., Problems]:
        if not _ID.fullmatch(id) or id in into:
            raise ValueError(f"check id {id!r} is taken or not of the form area.what")
        if not (law.__doc__ or "").strip():
            raise ValueError(f"check {id} has no docstring to be its requirement")
        texts = (_tuple(each) for each in (source, breaks, covers))
        into[id] = Check(id, level, law, when or whole, together, *texts, chance)
        return law

    return declare


def _tuple(value: str | Sequence[str]) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(value)


def declared() -> dict[str, Check]:
    """Every check declared so far, by id."""
    return dict(_CHECKS)


def differs(what: str, seen: Any, wanted: str) -> str:
    """The one form of a problem. `seen` is ABSENT where nothing was sent."""
    return f"{what} is {'absent' if seen is ABSENT else show(seen)}, expected {wanted}"


def header_differs(x: Exchange, name: str, wanted: str) -> str:
    """The same of a header of the answer, absent where it was not sent."""
    value = x.header(name)
    return differs(name, ABSENT if value is None else value, wanted)


def mistyped(value: Any, path: str, *kinds: type | None) -> Problems:
    """What `need` would raise, as a problem. Stricter than a schema on integers: 5.0 is none, as in Go, Java and Rust."""
    try:
        need(value, path, *kinds)
    except Unreadable as reason:
        yield str(reason)
