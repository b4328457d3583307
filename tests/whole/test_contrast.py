"""A feature is supported only where an answer shows what would have come without it: each is tried on a server that heeds nothing
and yet answers as one that does might."""

from __future__ import annotations

from dataclasses import replace

import pytest

from conformance.areas.catalogue import features, probes
from conformance.judge.decider import Decider
from conformance.reference.lies import Lie
from conformance.reference.replies import Call, Reply
from conformance.reference.rewriting import each_message, is_stream, last_text, messages, turn_down
from conformance.send.inprocess import exchanges
from tests.support.recordings import HONEST


def decision(name: str, **tells) -> str:
    """What is decided on a feature from the answers to its own probes by a server that tells this lie, or none."""
    sent = [probe for probe in probes() if probe.name in features()[name].probes]
    decider = Decider([features()[name]])
    for x in exchanges(Lie("made-up", "Made up.", **tells) if tells else None, sent):
        decider.add(x)
    return decider.finish()[0].decision


def says(reply: Reply, text: str) -> Reply:
    """The reply with this text, plain or streamed."""
    if is_stream(reply):
        head, *_ = reply.chunks
        parts = ({"role": "assistant", "content": text}, {})
        return replace(reply, chunks=tuple(
            {**head, "choices": [{**head["choices"][0], "delta": delta, "finish_reason": None if delta else "stop"}]} for delta in parts
        ))  # fmt: skip
    return each_message(reply, lambda message: {**message, "content": text})


def test_a_model_that_never_comes_to_the_stop_sequence_shows_nothing():
    assert decision("stop", reply=lambda call, reply: says(reply, "I would rather not count.")) == "undecided"
    assert decision("stop", ask=lambda call: call.asking(stop=None)) == "ignored"
    assert decision("stop") == "supported"


def test_one_number_whatever_the_seed_shows_nothing():
    assert decision("seed", reply=lambda call, reply: says(reply, "271828182845")) == "undecided"
    assert decision("seed") == "supported"


def obliging(call: Call) -> Call:
    """A server that does not look at the mode, and a model that writes JSON by itself where it is asked for it."""
    wants = "Answer as JSON" in last_text(call)
    return call if wants else call.asking(response_format=None)


def test_json_that_was_asked_for_in_words_is_no_json_mode():
    assert decision("json_object", ask=obliging) == "ignored"
    assert decision("json_object") == "supported"


def test_tools_that_are_called_by_force_alone_are_not_supported():
    def deaf(call: Call) -> Call:
        free = (call.json or {}).get("tool_choice") in (None, "auto")
        return call.asking(tools=None, tool_choice=None) if free else call

    assert decision("tools", ask=deaf) == "ignored"
    assert decision("tool_choice_named", ask=deaf) == "supported"


@pytest.mark.parametrize("vector", [[], "abc", ["0.1", "0.2"], [None], {"0": 1.0}])
def test_a_vector_holds_numbers(vector):
    def other(call: Call, reply: Reply) -> Reply:
        data = [{**each, "embedding": vector} for each in reply.body["data"]]
        return replace(reply, body={**reply.body, "data": data})

    assert decision("embeddings", reply=other) == "broken"
    assert decision("embeddings") == "supported"


def test_who_takes_no_parts_may_take_developers_and_the_other_way_round():
    def no_parts(call: Call, reply: Reply) -> Reply:
        parts = any(isinstance(each.get("content"), list) for each in messages(call))
        return turn_down(reply, "content must be a string", "messages.0.content") if parts else reply

    def no_developer(call: Call, reply: Reply) -> Reply:
        wrong = any(each.get("role") == "developer" for each in messages(call))
        return turn_down(reply, "role 'developer' is not supported", "messages.0.role") if wrong else reply

    assert decision("developer_role", reply=no_parts) == "supported"
    assert decision("developer_role", reply=no_developer) == "refused"
    [parts, *_] = exchanges(
        Lie("made-up", "No developers.", reply=no_developer), [p for p in probes() if p.name == "chat.parts"]
    )
    assert parts.ok


def test_requests_without_a_contrast_decide_nothing():
    """As recordings have them: a seed sent twice, and no other."""
    decider = Decider([features()["seed"]])
    for name in ("params.seed", "params.seed+stream"):
        decider.add(HONEST[name])
    assert decider.finish()[0].decision == "undecided"
