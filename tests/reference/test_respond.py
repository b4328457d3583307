"""The reference as a function: a lie that makes no sense of an odd request is not told."""

from __future__ import annotations

import json

import pytest

from conformance.areas.catalogue import lies, routes
from conformance.reference.lies import Lie
from conformance.reference.replies import Call
from conformance.reference.respond import Server

CALL = Call("GET", "/v1/models", (("authorization", "Bearer sk-reference"),), b"", None)


def odd(*args):
    """Raises what code raises that expects another request."""
    raise json.JSONDecodeError("half", "", 0)


@pytest.mark.parametrize("hook", ["ask", "reply", "wire"])
def test_a_lie_that_makes_no_sense_of_a_request_is_not_told(hook):
    server = Server(routes(), lie=Lie("test", "A lie.", **{hook: odd}))
    reply, pieces = server.wire(CALL, server.respond(CALL))
    assert (reply.status, json.loads(b"".join(pieces))["object"]) == (200, "list")


def test_no_lie_knows_a_key_but_by_the_server():
    text = json.dumps(asked := {"model": Server({}).model, "input": "Hi."}).encode()
    asking = Call("POST", "/v1/responses", (("content-type", "application/json"),), text, asked)

    def statuses(lie, key):
        server, headers = Server(routes(), lie=lie, key=key), {"authorization": f"Bearer {key}"}
        return [server.respond(call.with_headers(**headers)).status for call in (CALL, asking)]

    assert [lie.name for lie in lies().values() if statuses(lie, "sk-reference") != statuses(lie, "sk-another")] == []


def test_a_function_that_was_not_offered_cannot_be_called():
    asked = {
        "model": Server({}).model, "messages": [{"role": "user", "content": "Hi."}], "functions": [{"name": "one", "parameters": {}}],
        "function_call": {"name": "other"},
    }  # fmt: skip
    call = Call("POST", "/v1/chat/completions", CALL.headers, json.dumps(asked).encode(), asked)
    reply = Server(routes()).respond(call.with_headers(content_type="application/json"))
    assert (reply.status, reply.body["error"]["param"]) == (400, "function_call")
