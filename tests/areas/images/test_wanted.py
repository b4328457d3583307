"""How images are wanted: what a program asks for by mistake breaks no law."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from conformance.areas.catalogue import judge
from tests.support.recordings import HONEST


@pytest.mark.parametrize("wanted", [[], {}, ["url"], 1, None])
def test_a_format_that_is_no_text_breaks_nothing(wanted):
    x = next(x for x in HONEST.values() if x.route == "images" and x.ok and not x.streaming)
    asked = json.dumps({**x.asked, "response_format": wanted}).encode()
    found = {v.check.id: v.outcome for v in judge([replace(x, request_body=asked, memo={})])}
    assert "broken" not in found.values()
