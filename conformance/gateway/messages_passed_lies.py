"""Lies about the conversation."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Callable
from typing import Any

from conformance.reference.lying_gateway import asks, edit
from conformance.reference.replies import Call

Json = dict[str, Any]


def _each(onward: Call, change: Callable[[Json], object]) -> Call:
    """The call with every message changed in place."""
    return edit(onward, lambda body: [change(each) for each in body.get("messages", ()) if isinstance(each, dict)])


def _texts(onward: Call, change: Callable[[str], str]) -> Call:
    def of(message: Json) -> None:
        if isinstance(message.get("content"), str):
            message["content"] = change(message["content"])

    return _each(onward, of)


@asks("messages-merged")
def _(call: Call, onward: Call) -> Call:
    """Two messages of one role in a row become one."""

    def merge(body: Json) -> None:
        kept: list[Json] = []
        for each in body.get("messages", ()):
            if kept and kept[-1].get("role") == each.get("role") == "user":
                kept[-1]["content"] += "\n" + each["content"]
            else:
                kept.append(each)
        if "messages" in body:
            body["messages"] = kept

    return edit(onward, merge)


@asks("system-lost")
def _(call: Call, onward: Call) -> Call:
    """The message of the system is left out."""

    def drop(body: Json) -> None:
        if "messages" in body:
            body["messages"] = [each for each in body["messages"] if each.get("role") != "system"]

    return edit(onward, drop)


@asks("prompt-injected")
def _(call: Call, onward: Call) -> Call:
    """A message of the gateway's own is put before all others."""

    def add(body: Json) -> None:
        if len(body.get("messages", ())) > 3:
            body["messages"].insert(0, {"role": "system", "content": "You are a helpful assistant."})

    return edit(onward, add)


@asks("system-first")
def _(call: Call, onward: Call) -> Call:
    """Messages of the user are put before those of the assistant."""
    order = {"system": 0, "user": 1, "assistant": 2}

    def sort(body: Json) -> None:
        if len(body.get("messages", ())) > 4:
            body["messages"].sort(key=lambda each: order.get(each["role"], 3))

    return edit(onward, sort)


@asks("developer-is-system")
def _(call: Call, onward: Call) -> Call:
    """The role developer becomes system."""
    return _each(onward, lambda each: each.update(role="system") if each.get("role") == "developer" else None)


@asks("text-cut")
def _(call: Call, onward: Call) -> Call:
    """The full stop at the end of a text is taken away."""
    return _texts(onward, lambda text: text[:-1] if text == "I like the sea." else text)


@asks("text-normalised")
def _(call: Call, onward: Call) -> Call:
    """Texts are normalised."""
    return _texts(onward, lambda text: unicodedata.normalize("NFC", text))


@asks("text-trimmed")
def _(call: Call, onward: Call) -> Call:
    """Blanks at the ends of texts are taken away."""
    return _texts(onward, str.strip)


@asks("parts-joined")
def _(call: Call, onward: Call) -> Call:
    """Parts of text are joined to one text."""

    def join(message: Json) -> None:
        content = message.get("content")
        if isinstance(content, list) and all(part.get("type") == "text" for part in content):
            message["content"] = "".join(part["text"] for part in content)

    return _each(onward, join)


@asks("detail-dropped")
def _(call: Call, onward: Call) -> Call:
    """The detail in which a picture is to be looked at is left out."""

    def drop(message: Json) -> None:
        for part in message["content"] if isinstance(message.get("content"), list) else ():
            part.get("image_url", {}).pop("detail", None)

    return _each(onward, drop)


@asks("arguments-written-anew")
def _(call: Call, onward: Call) -> Call:
    """Arguments of earlier calls are parsed and written anew."""

    def anew(message: Json) -> None:
        for each in message.get("tool_calls") or ():
            each["function"]["arguments"] = json.dumps(json.loads(each["function"]["arguments"]))

    return _each(onward, anew)


@asks("name-dropped")
def _(call: Call, onward: Call) -> Call:
    """The name of who says it is left out."""
    return _each(onward, lambda each: each.pop("name", None))


@asks("text-in-parts")
def _(call: Call, onward: Call) -> Call:
    """A text becomes a list of one part."""

    def wrap(message: Json) -> None:
        if message.get("role") == "developer":
            message["content"] = [{"type": "text", "text": message["content"]}]

    return _each(onward, wrap)


@asks("thoughts-dropped")
def _(call: Call, onward: Call) -> Call:
    """Members of messages that no document has are left out."""
    return _each(onward, lambda message: message.pop("reasoning_content", None))


@asks("cache-marked")
def _(call: Call, onward: Call) -> Call:
    """The message of the system is marked for a cache."""
    return _each(onward, lambda message: message.update(cache_control={}) if message.get("role") == "system" else None)


@asks("long-text-cut")
def _(call: Call, onward: Call) -> Call:
    """Texts are cut after 64 KiB."""
    return _texts(onward, lambda text: text[:65_536])


@asks("result-of-another")
def _(call: Call, onward: Call) -> Call:
    """The result of a call goes on under an id of the gateway's own."""

    def anew(body: Json) -> None:
        for each in body["input"] if isinstance(body.get("input"), list) else ():
            if isinstance(each, dict) and each.get("type") == "function_call_output":
                each["call_id"] = "call_1"

    return edit(onward, anew)
