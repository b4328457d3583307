"""Items of a response: who called a tool may end the turn without a word."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from conformance.areas.catalogue import catalogue, judge
from tests.support.recordings import HONEST

ASKED = {"type": "message", "role": "user", "content": "Write the file."}
GIVEN = {"type": "function_call_output", "call_id": "call_1", "output": "done"}


@pytest.mark.parametrize(("given", "outcome"), [([ASKED], "fail"), ([ASKED, GIVEN], "not-exercised"), ("Hi.", "fail")])
def test_an_empty_text_is_an_answer_to_what_a_tool_gave_alone(given, outcome):
    x = HONEST["responses.hello"]
    answer = json.loads(x.body)
    for item in answer["output"]:
        for part in item.get("content") or ():
            part["text"] = ""
    asked = json.dumps({**x.asked, "input": given}).encode()
    told = replace(x, request_body=asked, body=json.dumps(answer).encode(), memo={})
    (verdict,) = judge([told], [catalogue()["response.text-empty"]])
    assert verdict.outcome == outcome
