"""What the rooms make of thousands of damaged inputs, held as digests: a file here for a table, `made()` gives its lines.

Tests of examples say what is right where somebody thought of it; these see any other change, and name the law, file, route or option
that it changed. `nox -s snapshots` writes them again, in `tests/whole/recorded/NAME.digests`. What hangs on the clock, on a port, on
the version of Python or of a library has no place in them.
"""

from __future__ import annotations

import importlib
import json
import pkgutil
import random
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

from conformance.exchange import Exchange
from tests.support import damage
from tests.support.digests import Held

FOLDER = Path(__file__).resolve().parents[2] / "whole" / "recorded"
NAMES = sorted(module.name for module in pkgutil.iter_modules(__path__) if module.name != "__main__")


def made(name: str) -> Held:
    """The lines of a table, made anew."""
    return importlib.import_module(f"{__name__}.{name}").made()


def recorded(name: str) -> Held:
    lines = (FOLDER / f"{name}.digests").read_text("utf-8").splitlines()
    return dict(line.split(" ", 1) for line in lines)


def write(names: Iterable[str] = NAMES) -> None:
    FOLDER.mkdir(exist_ok=True)
    for name in names:
        lines = (f"{key} {held}\n" for key, held in sorted(made(name).items()))
        (FOLDER / f"{name}.digests").write_text("".join(lines), "utf-8")


def near(value: Any) -> list[Any]:
    """Values of the same kind beside this one: one more and one less, a little longer or shorter, in another order."""
    match value:
        case bool():
            return [not value]
        case int() | float():
            return [value - 1, value + 1, -value]
        case str():
            return [f"{value}x", value[:-1], value.swapcase()]
        case list():
            return [value[:-1], value + value[-1:], value[::-1]]
        case dict():
            return [{**value, "x_more": 1}, dict(list(value.items())[:-1])]
    return [0, "x"]


def changed(draw: random.Random, text: bytes) -> bytes:
    """The JSON with one node of it gone, of another type, or near what it was; the text cut where it is no JSON."""
    try:
        whole = json.loads(text)
    except ValueError:
        return text[: draw.randrange(len(text) + 1)]
    path = draw.choice(list(damage.paths(whole)))
    new = draw.choice([*near(_at(whole, path)), *draw.sample(damage.REPLACEMENTS, 3)])
    return json.dumps(damage.changed(whole, path, new)).encode()


def _at(value: Any, path: tuple) -> Any:
    for key in path:
        value = value[key]
    return value


def altered(draw: random.Random, x: Exchange) -> Exchange:
    """An answer with one thing of it changed: a node of its JSON, an event, a header, its status or its end."""
    events = (
        [piece + b"\n\n" for piece in x.body.split(b"\n\n") if piece]
        if x.body.startswith((b"data:", b"event:"))
        else []
    )
    if draw.random() < 0.25:
        return draw.choice(list(damage.outer_damages(x)))()
    if not events:
        return replace(x, memo={}, body=changed(draw, x.body))
    n = draw.randrange(len(events))
    if draw.random() < 0.25:
        return damage.event(x, n, draw.choice(damage.EVENT_DAMAGES))
    head, mark, data = events[n].partition(b"data: ")
    events[n] = head + mark + changed(draw, data.strip()) + b"\n\n"
    return replace(x, memo={}, body=b"".join(events))


def spoilt(draw: random.Random, content: bytes) -> bytes:
    """The bytes with one of them another, some gone or doubled, or the rest cut off; half of the time near the beginning."""
    at = draw.randrange(len(content) if draw.random() < 0.5 else min(len(content), 60))
    end = at + draw.choice([1, 1, 2, 40])
    return draw.choice(
        [
            content[:at] + bytes([draw.choice(b"0123456789,:;~ \n{}[]")]) + content[at + 1 :],
            content[:at] + bytes([content[at] ^ 1 << draw.randrange(8)]) + content[at + 1 :],
            content[:at] + content[end:],
            content[:end] + content[at:],
            content[:at],
        ]
    )


def outcome(act: Callable[[], object], *expected: type[Exception]) -> object:
    """What an act gives, or that it raises one of these, and with what words."""
    try:
        return act()
    except expected as error:
        return type(error).__name__, str(error)
