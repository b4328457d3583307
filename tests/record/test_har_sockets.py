"""The turns over a WebSocket that a browser kept: each is the exchange that it was."""

from __future__ import annotations

import base64
import json
from dataclasses import replace

import pytest

from conformance.areas.catalogue import judge
from conformance.record.entries import Skipped
from tests.support.recordings import HONEST, har, har_connection, har_entry, read

TURNS = [x for x in HONEST.values() if x.socket and x.status == 101 and x.ended == "complete"]
WHOLE, BINARY = TURNS[0], 2


@pytest.fixture
def kept(tmp_path):
    """Reads a HAR file of these entries."""

    def make(*entries):
        path = tmp_path / "kept.har"
        path.write_text(json.dumps(har(entries)))
        return read(path)

    return make


def test_each_turn_is_the_exchange_that_it_was(kept):
    found = kept(*(har_connection(x) for x in TURNS))
    assert len(TURNS) > 5
    assert [(x.url, x.status, x.request_body, x.body) for x in found] == [
        (x.url, x.status, x.request_body, x.body) for x in TURNS
    ]
    assert all(x.socket and x.streaming for x in found)


def test_the_honest_reference_passes_as_a_recording_of_its_turns(kept):
    passing = [v for v in judge(kept(*(har_connection(x) for x in TURNS))) if v.outcome != "not-exercised"]
    assert {v.check.id: v.problems for v in passing if v.outcome != "pass"} == {}
    assert "socket." in "".join(v.check.id for v in passing)


def test_turns_one_after_the_other_on_one_connection(kept):
    alone = [x for x in TURNS if b"\n" not in x.request_body][:3]
    assert [x.body for x in kept(har_connection(*alone))] == [x.body for x in alone]


def test_a_lie_in_a_turn_is_found(kept):
    lying = replace(WHOLE, body=WHOLE.body.replace(b'"sequence_number":1}', b'"sequence_number":7}'))
    assert lying.body != WHOLE.body
    assert {v.check.id for v in judge(kept(har_connection(lying))) if v.outcome == "fail"}


def test_a_turn_that_was_going_on_is_left_out(kept):
    entry = har_connection(WHOLE, WHOLE)
    entry["_webSocketMessages"].pop()
    whole, cut = kept(entry)
    assert whole.body == WHOLE.body
    assert (cut.reason, cut.fault) == ("a turn over a WebSocket without its end", False)


def test_what_came_in_binary_frames_is_so(kept):
    entry = har_connection(WHOLE)
    last = entry["_webSocketMessages"][-1]
    last |= {"opcode": BINARY, "data": base64.b64encode(last["data"].encode()).decode()}
    (x,) = kept(entry)
    assert x.body.count(b"event: binary\n") == 1


@pytest.mark.parametrize(
    "messages",
    [5, "text", [5], [{}], [{"type": "send"}], [{"type": "send", "data": 5}], [{"type": "send", "data": "{}", "time": "x"}],
     [{"type": "send", "data": "é", "opcode": 2}], {"type": "send"}],
)  # fmt: skip
def test_what_is_no_list_of_messages_costs_the_others_nothing(kept, messages):
    found = kept(har_connection(WHOLE) | {"_webSocketMessages": messages}, har_entry(HONEST["chat.hello"]))
    assert [isinstance(x, Skipped) for x in found] == [True, False]
    assert "not an entry as HAR 1.2 has them" in found[0].reason


def test_a_connection_of_another_api_is_left_out(kept):
    entry = har_connection(WHOLE)
    entry["request"]["url"] = "wss://h/v1/realtime?model=m"
    assert [x.reason for x in kept(entry)] == ["not of this API"]
