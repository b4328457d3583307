"""What reaches an upstream is paired with what the client asked, late ones and a gateway's own apart."""

from __future__ import annotations

import json

from conformance.exchange import Exchange
from conformance.exchange.probe import Probe, user
from conformance.gateway import pairing
from conformance.gateway.pair import beside, pairs
from conformance.gateway.pairing import Desk, likeness

PROBE = Probe("gateway.hello")


def body(text: str, **more) -> bytes:
    return json.dumps({"messages": user(text), **more}).encode()


def test_what_arrives_while_a_request_is_under_way_is_its_other_end_however_it_was_rewritten():
    desk = Desk()
    desk.begin("gateway.one", PROBE, body("Say hello.", temperature=0.5))
    whose, id = desk.arrives("POST", "/v2/ask", b'{"q": "Say hello.", "t": 0.5}')
    assert (whose.id, id) == ("gateway.one", "gateway.one@upstream")
    assert desk.arrives("POST", "/v1/chat/completions", b"no JSON")[1] == "gateway.one@upstream.2"


def test_a_late_retry_belongs_to_the_request_before():
    desk = Desk()
    desk.begin("gateway.one", PROBE, body("Say hello."))
    desk.begin("gateway.two", PROBE, body("Count to nine."))
    assert desk.arrives("POST", "/v1/chat/completions", body("Say hello."))[1] == "gateway.one@upstream"
    assert desk.arrives("POST", "/v1/chat/completions", body("Count to nine."))[1] == "gateway.two@upstream"


def test_a_gateway_that_asks_for_ever_or_too_much_fills_no_memory(monkeypatch):
    monkeypatch.setattr(pairing, "NOTED", 100)
    monkeypatch.setattr(pairing, "HELD", 100 * len(body("Say hello.")))
    desk = Desk()
    desk.begin("gateway.one", PROBE, body("Say hello."))
    found = [desk.arrives("POST", "/v1/chat/completions", body("Say hello.")) for _ in range(1000)]
    assert [each for each in found if each] == found[: pairing.OTHER_ENDS]
    assert len(desk.strays) == 100
    desk.begin("gateway.two", PROBE, body("Say hello."))
    assert desk.arrives("POST", "/v1/chat/completions", body("Say hello.")) is None


def test_a_request_of_the_gateways_own_is_said():
    desk = Desk()
    assert desk.arrives("GET", "/v1/models", b"") is None
    assert desk.strays == []  # before the first request a gateway looks around
    desk.begin("gateway.one", PROBE, body("Say hello."))
    assert desk.arrives("GET", "/v1/models", b"") is None
    assert desk.strays == ["GET /v1/models"]


def test_a_request_is_settled_when_all_its_other_ends_are_over():
    desk = Desk()
    now = desk.begin("gateway.one", PROBE, body("Say hello."))
    first, second = (desk.arrives("POST", "/v1", body("Say hello."))[0] for _ in range(2))
    desk.over(first)
    assert not desk.settled(now, 0)
    desk.over(second)
    assert desk.settled(now, 0)


def test_likeness_is_told_by_texts_not_by_names():
    asked = body("Say hello.", model="a")
    assert likeness(asked, asked) == 1
    assert likeness(asked, b'{"input": "Say hello.", "engine": "a", "role": "user"}') == 1
    assert likeness(asked, body("Something else.", model="a")) < 1
    assert likeness(b"", b"") == 1


def test_what_a_gateway_adds_to_every_request_makes_none_a_late_one():
    desk = Desk()
    desk.begin("gateway.one", PROBE, body("Say hello.", limit=4, stream=False))
    desk.arrives("POST", "/v1", body("Say hello.", limit=4, stream=False, logprobs=False, temperature=1.0))
    desk.begin("gateway.two", PROBE, body("Say hello.", limit=4))
    own = body("Say hello.", old_limit=4, stream=False, logprobs=False, temperature=1.0)
    assert desk.arrives("POST", "/v1", own)[1] == "gateway.two@upstream"


def test_what_is_asked_again_as_before_is_a_late_one_whatever_was_added():
    desk = Desk()
    desk.begin("gateway.one", PROBE, body("Say hello.", n=2))
    asked = body("Say hello.", n=2, logprobs=False)
    desk.arrives("POST", "/v1", asked)
    desk.begin("gateway.two", PROBE, body("Say hello.", n=1))
    assert desk.arrives("POST", "/v1", asked)[1] == "gateway.one@upstream.2"


def test_a_gateway_that_drops_what_the_next_request_adds_asks_as_before_and_is_not_late():
    desk = Desk()
    desk.begin("gateway.one", PROBE, body("Say hello."))
    asked = body("Say hello.", n=1)
    desk.arrives("POST", "/v1", asked)
    desk.begin("gateway.one+stream", PROBE, body("Say hello.", stream=True, stream_options={"include_usage": True}))
    assert desk.arrives("POST", "/v1", asked)[1] == "gateway.one+stream@upstream"
    assert desk.arrives("POST", "/v1", asked)[1] == "gateway.one+stream@upstream.2"


def _end(id: str, path: str) -> Exchange:
    return Exchange(id, "POST", f"http://upstream.invalid/v1{path}", (), b"{}", 200, (), b"{}", started=0.0)


def test_what_a_gateway_asks_meanwhile_on_another_route_is_its_own_unless_it_asks_on_none_of_the_clients():
    client, counting = _end("one", "/chat/completions"), _end("one@upstream", "/moderations")
    asked, translated = _end("one@upstream.2", "/chat/completions"), _end("one@upstream.2", "/responses")
    assert [pair.inners for pair in pairs([client, counting, asked])] == [(asked,)]
    assert beside([client, counting, asked]) == [counting]
    assert [pair.inners for pair in pairs([client, counting, translated])] == [(counting, translated)]
