"""Whether sound is written down, in which forms, and with which details."""

from __future__ import annotations

from conformance.areas.transcriptions.conditions import END, as_events, cues, is_json, plain_text, said, wants
from conformance.areas.transcriptions.timings import asks_words
from conformance.areas.whole_routes import UNFIT, answered_with, plain
from conformance.exchange import ABSENT, Exchange, find
from conformance.judge.conditions import asked, route, streaming
from conformance.judge.features import HONOURED, Finding, feature, ignored

writes = route("transcriptions") & plain
one = writes & ~streaming
FORM = ("response_format", "format")


@feature("transcriptions", when=one & wants("json") & ~asked("include"), names=(*UNFIT, "audio", "transcri"),
         probes="transcriptions.hello", route=True)  # fmt: skip
def _(x: Exchange) -> Finding:
    """Sound is answered by a text."""
    return answered_with(x, "text", str)


@feature("translations", when=route("translations") & plain & wants("json", "verbose_json"), names=(*UNFIT, "translat"),
         probes="translations.hello", route=True)  # fmt: skip
def _(x: Exchange) -> Finding:
    """Sound is answered by a text in English."""
    return answered_with(x, "text", str)


@feature(
    "transcription_text",
    when=one & wants("text"),
    names=(*FORM, "text"),
    probes="transcriptions.text",
    part_of="transcriptions",
)
def _(x: Exchange) -> Finding:
    """Asked for text, the body is the text itself; ignored, it is JSON."""
    return ignored("the body is JSON") if is_json(x) else HONOURED


@feature("transcription_subtitles", when=one & wants("srt", "vtt"), names=(*FORM, "srt", "vtt"),
         probes=("transcriptions.srt", "transcriptions.vtt"), part_of="transcriptions")  # fmt: skip
def _(x: Exchange) -> Finding:
    """Asked for srt or vtt, the body is subtitles; ignored, it is JSON."""
    if is_json(x):
        return ignored("the body is JSON")
    return HONOURED if cues(x) or not plain_text(x).strip() else ignored("the body has no cues")


@feature("transcription_verbose", when=one & wants("verbose_json"), names=(*FORM, "verbose"), probes="transcriptions.verbose",
         part_of="transcriptions")  # fmt: skip
def _(x: Exchange) -> Finding:
    """verbose_json has a duration and a language; ignored, it has the text alone."""
    lacking = [name for name in ("duration", "language") if find(x.json, name) in (ABSENT, None)]
    return ignored(f"there is no {lacking[0]}") if lacking else HONOURED


@feature("transcription_words", when=one & wants("verbose_json") & asks_words, names=("granularit", "word"),
         probes="transcriptions.verbose", part_of="transcriptions")  # fmt: skip
def _(x: Exchange) -> Finding:
    """Times of words come where they are asked for."""
    return HONOURED if isinstance(find(x.json, "words"), list) else ignored("there are no words")


@feature("transcription_logprobs", when=one & asked("include"), names=("include", "logprob"), probes="transcriptions.logprobs",
         part_of="transcriptions")  # fmt: skip
def _(x: Exchange) -> Finding:
    """`include[]=logprobs` brings the logprobs of the tokens."""
    return HONOURED if isinstance(find(x.json, "logprobs"), list) else ignored("there are no logprobs")


@feature(
    "transcription_streaming",
    when=writes & streaming,
    names="stream",
    probes="transcriptions.stream",
    part_of="transcriptions",
)
def _(x: Exchange) -> Finding:
    """A stream is answered by events that end with transcript.text.done; ignored, by one answer."""
    if not as_events(x):
        return ignored("the transcript comes as one answer")
    return (
        HONOURED
        if any(find(value, "type") == END for _, value in x.messages) and said(x) is not None
        else ignored("no transcript.text.done")
    )
