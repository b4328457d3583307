"""Lies about a transcript that is streamed, and about what it used."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from conformance.reference.forms import sent_plainly
from conformance.reference.lies import says
from conformance.reference.replies import Call, Json, Reply
from conformance.reference.rewriting import body

Chunks = tuple[Json, ...]


def _tell(name: str, text: str, change: Callable[[Chunks], Chunks], **more: object) -> None:
    """Declare a lie that changes the events of a transcript."""

    def lie(call: Call, reply: Reply) -> Reply:
        streamed = bool(sent_plainly(call)) and reply.chunks is not None
        return replace(reply, chunks=tuple(change(reply.chunks))) if streamed else reply

    lie.__doc__ = text
    says(name, **more)(lie)


def _as_chat(events: Chunks) -> Chunks:
    head = {"id": "trsc-1", "object": "transcription.chunk", "created": 1_790_000_000, "model": "whisper"}
    texts = [each["delta"] for each in events if "delta" in each]
    return tuple({**head, "choices": [{"delta": {"content": text}}]} for text in texts)


_tell("transcription-chat-chunks", "A transcript is streamed as chunks like those of chat.", _as_chat, bugs="audio-stream-chat-chunks",
      link=("https://github.com/vllm-project/vllm/issues/49116", "https://github.com/speaches-ai/speaches/issues/533",
            "https://github.com/vllm-project/vllm/pull/13301"))  # fmt: skip
_tell("transcription-events-typeless", "The last event of a transcript has a type, and no other.",
      lambda events: (*({"delta": each["delta"]} for each in events[:-1]), events[-1]))  # fmt: skip
_tell("transcription-delta-object", "A delta is an object with its content.",
      lambda events: (*({**each, "delta": {"content": each["delta"]}} for each in events[:-1]), events[-1]))  # fmt: skip
_tell("transcription-done-bare", "transcript.text.done has no text.",
      lambda events: (*events[:-1], {key: value for key, value in events[-1].items() if key != "text"}))  # fmt: skip
_tell("transcription-never-done", "A transcript ends without transcript.text.done.", lambda events: events[:-1])
_tell("transcription-done-twice", "transcript.text.done comes twice.", lambda events: (*events, events[-1]))
_tell("transcription-delta-lost", "One delta is lost on the way.", lambda events: events[1:])
_tell("transcription-streamed-usage-sum", "The total of a streamed transcript leaves the tokens of the sound out.", lambda events: (
    *events[:-1], {**events[-1], "usage": events[-1]["usage"] | {"total_tokens": events[-1]["usage"]["output_tokens"]}}))  # fmt: skip


def _used(call: Call, reply: Reply, change: Callable[[Json], Json]) -> Reply:
    """Change what a transcript in JSON says that it used."""
    told = bool(sent_plainly(call)) and isinstance(reply.body, dict) and "usage" in reply.body
    return body(reply, usage=change(reply.body["usage"])) if told else reply


@says("transcription-usage-typeless")
def _(call: Call, reply: Reply) -> Reply:
    """`usage` does not say of which kind it is."""
    return _used(call, reply, lambda used: {key: value for key, value in used.items() if key != "type"})


@says("transcription-usage-sum")
def _(call: Call, reply: Reply) -> Reply:
    """The total of tokens is that of the text alone."""
    return _used(
        call, reply, lambda used: {**used, "total_tokens": used["output_tokens"]} if "output_tokens" in used else used
    )
