"""What a clock or a race decides is judged where it is sure, and left alone where it is not."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from conformance.areas.catalogue import catalogue, judge
from tests.support.recordings import HONEST

STREAM = HONEST["chat.hello+stream"]


def ticking(*stamps, times):
    """The honest stream, its first chunks with these `created` and the others with the last of them."""
    left, events = list(stamps), []
    for event in STREAM.body.split(b"\n\n"):
        if event.startswith(b"data: {"):
            chunk = json.loads(event[6:])
            event = b"data: " + json.dumps({**chunk, "created": left.pop(0) if len(left) > 1 else left[0]}).encode()
        events.append(event)
    body = b"\n\n".join(events)
    return replace(STREAM, body=body, arrivals=tuple((at, len(body)) for at in times), memo={})


@pytest.mark.parametrize(
    ("x", "outcome"),
    [
        (ticking(1_790_000_000, 1_790_000_001, times=(0.1, 0.6)), "untestable"),
        (ticking(1_790_000_000, 1_790_000_001, times=(0.1, 1.2)), "fail"),
        (ticking(1_790_000_000, 1_790_000_001, times=()), "fail"),  # a recording without times is no chance
        (ticking(1_790_000_000, 1_790_000_007, times=(0.1, 0.6)), "fail"),
        (ticking(1_790_000_000, times=(0.1, 0.6)), "pass"),
    ],
)
def test_a_second_that_ends_in_a_short_stream_tells_nothing(x, outcome):
    [verdict] = judge([x], [catalogue()["stream.same-created"]])
    assert verdict.outcome == outcome


def test_what_a_model_says_to_a_mistake_or_by_chance_is_its_own():
    checks = [catalogue()[f"content.{name}"] for name in ("no-thoughts", "no-template", "trimmed")]
    x = HONEST["chat.hello"]
    body = json.dumps({**x.json, "choices": [{**x.json["choices"][0], "message": {
        "role": "assistant", "content": " </think> Hello! <|im_end|>"}}]}).encode()  # fmt: skip
    hot = json.dumps({**x.asked, "temperature": 2}).encode()
    for change in ({"request_body": hot}, {"intent": frozenset({"mistake"})}):
        odd = replace(x, body=body, memo={}, **change)
        assert {verdict.outcome for verdict in judge([odd], checks)} == {"not-exercised"}
    assert {verdict.outcome for verdict in judge([replace(x, body=body, memo={})], checks)} == {"fail"}
