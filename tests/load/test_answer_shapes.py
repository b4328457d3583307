"""Shapes of answers: what differs in nothing but its own is alike, and no lie that any check can see hides in a shape."""

from __future__ import annotations

from dataclasses import replace

import pytest

from conformance.areas.catalogue import catalogue, lies, routes
from conformance.exchange import spoken
from conformance.exchange.probe import Probe
from conformance.judge.judge import RECORDED, Judge
from conformance.judge.marks import mark
from conformance.load.answer_shapes import Shapes, first_token
from conformance.load.asked_under_load import KINDS, STAND_IN, UNMARKED
from conformance.reference.app import parse
from conformance.reference.replies import Call
from conformance.reference.respond import Server
from conformance.send.letters import Got, letter
from conformance.send.requests import requests
from conformance.send.target import Target, url_of

NOW = 1_800_000_000.0
TARGET = Target("http://127.0.0.1:9/v1", Server(routes()).model, "sk-reference")
LETTERS = {
    kind: letter(each, TARGET, url_of(TARGET.base_url, each), STAND_IN)
    for kind, body in KINDS.items()
    for each in requests(Probe(f"load.{kind}", body(STAND_IN)), TARGET.model)
}
OWN, OTHERS = mark(24), mark(48)
"""Two marks of the same words, cut into pieces alike."""


def answered(kind: str, own: str, server: Server, id: str = "load.1") -> Got:
    """What a server answers to the letter of a kind with this mark, as if it had come over the network."""
    body = LETTERS[kind].body(own.encode())
    sent = (("Content-Type", "application/json"), ("Authorization", "Bearer sk-reference"))
    call = Call("POST", "/v1/chat/completions", sent, body, parse(body))
    reply, pieces = server.wire(call, server.respond(call))
    ends = [sum(map(len, pieces[: n + 1])) for n in range(len(pieces))]
    arrivals = tuple((0.01 * (n + 1), end) for n, end in enumerate(ends))
    framed = (("transfer-encoding", "chunked"),) if reply.in_portions else (("content-length", f"{ends[-1]}"),)
    headers = (*reply.headers, *framed)
    return Got(id, LETTERS[kind], body, reply.status, headers, b"".join(pieces), arrivals, NOW, 0.0)


@pytest.fixture(scope="module")
def honest() -> Server:
    return Server(routes(), now=lambda: NOW)


@pytest.fixture(scope="module")
def shapes() -> Shapes:
    return Shapes()


@pytest.mark.parametrize("kind", KINDS)
def test_answers_that_differ_in_nothing_but_their_own_are_of_one_shape(kind, honest, shapes):
    one, other = answered(kind, OWN, honest), answered(kind, OTHERS, honest)
    mine, its = shapes.of(one, OWN.encode()), shapes.of(other, OTHERS.encode())
    assert one.body != other.body
    assert mine.key == its.key
    assert not set(mine.ids) & set(its.ids)
    x = one.exchange(TARGET)
    assert first_token(one, mine) == (spoken.first_token(x) if x.streaming else None)


def damages(body: bytes) -> dict[str, bytes]:
    """An answer damaged in one place each."""
    return {
        "another's mark": body.replace(OWN.encode(), OTHERS.encode()).replace(OWN[:5].encode(), OTHERS[:4].encode()),
        "another time": body.replace(str(int(NOW)).encode(), b"1700000000", 1),
        "another id in the middle": body[::-1].replace(b'":"di"'[::-1][::-1], b'":"di"', 1)[::-1].replace(b"chatcmpl-", b"chatcmpl_", 1),
        "a member renamed": body.replace(b'"usage"', b'"usages"', 1),
        "a number more": body.replace(b'"total_tokens":', b'"total_tokens":1', 1),
        "no end": body.replace(b"stop", b"halt", 1),
        "a space": body + b" ",
    }  # fmt: skip


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind not in UNMARKED])
def test_what_is_damaged_is_of_a_shape_of_its_own(kind, honest, shapes):
    whole = answered(kind, OWN, honest)
    key = shapes.of(whole, OWN.encode()).key
    for what, body in damages(whole.body).items():
        if body != whole.body:
            found = shapes.of(replace(whole, body=body), OWN.encode())
            assert found.key != key, what


def test_an_answer_to_somebody_else_is_of_a_shape_of_its_own(honest, shapes):
    for kind in KINDS:
        if kind not in UNMARKED:
            stranger = answered(kind, OTHERS, honest)
            mine = answered(kind, OWN, honest)
            assert shapes.of(replace(stranger, request_body=mine.request_body), OWN.encode()).key != (
                shapes.of(mine, OWN.encode()).key
            ), kind


@pytest.mark.parametrize("change", [{"status": 429}, {"ended": "cut"}, {"status": None}, {"body": b"\0"}])
def test_what_is_no_whole_success_has_no_shape(change, honest, shapes):
    assert shapes.of(replace(answered("text", OWN, honest), **change), OWN.encode()) is None


def test_headers_that_count_are_alike_within_their_limit_alone(honest, shapes):
    got = answered("text", OWN, honest)
    keys = []
    for value in ("4711", "17", "5000", "6000", "-1", "many"):
        headers = tuple((name, value if name == "x-ratelimit-remaining-requests" else was) for name, was in got.headers)
        keys.append(shapes.of(replace(got, headers=headers), OWN.encode()).key)
    assert keys[0] == keys[1]
    assert len(set(keys)) == 5


def test_no_lie_that_a_check_can_see_hides_in_a_shape(honest):
    """Each lie answers each kind; where it changes something and the shape is that of the honest answer, all checks must pass."""
    checks = [check for check in catalogue().values() if check.together is None and check.area != "sdk"]
    judge, shapes = Judge(checks, RECORDED), Shapes()
    kinds = [kind for kind in KINDS if kind not in UNMARKED]
    beside = Server(routes(), now=lambda: NOW)
    usual = {kind: answered(kind, OTHERS, beside) for kind in kinds}
    keys = {kind: shapes.of(got, OTHERS.encode()).key for kind, got in usual.items()}
    odd, alike = set(), set()
    for name, lie in sorted(lies().items()):
        liar = Server(routes(), lie=lie, now=lambda: NOW)
        for kind in kinds:
            got = answered(kind, OTHERS, liar)
            if (got.status, got.headers, got.body) != (usual[kind].status, usual[kind].headers, usual[kind].body):
                shape = shapes.of(got, OTHERS.encode())
                same = shape is not None and shape.key == keys[kind]
                (alike if same else odd).add(name)
                if same:
                    judge.add(replace(got, id=f"{name}.{kind}").exchange(TARGET))
    assert judge.failing() == {}
    assert len(odd) > 150
    assert alike
