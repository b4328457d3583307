"""Lies about how speech arrives."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from conformance.reference.lies import lets, says, sends
from conformance.reference.replies import Call, Json, Reply

Chunks = tuple[Json, ...]


def _events(change: Callable[[Chunks], Chunks]) -> Callable[[Call, Reply], Reply]:
    """Change the events of speech."""

    def lie(call: Call, reply: Reply) -> Reply:
        streamed = call.path.endswith("/audio/speech") and reply.chunks is not None
        return replace(reply, chunks=tuple(change(reply.chunks))) if streamed else reply

    return lie


def _tell(name: str, text: str, change: Callable[[Chunks], Chunks]) -> None:
    lie = _events(change)
    lie.__doc__ = text
    says(name)(lie)


@sends("speech-held-back")
def _(call: Call, pieces: tuple[bytes, ...]) -> tuple[bytes, ...]:
    """Speech is held back until all of it is there."""
    return (b"".join(pieces),) if call.path.endswith("/audio/speech") else pieces


@lets("speech-events-as-bytes", bugs="audio-speech-sse-unsupported", link=("https://github.com/BerriAI/litellm/issues/33974",
      "https://github.com/vllm-project/vllm-omni/pull/4490"))  # fmt: skip
def _(call: Call) -> Call:
    """`stream_format: sse` makes no difference: one file of sound comes back."""
    streamed = call.path.endswith("/audio/speech") and (call.json or {}).get("stream_format") == "sse"
    return call.asking(stream_format=None) if streamed else call


_tell("speech-events-typeless", "Events of speech have no type, but for the last.",
      lambda events: tuple({"audio": each["audio"]} if "audio" in each else each for each in events))  # fmt: skip
_tell("speech-events-no-audio", "An event of speech has no audio.",
      lambda events: ({"type": events[0]["type"]}, *events[1:]) if len(events) > 9 else events)  # fmt: skip
_tell("speech-never-done", "Speech ends without speech.audio.done.", lambda events: events[:-1])
_tell(
    "speech-done-first",
    "speech.audio.done comes before the last of the sound.",
    lambda events: (*events[:-2], events[-1], events[-2]),
)
_tell(
    "speech-usage-absent",
    "speech.audio.done has no usage.",
    lambda events: (*events[:-1], {"type": events[-1]["type"]}),
)
_tell("speech-usage-sum", "The total of the tokens of speech leaves those of the text out.", lambda events: (
    *events[:-1], {**events[-1], "usage": events[-1]["usage"] | {"total_tokens": events[-1]["usage"]["output_tokens"]}}))  # fmt: skip
