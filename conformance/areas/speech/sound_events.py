"""SPEECH: how it arrives: as it is made, and as events where those are asked for."""

from __future__ import annotations

import base64
import binascii

from conformance.areas.speech.conditions import DELTA, DONE, EVENTS, SPEECH, SPEECH_PATH, in_events, spoken
from conformance.exchange import Exchange, find, is_a
from conformance.judge import MUST, SHOULD, Problems, check, differs, header_differs
from conformance.judge.conditions import headers_known, reports_error, streaming, timed

SLOW = 2.0
"""Seconds from which one portion is no chance, nor a busy machine: this much sound is not made within the time of one read."""
MUCH = 16 * 1024
"""Bytes of an answer that is worth sending in portions."""
PIECE, END = "speech.audio.delta", "speech.audio.done"


@check("speech.as-made", SHOULD, when=spoken & timed, source=SPEECH_PATH, breaks="speech-held-back", covers="AUDIO-017")  # fmt: skip
def sent_as_it_is_made(x: Exchange) -> Problems:
    """Long speech arrives in portions as it is made: the first before the last.

    Who listens waits for the whole text to be said before the first word sounds.
    """
    if len(x.body) >= MUCH and len(x.arrivals) == 1 and x.arrivals[0][0] >= SLOW:
        yield f"the whole sound is in one portion after {x.arrivals[0][0]:.1f} s, expected portions as they are made"


@check("speech.events-served", SHOULD, when=spoken & streaming & headers_known, source=(SPEECH, SPEECH_PATH),
       breaks="speech-events-as-bytes", covers="AUDIO-015")  # fmt: skip
def events_where_they_are_asked_for(x: Exchange) -> Problems:
    """`stream_format: sse` is answered by events, or refused; it is not ignored.

    Helpers that read events find none in a file of sound, and the first word comes after the last.
    """
    if x.media_type != EVENTS:
        yield header_differs(x, "content-type", EVENTS)


@check("speech.event-types", MUST, when=in_events, source=(DELTA, DONE), breaks=("speech-events-typeless", "speech-events-no-audio"),
       covers="AUDIO-015")  # fmt: skip
def events_are_of_their_types(x: Exchange) -> Problems:
    """Each event is a `speech.audio.delta` with its `audio` in base64, or the `speech.audio.done`.

    SDKs tell events by `type`: what has none is passed over, and the sound has holes.
    """
    for n, value in x.messages:
        kind = find(value, "type")
        if kind == PIECE:
            audio = find(value, "audio")
            if not _is_base64(audio):
                yield differs(f"audio of event {n}", audio, "sound in base64")
        elif kind != END and not (isinstance(value, dict) and value.get("error")):
            yield differs(f"type of event {n}", kind, f'"{PIECE}" or "{END}"')


@check("speech.done", MUST, when=in_events & ~reports_error, source=DONE, breaks=("speech-never-done", "speech-done-first"),
       covers="AUDIO-015")  # fmt: skip
def done_is_last(x: Exchange) -> Problems:
    """The last event, and no other, is `speech.audio.done`.

    Players close the file at it, or wait for it until they give up.
    """
    ends = [n for n, value in x.messages if find(value, "type") == END]
    last = x.messages[-1][0]
    if ends != [last]:
        yield differs(f"the events that are {END}", ends, f"only the last, event {last}")


@check("speech.usage", MUST, when=in_events, source=DONE, breaks=("speech-usage-absent", "speech-usage-sum"),
       covers="AUDIO-015")  # fmt: skip
def done_says_what_was_used(x: Exchange) -> Problems:
    """`speech.audio.done` has `usage` with input_tokens and output_tokens, which add up to total_tokens.

    Who bills by it bills nothing, or too little.
    """
    for n, value in x.messages:
        if find(value, "type") == END:
            used = {name: find(value, f"usage.{name}") for name in ("input_tokens", "output_tokens", "total_tokens")}
            for name, count in used.items():
                if not is_a(count, int):
                    yield differs(f"usage.{name} of event {n}", count, "an integer")
            if all(is_a(count, int) for count in used.values()) and used["total_tokens"] != sum(used.values()) / 2:
                yield differs(f"usage.total_tokens of event {n}", used["total_tokens"], "the sum of the two others")


def _is_base64(text: object) -> bool:
    if not isinstance(text, str) or not text:
        return False
    try:
        base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return False
    return True
