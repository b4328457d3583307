"""How a lie of the reference server is declared: each breaks one thing, and proves the checks that name it.

A lie rewrites the call before it is answered (`ask`: what a server ignores or lets through), the reply (`reply`: what it
says wrongly) or the pieces of the body (`wire`: how it frames them). `links` are public reports of real servers that do so,
`bugs` the names under which catalogues of public bugs list it (benchmarks/recall.py).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import reduce

from conformance.reference.replies import Call, Reply


@dataclass(frozen=True)
class Lie:
    """One small lie. `says` tells it in a sentence."""

    name: str
    says: str
    ask: Callable[[Call], Call] | None = None
    reply: Callable[[Call, Reply], Reply] | None = None
    wire: Callable[[Call, tuple[bytes, ...]], tuple[bytes, ...]] | None = None
    links: tuple[str, ...] = ()
    bugs: tuple[str, ...] = ()
    socket: bool = False
    """It is told over WebSockets; others are told by HTTP alone."""


_LIES: dict[str, Lie] = {}


def _declare(hook: str) -> Callable[..., Callable]:
    def with_name(
        name: str, *, link: str | tuple[str, ...] = (), bugs: str | tuple[str, ...] = (), socket: bool = False
    ) -> Callable:
        def declare(function: Callable) -> Callable:
            if name in _LIES:
                raise ValueError(f"lie {name!r} exists twice")
            says = (function.__doc__ or "").strip()
            if not says:
                raise ValueError(f"lie {name!r} has no docstring that tells the lie")
            _LIES[name] = Lie(name, says, links=_tuple(link), bugs=_tuple(bugs), socket=socket, **{hook: function})
            return function

        return declare

    return with_name


def _tuple(value: str | tuple[str, ...] | None) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else value or ()


lets = _declare("ask")
"""Declare a lie that rewrites the call: `(call) -> call`."""
says = _declare("reply")
"""Declare a lie that rewrites the reply: `(call, reply) -> reply`."""
sends = _declare("wire")
"""Declare a lie that rewrites the pieces of the body: `(call, pieces) -> pieces`."""


def declared() -> dict[str, Lie]:
    """Every lie declared so far, by name."""
    return dict(_LIES)


def several(*lies: Lie) -> Lie:
    """One server that tells all of these lies, one after the other."""
    asks, replies, wires = ([lie for lie in lies if getattr(lie, hook)] for hook in ("ask", "reply", "wire"))
    return Lie(
        " + ".join(lie.name for lie in lies),
        " ".join(lie.says for lie in lies),
        ask=lambda call: reduce(lambda call, lie: lie.ask(call), asks, call),
        reply=lambda call, reply: reduce(lambda reply, lie: lie.reply(call, reply), replies, reply),
        socket=any(lie.socket for lie in lies),
        wire=lambda call, pieces: reduce(lambda pieces, lie: lie.wire(call, pieces), wires, pieces),
    )
