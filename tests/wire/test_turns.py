"""The messages of a WebSocket as they are kept: nothing is lost, none ends a turn that is not its end."""

from __future__ import annotations

import json

import pytest

from conformance.wire import sse, turns

CREATED = '{"type": "response.created"}'
COMPLETED = '{"type":"response.completed"}'
ERROR = '{"type":"error","status":400,"error":{"message":"no"}}'


def read(*messages: str | bytes, asked: int = 1) -> turns.Reading:
    reading = turns.Reading(asked)
    for message in messages:
        reading.take(message)
    return reading


@pytest.mark.parametrize("text", ['{"a": 1}', '{\n  "a": 1\n}', "", "[DONE]", "data: {}", '{"a": "\\u2028"}'])
def test_a_message_is_one_event_that_says_the_same(text):
    (event,) = sse.read(turns.message(text))[1]
    assert (event.data, event.field("event")) == (text, None)


@pytest.mark.parametrize(("data", "kept"), [(b'{"a": 1}', '{"a": 1}'), (b"\xff\xfe", "//4=")])
def test_what_is_binary_is_said_to_be(data, kept):
    (event,) = sse.read(turns.message(data))[1]
    assert (event.data, event.field("event")) == (kept, turns.BINARY)


def test_that_a_connection_was_closed_is_a_comment_of_one_line():
    body = turns.message(CREATED) + turns.closed(1008, "policy\r\ndata: {}")
    assert turns.closing(body) == 1008
    assert [event.data for event in sse.read(body)[1] if not event.only_comments] == [CREATED]
    assert turns.closing(turns.closed(None)) == 1006
    assert turns.closing(turns.message('": closed 1000"')) is None


@pytest.mark.parametrize(
    ("messages", "over"),
    [
        ([], False),
        ([CREATED], False),
        ([CREATED, COMPLETED], True),
        ([ERROR], True),
        ([COMPLETED.encode()], True),
        ([f"data: {COMPLETED}"], True),
        (["response.completed"], False),
        ([json.dumps({"type": ["response.completed"]})], False),
        ([json.dumps({"text": COMPLETED})], False),
    ],
)
def test_a_turn_ends_at_its_last_event(messages, over):
    assert read(*messages).over is over


def test_an_error_within_a_response_may_be_its_end():
    assert (read(CREATED, ERROR).over, read(CREATED, ERROR).failing) == (False, True)
    assert read(CREATED, ERROR, '{"type":"response.failed"}').over


def test_of_two_messages_each_has_an_end():
    assert not read(CREATED, COMPLETED, asked=2).over
    assert read(CREATED, ERROR, COMPLETED, asked=2).over


@pytest.mark.parametrize(
    ("first", "declined"),
    [(ERROR, True), (CREATED, False), ("[DONE]", True), ('{\n "type": "error"\n}', True), ("[1]", True)],
)
def test_a_turn_is_declined_by_its_first_object(first, declined):
    assert turns.declined(turns.message(first) + turns.message(ERROR)) is declined
