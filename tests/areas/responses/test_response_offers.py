"""Many tools that a model's window does not hold are no fault of the endpoint's."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from conformance.areas.responses.response_offers import BOTH, _fitting
from tests.support.proving import honest


@pytest.mark.parametrize(
    ("message", "judged"), [("Too many tools.", True), ("This model's maximum context length is 4096 tokens.", False)]
)
def test_what_the_window_does_not_hold_is_not_judged(message, judged):
    few, many = honest()["responses.named"], honest()["responses.many-tools"]
    said = {"error": {"message": message, "type": "invalid_request_error", "param": None, "code": None}}
    refused = replace(many, status=400, body=json.dumps(said).encode(), memo={})
    assert list(BOTH.groups([few, refused])) == [(few, refused)]
    assert list(_fitting([few, refused])) == ([(few, refused)] if judged else [])
