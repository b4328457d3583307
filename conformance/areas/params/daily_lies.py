"""Lies about parameters that every chat endpoint is asked for: turned down, though nothing is wrong with them."""

from __future__ import annotations

from collections.abc import Callable

from conformance.areas.chat.length_lies import turn_down
from conformance.areas.errors.parameters_lies import asked
from conformance.reference.lies import says
from conformance.reference.replies import Call, Reply


def _refuses(param: str) -> Callable[[Call, Reply], Reply]:
    def refuse(call: Call, reply: Reply) -> Reply:
        served = asked(call).get(param) and reply.status < 400 and "response_format" not in asked(call)
        return turn_down(reply, f"'{param}' is not supported by this server.", param) if served else reply

    refuse.__doc__ = f"{param} is turned down."
    return refuse


says("param-refuses-n")(_refuses("n"))
says("param-refuses-max-tokens")(_refuses("max_tokens"))
says("param-refuses-logprobs")(_refuses("logprobs"))
says("tools-refused")(_refuses("tools"))
