"""Reading and judging is bounded by what was received: twice as many of anything is no more than twice the work, counted in calls;
what cannot be read is tried once; and what is more than is judged is said, kept, and never green."""

from __future__ import annotations

import sys
from dataclasses import replace

import pytest

from conformance.areas.catalogue import catalogue, features, probes
from conformance.exchange import Exchange, Unreadable
from conformance.exchange.exchange import Exchange as Original
from conformance.judge.decider import Decider
from conformance.judge.judge import Judge
from conformance.send.fetch import fetch
from conformance.send.limits import Limits
from conformance.send.target import Target
from conformance.wire import sse
from tests.support.heavy import HEADERS, MODELS, PLAIN, SCALED, STREAM
from tests.support.hostile import says, serve, whole

SIZES = (200, 400, 800)
LINEAR = 2.4
"""Work for what comes twice as often again, of that for what came before: 2 where it is linear, 4 where it is quadratic."""


def judged(x: Exchange) -> list:
    court, decider = Judge(catalogue().values()), Decider(features().values())
    court.add(x)
    decider.add(x)
    decider.finish()
    return court.finish()


def work(x: Exchange) -> int:
    """Calls of Python and C functions that judging takes."""
    count = 0

    def counted(frame, event, argument):
        nonlocal count
        count += event in ("call", "c_call")

    before = sys.getprofile()
    sys.setprofile(counted)
    try:
        judged(x)
    finally:
        sys.setprofile(before)
    return count


@pytest.fixture(scope="module", autouse=True)
def _warm():
    judged(replace(PLAIN, memo={}))


def asked(name: str) -> Exchange:
    """The request that most checks are about which could look at this answer."""
    return MODELS if name.startswith("models") else PLAIN if SCALED[name](1)[:1] in b"[{" else STREAM


@pytest.mark.parametrize("name", SCALED)
def test_twice_as_much_is_twice_the_work(name):
    first, second, third = (work(replace(asked(name), body=SCALED[name](n), memo={})) for n in SIZES)
    grown = max(second - first, 500)  # below it there is nothing that grows
    assert third - second <= LINEAR * grown, (first, second, third)


def test_twice_the_headers_is_twice_the_work():
    first, second, third = (
        work(replace(PLAIN, headers=(*PLAIN.headers, *((f"x-{k}", "1") for k in range(n))), memo={})) for n in SIZES
    )
    assert third - second <= LINEAR * max(second - first, 500)


@pytest.mark.parametrize("body", [b":\n\n" * 50, b"data: {\n\n" * 50, b"{}", b""])
def test_what_cannot_be_read_is_tried_once(body, monkeypatch):
    tries = []
    monkeypatch.setattr(sse, "read", lambda body, read=sse.read: tries.append(1) or read(body))
    for name in ("events", "messages", "chunks", "deltas"):
        made = vars(Original)[name]
        monkeypatch.setattr(made, "_read", lambda x, name=name, read=made._read: tries.append(name) or read(x))
    x = replace(STREAM, body=body, memo={})
    judged(x)
    assert len(tries) == len(set(tries))
    with pytest.raises(Unreadable) as one:
        _ = x.deltas
    with pytest.raises(Unreadable) as other:
        _ = x.deltas
    assert str(one.value) == str(other.value)
    assert one.value is not other.value  # else each would make its traceback longer


MUCH = {
    "values": (whole(b"[" + b"[]," * 2000 + b"1]"), Limits(values=1000), "more than 1,000 values in one body"),
    "lines": (whole(b":\n\n" * 2000), Limits(lines=1000), "more than 1,000 lines in one body"),
    "headers": (whole(b"{}", *HEADERS["small headers"]), Limits(), "more than 500 headers"),
    "values of a run": (
        whole(b"[" + b"1," * 90_000 + b"1]"),
        Limits(values=100_000),
        "more than 1,500,000 values in all bodies",
    ),
    "lines of a run": (whole(b":\n" * 39_000), Limits(), "more than 300,000 lines in all bodies"),
}


@pytest.mark.parametrize("name", MUCH)
async def test_what_is_too_much_is_kept_and_not_judged(name):
    answer, limits, said = MUCH[name]
    got = []
    wanted = [probe for probe in probes() if probe.name.startswith(("chat.", "tools.")) and not probe.build][:20]
    async with serve(says(answer)) as url:
        await fetch(wanted, Target(url, "m", "k"), limits, on_exchange=got.append)
    limited = [x for x in got if x.ended == "limit"]
    assert limited
    assert all(f"not judged: {said}" in x.failure for x in limited)
    assert all(x.status == 200 for x in limited)
    found = [verdict for x in limited[:3] for verdict in judged(replace(x, memo={}))]
    untestable = [verdict for verdict in found if verdict.outcome == "untestable"]
    assert untestable
    passed = {verdict.check.id for verdict in found if verdict.outcome == "pass"}
    assert [id for id in passed if id.startswith(("chat.", "stream.", "tool.", "usage.", "finish."))] == []
    assert any(said in (verdict.reason or "") for verdict in untestable)
