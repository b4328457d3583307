"""Streams of events alone: judged for what they are, and nothing held against them that was lost."""

from __future__ import annotations

import json

import pytest

from conformance.areas.catalogue import judge
from conformance.record.recognition import find, kind_of
from tests.support.recordings import HONEST, read

STREAMS = [x for x in HONEST.values() if x.ok and x.media_type == "text/event-stream" and x.method == "POST"]
WHOLE = [x for x in STREAMS if x.ended == "complete"]
CHAT, RESPONSE = HONEST["chat.cut+stream"], HONEST["responses.hello+stream"]


def lines(x) -> bytes:
    """The data of its events, a line each."""
    return b"".join(json.dumps(value).encode() + b"\n" for _, value in x.messages)


def test_the_honest_streams_are_read_with_what_they_show_of_their_request(tmp_path):
    routes = set()
    for x in WHOLE:
        (tmp_path / "answer").write_bytes(x.body)
        (found,) = read(tmp_path / "answer")
        assert (found.route, found.streaming, found.body) == (x.route, True, x.body), x.id
        routes.add(x.route)
    assert routes >= {"chat", "responses", "completions", "images", "transcriptions", "speech"}


@pytest.mark.parametrize("ends", [b"\n", b"\r\n"], ids=["lf", "crlf"])
def test_no_honest_stream_is_red_for_what_was_lost(tmp_path, ends):
    for number, x in enumerate(WHOLE):
        (tmp_path / f"{number}.sse").write_bytes(x.body.replace(b"\n", ends))
    recordings, amiss, others = find([str(tmp_path)])
    assert (len(recordings), amiss, others) == (len(WHOLE), [], 0)
    red = judge([x for each in recordings for x in read(each.path)])
    assert [(v.check.id, v.problems) for v in red if v.outcome in ("fail", "broken") and v.check.level == "must"] == []


def test_of_a_stream_without_an_end_nobody_knows_who_cut_it(tmp_path):
    (tmp_path / "cut.sse").write_bytes(CHAT.body[: len(CHAT.body) // 3].rpartition(b"\n\n")[0] + b"\n\n")
    (found,) = read(tmp_path / "cut.sse")
    assert found.reason == "a stream stops before its end, and who cut it was not kept"


def test_one_after_another_they_are_as_many(tmp_path):
    (tmp_path / "turns.sse").write_bytes(CHAT.body + CHAT.body + RESPONSE.body + b"\n" + RESPONSE.body)
    found = read(tmp_path / "turns.sse")
    assert [x.route for x in found] == ["chat", "chat", "responses", "responses"]


@pytest.mark.parametrize("end", [b"", b"\n", b" \n", b"\r\n\r\n\n"])
def test_what_an_editor_made_of_the_end_of_a_file_is_nothing_of_the_stream(tmp_path, end):
    (tmp_path / "answer.sse").write_bytes(CHAT.body.rstrip() + end)
    assert [x.body for x in read(tmp_path / "answer.sse")] == [CHAT.body]


@pytest.mark.parametrize("x", [CHAT, RESPONSE], ids=["chat", "responses"])
def test_lines_of_data_are_a_stream_whose_framing_was_lost(tmp_path, x):
    (tmp_path / "chunks.txt").write_bytes(lines(x))
    (found,) = read(tmp_path / "chunks.txt")
    assert (found.route, [value for _, value in found.messages]) == (x.route, [value for _, value in x.messages])
    red = [v.check.id for v in judge([found]) if v.outcome in ("fail", "broken")]
    assert red == []


@pytest.mark.parametrize(
    "other",
    [
        b'event: message_start\ndata: {"type":"message_start","message":{"id":"m","content":[]}}\n\n',
        b"data:\n  - a\n  - b\n",
        b'data: {"text": "{\\"object\\": \\"chat.completion.chunk\\"}"}\n\n',
        b'{"id": "a", "object": "text_completion", "choices": []}\n',
        b'{"type": "response.done"}\n',
    ],
)
def test_what_is_of_another_api_is_none_of_them(tmp_path, other):
    (tmp_path / "other").write_bytes(other)
    assert kind_of(tmp_path / "other") != "streams of events"
