"""Responses in a conversation: one that names none is held to nothing, and no refusal is blamed where others are served."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from conformance.areas.catalogue import judge
from tests.support.recordings import HONEST

SAID = HONEST["conversation.asked"]


def asked(x, **changes):
    """The exchange with parameters of its request changed."""
    body = {name: value for name, value in {**x.asked, **changes}.items() if value is not None}
    return replace(x, request_body=json.dumps(body).encode(), memo={})


@pytest.mark.parametrize(("named", "red"), [("", False), ({}, False), ({"id": ""}, False), ("conv_1", True)])
def test_an_empty_conversation_is_none(named, red):
    x = asked(SAID, conversation=named)
    answer = {**SAID.json, "conversation": None}
    x = replace(x, body=json.dumps(answer).encode(), memo={})
    assert ("conversation.echoed" in {v.check.id for v in judge([x]) if v.outcome == "fail"}) == red


def test_a_refusal_beside_others_that_were_served_is_for_something_else():
    made = HONEST["conversation.created"]
    error = {"error": {"message": "Too long.", "type": "invalid_request_error", "param": None, "code": None}}
    refused = replace(SAID, id="refused", status=400, body=json.dumps(error).encode(), memo={})

    def blamed(*answers):
        return {v.check.id for v in judge([made, *answers]) if v.outcome == "fail"} & {"conversation.used"}

    assert blamed(SAID, refused) == set()
    assert blamed(refused) == {"conversation.used"}
