"""AUDIO: a transcript that is streamed: pieces of its text, and then all of it."""

from __future__ import annotations

from conformance.areas.transcriptions.conditions import (
    DELTA,
    DONE,
    END,
    PIECE,
    SECONDS_USED,
    TOKENS_USED,
    in_events,
    kind,
    said,
    structured,
)
from conformance.exchange import Exchange, find, is_a, need
from conformance.judge import MUST, Problems, check, differs
from conformance.judge.condition import response
from conformance.judge.conditions import reports_error
from conformance.judge.objects import OBJECTS, misfits
from conformance.wire.jsontext import show

KNOWN = (PIECE, "transcript.text.segment", END)
streamed = in_events & ~reports_error


@response("that comes to its end")
def has_end(x: Exchange) -> bool:
    return any(kind(value) == END for _, value in x.messages)


@response("that says what was used")
def has_usage(x: Exchange) -> bool:
    return next(iter(OBJECTS["transcription-usage"](x)), None) is not None


@check("transcription.event-types", MUST, when=streamed, source=(DELTA, DONE),
       breaks=("transcription-chat-chunks", "transcription-events-typeless"),
       covers="AUDIO-008")  # fmt: skip
def events_are_of_their_types(x: Exchange) -> Problems:
    """Each event of a streamed transcript is a transcript.text.delta, a transcript.text.segment or the transcript.text.done.

    SDKs tell them by `type`: chunks like those of chat are objects of no type, and openai-java refuses them.
    """
    for n, value in x.messages:
        if kind(value) not in KNOWN:
            yield differs(f"type of event {n}", find(value, "type"), " or ".join(KNOWN))


@check("transcription.event-texts", MUST, when=streamed, source=(DELTA, DONE),
       breaks=("transcription-delta-object", "transcription-done-bare"),
       covers="AUDIO-008")  # fmt: skip
def events_carry_their_text(x: Exchange) -> Problems:
    """A transcript.text.delta has `delta` and the transcript.text.done has `text`, both strings."""
    for n, value in x.messages:
        name = {PIECE: "delta", END: "text"}.get(kind(value))
        if name and not isinstance(text := find(value, name), str):
            yield differs(f"{name} of event {n}", text, "a string")


@check("transcription.done", MUST, when=streamed, source=DONE, breaks=("transcription-never-done", "transcription-done-twice"),
       covers="AUDIO-008")  # fmt: skip
def done_is_last(x: Exchange) -> Problems:
    """The last event, and no other, is transcript.text.done.

    Who waits for it waits until the connection ends; who takes it for the end loses what follows.
    """
    ends, last = [n for n, value in x.messages if kind(value) == END], x.messages[-1][0]
    kinds = {kind(value) for _, value in x.messages}
    if ends != [last] and kinds & set(KNOWN):
        yield differs(f"the events that are {END}", ends, f"only the last, event {last}")


@check(
    "transcription.streamed-text",
    MUST,
    when=streamed & has_end,
    source=DONE,
    breaks="transcription-delta-lost",
    covers="AUDIO-008",
)
def pieces_make_the_text(x: Exchange) -> Problems:
    """The deltas together are the `text` of transcript.text.done.

    What was shown while it came is not what is kept.
    """
    joined = said(x).strip()
    for _, value in x.messages:
        if kind(value) == END and (text := need(value, "text", str)).strip() != joined:
            yield differs("the deltas together", joined, f"the text at the end, {show(text)}")


@check("transcription.usage", MUST, when=structured & has_usage, source=(TOKENS_USED, SECONDS_USED),
       breaks=("transcription-usage-typeless", "transcription-usage-sum", "transcription-streamed-usage-sum"),
       covers="AUDIO-007")  # fmt: skip
def usage_is_of_one_kind(x: Exchange) -> Problems:
    """`usage` counts tokens (input_tokens, output_tokens and their sum, total_tokens) or seconds, as its `type` says.

    Clients choose by `type` which of both to read.
    """
    names = ("type", "seconds", "input_tokens", "output_tokens", "total_tokens", "input_token_details")
    yield from misfits(x, "transcription-usage", "", *names)
    for path, used in OBJECTS["transcription-usage"](x):
        counts = [find(used, name) for name in ("input_tokens", "output_tokens", "total_tokens")]
        if all(is_a(count, int) for count in counts) and counts[0] + counts[1] != counts[2]:
            yield differs(f"{path}.total_tokens", counts[2], f"{counts[0] + counts[1]}, the sum of the two others")
