"""What a page tells of declining a feature is decided as declined."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from conformance.areas.catalogue import area_of, features
from conformance.judge.decider import Decider
from docs.made.declining import OF_HEADERS, refusal
from tests.support.proving import honest

REFUSABLE = [name for name, each in features().items() if not each.route and area_of(each) not in OF_HEADERS]


@pytest.mark.parametrize("name", REFUSABLE)
def test_the_refusal_that_a_page_shows_is_one(name):
    feature = features()[name]
    body = json.dumps(refusal(feature)).encode()
    headers = (("content-type", "application/json"), ("content-length", str(len(body))))
    decider = Decider([feature])
    for x in honest().values():
        asks = feature.when(x) is True
        decider.add(
            replace(x, status=400, headers=headers, body=body, arrivals=((0.1, len(body)),), memo={}) if asks else x
        )
    [decided] = decider.finish()
    assert decided.decision == "refused", decided.why
