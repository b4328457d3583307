"""A refusal is blamed on what it names, and on nothing where it names nothing that was asked."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from conformance.areas.catalogue import judge
from tests.support.recordings import HONEST


def refusing(body: dict | str, asks, outcome: str = "fail") -> dict[str, str]:
    """What fails where every request that `asks` is answered 400 so, and all others as they should be."""
    text = body if isinstance(body, str) else json.dumps(body)

    def answered(x):
        if "mistake" in x.intent or x.route != "chat" or not asks(x):
            return replace(x, memo={})
        headers = tuple(pair for pair in x.headers if pair[0] != "transfer-encoding")
        headers = tuple((n, "application/json" if n == "content-type" else v) for n, v in headers)
        return replace(x, status=400, headers=headers, body=text.encode(), memo={})

    verdicts = judge([answered(x) for x in HONEST.values()])
    return {v.check.id: v.check.level for v in verdicts if v.outcome == outcome}


def error(message: str, param: str | None = None) -> dict:
    return {"error": {"message": message, "type": "invalid_request_error", "param": param, "code": None}}


FLAGS = '"auto" tool choice requires --enable-auto-tool-choice and --tool-call-parser to be set'
ACCEPTED = ("chat.role-system", "chat.role-developer", "chat.limit-accepted", "chat.stop-string", "param.temperature-zero",
            "param.nulls", "chat.content-null", "structured.text")  # fmt: skip


@pytest.mark.parametrize("body", [error(FLAGS), {"detail": FLAGS}, FLAGS], ids=["envelope", "detail", "text"])
def test_a_server_that_wants_a_flag_for_tools_is_blamed_for_nothing_beside_them(body):
    failing = refusing(body, lambda x: bool(x.asked.get("tools")))
    assert not set(ACCEPTED) & set(failing)


@pytest.mark.parametrize(
    "body", [error("Something went wrong."), {"detail": "Bad request"}, ""], ids=["envelope", "detail", "empty"]
)
def test_a_refusal_that_names_nothing_is_blamed_on_nothing(body):
    failing = refusing(body, lambda x: True)
    assert not set(ACCEPTED) & set(failing)
    assert "param.refusal-names" in failing


def test_what_it_names_is_blamed():
    asks = {"chat.role-system": "system", "chat.role-developer": "developer"}
    for id, role in asks.items():
        held = refusing(error(f"Unexpected role '{role}'."), lambda x, role=role: role in str(x.asked.get("messages")))
        assert held.get(id) == "must"
    assert "param.temperature-zero" in refusing(
        error("temperature must be above 0"), lambda x: x.asked.get("temperature") == 0
    )
    assert "param.temperature-zero" in refusing(
        error("Invalid value.", "temperature"), lambda x: x.asked.get("temperature") == 0
    )


def test_what_cannot_be_told_apart_is_not_testable():
    """Of a recording, in which nothing more can be asked: two things that no other request carried, and a refusal that names none."""
    server = refusing(error("No."), lambda x: isinstance(x.asked.get("stop"), list), outcome="untestable")
    assert server.get("chat.stop-list") == "must"
    assert server.get("chat.parts") == "must"


def test_a_member_that_is_null_is_no_word():
    """`"param": null` names nothing, though it holds the word."""
    assert "chat.content-null" not in refusing(error("No."), lambda x: "tool_calls" in str(x.asked.get("messages")))
    said = refusing(error("content must be a string, not null"), lambda x: "tool_calls" in str(x.asked.get("messages")))
    assert "chat.content-null" in said
