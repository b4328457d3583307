"""The lies of the reference server: each breaks one thing, and proves the checks that name it.

A defect rewrites the call before it is answered (`ask`: what a server ignores or lets through), the reply (`reply`: what it
says wrongly) or the pieces of the body (`wire`: how it frames them). `links` are public reports of real servers that do so,
`bugs` the names under which catalogues of public bugs list it (tests/recall.py).
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, reduce

from conformance.reference.replies import Call, Reply


@dataclass(frozen=True)
class Defect:
    """One small lie. `says` tells it in a sentence."""

    name: str
    says: str
    ask: Callable[[Call], Call] | None = None
    reply: Callable[[Call, Reply], Reply] | None = None
    wire: Callable[[Call, tuple[bytes, ...]], tuple[bytes, ...]] | None = None
    links: tuple[str, ...] = ()
    bugs: tuple[str, ...] = ()


_DEFECTS: dict[str, Defect] = {}


def _declare(hook: str) -> Callable[..., Callable]:
    def with_name(name: str, *, link: str | tuple[str, ...] = (), bugs: str | tuple[str, ...] = ()) -> Callable:
        def declare(function: Callable) -> Callable:
            if name in _DEFECTS:
                raise ValueError(f"defect {name!r} exists twice")
            says = (function.__doc__ or "").strip()
            if not says:
                raise ValueError(f"defect {name!r} has no docstring that tells the lie")
            _DEFECTS[name] = Defect(name, says, links=_tuple(link), bugs=_tuple(bugs), **{hook: function})
            return function

        return declare

    return with_name


def _tuple(value: str | tuple[str, ...] | None) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else value or ()


lets = _declare("ask")
"""Declare a defect that rewrites the call: `(call) -> call`."""
says = _declare("reply")
"""Declare a defect that rewrites the reply: `(call, reply) -> reply`."""
sends = _declare("wire")
"""Declare a defect that rewrites the pieces of the body: `(call, pieces) -> pieces`."""


@cache
def defects() -> dict[str, Defect]:
    """Every defect by name."""
    for info in sorted(pkgutil.iter_modules(__path__), key=lambda info: info.name):
        importlib.import_module(f"{__name__}.{info.name}")
    return dict(_DEFECTS)


def several(*names: str) -> Defect:
    """One server that tells all of these lies, one after the other."""
    lies = [defects()[name] for name in names]
    asks, replies, wires = ([lie for lie in lies if getattr(lie, hook)] for hook in ("ask", "reply", "wire"))
    return Defect(
        " + ".join(names),
        " ".join(lie.says for lie in lies),
        ask=lambda call: reduce(lambda call, lie: lie.ask(call), asks, call),
        reply=lambda call, reply: reduce(lambda reply, lie: lie.reply(call, reply), replies, reply),
        wire=lambda call, pieces: reduce(lambda pieces, lie: lie.wire(call, pieces), wires, pieces),
    )
