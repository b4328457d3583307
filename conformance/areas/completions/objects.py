"""Where the objects of a legacy completion stand; `schemas/` says what each must be."""

from __future__ import annotations

from conformance.exchange import Exchange
from conformance.judge.objects import Placed, body, choices, chunks, described, parts


@described("text-completion")
def completion(x: Exchange) -> Placed:
    return body(x)


@described("text-choice")
def choice(x: Exchange) -> Placed:
    return choices(x)


@described("text-completion-chunk")
def chunk(x: Exchange) -> Placed:
    return chunks(x)


@described("text-part")
def part(x: Exchange) -> Placed:
    return parts(x)
