"""What is counted of production adds up, whatever the order and the parts, and never by more than there is room for."""

from __future__ import annotations

import json
import pickle
from functools import cache
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conformance.exchange import Exchange
from conformance.exchange.fragment import MEMBERS, PARAMETERS, REQUEST, STATUS, without
from conformance.run import traffic, traffic_count
from conformance.run.endings import seconds_of
from conformance.run.traffic import DAY, Traffic, traffic_of

DAY_ONE = 20_000 * DAY


def answer(id="x", model="m", started=DAY_ONE, host="api.test", reason="stop", refusal=None, usage=(7, 3), **more):
    """A chat completion of one choice."""
    said = {"role": "assistant", "content": "Hi", "refusal": refusal}
    body = {"model": "answered", "choices": [{"index": 0, "finish_reason": reason, "message": said}]}
    body |= {"usage": {"prompt_tokens": usage[0], "completion_tokens": usage[1]}} if usage else {}
    asked = {"messages": []} | ({"model": model} if model else {})
    given = {"status": 200, "headers": (), "body": json.dumps(body).encode()} | more
    return Exchange(id=id, method="POST", url=f"http://{host}/v1/chat/completions", request_headers=(),
                    request_body=json.dumps(asked).encode(), started=started, **given)  # fmt: skip


def counted(exchanges, wrong=()):
    found = Traffic()
    for n, x in enumerate(exchanges):
        found.take(x)
        found.judged(x, ["a.one", "a.two"], [each for each in wrong if each in x.id], (0, n, 0))
    return found


def lines(found):
    """The records as they come back from a run file."""
    return json.loads(json.dumps(list(found.records())))


def test_a_day_and_a_model_have_what_was_counted_of_them():
    slow = answer("1 a.one", reason="length", refusal="No.", took=2.0)
    [line] = lines(counted([slow, answer("2", usage=(5, 2), took=2.01)], wrong=["a.one"]))
    assert (line["day"], line["model"], line["host"]) == ("2024-10-04", "m", "api.test")
    assert (line["exchanges"], line["choices"], line["refused"]) == (2, 2, 1)
    assert line["statuses"] == {"2xx": 2}
    assert line["reasons"] == [["length", 1], ["stop", 1]]
    assert line["tokens"] == {"answers": 2, "prompt": 12, "completion": 5}
    [(number, count)] = line["times"]["total"]
    assert count == 2
    assert seconds_of(number) == pytest.approx(2, rel=0.03)
    assert line["judged"] == {"a.one": 2, "a.two": 2}
    assert line["failed"] == {"a.one": {"count": 1, "first": "1 a.one", "at": DAY_ONE}}


def test_what_a_log_does_not_say_is_neither_guessed_nor_counted():
    undated = answer("1", model=None, started=None, headers=(("date", "Thu, 10 Oct 2024 12:00:00 GMT"),))
    bare = without(answer("2", started=None), REQUEST, STATUS)
    lost = without(answer("3", model=None, reason=None, usage=None), STATUS, PARAMETERS, MEMBERS)
    odd = [
        answer("4", started=float("nan")),
        answer("5", started=1e300),
        answer("6", usage=(-1, True)),
        answer("7", status=None, body=b""),
    ]
    by_id = {x.id: lines(counted([x]))[0] for x in (undated, bare, lost, *odd)}
    assert (by_id["1"]["day"], by_id["1"]["model"]) == ("2024-10-10", "answered")
    assert (by_id["2"]["day"], by_id["2"]["model"], by_id["2"]["statuses"]) == (None, "answered", {"not kept": 1})
    assert (by_id["3"]["choices"], by_id["3"]["reasons"]) == (1, [])
    assert by_id["4"]["day"] is by_id["5"]["day"] is None
    assert by_id["6"]["tokens"]["answers"] == 0
    assert (by_id["7"]["statuses"], by_id["7"]["choices"]) == ({"no answer": 1}, 0)
    assert lines(counted([answer(model=None, started=None, body=b"{}")])) == []


def test_responses_and_completions_say_how_they_ended():
    def end(route, body, stream=False):
        asked = json.dumps({"model": "m", "stream": stream}).encode()
        return Exchange("x", "POST", f"http://h/v1/{route}", (), asked, 200, (), body, started=DAY_ONE)

    response = {
        "status": "incomplete",
        "incomplete_details": {"reason": "max_output_tokens"},
        "output": [{"type": "message", "content": [{"type": "refusal", "refusal": "No."}]}],
        "usage": {"input_tokens": 4, "output_tokens": 2},
    }
    last = b"data: " + json.dumps({"type": "response.incomplete", "response": response}).encode() + b"\n\n"
    chunks = [
        {"choices": [{"index": 0, "text": "a", "finish_reason": None}]},
        {"choices": [{"index": 0, "text": "b", "finish_reason": "length"}]},
    ]
    events = b"".join(b"data: " + json.dumps({"object": "text_completion", **each}).encode() + b"\n\n" for each in chunks)  # fmt: skip
    found = [
        lines(counted([each]))[0]
        for each in (
            end("responses", json.dumps(response).encode()),
            end("responses", last, stream=True),
            end("completions", json.dumps(chunks[1]).encode()),
            end("completions", events + b"data: [DONE]\n\n", stream=True),
        )
    ]
    assert [line["reasons"] for line in found] == [[["incomplete: max_output_tokens", 1]]] * 2 + [[["length", 1]]] * 2
    assert [line["refused"] for line in found] == [1, 1, 0, 0]
    assert found[1]["tokens"] == {"answers": 1, "prompt": 4, "completion": 2}


