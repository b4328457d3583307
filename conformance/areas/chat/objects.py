"""Where the objects of a plain chat completion stand; `schemas/` says what each must be."""

from __future__ import annotations

from conformance.exchange import Exchange
from conformance.judge.objects import Placed, below, body, choices, described, held, messages


@described("completion")
def completion(x: Exchange) -> Placed:
    return body(x)


@described("choice")
def choice(x: Exchange) -> Placed:
    return choices(x)


@described("message")
def message(x: Exchange) -> Placed:
    return messages(x)


@described("annotation")
def annotation(x: Exchange) -> Placed:
    return below(messages(x), "annotations")


@described("url-citation")
def url_citation(x: Exchange) -> Placed:
    return held(annotation(x), "url_citation")


@described("audio")
def audio(x: Exchange) -> Placed:
    return held(messages(x), "audio")
