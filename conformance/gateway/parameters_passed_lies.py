"""Lies about the parameters of a request."""

from __future__ import annotations

import re
from typing import Any

from conformance.reference.lying_gateway import asks, edit, rewritten
from conformance.reference.replies import Call

Json = dict[str, Any]


def _with(onward: Call, name: str, **changes: Any) -> Call:
    """The call with members changed, where it has this one; `...` removes one."""

    def change(body: Json) -> None:
        if name in body:
            for key, value in changes.items():
                body.pop(key, None) if value is ... else body.update({key: value})

    return edit(onward, change)


@asks("stream-unset")
def _(call: Call, onward: Call) -> Call:
    """The upstream is not asked for the stream of a request with tools."""
    return _with(onward, "tools", stream=...) if call.streaming else onward


@asks("stream-options-lost")
def _(call: Call, onward: Call) -> Call:
    """stream_options are left out."""
    return _with(onward, "stream_options", stream_options=...)


@asks("parameter-dropped")
def _(call: Call, onward: Call) -> Call:
    """The penalty on frequent words is left out."""
    return (
        _with(onward, "frequency_penalty", frequency_penalty=...)
        if (onward.json or {}).get("frequency_penalty")
        else onward
    )


@asks("parameter-renamed")
def _(call: Call, onward: Call) -> Call:
    """max_completion_tokens is passed on as max_tokens."""
    body = onward.json or {}
    return _with(onward, "verbosity", max_completion_tokens=..., max_tokens=body.get("max_completion_tokens"))


@asks("parameter-added")
def _(call: Call, onward: Call) -> Call:
    """Every request with tools gets a top_p of the gateway's own."""
    return _with(onward, "tools", top_p=1)


@asks("tools-injected")
def _(call: Call, onward: Call) -> Call:
    """Requests without tools get one of the gateway's own."""
    return edit(onward, lambda body: body.setdefault("tools", [{"type": "web_search"}]) if "stop" in body else None)


@asks("choice-added")
def _(call: Call, onward: Call) -> Call:
    """Where there are tools and no choice among them, the choice is auto."""
    return edit(onward, lambda body: body.setdefault("tool_choice", "auto") if "tools" in body else None)


@asks("stream-options-elsewhere")
def _(call: Call, onward: Call) -> Call:
    """The count of tokens is asked for in a stream of /responses as in one of chat."""
    streams = call.streaming and call.path.endswith("/responses")
    return _with(onward, "input", stream_options={"include_usage": True}) if streams else onward


@asks("zeros-dropped")
def _(call: Call, onward: Call) -> Call:
    """What is 0 or false is left out, as by Go's omitempty."""

    def drop(body: Json) -> None:
        for name in ("frequency_penalty", "logprobs", "seed"):
            if name in body and not body[name] and body[name] is not None:
                del body[name]

    return edit(onward, drop)


@asks("parameter-renamed-beside")
def _(call: Call, onward: Call) -> Call:
    """max_tokens is sent beside max_completion_tokens."""
    return _with(onward, "verbosity", max_tokens=123)


@asks("parameter-retyped")
def _(call: Call, onward: Call) -> Call:
    """A temperature goes on as a text."""
    return _with(onward, "logprobs", temperature="0")


@asks("parameter-clamped")
def _(call: Call, onward: Call) -> Call:
    """A temperature beyond 2 is made 2."""
    return edit(onward, lambda body: body.update(temperature=2) if body.get("temperature") == 5 else None)


@asks("nulls-dropped")
def _(call: Call, onward: Call) -> Call:
    """Members that are null are left out."""
    return edit(onward, lambda body: [body.pop(name) for name in [*body] if body[name] is None])


@asks("unknown-dropped")
def _(call: Call, onward: Call) -> Call:
    """Members that the gateway does not know are left out."""
    return _with(onward, "x_conformance", x_conformance=...)


@asks("numbers-written-anew")
def _(call: Call, onward: Call) -> Call:
    """Whole numbers go on with a fraction."""
    if b'"seed": 7,' not in onward.body + b"," and b'"seed": 7}' not in onward.body:
        return onward
    return rewritten(onward, re.sub(rb'("seed": ?)7\b', rb"\g<1>7.0", onward.body))


@asks("numbers-rounded")
def _(call: Call, onward: Call) -> Call:
    """Numbers pass through a float."""
    return rewritten(onward, onward.body.replace(b"9007199254740993", b"9007199254740992"))
