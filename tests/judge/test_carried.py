"""What a request carries, and the same request without it: found in every valid request of the suite."""

from __future__ import annotations

import json

from conformance.areas.catalogue import routes
from conformance.judge.blame import valid
from conformance.judge.carried import named_by, parts, parts_of
from conformance.reference.app import parse
from conformance.reference.replies import Call
from conformance.reference.respond import Server
from tests.support.recordings import HONEST

VALID = [x for x in HONEST.values() if valid(x) and x.ok]


def test_a_part_is_gone_without_it_and_the_rest_is_a_request_that_is_served():
    server = Server(routes())
    for x in VALID:
        for part in parts(x).values():
            rest = part.without(x.asked)
            assert part.name not in parts_of(rest), (x.id, part.name)
            body = json.dumps(rest).encode()
            headers = (("content-type", "application/json"), ("authorization", f"Bearer {server.key}"))
            reply = server.respond(Call("POST", "/v1/chat/completions", headers, body, parse(body)))
            assert reply.status == 200, (x.id, part.name, reply.body)


def test_only_that_part_goes_and_what_makes_no_sense_without_it():
    bundle = next(x for x in VALID if x.id == "chat.parts")
    gone = {name: sorted(parts(bundle).keys() - parts_of(part.without(bundle.asked)).keys())
            for name, part in parts(bundle).items()}  # fmt: skip
    assert all(lost == [name] for name, lost in gone.items())
    assert {"content in parts (user)", "stop: a list", "temperature: 0"} <= gone.keys()
    called = next(x for x in VALID if x.id == "tools.result")
    lost = parts(called).keys() - parts_of(parts(called)["tools: a list"].without(called.asked)).keys()
    assert {"tool calls in the history", "content: null (assistant)", "an open choice of tools"} <= lost


def test_what_is_taken_out_after_another_part_is_gone_too():
    for x in VALID:
        for first in parts(x).values():
            rest = first.without(x.asked)
            assert all(part.name not in parts_of(part.without(rest)) for part in parts(x).values()), (x.id, first.name)


def test_a_word_is_found_in_any_spelling_and_no_other():
    assert named_by(["tool_choice"]).search("The tool choice is odd")
    assert named_by(["n"]).search("n must be 1")
    assert not named_by(["n"]).search("no, not now")
    assert not named_by(["auto"]).search("automatic")
