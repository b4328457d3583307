"""What is seen of bytes that pass a proxy, what came of trials of clients, the shapes of answers under a load, each a little changed."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from typing import Any

from conformance.exchange import Exchange
from conformance.exchange.probe import Probe
from conformance.load.answer_shapes import Shapes, first_token
from conformance.load.gauges import running
from conformance.send.letters import Got, Letter
from conformance.send.requests import requests
from conformance.watch.heads import is_one
from conformance.watch.observed import Observed
from conformance.watch.program import exchange
from conformance.watch.trials.cells import ruled
from conformance.watch.trials.scenarios import SCENARIOS
from conformance.watch.trials.truth import ROUTES, told
from tests.support.digests import Held, digest, honest
from tests.support.tables import altered, spoilt

ROUNDS, MARK = 250, b"m4rk"
ASKED = (
    b"POST /v1/chat/completions?key=s3cret-key HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer sk-abcdefghijkl\r\n"
    b"Content-Length: 13\r\n\r\n"
)
BODY = b'{"model":"m"}'
ANSWERS = (
    b"HTTP/1.1 200 OK\r\nContent-Length: 15\r\nX-A: 1\r\n\r\ndata: [DONE]\n\n\n",
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n3\r\nabc\r\n0\r\n\r\n",
    b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 404 No\r\n\r\n{}",
)
METRICS = b'# HELP\nvllm:num_requests_running{a="1"} 2.0\nvllm:num_requests_running{a="2"} 1e1\nother 5\nllamacpp:requests_processing 3\n'
SAID: tuple[dict[str, Any], ...] = (
    {}, {"text": "no"}, {"calls": [["get_weather", {"city": "Paris"}]]}, {"error": {"class": "E", "message": "m", "status": 400}},
    {"error": {"class": "E"}}, {"not_offered": "no"}, {"usage": {"input": 1, "output": None}}, {"finish": "length"}, {"value": {"a": 1}},
    {"value": 1.0}, {"promised": 3},
)  # fmt: skip
HEADERS = (
    ("date", "Mon, 21 Sep 2026 14:13:20 GMT"), ("date", "now"), ("x-request-id", "req_0123456789"), ("X-Request-Id", "short"),
    ("content-length", "17"), ("content-length", "many"), ("x-ratelimit-remaining-requests", "5"), ("x-ratelimit-remaining-requests", "9"),
    ("x-ratelimit-limit-requests", "5"), ("x-ratelimit-reset-tokens", "1m2.5s"), ("x-ratelimit-reset-tokens", "soon"), ("server", "x"),
)  # fmt: skip


def made() -> Held:
    """By what looks, all that it saw."""
    found: dict[str, list[object]] = defaultdict(list)
    for name, look in {"observed": _observed, "trials": _trials, "shapes": _shapes}.items():
        for n in range(ROUNDS):
            for what, value in look(random.Random(f"{name} {n}")):
                found[what].append(value)
    return {what: f"{len({str(each) for each in all})} {digest(all)}" for what, all in found.items()}


def _observed(draw: random.Random) -> Iterator[tuple[str, object]]:
    """A request and its answer in portions, either spoilt."""
    asked, answer = ASKED + BODY, draw.choice(ANSWERS)
    if draw.random() < 0.8:
        asked, answer = draw.choice([(spoilt(draw, asked), answer), (asked, spoilt(draw, answer))])
    one, size = Observed(0.0, 1_790_000_000.0), draw.choice([7, 40, 1000])
    counts = [one.asked(asked[at : at + size]) for at in range(0, len(asked), size)]
    whole = [one.answered(answer[at : at + size], at / 100) for at in range(0, len(answer), size)] + [
        one.answered(b"", 9.0)
    ]
    if draw.random() < 0.3:
        one.end("cut", "it went away")
    yield "observed", (counts, whole, one.blind, one.said_all, one.request.done, one.answer.upgraded, is_one(asked))
    if one.seen is not None:
        x = exchange(one.seen, "program#1", "http://h", ())
        yield (
            "passed",
            {name: value for name, value in vars(x).items() if name not in ("memo", "failure")},
        )  # h11's words
    yield "gauges", running(spoilt(draw, METRICS).decode("latin-1"))


def _trials(draw: random.Random) -> Iterator[tuple[str, object]]:
    """What a client's user saw beside what was on the wire."""
    these = [
        x if draw.random() < 0.6 else altered(draw, x) for x in draw.choices(_answers(), k=draw.choice([1, 1, 2, 3]))
    ]
    yield "told", (truths := [told(x) for x in these])
    said: dict[str, Any] = {}
    if draw.random() < 0.7 and truths[-1]:
        last = truths[-1]
        calls = [call for each in truths if each for call in each.calls]
        said = {"text": last.text, "calls": calls, "usage": last.usage, "finish": last.finish, "value": last.value}
        said = {name: value for name, value in said.items() if draw.random() < 0.8}
    scenario = draw.choice(list(SCENARIOS.values()))
    yield "ruled", ruled(scenario, said | (draw.choice(SAID) if draw.random() < 0.5 else {}), these)


@cache
def _answers() -> list[Exchange]:
    chosen = [x for x in honest()[0] if x.route in ROUTES]
    return [x for x in chosen if "call" in x.id or "tool" in x.id][:12] + chosen[::23]


def _shapes(draw: random.Random) -> Iterator[tuple[str, object]]:
    """The shapes of answers that are alike but for what is their own, or for more."""
    x = draw.choice(_answers())
    body = x.body.replace(b"reference", MARK) if draw.random() < 0.5 else x.body
    x = altered(draw, replace(x, body=body)) if draw.random() < 0.4 else replace(x, body=body)
    arrivals = tuple((at * draw.choice([0.1, 50.0]), size) for at, size in x.arrivals)
    letter = Letter(requests(Probe("load", {}), "m")[0], x.url, b"", (), x.url, MARK)
    headers = tuple(draw.sample(HEADERS, 5))
    started = 1_790_000_000.0 + draw.choice([0, 5.0, 5.5, -5.0, -6.0])
    got = Got(x.id, letter, x.request_body, x.status, headers, x.body, arrivals, started, 0.0, x.ended, x.failure)
    shape = Shapes().of(got, MARK, timed=draw.random() < 0.5)
    yield "shapes", shape
    yield "first", shape and first_token(got, shape)
