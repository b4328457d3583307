"""Where answers about images, the images in them and the events of their streams stand; `schemas/` says what each must be."""

from __future__ import annotations

from conformance.exchange import Exchange
from conformance.judge.objects import Placed, below, body, described, held


@described("images")
def images(x: Exchange) -> Placed:
    return body(x)


@described("image")
def image(x: Exchange) -> Placed:
    return below(body(x), "data")


@described("image-usage")
def usage(x: Exchange) -> Placed:
    return held(_finals(x), "usage")


@described("image-usage-details")
def details(x: Exchange) -> Placed:
    return held(usage(x), "input_tokens_details")


@described("image-output-details")
def output_details(x: Exchange) -> Placed:
    return held(usage(x), "output_tokens_details")


@described("image-event")
def event(x: Exchange) -> Placed:
    return ((f"event {n}", value) for n, value in x.messages)


@described("image-partial")
def partial(x: Exchange) -> Placed:
    return _of_kind(x, ".partial_image")


@described("image-completed")
def completed(x: Exchange) -> Placed:
    return _of_kind(x, ".completed")


def _of_kind(x: Exchange, end: str) -> Placed:
    for path, value in event(x):
        kind = value.get("type") if isinstance(value, dict) else None
        if isinstance(kind, str) and kind.endswith(end):
            yield path, value


def _finals(x: Exchange) -> Placed:
    return completed(x) if x.streaming else body(x)
