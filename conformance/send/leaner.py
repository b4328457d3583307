"""What an endpoint refuses to be asked with, though no probe is about it, is left out of what it is asked from then on.

Probes pin `temperature: 0` so that answers repeat, and bound them by `max_completion_tokens`. OpenAI's reasoning models refuse
the one, and `max_tokens` where a probe has that instead, servers from before September 2024 the other; without this, that one refusal
would be the answer to nearly every probe.
The refusal stays in the run, as an exchange of its own: whether it is a fault, the checks say.
"""

from __future__ import annotations

import re
from dataclasses import replace

from conformance.exchange import Exchange, find
from conformance.send.requests import Request
from conformance.send.retries import Again, Rule, Steps

CHAT = "/chat/completions"
TURNED_DOWN = (400, 422)
PLAIN = frozenset({"natural-end", "long-answer", "stop-inside", "must-call", "forced", "two-calls", "history"})
"""Intents of requests that nothing but a pinned parameter can be wrong with: of other refusals, `error.param` alone is believed."""
MEANT = frozenset({"mistake", "staged"})
"""Intents of requests that are to be refused."""
PINNED = {
    "temperature": (re.compile(rb',\s*"temperature":\s*0(?=\s*[,}])'), b""),
    "max_completion_tokens": (
        re.compile(rb'"max_completion_tokens":(\s*[1-9]\d{0,3})(?=\s*[,}])'),
        rb'"max_tokens":\1',
    ),
    "max_tokens": (re.compile(rb'"max_tokens":(\s*[1-9]\d{0,3})(?=\s*[,}])'), rb'"max_completion_tokens":\1'),
}
"""How each parameter stands in a body that only pins it, and what is sent in its place. A probe that is about the parameter
has another value there: a limit of five digits and more is one."""


def refused(x: Exchange) -> str | None:
    """The pinned parameter for which the request was turned down: by `error.param`, else by the words of the answer."""
    if x.status not in TURNED_DOWN or x.route != "chat" or x.intent & MEANT:
        return None
    param = find(x.json, "error.param") if x.not_json is None else None
    for name in PINNED:
        told = isinstance(param, str) and bool(param)
        named = param == name if told else x.intent & PLAIN and name.encode() in x.body[:2000]
        if named and _lean(x.request_body, name) != x.request_body:
            return name
    return None


def _lean(body: bytes, name: str) -> bytes:
    """The body without that parameter; as it is where both limits stand in it, for then the two are what it is about."""
    pinned, instead = PINNED[name]
    both = b'"max_tokens"' in body and b'"max_completion_tokens"' in body
    return body if instead and both else pinned.sub(instead, body)


def without(request: Request, names: set[str]) -> Request:
    """The request without these parameters, where it only pins them; the rest keeps its bytes, which some probes are about."""
    body = request.body
    for name in PINNED if body and request.path.partition("?")[0] == CHAT else ():
        body = _lean(body, name) if name in names else body
    return replace(request, body=body)


def rule(names: set[str]) -> Rule:
    """Asks again without what was refused, and notes it among these names, which all requests share."""

    def lean(request: Request, x: Exchange) -> Steps:
        for _ in PINNED:
            if not (name := refused(x)):
                return
            names.add(name)
            x = yield Again(request)

    return lean
