"""What tells that an image was moderated, where the answer says it in no way that is known."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from conformance.areas.catalogue import features, probes
from conformance.judge.decider import Decider
from conformance.send.inprocess import exchanges


@pytest.fixture(scope="module")
def moderated():
    [x] = exchanges(only=[probe for probe in probes() if probe.name == "moderations.image"])
    return x


@pytest.mark.parametrize("applied", [["image"], "image", 1, True, None, {}, {"violence": "image"}])
def test_an_image_was_not_moderated_by_what_names_no_category(moderated, applied):
    body = moderated.json
    result = {**body["results"][0], "category_applied_input_types": applied}
    x = replace(moderated, body=json.dumps({**body, "results": [result]}).encode())
    decider = Decider([features()["moderations_image"]])
    decider.add(x)
    [decided] = decider.finish()
    assert decided.decision == "ignored"
