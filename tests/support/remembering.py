"""A reference server that does not think again about what the honest one was asked and answered, as long as it is asked the same."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import replace
from functools import cache
from typing import Any, NamedTuple

from conformance.reference.replies import Call, Reply
from conformance.reference.respond import Server
from conformance.send.inprocess import exchanges

Written = tuple[Reply, tuple[bytes, ...]]


class _Answered(NamedTuple):
    """A call, what the honest one answered, how many answers it had made then, and what the connection of a WebSocket kept."""

    call: Call
    reply: Reply
    served: int
    memory: Any


_answered: list[_Answered] = []
_written: dict[int, tuple[Reply, Written]] = {}
"""What went to the wire, by the identity of the reply, which is kept so that no other gets it."""


def _as_it_is(call: Call) -> Call:
    """The call with what its connection, and those beside it, keep now."""
    return replace(call, line=deepcopy(call.line)) if call.socket else call


class _Noted(Server):
    """The honest one."""

    def respond(self, call: Call) -> Reply:
        asked, reply = _as_it_is(call), super().respond(call)
        _answered.append(_Answered(asked, reply, self.served, deepcopy(call.line.memory)))
        return reply

    def wire(self, call: Call, reply: Reply) -> Written:
        written = super().wire(call, reply)
        _written[id(reply)] = reply, written
        return written


@cache
def _honest() -> list[_Answered]:
    exchanges(serving=_Noted)
    return _answered


class Remembering(Server):
    """Answers as the honest one did as long as it is asked the same; then it does again what it was asked until then, and thinks."""

    _astray = False
    _asked = 0

    def _answer(self, call: Call) -> Reply:
        if self._astray:
            return super()._answer(call)
        if self._asked < len(_honest()) and (known := _honest()[self._asked]).call == call:
            self.served = known.served
            self._asked += 1
            if call.socket:
                call.line.memory.clear()
                call.line.memory.update(deepcopy(known.memory))
            return known.reply
        self._astray, self.served = True, 0
        for before in _honest()[: self._asked]:
            super()._answer(_as_it_is(before.call))
        return super()._answer(call)

    def wire(self, call: Call, reply: Reply) -> Written:
        if not (self.lie and self.lie.wire) and id(reply) in _written:
            return _written[id(reply)][1]
        return super().wire(call, reply)
