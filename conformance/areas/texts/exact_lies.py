"""Lies about texts: some make the server fail, are turned down, or come back as others."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Callable
from dataclasses import replace

from conformance.reference.lies import says
from conformance.reference.replies import Call, Json, Reply
from conformance.reference.rewriting import (
    crash,
    each_message,
    each_part,
    is_error,
    is_stream,
    turn_down,
)


def _half(call: Call) -> bool:
    """A text of the request holds half of a surrogate pair."""
    try:
        json.dumps(call.json, ensure_ascii=False).encode("utf-8")
    except UnicodeEncodeError:
        return True
    return False


def _texts(call: Call) -> bool:
    return b"keep_texts" in call.body


@says("text-half-500", link=("https://github.com/JustVugg/colibri/pull/1589", "https://github.com/MadSkittles/Router-Maestro/pull/37"),
      bugs="lone-surrogate-500")  # fmt: skip
def _(call: Call, reply: Reply) -> Reply:
    """Half of a surrogate pair makes the server fail."""
    return crash(reply) if _half(call) else reply


@says("text-half-in-stream", link="https://github.com/raullenchai/Rapid-MLX/pull/730", bugs="lone-surrogate-500")
def _(call: Call, reply: Reply) -> Reply:
    """Half of a surrogate pair ends the stream with the words of an exception."""
    if not _half(call) or not call.streaming:
        return reply
    error = {"message": "'utf-8' codec can't encode character '\\ud83d': surrogates not allowed", "type": "server_error",
             "param": None, "code": None}  # fmt: skip
    failed = replace(reply, status=200, body=None, chunks=({"error": error},))
    return failed.with_headers(content_type="text/event-stream; charset=utf-8", cache_control="no-cache")


@says("text-null-500")
def _(call: Call, reply: Reply) -> Reply:
    """A null character in an argument makes the server fail."""
    return crash(reply) if _texts(call) and b"\\u0000" in call.body else reply


@says("text-mark-500")
def _(call: Call, reply: Reply) -> Reply:
    """The mark of a tool call in what a tool said makes the server fail."""
    asked = call.json or {}
    results = [m["content"] for m in asked.get("messages") or () if isinstance(m, dict) and m.get("role") == "tool"]
    return crash(reply) if any("</tool_call>" in str(result) for result in results) else reply


@says("text-emoji-refused")
def _(call: Call, reply: Reply) -> Reply:
    """A conversation with an emoji joined of several is turned down."""
    both = _texts(call) and "messages" in (call.json or {}) and "\u200d👩".encode() in call.body
    history = both and not (call.json or {}).get("tool_choice") and not (call.json or {}).get("response_format")
    return (
        turn_down(reply, "messages: invalid character in content", "messages")
        if history and not is_error(reply)
        else reply
    )


def _damage(call: Call, change: Callable[[Json], Json], *, plain: bool, streamed: bool) -> Callable[[Reply], Reply]:
    """Rewrites the fixed texts of a call or an object; a stream then brings them in one piece."""

    def text(said: str) -> str:
        return json.dumps(change(json.loads(said)), ensure_ascii=False)

    def message(said: Json) -> Json:
        if said.get("tool_calls"):
            (made,) = said["tool_calls"]
            made = {**made, "function": {**made["function"], "arguments": text(made["function"]["arguments"])}}
            return {**said, "tool_calls": [made]}
        return {**said, "content": text(said["content"])}

    def reply_with(reply: Reply) -> Reply:
        if not _texts(call) or is_error(reply):
            return reply
        return (
            _streamed(reply, text)
            if is_stream(reply) and streamed
            else each_message(reply, message)
            if plain
            else reply
        )

    return reply_with


def _streamed(reply: Reply, text: Callable[[str], str]) -> Reply:
    """The stream with all pieces of its arguments in the first that has any, and the others empty."""
    pieces = [_piece(part) for chunk in reply.chunks for part in chunk["choices"]]
    left = [text("".join(pieces))]

    def change(part: Json) -> Json:
        if not _piece(part):
            return part
        said, left[:] = "".join(left), []
        (call,) = part["delta"]["tool_calls"]
        return {**part, "delta": {"tool_calls": [{**call, "function": {**call["function"], "arguments": said}}]}}

    return each_part(reply, change)


def _piece(part: Json) -> str:
    calls = part["delta"].get("tool_calls") or ({},)
    return calls[0].get("function", {}).get("arguments", "")


def _calls(call: Call) -> bool:
    return _texts(call) and bool((call.json or {}).get("tool_choice"))


def _each(change: Callable[[str, str], object]) -> Callable[[Json], Json]:
    return lambda texts: {name: change(name, text) for name, text in texts.items()}


for _name, _says, _change, _way, _link, _bug in (
    ("text-mark-eaten", "Marks of a template are taken out of the arguments of a call.",
     lambda _, text: re.sub(r"</s>|<\|[a-z_]+\|>|</?tool_call>|</think>", "", text), (True, True), (), ()),
    ("text-number-typed", "A text of digits comes back as a number.",
     lambda _, text: int(text) if text.isdigit() else text, (True, True), (), ()),
    ("text-escaped", "What comes back is escaped for HTML.", lambda _, text: html.escape(text), (True, True), (), ()),
    ("text-replaced-in-stream", "In streams what is not ASCII comes back as U+FFFD.",
     lambda _, text: re.sub(r"[^\x00-\x7f]", "\ufffd\ufffd", text), (False, True),
     ("https://github.com/kekzl/imp/pull/1667", "https://github.com/kekzl/imp/issues/1554"), "tool-args-ufffd"),
    ("text-trimmed-in-stream", "In streams each text is trimmed, and runs of spaces are one.",
     lambda _, text: " ".join(text.split(" ")).replace("  ", " ").strip(), (False, True), (), ()),
    ("text-typed-in-stream", "In streams what looks like a number or a word of JSON comes back as one.",
     lambda _, text: json.loads(text) if re.fullmatch(r"[1-9]\d*|true|null", text) else text, (False, True), (), ()),
):  # fmt: skip

    def _lie(call: Call, reply: Reply, change=_change, way=_way) -> Reply:
        damage = _damage(call, _each(change), plain=way[0], streamed=way[1])
        return damage(reply) if _calls(call) else reply

    _lie.__doc__ = _says
    says(_name, link=_link, bugs=_bug)(_lie)
