"""The line of an answer that matters: of a refusal the one that names the member, of a member that is absent its place."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from conformance.report.causes.saying import at, signature
from tests.report.causes.test_cause import SERVED, lost


def answered(status: int, body) -> object:
    text = body if isinstance(body, bytes) else json.dumps(body).encode()
    return replace(SERVED, status=status, body=text)


FASTAPI = {"detail": [{"type": "missing", "loc": ["body", "messages", 1, "content"], "msg": "Field required"}]}
OPENAI = {"error": {"message": "Unsupported value: 7", "type": "invalid_request_error", "param": "top_p", "code": None}}


@pytest.mark.parametrize(
    ("x", "said"),
    [
        (answered(422, FASTAPI), "HTTP 422: body.messages.1.content: Field required"),
        (answered(400, OPENAI), "HTTP 400: top_p: Unsupported value: 7"),
        (answered(404, {"detail": "Not Found"}), "HTTP 404: Not Found"),
        (answered(500, b"Internal  Server\nError"), "HTTP 500: Internal Server Error"),
        (answered(400, []), "HTTP 400: []"),
        (answered(502, b""), "HTTP 502"),
        (lost("x"), "the connection was closed"),
    ],
)
def test_a_refusal_says_why_in_its_own_words(x, said):
    assert at(x, "the status is 400, expected 200") == said


def test_of_a_member_that_is_absent_its_place_is_shown():
    said = at(SERVED, "choices.0.message.refusal is absent, expected a string")
    assert said == 'choices.0.message: {"role": "assistant", "content": "Hi"}'


def test_a_wrong_member_of_an_error_is_shown_where_it_stands():
    assert at(answered(400, OPENAI), "error.code is null, expected a text") == "error.code: null"


def test_refusals_of_one_thing_are_alike_whatever_their_numbers():
    def refusal(n, field="content"):
        return answered(422, {"detail": [{"loc": ["body", "messages", n, field], "msg": f"wrong at {n} in '{n}'"}]})

    assert signature(refusal(0)) == signature(refusal(12))
    assert signature(refusal(0)) != signature(refusal(0, "role"))


def test_a_long_line_is_cut():
    assert len(at(answered(400, {"error": {"message": "x" * 5000}}), "the status is 400, expected 200")) < 260
