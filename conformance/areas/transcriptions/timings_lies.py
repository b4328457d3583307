"""Lies about the details of verbose_json."""

from __future__ import annotations

from collections.abc import Callable

from conformance.reference.forms import sent_plainly
from conformance.reference.lies import says
from conformance.reference.replies import Call, Json, Reply
from conformance.reference.rewriting import body, without


def _tell(name: str, text: str, change: Callable[[Json], Json], **more: object) -> None:
    """Declare a lie that changes members of verbose_json in which something was heard."""

    def lie(call: Call, reply: Reply) -> Reply:
        told = sent_plainly(call).get("response_format") == "verbose_json" and reply.status == 200
        return body(reply, **change(reply.body)) if told and reply.body["text"] else reply

    lie.__doc__ = text
    says(name, **more)(lie)


def _first(name: str, **changes: object) -> Callable[[Json], Json]:
    """Change the first of segments or words, where there are any."""
    return lambda told: {name: [without(told[name][0] | changes), *told[name][1:]]} if told.get(name) else {}


_tell("transcription-duration-text", "`duration` is a string.", lambda told: {"duration": str(told["duration"])},
      link=("https://github.com/vllm-project/vllm/issues/49068", "https://github.com/openai/openai-openapi/pull/338"),
      bugs="audio-duration-string")  # fmt: skip
_tell("transcription-duration-none", "`duration` is not there.", lambda _: {"duration": ...})
_tell("transcription-duration-window", "`duration` is that of the window of 30 seconds.", lambda _: {"duration": 30.0})
_tell(
    "transcription-language-none",
    "`language` is null.",
    lambda told: {"language": None} if told["task"] == "transcribe" else {},
)
_tell("translation-language-heard", "A translation says which language was heard.",
      lambda told: {"language": "german"} if told["task"] == "translate" else {})  # fmt: skip
_tell("transcription-segments-none", "There are no segments.", lambda _: {"segments": ...})
_tell("transcription-segment-times", "The times of segments are texts.",
      lambda told: {"segments": [{**each, "start": str(each["start"]), "end": str(each["end"])} for each in told["segments"]]})  # fmt: skip
_tell("transcription-segment-bare", "A segment has nothing but its times and its text.",
      lambda told: {"segments": [{key: each[key] for key in ("start", "end", "text")} for each in told["segments"]]})  # fmt: skip
_tell(
    "transcription-words-none",
    "Words are asked for, and are not there.",
    lambda told: {"words": ...} if "words" in told else {},
)
_tell("transcription-word-text", "A word is called `text`.", _first("words", word=..., text="Good"))
_tell(
    "transcription-word-times",
    "A word has a timestamp of two numbers.",
    _first("words", start=..., end=..., timestamp=[0, 1]),
)
_tell("transcription-segments-back", "Segments come in no order.", lambda told: {
    "segments": [{**each, "start": start} for each, start in zip(told["segments"], (0.9, 0.1), strict=False)]})  # fmt: skip
_tell("transcription-word-ends-first", "A word ends before it begins.", _first("words", end=0.01))
_tell("transcription-past-the-end", "The last segment ends with the window of 30 seconds.",
      lambda told: {"segments": [*told["segments"][:-1], told["segments"][-1] | {"end": 30.0}]})  # fmt: skip
_tell("transcription-segment-lost", "The first segment is lost.", lambda told: {"segments": told["segments"][1:]})
