"""Lies about the message of a choice. Those that would spoil the history spare the first answer, which is sent back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from conformance.reference.lies import says
from conformance.reference.replies import Call, Json, Reply
from conformance.reference.rewriting import each_choice, each_message, last_text, sent

CUT = 5
"""The limit at which two texts are cut."""


def message(reply: Reply, **changes: Any) -> Reply:
    return each_message(reply, lambda each: {**each, **changes})


def counting(call: Call, reply: Reply, change: Callable[[Json], Json]) -> Reply:
    """Change the messages that answer a question to count."""
    return each_message(reply, change) if "Count from" in last_text(call) else reply


@says("chat-without-message")
def _(call: Call, reply: Reply) -> Reply:
    """The choices have no message."""
    return each_choice(reply, lambda choice: {**choice, "message": ...})


@says("chat-delta-for-message")
def _(call: Call, reply: Reply) -> Reply:
    """A plain choice has a delta in place of its message."""
    return each_choice(reply, lambda choice: {**choice, "message": ..., "delta": choice["message"]})


@says("chat-delta-beside-message")
def _(call: Call, reply: Reply) -> Reply:
    """A plain choice has a delta beside its message."""
    return each_choice(reply, lambda choice: {**choice, "delta": {"role": "assistant", "content": ""}})


@says("chat-without-role")
def _(call: Call, reply: Reply) -> Reply:
    """A message has no role."""
    return counting(call, reply, lambda each: {**each, "role": ...})


@says("chat-role-model")
def _(call: Call, reply: Reply) -> Reply:
    """A message has the role model."""
    return counting(call, reply, lambda each: {**each, "role": "model"})


@says("chat-content-number")
def _(call: Call, reply: Reply) -> Reply:
    """The content of a message is a number."""
    return counting(call, reply, lambda each: {**each, "content": 5})


@says(
    "chat-content-parts",
    link=(
        "https://github.com/NousResearch/hermes-agent/pull/4748",
        "https://github.com/laravel/ai/pull/866",
        "https://github.com/epam/ai-dial-adapter-openai/issues/395",
    ),
    bugs="content-array-thinking",
)
def _(call: Call, reply: Reply) -> Reply:
    """The content of a message is a list of parts."""
    return counting(call, reply, lambda each: {**each, "content": [{"type": "text", "text": each["content"]}]})


@says("chat-without-content")
def _(call: Call, reply: Reply) -> Reply:
    """Messages with tool calls lack the key content."""
    return each_message(reply, lambda each: {**each, "content": ...} if each.get("tool_calls") else each)


@says("chat-text-null", link="https://github.com/modelship-ai/modelship/pull/130")
def _(call: Call, reply: Reply) -> Reply:
    """The content of a text that was cut is null where several choices were asked for."""
    return message(reply, content=None) if sent(call, "n") and sent(call, "max_completion_tokens") == CUT else reply


@says("chat-content-of-calls")
def _(call: Call, reply: Reply) -> Reply:
    """Text stands beside tool calls."""
    return each_message(reply, lambda each: {**each, "content": "One moment."} if each.get("tool_calls") else each)


@says("chat-content-blank")
def _(call: Call, reply: Reply) -> Reply:
    """The content beside tool calls is an empty text, not null."""
    return each_message(reply, lambda each: {**each, "content": ""} if each.get("tool_calls") else each)


@says("chat-without-refusal", link="https://github.com/mlcommons/endpoints/issues/133", bugs="message-without-refusal")
def _(call: Call, reply: Reply) -> Reply:
    """Messages lack the key refusal where nothing was refused."""
    return each_message(reply, lambda each: each if each["refusal"] else {**each, "refusal": ...})


@says("chat-refusal-false")
def _(call: Call, reply: Reply) -> Reply:
    """refusal is false where nothing was refused."""
    return each_message(reply, lambda each: each if each["refusal"] else {**each, "refusal": False})


@says("chat-refusal-with-content")
def _(call: Call, reply: Reply) -> Reply:
    """A refused message has content too."""
    return each_message(reply, lambda each: {**each, "content": "Sure!"} if each["refusal"] else each)


@says("chat-annotations-object")
def _(call: Call, reply: Reply) -> Reply:
    """annotations is an object."""
    return message(reply, annotations={})


def _annotations(reply: Reply, change: Callable[[Json], Json]) -> Reply:
    return each_message(reply, lambda each: {**each, "annotations": [change(note) for note in each["annotations"]]})


@says("chat-annotation-flat")
def _(call: Call, reply: Reply) -> Reply:
    """The members of a citation stand in the annotation itself."""
    return _annotations(reply, lambda note: {"type": "url_citation", **note["url_citation"]})


@says("chat-citation-without-end")
def _(call: Call, reply: Reply) -> Reply:
    """A citation does not say where it ends."""

    def cut(note: Json) -> Json:
        return {**note, "url_citation": {k: v for k, v in note["url_citation"].items() if k != "end_index"}}

    return _annotations(reply, cut)


def _audio(reply: Reply, **changes: Any) -> Reply:
    def change(each: Json) -> Json:
        if "audio" not in each:
            return each
        return {**each, "audio": {k: v for k, v in {**each["audio"], **changes}.items() if v is not ...}}

    return each_message(reply, change)


@says("chat-audio-without-expiry")
def _(call: Call, reply: Reply) -> Reply:
    """Audio does not say when it expires."""
    return _audio(reply, expires_at=...)


@says("chat-audio-url")
def _(call: Call, reply: Reply) -> Reply:
    """The data of audio are a URL."""
    return _audio(reply, data="https://example.com/hello.wav")
