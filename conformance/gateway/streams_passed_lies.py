"""Lies about streams."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from conformance.reference.lying_gateway import Passed, answers, edit_events
from conformance.reference.replies import Call, event

Json = dict[str, Any]
DONE = event(b"[DONE]")


def _chunks(passed: Passed, change: Callable[[Json], object]) -> Passed:
    """Every chunk of chat changed in place; where the change gives False, it is left out."""
    return edit_events(passed, lambda n, chunk: change(chunk) if chunk.get("choices") is not None else None)


def _parts(passed: Passed, change: Callable[[Json], object]) -> Passed:
    """Every element of choices changed in place."""

    def each(chunk: Json) -> None:
        for part in chunk["choices"]:
            if "delta" in part:
                change(part)

    return _chunks(passed, each)


def _text(part: Json) -> str:
    return part.get("delta", {}).get("content") or ""


@answers("stream-collected")
def _(call: Call, passed: Passed) -> Passed:
    """A stream comes as one JSON text."""
    if not passed.streams or b"chat.completion" not in passed.pieces[0]:
        return passed
    return replace(passed, pieces=(b'{"object": "chat.completion"}',)).with_headers(content_type="application/json")


@answers("piece-lost")
def _(call: Call, passed: Passed) -> Passed:
    """A piece of the text gets lost where an event is cut by a packet."""
    return _parts(passed, lambda part: part["delta"].update(content="") if _text(part) == " help" else None)


@answers("stream-call-id-lost")
def _(call: Call, passed: Passed) -> Passed:
    """Deltas of calls lose their id."""
    return _parts(
        passed,
        lambda part: [
            each.update(id="call_gateway") for each in part["delta"].get("tool_calls") or () if each.get("id")
        ],
    )


@answers("stream-calls-one")
def _(call: Call, passed: Passed) -> Passed:
    """Every delta of a call has the index 1."""
    return _parts(passed, lambda part: [each.update(index=1) for each in part["delta"].get("tool_calls") or ()])


@answers("stream-finish-stop")
def _(call: Call, passed: Passed) -> Passed:
    """Every reason for the end is stop."""
    return _parts(passed, lambda part: part.update(finish_reason="stop") if part.get("finish_reason") else None)


@answers("stream-usage-lost")
def _(call: Call, passed: Passed) -> Passed:
    """The chunk without choices, which has the usage, is left out."""
    return _chunks(passed, lambda chunk: bool(chunk["choices"]))


@answers("stream-usage-added")
def _(call: Call, passed: Passed) -> Passed:
    """A chunk with a usage is added to a stream for which none was asked."""
    if not passed.streams or (call.json or {}).get("stream_options") or DONE not in passed.pieces:
        return passed
    usage = {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2}

    def add(chunk: Json) -> None:
        if any(part.get("finish_reason") for part in chunk["choices"]):
            chunk["usage"] = usage

    return _chunks(passed, add)


@answers("stream-logprobs-lost")
def _(call: Call, passed: Passed) -> Passed:
    """Log probabilities are left out of chunks."""
    return _parts(passed, lambda part: part.update(logprobs=None) if part.get("logprobs") else None)


@answers("stream-role-lost")
def _(call: Call, passed: Passed) -> Passed:
    """The role is left out of deltas."""
    return _parts(passed, lambda part: part["delta"].pop("role", None))


@answers("stream-index-lost")
def _(call: Call, passed: Passed) -> Passed:
    """The choices of a stream change their numbers where nothing is in them but their end."""

    def renumber(part: Json) -> None:
        if part.get("index") == 1:
            part["index"] = 2

    return _parts(passed, renumber)


@answers("stream-id-made-up")
def _(call: Call, passed: Passed) -> Passed:
    """Each chunk gets an id of its own."""
    return edit_events(passed, lambda n, chunk: chunk.update(id=f"chunk-{n}") if "choices" in chunk else None)


@answers("stream-model-as-asked")
def _(call: Call, passed: Passed) -> Passed:
    """The model is named without its vendor."""
    return _chunks(passed, lambda chunk: chunk.update(model=chunk["model"].rpartition("/")[2]))


@answers("stream-fingerprint-lost")
def _(call: Call, passed: Passed) -> Passed:
    """system_fingerprint is left out of chunks."""
    return _chunks(passed, lambda chunk: chunk.pop("system_fingerprint", None) and None)


@answers("stream-filtered")
def _(call: Call, passed: Passed) -> Passed:
    """Members that the gateway does not know are left out of chunks."""
    return _chunks(passed, lambda chunk: chunk.pop("x_conformance", None) and None)


@answers("chunks-merged")
def _(call: Call, passed: Passed) -> Passed:
    """Two chunks with text become one."""
    if not passed.streams or {"n", "logprobs"} & (call.json or {}).keys():
        return passed
    held = ""

    def merge(chunk: Json) -> object:
        nonlocal held
        text = _text(chunk["choices"][0]) if chunk["choices"] else ""
        if not held and text == " help":
            held = text
            return False
        if held and text:
            chunk["choices"][0]["delta"]["content"], held = held + text, ""
        return None

    return _chunks(passed, merge)


@answers("chunks-split")
def _(call: Call, passed: Passed) -> Passed:
    """Each chunk is followed by one that says nothing."""
    if not passed.in_events or b"chat.completion.chunk" not in passed.pieces[0] or b"tool_calls" in passed.pieces[0]:
        return passed
    empty = passed.pieces[0].replace(b'"role":"assistant",', b"").replace(b'"content":""', b'"content":null')
    return replace(passed, pieces=(passed.pieces[0], empty, *passed.pieces[1:]))


@answers("chunks-reordered")
def _(call: Call, passed: Passed) -> Passed:
    """Chunks pass each other where two threads write them."""
    if not passed.in_events or call.path.endswith("/responses") or len(passed.pieces) < 30:
        return passed
    return replace(passed, pieces=(*passed.pieces[:8], passed.pieces[9], passed.pieces[8], *passed.pieces[10:]))


@answers("characters-cut")
def _(call: Call, passed: Passed) -> Passed:
    """Each packet is read as a text by itself, so that a character in two of them is lost."""
    return (
        replace(passed, pieces=tuple(piece.decode("utf-8", "replace").encode() for piece in passed.pieces))
        if passed.streams
        else passed
    )


@answers("long-events-lost")
def _(call: Call, passed: Passed) -> Passed:
    """Events are read into a buffer of 64 KiB, and what is longer is passed over."""
    return (
        replace(passed, pieces=tuple(piece for piece in passed.pieces if len(piece) < 65_536))
        if passed.streams
        else passed
    )
