"""Lies about parts of a wrong shape: served all the same, or refused without a word of what was wrong."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace

from conformance.reference.lies import lets, says
from conformance.reference.replies import Call, Json, Reply
from conformance.reference.rewriting import error, messages


@lets("role-served")
def _(call: Call) -> Call:
    """A role that does not exist is taken for the user's."""
    return _mended(call, lambda message: {**message, "role": "user"} if message.get("role") == "robot" else message)


@says("role-unnamed")
def _(call: Call, reply: Reply) -> Reply:
    """The refusal of a role does not say where it stands."""
    return error(reply, param=None) if b'"robot"' in call.body else reply


@lets("content-number-served")
def _(call: Call) -> Call:
    """Content that is a number is read as text."""
    return _mended(call, lambda m: {**m, "content": "123"} if m.get("content") == 123 else m)


@lets("bad-utf8-served")
def _(call: Call) -> Call:
    """Bytes that are no text are read with replacement characters."""
    try:
        call.body.decode("utf-8")
    except UnicodeDecodeError:
        return replace(call, json=json.loads(call.body.decode("utf-8", "replace")))
    return call


@lets("flat-tool-served")
def _(call: Call) -> Call:
    """Tools in a form that the server does not know are left out."""
    tools = (call.json or {}).get("tools")
    return call.asking(tools=[t for t in tools if t.get("type") in t] or None) if tools else call


@lets("stream-text-served", link="https://github.com/HKUDS/nanobot/pull/5765")
def _(call: Call) -> Call:
    """A `stream` that is a text is not looked at."""
    return call.asking(stream=None) if call.json and isinstance(call.json.get("stream"), str) else call


def _mended(call: Call, mend: Callable[[Json], Json]) -> Call:
    """The call with its messages mended, where that changes any."""
    mended = [mend(message) if isinstance(message, dict) else message for message in messages(call)]
    return call.asking(messages=mended) if mended != messages(call) else call
