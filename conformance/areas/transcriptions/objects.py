"""Where the objects of a transcription stand; `schemas/` says what each must be."""

from __future__ import annotations

from conformance.exchange import Exchange
from conformance.judge.objects import Placed, below, body, described, held


@described("transcription")
def transcription(x: Exchange) -> Placed:
    return body(x)


@described("transcription-segment")
def segment(x: Exchange) -> Placed:
    return below(body(x), "segments")


@described("transcription-word")
def word(x: Exchange) -> Placed:
    return below(body(x), "words")


@described("transcription-usage")
def usage(x: Exchange) -> Placed:
    if x.streaming:
        return held(((f"event {n}", value) for n, value in x.messages), "usage")
    return held(body(x), "usage")


@described("transcription-logprob")
def logprob(x: Exchange) -> Placed:
    events = ((f"event {n}", value) for n, value in x.messages) if x.streaming else body(x)
    return below(events, "logprobs")
