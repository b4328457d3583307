"""What is read of the bytes of an answer, what is asked again after it and when, how many at once, and what a target's requests carry."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache
from typing import Any

import httpx

from conformance.areas.catalogue import probes
from conformance.exchange import Exchange
from conformance.exchange.probe import PATIENT, POLLED, Probe
from conformance.send import burst, cold_asking, leaner
from conformance.send.allowance import Allowance
from conformance.send.answer import Answer, Ended, Room
from conformance.send.budget import Budget, estimate, used
from conformance.send.doors import shut
from conformance.send.limits import Limits
from conformance.send.pace import Pace
from conformance.send.patience import Patience, later, loading, named_wait, unfinished
from conformance.send.plain_answer import Plain, Strict
from conformance.send.requests import Request, requests
from conformance.send.sdk_patience import SDKS
from conformance.send.target import Target, address, request_headers
from conformance.send.transport_errors import explained
from conformance.wire.coding import Decoder, Undecodable
from tests.support.digests import Held, digest, honest
from tests.support.tables import altered, outcome, spoilt

ROUNDS, NOW = 200, 1_790_000_000.0
STATUSES = (200, 200, 400, 401, 404, 408, 409, 422, 429, 429, 500, 502, 503, 503, 504, None)
WAITS = ("0", "1", "2.5", "60", "61", "119", "120", "121", "600", "-1", "soon", "Mon, 21 Sep 2026 14:14:20 GMT", "")
SMALL = Limits(body_bytes=60, header_bytes=90, headers=4, lines=8, values=12, run_bytes=100)
HEADS = (
    b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 24\r\n\r\n" + b"data: [DONE]\n\n0123456789",
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nX-A:  b \r\n\r\n5\r\nhello\r\nA;x=1\r\n, world ab\r\n0\r\n\r\n",
    b"HTTP/1.1 404 Not Found\r\nTransfer-Encoding: chunked\r\n\r\n3\r\n{}\n\r\n0\r\n\r\n",
    b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n",
)


def made() -> Held:
    """By what was done, all that came of it."""
    found: dict[str, list[object]] = defaultdict(list)
    for name, do in {"read": _read, "kept": _kept, "asked-again": _asked_again, "pace": _pace, "budget": _budget, "burst": _burst,
                     "target": _target, "shut": _shut, "cold": _cold}.items():  # fmt: skip
        for n in range(ROUNDS):
            for what, value in do(random.Random(f"{name} {n}")):
                found[what].append(value)
    found["estimates"] = [estimate(request) for probe in probes() for request in requests(probe, "m")]
    return {what: f"{len({str(each) for each in all})} {digest(all)}" for what, all in found.items()}


def _read(draw: random.Random) -> Iterator[tuple[str, object]]:
    """An answer in portions, by the quick reader and by the strict one."""
    data = draw.choice(HEADS) if draw.random() < 0.2 else spoilt(draw, draw.choice(HEADS))
    cuts = sorted(draw.randrange(len(data) + 1) for _ in range(draw.randrange(4)))
    portions = [data[a:b] for a, b in zip([0, *cuts], [*cuts, len(data)], strict=True)]
    plain, times = Plain(), draw.choice([0.0001, 0.5])
    said = [plain.feed(portion, n * times) for n, portion in enumerate(portions)]
    yield (
        "plain",
        (said, plain.status, plain.headers, plain.body, plain.arrivals, plain.says_done(), plain.decoded(Limits())),
    )
    strict = Strict(Allowance(draw.choice([Limits(), SMALL])), str, 0.0, NOW)
    got: list[object] = []
    for n, portion in enumerate([*portions, b""]):
        came = outcome(
            lambda p=portion, at=n * times: strict.feed(p, at), Ended, Undecodable, httpx.RemoteProtocolError
        )
        got.append(came[0] if isinstance(came, tuple) else came)  # h11 says it in its own words
        if came is not False:
            break
    yield "strict", (got, strict.status, strict.headers, strict.body, strict.arrivals, strict.is_done)


def _kept(draw: random.Random) -> Iterator[tuple[str, object]]:
    """Bodies and headers at the bounds of what is taken in."""
    answer, said = (
        Answer(SMALL, Room(draw.choice([59, 60, 61, 100]), draw.choice([7, 8, 9]), draw.choice([11, 12, 13]))),
        [],
    )
    answer.headers = tuple((f"name-{n}", "v" * draw.choice([8, 15, 16, 17])) for n in range(draw.choice([3, 4, 5])))
    said.append(outcome(answer.bound_headers, Ended))
    size, decoder = draw.choice([58, 59, 60, 61]), Decoder(None)
    body = draw.choice(
        [b"x" * size, b"\n" * draw.choice([7, 8, 9]), b"[" + b"1," * draw.choice([9, 10, 11, 12]), b"data: [DONE]\n\n"]
    )
    for n, at in enumerate(range(0, len(body), part := draw.choice([1, 7, 100]))):
        said.append(
            outcome(lambda p=body[at : at + part], n=n: answer.take(decoder, p, answer.sent + n * 0.0004), Ended)
        )
    yield "taken", (said, answer.headers, answer.body, len(answer.arrivals), answer.is_done, vars(answer.room))


def _answer(draw: random.Random) -> Exchange:
    """An answer to a request of chat, with headers that say when to come back."""
    x = draw.choice(_answers())
    headers = [(name, draw.choice(WAITS)) for name in ("Retry-After", "retry-after-ms") if draw.random() < 0.4]
    headers += [("x-should-retry", draw.choice(["true", "false", " false"]))] if draw.random() < 0.3 else []
    status = draw.choice(STATUSES)
    ended = "complete" if status else draw.choice(["refused", "timeout", "cut"])
    failure = None if status else draw.choice(["nothing listens (connection refused)", "no answer"])
    body = draw.choice([x.body, b'{"status": "queued"}', b'{"status": "completed"}',
                        b'{"error": {"message": "unknown model", "code": "x"}}',
                        b'{"error": {"param": "temperature"}}', b'{"detail": "max_completion_tokens"}', b"<html>"])  # fmt: skip
    arrivals = tuple(
        (at, len(body)) for at in sorted(draw.choice([0.5, 59.9, 299.9, 300.0, 599.9, 600.0]) for _ in range(2))
    )
    headers = (*x.headers, *headers) if draw.random() < 0.9 else (("content-type", "text/html"), *headers)
    return replace(
        x,
        status=status,
        ended=ended,
        failure=failure,
        headers=headers,
        body=body if status else b"",
        arrivals=arrivals,
        memo={},
    )


@cache
def _answers() -> list[Exchange]:
    return [x for x in honest()[0] if x.route in ("chat", "responses", "models", "speech")][::7]


def _asked_again(draw: random.Random) -> Iterator[tuple[str, object]]:
    """What each rule asks for again after up to six answers, and after how long."""
    patience, leaning = Patience(draw.choice([0.0, 1.0, 60.0]), lambda: NOW, in_vain=draw.choice([0, 7, 8])), set()
    rules: dict[str, Callable[[Request, Exchange], Any]] = {
        "later": later, "unfinished": unfinished, "patience": patience, "leaner": leaner.rule(leaning),
        "loading": lambda request, x: loading(request, x, draw.choice([0.0, 3.0, 60.0]), lambda: NOW),
    }  # fmt: skip
    probe = draw.choice(_probes())
    probe = replace(probe, intent=probe.intent | draw.choice([set(), {PATIENT}, {POLLED}]))
    for name, rule in rules.items():
        request = requests(probe, "m")[-1]
        steps, said = rule(request, _answer(draw)), []
        step = outcome(lambda steps=steps: next(steps), StopIteration)
        while not isinstance(step, tuple) or hasattr(step, "seconds"):
            said.append((round(step.seconds, 6), step.request.body))
            if len(said) == 6:
                break
            step = outcome(lambda steps=steps: steps.send(_answer(draw)), StopIteration)
        yield name, (said, patience.served, patience.in_vain, sorted(leaning))
        yield "leaned", leaner.without(request, set(draw.sample(sorted(leaner.PINNED), 2))).body
    x = _answer(draw)
    yield "named", named_wait(x, NOW)
    yield "sdks", [(sdk.pause(x, n, NOW), sdk.hangs_up(x)) for sdk in SDKS for n in range(4)]


@cache
def _probes() -> list[Probe]:
    return [probe for probe in probes() if isinstance(probe.body, dict) and probe.body][::9]


def _pace(draw: random.Random) -> Iterator[tuple[str, object]]:
    """How many may be in flight while answers come, quick and slow, by a clock that is ours."""
    pace, said, clock = Pace(draw.choice([None, None, None, 5])), [], 0.0
    pace._most = draw.choice([16, 64])  # else by the files that may be open here
    if draw.random() < 0.5:
        pace.alone(1.0)
    usual = draw.choice([1.0, 1.3, 1.31, 2.5, 2.6])
    for n in range(12):
        these = [
            replace(requests(draw.choice(_probes()), "m")[0], id=f"{n} {each}")
            for each in range(pace.now + draw.choice([0, 0, 3]))
        ]
        for request in these:
            pace.sent(request, clock)
        for request in these:
            clock += 0.001
            x = _answer(draw) if draw.random() < 0.02 else draw.choice(_answers())
            pace.came(request, x, clock + usual * draw.choice([1.0, 1.0, 1.2, pace.now / 8]))
        clock += 5.0
        said.append((pace.now, pace.together))
    yield "pace", said


def _budget(draw: random.Random) -> Iterator[tuple[str, object]]:
    """What is admitted and counted by a clock that is ours."""
    clock = [0.0]
    budget = Budget(
        draw.choice([None, 3, 8]), draw.choice([None, 500, 3000]), draw.choice([None, 20.0]), lambda: clock[0]
    )
    said: list[object] = []
    for _ in range(16):
        request = requests(draw.choice(_probes()), "m")[0]
        said.append(budget.admit(request))
        clock[0] += draw.choice([0.1, 1.0, 5.0])
        if said[-1] is None and draw.random() < 0.9:
            x = replace(altered(draw, draw.choice(_answers())), id=request.id)
            said.append(outcome(lambda x=x: used(x)))
            budget.settle(x)
            late = draw.random() < 0.3
            budget.took(
                draw.choice([0.5, 1.5]),
                late=late,
                planned=100,
                at_once=draw.choice([1, 8, 12]),
                alone=draw.random() < 0.2,
            )
        said += [budget.left(100), budget.under_way(draw.choice([1, 8, 20]))]
    yield (
        "budget",
        (said, budget.seconds, budget.stopped, budget.record, budget.said([("a", budget.stopped or ""), ("b", "x")])),
    )
    yield "too-few", budget.too_few()


def _burst(draw: random.Random) -> Iterator[tuple[str, object]]:
    """What is done to run into a limit, that comes after some answers."""
    steps, got, said, left = (
        burst.plan("burst", "m", draw.choice([3, 4, 5, 9, 20]), draw.choice([1, 3, 8]), now=lambda: NOW),
        None,
        [],
        [draw.randrange(12)],
    )
    wait = draw.choice(WAITS)
    while True:
        step = outcome(lambda got=got: steps.send(got), StopIteration)
        if isinstance(step, tuple) and not isinstance(step, burst.Wait):
            break
        said.append(step.seconds if isinstance(step, burst.Wait) else [(each.id, each.body) for each in step])
        got = [] if isinstance(step, burst.Wait) else [_limited(each, left, wait, draw) for each in step]
    yield "burst", (said, step)


def _limited(request: Request, left: list[int], wait: str, draw: random.Random) -> Exchange:
    left[0] -= 1
    status = None if draw.random() < 0.05 else 200 if left[0] >= 0 else 429
    headers = (("retry-after", wait),) if status == 429 else ()
    ended, failure = ("complete", None) if status else ("cut", "no answer")
    url, body = "http://h/v1/chat/completions", request.body or b""
    return Exchange(request.id, "POST", url, (), body, status, headers, b"{}", ended=ended, failure=failure)


def _target(draw: random.Random) -> Iterator[tuple[str, object]]:
    """Where a request goes, and its headers."""
    base = draw.choice(["http://h/v1", "https://u:p%40ss@h:1/v1/?api-key=s3cret-key", "http://h", "HTTP://[::1]/x/v1"])
    own = draw.sample([("Authorization", "Basic dTpw"), ("X-Api-Key", "k3y-of-mine"), ("x-trace", "1"), ("User-Agent", "me"),
                       ("Accept", "a/b")], draw.randrange(4))  # fmt: skip
    target = Target(
        base, "m", draw.choice([None, "sk-abcdefghijkl"]), tuple(own), other_keys=draw.choice([(), ("sk-other-key-0",)])
    )
    if draw.random() < 0.3:
        target = target.with_key("sk-an0ther-key")
    request = requests(draw.choice(_probes()), "m")[0]
    intent = frozenset(draw.choice([(), ("capital-header",), ("lowercase-scheme",)]))
    probe = replace(request.probe, key=draw.choice(["given", "wrong", "none"]), intent=intent)
    asked = request_headers(replace(request, probe=probe), target)
    shown = [pair for pair in asked if "openai-conformance" not in pair[1]]
    yield "headers", (shown, target.redactor.headers(tuple(shown), sent=True))
    yield "address", (address(base, request.path), address(base, "/x?a=1"), target.redactor.url(base))
    error = draw.choice([
        httpx.ConnectTimeout("x"), httpx.ReadTimeout("x"), httpx.ProxyError("no"), httpx.ConnectError("no"), httpx.InvalidURL("x"),
        httpx.RemoteProtocolError("Server disconnected"), httpx.RemoteProtocolError("peer closed connection (1 of 2)"),
        httpx.RemoteProtocolError("line too long"), httpx.RemoteProtocolError("odd"), httpx.ReadError("x"), ValueError("x" * 200),
    ])  # fmt: skip
    if draw.random() < 0.4:
        error.__cause__ = draw.choice([ConnectionRefusedError(111, "refused"), OSError(113, "no way"), OSError()])
    yield "explained", explained(error, base, Limits(), target.redactor.text)


def _shut(draw: random.Random) -> Iterator[tuple[str, object]]:
    x = _answer(draw)
    yield "shut", (shut(x), shut(None))


def _cold(draw: random.Random) -> Iterator[tuple[str, object]]:
    """What was said of one try at a cold endpoint."""
    x = _answer(draw)
    yield "comments", (cold_asking.comments(x), cold_asking.served(x))
