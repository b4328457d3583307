"""A text that the limit cut: it says so where it is JSON, and of prose other laws speak."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from conformance.areas.catalogue import catalogue, judge
from tests.support.recordings import HONEST


@pytest.mark.parametrize(
    ("text", "outcome"), [('{"name": "An', "fail"), (" [1,", "fail"), ("Two large teas and", "pass"), ("{}", "pass")]
)
def test_only_what_began_as_json_is_cut_json(text, outcome):
    x = HONEST["structured.cut"]
    answer = json.loads(x.body)
    answer["choices"][0] |= {"finish_reason": "stop", "message": {"role": "assistant", "content": text}}
    (verdict,) = judge([replace(x, body=json.dumps(answer).encode(), memo={})], [catalogue()["structured.cut"]])
    assert verdict.outcome == outcome
