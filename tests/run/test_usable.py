"""A run that got no usable answer of the kind it asked for conforms to nothing, whatever its refusals look like."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from conformance.reference.lies import Lie
from conformance.run.run_file import read
from conformance.send.embedded import Reference

pytestmark = pytest.mark.usefixtures("elsewhere")

REFUSALS = {
    401: {"message": "Incorrect API key provided", "type": "invalid_request_error", "param": None, "code": "invalid_api_key"},
    404: {"message": "Not found", "type": "invalid_request_error", "param": None, "code": None},
    400: {"message": "Bad request", "type": "invalid_request_error", "param": None, "code": None},
    429: {"message": "No credits left", "type": "insufficient_quota", "param": None, "code": "insufficient_quota"},
}  # fmt: skip


def refusing(status: int, only_chat: bool = True) -> Reference:
    """A server whose list of models is there for everyone and whose chat answers this, whatever is asked."""

    def reply(call, reply):
        if only_chat and not call.path.endswith("/chat/completions"):
            return reply
        return replace(reply, status=status, body={"error": REFUSALS[status]}, chunks=None)

    return Reference(lie=Lie("test", "Refuses all.", reply=reply))


@pytest.mark.parametrize("status", REFUSALS)
@pytest.mark.parametrize("only", [(), ("auth",), ("error",), ("stream", "tool")], ids=str)
def test_where_no_chat_is_answered_nothing_conforms(call, status, only):
    with refusing(status) as server:
        code, out, _ = call(*(f"--only={each}" for each in only), "--sdk=off", server=server)
    assert code == 3
    assert "NOT JUDGED" in out
    assert "no request for a chat completion got a usable answer" in " ".join(out.split())
    assert REFUSALS[status]["message"] in " ".join(out.split())
    assert not read("reports/latest/run.jsonl").footer["gate"]["conforms"]
    assert "conforms" not in Path("reports/latest/badge.svg").read_text()


def test_nor_where_all_is_refused(call):
    with refusing(400, only_chat=False) as server:
        assert call("--only=model", f"--model={server.model}", "--sdk=off", server=server)[0] == 3


def test_a_run_that_asks_for_models_alone_needs_a_list_of_models_alone(call):
    with refusing(404) as server:
        assert call("--only=model.list-object", server=server)[0] == 0


def test_its_recording_says_the_same(call):
    with refusing(401) as server:
        call("--only=stream", "--record=kept.jsonl", "--sdk=off", server=server)
    assert call("--replay=kept.jsonl", "--only=stream", "--sdk=off")[0] == 3


def test_a_recording_of_refusals_alone_does_not_conform(call):
    entry = {
        "request": {"method": "POST", "url": "https://host.example/v1/chat/completions", "headers": [], "postData": {
            "text": json.dumps({"model": "m", "messages": [{"role": "user", "content": "Hi"}]})}},
        "response": {"status": 401, "headers": [{"name": "Content-Type", "value": "application/json"}],
                     "content": {"text": json.dumps({"error": REFUSALS[401]})}},
    }  # fmt: skip
    Path("refused.har").write_text(json.dumps({"log": {"version": "1.2", "entries": [entry]}}))
    code, out, _ = call("judge", "refused.har", "--sdk=off")
    assert code == 3
    assert "no request got a usable answer" in " ".join(out.split())
