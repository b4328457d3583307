"""What is said of a program: how it ended, its own mistakes, what was not read, what was lost."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from conformance.watch.observed import Seen
from conformance.watch.program import _code, _redactor, _Taking, exchange


class Book:
    """Says of every second exchange that a check fails for the first time."""

    def __init__(self) -> None:
        self.taken = []

    def take_recorded(self, x) -> list[tuple[str, str, str]]:
        self.taken.append(x)
        return [("check", x.id, "problem")] if len(self.taken) % 2 == 0 else []


FINE = b'{"model": "m", "messages": [{"role": "user", "content": "a"}]}'
HOT = FINE[:-1] + b', "temperature": 3}'


def seen(body: bytes = FINE, **more: object) -> Seen:
    headers = [
        (b"Host", b"h"),
        (b"Content-Type", b"application/json"),
        (b"Authorization", b"Bearer sk-secret-0123456789"),
    ]
    return Seen("POST", "/v1/chat/completions", headers, 1000.0, bytearray(body), 200, [], [(0.5, b"{}")], **more)


@pytest.mark.parametrize(("code", "said"), [(0, 0), (7, 7), (-15, 143), (-9, 137)])
def test_a_program_ends_as_a_shell_says_it(code, said):
    assert _code(SimpleNamespace(wait=lambda: code)) == said


def test_what_passed_is_numbered_and_what_fails_is_said_at_once():
    told = []
    taking = _Taking("http://h:8/v1", book := Book(), lambda *each: told.append(each))
    for each in (seen(), None, seen(), seen()):
        taking.take(each)
    assert [x.id for x in book.taken] == ["program#1", "program#2", "program#3"]
    assert {x.url for x in book.taken} == {"http://h:8/v1/chat/completions"}
    assert told == [("check", "program#2", "problem")]
    assert taking.about(0, 0) == {"exchanges": 3, "remarks": [], "lost": []}


def test_mistakes_of_its_own_and_what_could_not_be_seen_are_counted():
    taking = _Taking("http://h:8/v1", Book(), lambda *each: None)
    for body in (HOT, FINE, HOT, HOT):
        taking.take(seen(body))
    said = taking.about(1200, 1500)
    [mistake] = taking._own
    assert said == {
        "exchanges": 4,
        "remarks": [
            f"the program's own mistake: 3 requests {mistake} (the first is program#1)",
            "1,500 connections were passed on unread: they are neither HTTP nor a WebSocket of Responses",
        ],
        "lost": ["1,200 exchanges passed faster than they could be judged"],
    }
    once = _Taking("http://h:8/v1", Book(), lambda *each: None)
    once.take(seen(HOT))
    assert once.about(0, 0)["remarks"] == [f"the program's own mistake: 1 request {mistake} (the first is program#1)"]


def test_an_exchange_has_what_passed_when_it_passed_and_no_secret():
    x = exchange(seen(door=2), "x", "http://h:8", ())
    assert (x.status, x.body, x.arrivals, x.started, x.ended) == (200, b"{}", ((0.5, 2),), 1000.0, "complete")
    assert dict(x.request_headers)["Authorization"] == "Bearer REDACTED"
    whole = seen(b'{"key": "sk-secret-0123456789"}')
    assert b"sk-secret" not in exchange(whole, "x", "http://h:8", ()).request_body


def test_what_is_no_path_is_of_the_origin():
    other = seen()
    other.target = "*"
    assert exchange(other, "x", "http://h:8", ()).url == "http://h:8"


@pytest.mark.parametrize(
    ("headers", "ended", "failure"),
    [
        ([(b"Content-Encoding", b"gzip")], "undecodable", "gzip"),
        ([(b"Content-Encoding", b"identity")], "complete", None),
    ],
)
def test_a_body_that_cannot_be_unpacked_says_so(headers, ended, failure):
    one = seen()
    one.headers = headers
    x = exchange(one, "x", "http://h:8", ())
    assert x.ended == ended
    assert failure is None or failure in x.failure


def test_the_part_of_a_credential_behind_its_scheme_is_as_secret():
    clean = _redactor(
        (("Authorization", "Basic dXNlcjpzZWNyZXQ="), ("X-Api-Key", "another-key-000"), ("Accept", "text/plain")), ()
    )
    assert clean.text("dXNlcjpzZWNyZXQ= another-key-000 text/plain") == "REDACTED REDACTED text/plain"
