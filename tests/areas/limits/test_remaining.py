"""Limits that are told: images have a form of their own."""

from __future__ import annotations

from dataclasses import replace

import pytest

from conformance.areas.catalogue import catalogue, judge
from tests.support.recordings import HONEST


@pytest.mark.parametrize(
    ("name", "value", "outcome"),
    [
        ("images", "5", "pass"),
        ("images", "1790000000", "fail"),
        ("requests", "5", "fail"),
        ("requests", "5s", "pass"),
    ],
)
def test_images_may_say_their_seconds_as_a_bare_number(name, value, outcome):
    x = HONEST["chat.hello"]
    kept = [pair for pair in x.headers if not pair[0].lower().startswith("x-ratelimit-reset")]
    told = replace(x, headers=(*kept, (f"x-ratelimit-reset-{name}", value)), memo={})
    (verdict,) = judge([told], [catalogue()["rate.reset"]])
    assert verdict.outcome == outcome
