"""Lies about the form in which a transcript comes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from conformance.reference.forms import sent_plainly
from conformance.reference.lies import says
from conformance.reference.replies import Call, Reply
from conformance.reference.rewriting import body, turn_down


def _kind(call: Call, reply: Reply) -> str:
    """The form of an answer that was served plainly; "" of any other."""
    asked = sent_plainly(call)
    served = bool(asked) and reply.status == 200 and reply.chunks is None
    return asked.get("response_format", "json") if served else ""


def _rewrite(name: str, text: str, kinds: tuple[str, ...], change: Callable[[str], str], **more: object) -> None:
    """Declare a lie that changes the bare text of these forms."""

    def lie(call: Call, reply: Reply) -> Reply:
        if _kind(call, reply) not in kinds or not reply.body:
            return reply
        return replace(reply, body=change(reply.body.decode()).encode())

    lie.__doc__ = text
    says(name, **more)(lie)


@says("transcription-no-text")
def _(call: Call, reply: Reply) -> Reply:
    """A transcript is called `transcript`, not `text`."""
    return (
        body(reply, text=..., transcript=reply.body["text"])
        if _kind(call, reply) == "json" and "logprobs" not in reply.body
        else reply
    )


@says("transcription-text-list")
def _(call: Call, reply: Reply) -> Reply:
    """`text` is a list of sentences."""
    return (
        body(reply, text=[reply.body["text"]])
        if _kind(call, reply) == "json" and "logprobs" not in reply.body
        else reply
    )


@says("transcription-always-json", link=("https://github.com/open-webui/open-webui/issues/25622",
      "https://github.com/radicalbit/radicalbit-ai-gateway/pull/53"), bugs="audio-format-ignored-json")  # fmt: skip
def _(call: Call, reply: Reply) -> Reply:
    """Whatever form is asked for, a transcript is JSON."""
    if _kind(call, reply) not in ("text", "srt", "vtt"):
        return reply
    return replace(reply, body={"text": "Good morning. Tea is ready."}).with_headers(content_type="application/json")


@says("transcription-text-called-json")
def _(call: Call, reply: Reply) -> Reply:
    """Bare text is called JSON."""
    return (
        reply.with_headers(content_type="application/json") if _kind(call, reply) in ("text", "srt", "vtt") else reply
    )


_rewrite(
    "transcription-srt-bare",
    "Subtitles as SRT have neither numbers nor times.",
    ("srt",),
    lambda _: "Good morning. Tea is ready.\n",
)
_rewrite(
    "transcription-srt-dots",
    "The times of SRT are written as in WebVTT.",
    ("srt",),
    lambda text: text.replace(",", "."),
)
_rewrite(
    "transcription-vtt-headless",
    "WebVTT comes without its first line.",
    ("vtt",),
    lambda text: text.removeprefix("WEBVTT\n\n"),
)
_rewrite("transcription-vtt-commas", "The times of WebVTT are written as in SRT.", ("vtt",),
         lambda text: text.replace("00.", "00,").replace("01.", "01,"))  # fmt: skip
_rewrite("transcription-cues-back", "The second subtitle is shown before the first.", ("srt",),
         lambda text: text.replace("00:00:00,960", "00:00:00,010"))  # fmt: skip


def _refuse(call: Call, reply: Reply, *kinds: str) -> Reply:
    if _kind(call, reply) not in kinds:
        return reply
    return turn_down(reply, "Currently only support response_format: text, json or verbose_json", "response_format")


@says("transcription-srt-refused", link=("https://github.com/vllm-project/vllm/pull/46680", "https://github.com/speaches-ai/speaches/issues/16",
      "https://github.com/tetherto/qvac/pull/3500"), bugs="audio-srt-vtt-rejected")  # fmt: skip
def _(call: Call, reply: Reply) -> Reply:
    """Subtitles are turned down."""
    return _refuse(call, reply, "srt", "vtt")


@says("transcription-verbose-refused")
def _(call: Call, reply: Reply) -> Reply:
    """verbose_json is turned down."""
    return _refuse(call, reply, "verbose_json")
