"""How an endpoint is asked that is cold, by a clock and an endpoint of our own: nothing waits."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace

import pytest

from conformance.exchange import Exchange
from conformance.exchange.spoken import first_token
from conformance.send.cold_asking import LONGEST, Cold, Round, comments
from conformance.send.sdk_patience import SDKS

TOKEN = json.dumps({"object": "chat.completion.chunk", "choices": [{"index": 0, "delta": {"content": "Hi"}}]})
EVENT = f"data: {TOKEN}\n\ndata: [DONE]\n\n".encode()


def answer(status=200, body=EVENT, headers=(), first=0.0, ended="complete", failure=None) -> Exchange:
    asked = b'{"stream": true}'
    return Exchange(
        "x", "POST", "http://endpoint/v1/chat/completions", (), asked, status, tuple(headers), body,
        ((first, len(body)),) if body else (), ended=ended, failure=failure,
    )  # fmt: skip


REFUSED = answer(503, b"{}")


def served(seconds: float, *refusals: Exchange, takes: float = 0.0, longest: float = LONGEST) -> Round:
    """A round at an endpoint that is there after so many seconds, and gives these refusals, the last for ever, until then."""
    time = [0.0]
    left = [*refusals]

    async def send(id: str) -> Exchange:
        if time[0] >= seconds:
            time[0] += takes
            return answer(first=takes)
        return left.pop(0) if len(left) > 1 else left[0]

    async def sleep(asked: float) -> None:
        time[0] += asked

    return asyncio.run(Cold(send, longest, clock=lambda: time[0], sleep=sleep).round("1"))


def verdicts(found: Round) -> list[str]:
    return [found.sdks[sdk.name][0] for sdk in SDKS]


def test_a_warm_endpoint_is_asked_once_and_once_more():
    found = served(0, REFUSED)
    assert (len(found.tries), verdicts(found), found.first) == (1, ["yes", "yes"], 0.0)
    assert found.warm is not None


def test_what_is_there_within_the_retries_of_both_is_survived():
    found = served(1.0, REFUSED)
    assert [round(each.at, 3) for each in found.tries] == [0.0, 0.375, 1.125]
    assert verdicts(found) == ["yes", "yes"]
    assert found.first == 1.125


def test_what_takes_longer_is_not_and_is_asked_on_until_it_is_there():
    found = served(20.0, REFUSED)
    assert verdicts(found) == ["no", "no"]
    assert found.sdks["openai-python"][1] == "gives up after 3 requests in 1.1 s, the last: 503"
    assert found.first is not None
    assert found.first >= 20


def test_nothing_is_asked_after_the_longest_not_even_as_an_sdk_would():
    """Each request hangs for as long as the SDK waits, and is asked twice more: half an hour in all, were it not for the bound."""
    found = served(1e9, answer(503, b"{}", [("Retry-After", "59")]), longest=50)
    assert [each.at for each in found.tries] == [0.0]
    assert found.sdks["openai-python"] == ("untold", "was not asked on after 50 s")
    assert verdicts(found) == ["untold", "untold"]


def test_an_endpoint_that_never_comes_ends_the_round():
    found = served(1e9, REFUSED)
    assert found.first is None
    assert found.warm is None
    assert len(found.tries) < 90


@pytest.mark.parametrize(
    ("wait", "told"),
    [(30, ["yes", "yes"]), (90, ["yes", "no"]), (121, ["no", "no"])],
    ids=["both wait", "Node asks sooner", "Python gives up at once"],
)
def test_each_waits_as_long_as_it_lets_itself_be_told(wait, told):
    found = served(wait, answer(503, b"{}", [("Retry-After", f"{wait}")]))
    assert verdicts(found) == told


def test_an_order_not_to_ask_again_is_obeyed():
    found = served(0.3, answer(503, b"{}", [("x-should-retry", "false")]))
    assert verdicts(found) == ["no", "no"]
    assert found.sdks["openai-node"][1].startswith("gives up after 1 request ")


@pytest.mark.parametrize(
    ("takes", "told"), [(299, ["yes", "yes"]), (400, ["yes", "untold"]), (700, ["untold", "untold"])]
)
def test_silence_is_borne_as_long_as_each_bears_it(takes, told):
    assert verdicts(served(0, REFUSED, takes=takes)) == told


@pytest.mark.parametrize(("silence", "told"), [(299, ["yes", "yes"]), (400, ["yes", "no"]), (700, ["no", "no"])])
def test_an_answer_that_begins_early_and_then_keeps_silent_is_not_asked_for_again(silence, told):
    early = b": waking" + b"\n\n"
    x = replace(answer(body=early + EVENT), arrivals=((0.1, len(early)), (0.1 + silence, len(early + EVENT))))
    found = served(1e9, x)
    assert verdicts(found) == told
    assert len(found.tries) == 1


@pytest.mark.parametrize("body", [b"", b": waking\n\n"])
def test_an_early_200_and_then_nothing_is_an_error_for_both(body):
    found = served(1e9, answer(body=body, ended="timeout", failure="no byte came for 600 s (limit: silence)"))
    assert verdicts(found) == ["no", "no"]
    assert found.sdks["openai-node"][1] == "gives up after 1 request in 0.0 s, the last: 200 timeout"


def test_nobody_listens_at_first():
    found = served(1.0, answer(None, b"", ended="refused", failure="no connection"))
    assert verdicts(found) == ["yes", "yes"]
    assert found.tries[0].record["ended"] == "refused"


def test_comments_are_no_token():
    x = answer(body=b": waking\n\n: waking\n\n" + EVENT)
    ends = len(b": waking\n\n"), len(x.body)
    x = replace(x, arrivals=((1.0, ends[0]), (9.0, ends[1])))
    assert (first_token(x), comments(x)) == (9.0, 2)
