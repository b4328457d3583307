"""The reader of server-sent events: any split of the bytes gives the same, none is lost, and it reads as the standard says."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.wire.sse import BOM, Event, Reader, read

FRAGMENTS = (
    b"data", b"data:", b"data: ", b"data: {}", b"data: [DONE]", b"event: x", b"id: 1", b"retry: 3000", b": comment", b":",
    b"\n", b"\n\n", b"\r", b"\r\n", b"\r\n\r\n", b"\r\r", b"\n\r", BOM, BOM[:1], b"\xff", "Grüße 😀".encode(), b"\x00", b" ", b"x",
)  # fmt: skip
bodies = st.lists(st.one_of(st.sampled_from(FRAGMENTS), st.binary(max_size=4)), max_size=40).map(b"".join)
LINE_END = re.compile(rb"\r\n|\n|\r")


def in_portions(body: bytes, cuts: list[int]) -> tuple[Reader, tuple[Event, ...]]:
    """Read a body in portions that end at these positions."""
    reader, events, at = Reader(), [], 0
    for cut in [*sorted(cut % (len(body) + 1) for cut in cuts), len(body)]:
        events += reader.feed(body[at:cut])
        at = cut
    return reader, (*events, *reader.close())


@given(body=bodies, cuts=st.lists(st.integers(0, 10_000), max_size=20))
def test_any_split_gives_the_same_events(body, cuts):
    whole, events = read(body)
    split, others = in_portions(body, cuts)
    assert others == events
    assert (split.bom, split.line_ends) == (whole.bom, whole.line_ends)


@given(body=bodies)
def test_one_byte_at_a_time_gives_the_same_events(body):
    assert in_portions(body, list(range(len(body))))[1] == read(body)[1]


@given(body=bodies)
def test_offsets_cover_the_body(body):
    reader, events = read(body)
    at = len(BOM) if reader.bom else 0
    for event in events:
        assert blank(body[at : event.start])
        lines = b"".join(line.raw + line.end for line in event.lines)
        rest = body[event.start : event.stop].removeprefix(lines)
        assert body[event.start : event.stop] == lines + rest
        assert LINE_END.fullmatch(rest) if event.terminated else rest == b""
        at = event.stop
    assert blank(body[at:])
    assert all(event.terminated for event in events[:-1])


def blank(between: bytes) -> bool:
    """Whether nothing but blank lines stands there."""
    return LINE_END.sub(b"", between) == b""


@given(body=bodies)
def test_it_dispatches_what_the_standard_does(body):
    """Against the algorithm of section 9.2.6, written down line by line."""
    mine = [(e.field("event") or "", e.data) for e in read(body)[1] if e.terminated and e.data is not None]
    assert mine == by_the_standard(body)


def by_the_standard(body: bytes) -> list[tuple[str, str]]:
    """(event type, data) of every event that a browser fires."""
    fired, data, kind = [], "", ""
    *lines, _ = LINE_END.split(body.removeprefix(BOM))  # a line without an end is never processed
    for raw in lines:
        line = raw.decode("utf-8", "replace")
        if line == "":
            if data:
                fired.append((kind, data.removesuffix("\n")))
            data = kind = ""
        elif not line.startswith(":"):
            name, _, value = line.partition(":")
            value = value.removeprefix(" ")
            if name == "data":
                data += value + "\n"
            elif name == "event":
                kind = value
    return fired


@pytest.mark.parametrize(
    ("body", "data"),
    [
        (b"data: YHOO\ndata: +2\ndata: 10\n\n", ["YHOO\n+2\n10"]),
        (
            b": test stream\n\ndata: first event\nid: 1\n\ndata:second event\nid\n\ndata:  third event\n\n",
            [None, "first event", "second event", " third event"],
        ),
        (b"data\n\ndata\ndata\n\ndata:", ["", "\n", ""]),
        (b"data:test\n\ndata: test\n\n", ["test", "test"]),
    ],
)
def test_examples_of_the_standard(body, data):
    """The streams that section 9.2.6 explains. What it does not fire is kept here all the same, and told apart."""
    assert [event.data for event in read(body)[1]] == data


def test_an_id_without_a_value_is_empty():
    event = read(b"data:second event\nid\n\n")[1][0]
    assert (event.field("id"), event.field("retry")) == ("", None)


def test_the_end_of_the_body_closes_no_event():
    *closed, last = read(b"data: a\n\ndata: b\n")[1]
    assert [event.terminated for event in closed] == [True]
    assert not last.terminated


@pytest.mark.parametrize("end", [b"\n", b"\r", b"\r\n"])
def test_every_line_end_ends_a_line(end):
    reader, events = read(b"data: a" + end + end + b"data: b" + end + end)
    assert [event.data for event in events] == ["a", "b"]
    assert reader.line_ends == {end}


def test_it_keeps_what_breaks_others():
    reader, events = read(BOM + b": hi\ndata:  {}\r\n\r\ndata: \xff\n\n\n:ping\n\nfoo: bar\n")
    assert reader.bom
    assert reader.line_ends == {b"\n", b"\r\n"}
    assert events[0].comments == (" hi",)
    assert events[0].lines[1].rest == "  {}"
    assert [line.is_utf8 for line in events[1].lines] == [False]
    assert [event.only_comments for event in events] == [False, False, True, False]
    assert events[3].lines[0].name == "foo"


def test_a_byte_order_mark_is_one_only_at_the_beginning():
    reader, events = read(b"data: a\n\n" + BOM + b"data: b\n\n")
    assert not reader.bom
    assert [event.data for event in events] == ["a", None]


def test_nothing_is_no_event():
    assert read(b"")[1] == ()
    assert read(b"\n\r\n\r")[1] == ()