def test_the_first_token_of_a_stream_is_timed_by_its_portion():
    parts = [{"role": "assistant"}, {"content": "Hi"}]
    chunks = [{"object": "chat.completion.chunk", "choices": [{"index": 0, "delta": part}]} for part in parts]
    events = [b"data: " + json.dumps(chunk).encode() + b"\n\n" for chunk in chunks]
    asked = json.dumps({"model": "m", "stream": True}).encode()
    arrivals = ((0.1, len(events[0])), (0.5, len(b"".join(events))), (0.9, len(b"".join(events))))
    x = Exchange("x", "POST", "http://h/v1/chat/completions", (), asked, 200, (), b"".join(events), arrivals, started=1.0)  # fmt: skip
    times = lines(counted([x]))[0]["times"]
    assert {which: seconds_of(classes[0][0]) for which, classes in times.items()} == {
        "first": pytest.approx(0.5, rel=0.03),
        "total": pytest.approx(0.9, rel=0.03),
    }


# ---------------------------------------------------------------------- bounds, and sums


@pytest.fixture(scope="module", autouse=True)
def _tight():
    """Bounds that few exchanges reach."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(traffic, "DAYS", 3)
        patch.setattr(traffic, "MODELS", 3)
        patch.setattr(traffic_count, "REASONS", 3)
        yield


HOSTILE = "</td><script>\u202e"


@cache
def many():
    """More days, models and finish reasons than there is room for, the days and names in no order."""
    days, models = [5, 2, 9, None, 7, 1, 8], ["k", "zz", HOSTILE, "b", "\ud800", "c" * 500, "a"]
    reasons = ["stop", "eos", "zzz", HOSTILE, "a", "length", "b"]
    return [
        answer(
            f"{n} {'a.one' if n % 3 == 0 else ''}",
            model=models[n * 5 % 7],
            started=None if (day := days[n * 3 % 7]) is None else DAY_ONE + day * DAY + n,
            reason=reasons[n // 7 % 7],
            usage=(n, n),
            took=0.1 + n,
        )
        for n in range(60)
    ]


def test_no_more_is_told_apart_than_there_is_room_for_and_all_is_counted():
    found = lines(counted(many(), wrong=["a.one"]))
    assert sum(line["exchanges"] for line in found) == 60
    assert sum(line["failed"].get("a.one", {"count": 0})["count"] for line in found) == 20
    assert sum(count for line in found for _, count in line["reasons"]) + sum(each["other_reasons"] for each in found) == 60  # fmt: skip
    assert {line["day"] for line in found if not line.get("earlier")} == {"2024-10-11", "2024-10-12", "2024-10-13", None}  # fmt: skip
    assert {line["model"] for line in found if not line.get("others")} == {HOSTILE, "a", "b"}
    assert any(line.get("earlier") and line.get("others") for line in found)
    assert max(len(line["reasons"]) for line in found) == 3
    keys = [(line["day"], line["host"], line["model"], line.get("earlier"), line.get("others")) for line in found]
    assert len(set(keys)) == len(keys)


@settings(max_examples=60, deadline=None)
@given(st.permutations(range(60)), st.lists(st.integers(0, 60), max_size=5), st.booleans())
def test_parts_in_any_order_are_the_whole(order, cuts, through_files):
    wanted = lines(counted(many(), wrong=["a.one"]))
    ends = [0, *sorted(cuts), 60]
    whole = Traffic()
    for start, end in pairwise(ends):
        part = counted([many()[n] for n in order[start:end]], wrong=["a.one"])
        whole.add(traffic_of(lines(part)) if through_files else pickle.loads(pickle.dumps(part)))
    found = lines(whole)
    for line in found + wanted:  # of what has no time, the first is told by its place, which a file does not say
        if line["day"] is None:
            line["failed"].pop("a.one", None)
    assert found == wanted


def test_a_day_that_is_none_is_no_day():
    [line] = lines(counted([answer()]))
    found = lines(traffic_of([line | {"day": day} for day in ("2024-02-30", "0000-01-01", "1969-12-31", None)]))
    assert [(each["day"], each["exchanges"]) for each in found] == [(None, 4)]
