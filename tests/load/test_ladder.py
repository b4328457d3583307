"""What a ladder asks and counts, at an endpoint that answers at once: every figure of a level is that of its answers."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace

import pytest

from conformance.judge.marks import MARKS, mark
from conformance.load.alongside import Said
from conformance.load.asked_under_load import TURNS
from conformance.load.cooling import Cooling, remarks
from conformance.load.ladder import LATE, Climb, Ladder, Lateness, Level, _shares, _text, _took
from conformance.send.allowance import Allowance
from conformance.send.cold_asking import Round
from conformance.send.letters import Got, Letter
from conformance.send.limits import Limits
from conformance.send.target import Target

TARGET = Target("http://h/v1", "m", None)
STREAMS = ("stream", "call-stream", "json-stream", "long")


def plain(text: str) -> bytes:
    return json.dumps({"choices": [{"message": {"content": text}}]}).encode()


class Endpoint:
    """Answers every letter by what `answer` makes of (level's name, kind, an honest answer), and keeps what it was asked."""

    def __init__(self, answer: Callable[[str, str, Got], Got] = lambda level, kind, got: got) -> None:
        self._answer, self.asked, self.at_once, self.marks = answer, [], [], []
        self.allowance = Allowance(Limits())

    async def ask(self, id: str, letter: Letter, text: bytes, *, midway: bool = False) -> Got:
        level, kind, number = id.split(".")[1:]
        assert int(number) == len(self.asked) + 1
        self.asked.append((level, kind, midway))
        self.at_once.append(self.allowance.at_once)
        self.marks.append(text)
        ended = "left" if midway else "complete"
        body = b"data: {}\n\n" if kind in STREAMS else plain("1,2,3")
        return self._answer(level, kind, Got(id, letter, b"", 200, (), body, ((0.5, len(body)),), 0.0, 0.0, ended))


class Judge:
    """Says of each stream when its first token came, and of each answer that it cost two tokens."""

    async def ready(self) -> None:
        pass

    def take(self, got: Got, mark: str, *, timed: bool = True) -> Said:
        assert timed
        return Said(0.25 if got.id.split(".")[2] in STREAMS else None, 2)


class Gauges:
    async def running(self) -> int:
        return 4

    async def remaining(self, before: int) -> int:
        return before + 3


def ladder(
    endpoint: Endpoint, *levels: int, requests: int | None = 28, gauges: Gauges | None = None, **climb: object
) -> Ladder:
    return Ladder(TARGET, Climb(levels, 60.0, requests, **climb), endpoint, Judge(), endpoint.allowance, gauges)


async def climbed(one: Ladder) -> list[Level]:
    return [level async for level in one.climb()]


async def test_each_level_asks_as_often_as_it_was_told_of_all_kinds_in_turn():
    endpoint = Endpoint()
    one = ladder(endpoint, 1, 4)
    first, low, high, last = await climbed(one)
    assert [(level.at_once, level.requests) for level in (first, low, high, last)] == [(1, 6), (1, 28), (4, 28), (1, 3)]
    alone = [("before", kind, False) for kind in ["text"] * 3 + ["same"] * 3]
    assert endpoint.asked[:6] == alone
    assert [kind for _, kind, _ in endpoint.asked[6:34]] == [*TURNS, *TURNS]
    assert endpoint.asked[-3:] == [("after-all", "text", False)] * 3
    assert endpoint.at_once == [1] * 34 + [4] * 28 + [1] * 3
    assert len(set(endpoint.marks)) == len(endpoint.marks) == one.requests == 65
    for level in (low, high):
        assert (level.tokens, level.errors, level.left, level.broken) == (56, {}, 0, 0)
        assert (level.repeated, level.others) == (2, 0)
        assert level.first == {"p50": 0.25}  # of fewer than 20
        assert (level.after, level.remaining, level.violations) == (None, None, {})
        assert level.busy >= 0
        assert level.seconds > 0
    assert (one.tokens, one.stopped, one.left_over) == (130, None, 0)


async def test_without_levels_only_single_requests_are_asked():
    assert [level.requests for level in await climbed(ladder(Endpoint()))] == [6]


def failing(kinds: tuple[str, ...], **how: object) -> Callable[[str, str, Got], Got]:
    return lambda level, kind, got: replace(got, **how) if level.isdigit() and kind in kinds else got


@pytest.mark.parametrize(
    ("how", "word"),
    [
        ({"status": 503}, "503"),
        ({"status": 199}, "199"),
        ({"status": 300}, "300"),
        ({"status": None, "ended": "timeout"}, "timeout"),
    ],
)
async def test_what_is_no_success_is_an_error_by_its_name(how, word):
    _, level, *_ = await climbed(ladder(Endpoint(failing(("text", "same"), **how)), 2, requests=14))
    assert level.errors == {word: TURNS.count("text") + TURNS.count("same")}
    assert (level.repeated, level.others, level.broken) == (0, 0, 0)


async def test_a_success_of_any_number_is_none():
    _, level, *_ = await climbed(ladder(Endpoint(failing(TURNS, status=299)), 2, requests=14))
    assert (level.errors, level.overloaded) == ({}, False)


@pytest.mark.parametrize(("bad", "overloaded"), [(7, False), (8, True)])
async def test_a_level_at_which_more_than_half_fail_is_the_last(bad, overloaded):
    seen = []

    def answer(level: str, kind: str, got: Got) -> Got:
        seen.extend([level] * level.isdigit())
        return replace(got, status=500) if level.isdigit() and len(seen) <= bad else got

    one = ladder(Endpoint(answer), 3, 5, requests=14)
    levels = await climbed(one)
    assert [level.at_once for level in levels] == [1, 3, *([] if overloaded else [5]), 1]
    assert one.stopped == ("more than half of the requests failed at 3 in flight" if overloaded else None)
    assert levels[1].overloaded is overloaded
    assert levels[1].errors == {"500": bad}


async def test_what_still_fails_when_the_load_is_gone_is_counted():
    one = ladder(Endpoint(lambda level, _, got: replace(got, status=500) if level == "after-all" else got), 2)
    await climbed(one)
    assert one.left_over == 3


@pytest.mark.parametrize(
    ("climb", "said", "requests"),
    [
        ({"budget_requests": 10}, "the budget of 10 requests is spent", [6, 4, 3]),
        ({"budget_requests": 1000, "budget_tokens": 24}, "the budget of 24 tokens is spent", [6, 6, 3]),
        ({"budget_tokens": 1300}, None, [6, 28, 28, 3]),
        ({"budget_requests": 62}, "the budget of 62 requests is spent", [6, 28, 28, 3]),
        ({"budget_requests": 63}, None, [6, 28, 28, 3]),
    ],
)
async def test_nothing_more_of_a_level_is_asked_when_a_budget_is_spent(climb, said, requests):
    one = ladder(Endpoint(), 1, 1, **climb)
    assert [level.requests for level in await climbed(one)] == requests
    assert one.stopped == said


async def test_clients_leave_streams_alone_and_no_more_of_them_than_was_said():
    endpoint = Endpoint()
    first, low, high, _ = await climbed(ladder(endpoint, 2, 4, cut=1.0, gauges=Gauges()))
    streams = sum(kind in STREAMS for kind in TURNS)
    assert (low.left, high.left, low.errors) == (2 * streams, 2 * streams, {})
    assert {kind for _, kind, midway in endpoint.asked if midway} == set(STREAMS)
    assert {level for level, _, midway in endpoint.asked if midway} == {"2", "4"}
    assert (low.remaining, high.remaining, first.remaining) == (7, 7, None)
    assert (low.after, high.after) == (1.0, 1.0)
    assert [level for level, _, _ in endpoint.asked].count("after-2") == 3
    assert (await climbed(ladder(Endpoint(), 2, cut=1.0)))[1].remaining is None


async def test_after_clients_left_a_request_takes_so_many_times_what_it_took():
    slower = Endpoint(lambda level, _, got: replace(got, arrivals=((0.1, 1), (1.5, 1))) if level == "after-2" else got)
    assert (await climbed(ladder(slower, 2, cut=1.0)))[1].after == 3.0
    silent = Endpoint(lambda level, _, got: replace(got, arrivals=()) if level == "before" else got)
    assert (await climbed(ladder(silent, 2, cut=1.0)))[1].after is None


async def test_streams_with_an_error_among_their_events_are_broken():
    error = b'data: {}\n\ndata: {"error": {"message": "m"}}\n\n'
    kinds = ("stream", "long", "text")
    _, level, *_ = await climbed(ladder(Endpoint(failing(kinds, body=error)), 1, requests=14))
    assert level.broken == TURNS.count("stream") + TURNS.count("long")
    quoted = b'data: {"a": "data: {\\"error\\""}\n\n'
    _, level, *_ = await climbed(ladder(Endpoint(failing(kinds, body=quoted)), 1, requests=14))
    assert level.broken == 0


async def test_another_answer_to_the_same_question_counts_where_all_alone_were_one():
    other = failing(("same",), body=plain("1 2 3"))
    _, level, *_ = await climbed(ladder(Endpoint(other), 1))
    assert (level.repeated, level.others) == (2, 2)
    texts = iter("abc")

    def varying(level: str, kind: str, got: Got) -> Got:
        return replace(got, body=plain(next(texts))) if (level, kind) == ("before", "same") else got

    _, level, *_ = await climbed(ladder(Endpoint(varying), 1))
    assert (level.repeated, level.others) == (0, 0)


def got(body: bytes = b"", status: int | None = 200, at: float | None = 1.0) -> Got:
    return Got("x", None, b"", status, (), body, () if at is None else ((0.1, 1), (at, 1)), 0.0, 0.0)


def test_the_text_of_an_answer_is_that_of_a_success():
    assert _text(got(plain("a"))) == "a"
    assert (
        _text(got(plain("a"), status=400))
        is _text(got(b"{"))
        is _text(got(b'{"choices": []}'))
        is _text(got(b"[1]"))
        is None
    )


def test_what_answers_took_is_the_median_of_those_that_came():
    assert _took([got(at=1.0), got(at=4.0), got(at=2.0)]) == 2.0
    assert _took([got(at=1.0), got(at=2.0), got(at=9.0, status=500), got(at=None)]) == 1.5
    assert _took([got(status=None)]) == _took([]) == 0.0


def test_a_tail_is_told_of_twenty_values():
    assert _shares([]) == {}
    assert _shares([float(n) for n in range(19)]) == {"p50": 9.0}
    assert _shares([float(n) for n in range(20)]) == {"p50": 9.5, "p95": pytest.approx(18.95)}


async def test_a_time_is_held_against_nobody_that_began_before_we_were_late(monkeypatch):
    late = Lateness()
    assert not late.since(0.0)
    ticks, slept = iter([0.0, 0.02 + LATE, 1.0, 1.005 + LATE, 2.0]), []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)

    monkeypatch.setattr("conformance.load.ladder.asyncio.sleep", sleep)
    monkeypatch.setattr("conformance.load.ladder.time.perf_counter", lambda: next(ticks))
    with pytest.raises(RuntimeError):
        await late._look()
    assert late.seen == pytest.approx([LATE + 0.01, LATE - 0.005])
    assert [late.since(at) for at in (0.0, 0.02 + LATE, 0.03 + LATE)] == [True, True, False]
    assert slept == [0.01] * 3


class Clock:
    """A second an answer, a quarter of which is our own work."""

    now = 100.0

    def perf_counter(self) -> float:
        return self.now

    def process_time(self) -> float:
        return self.now / 4


async def test_a_level_lasts_as_long_as_it_was_told_of(monkeypatch):
    clock = Clock()
    monkeypatch.setattr("conformance.load.ladder.time", clock)

    def answer(level: str, kind: str, got: Got) -> Got:
        clock.now += 1.0
        return got

    _, level, *_ = await climbed(
        Ladder(TARGET, Climb((1,), 10.0), endpoint := Endpoint(answer), Judge(), endpoint.allowance)
    )
    assert (level.requests, level.seconds, level.busy, level.lag) == (10, 10.0, 0.25, 0.0)


async def test_marks_are_counted_from_anywhere_in_the_first_half(monkeypatch):
    monkeypatch.setattr("conformance.load.ladder.secrets.randbelow", lambda most: most - 1)
    endpoint = Endpoint()
    await climbed(ladder(endpoint, 1))
    assert endpoint.marks == [mark(MARKS // 2 - 1 + n).encode() for n in range(len(endpoint.marks))]


# ---------------------------------------------------------------------- asked when it is cold


class At(Round):
    """A round whose first token came then."""

    def __init__(self, said: float | None, **sdks: tuple[str, str]) -> None:
        super().__init__(sdks=sdks)
        self._said = said

    @property
    def first(self) -> float | None:
        return self._said


YES, NO, UNTOLD = ("yes", "fine"), ("no", "gives up"), ("untold", "hangs up")


@pytest.mark.parametrize(
    ("rounds", "most", "code", "lines"),
    [
        ([At(1.5, py=YES, js=YES)], None, 0, []),
        ([At(1.5, py=YES, js=YES), At(1.5, py=NO, js=UNTOLD)], None, 1, ["Round 2: py gives up", "Round 2: js hangs up"]),
        ([At(1.5, py=UNTOLD)], None, 3, ["Round 1: py hangs up"]),
        ([At(None, py=YES)], None, 3, []),
        ([At(None, py=YES)], 1.0, 3, []),
        ([At(1.5, py=YES)], 1.5, 0, []),
        ([At(1.5, py=YES)], 1.49, 1, ["Round 1: the first token came after 1.5 s, --max-cold is 1.49"]),
        ([At(1.5, py=UNTOLD)], 1.0, 1, ["Round 1: py hangs up", "Round 1: the first token came after 1.5 s, --max-cold is 1"]),
    ],
)  # fmt: skip
def test_what_came_of_cold_rounds(rounds, most, code, lines):
    found = Cooling(lambda: None, len(rounds), most, rounds=rounds)
    assert found.code == code
    assert [line for line in remarks(found) if not line.startswith("Cold, ")] == lines
    assert [line.partition(":")[0] for line in remarks(found) if line.startswith("Cold, ")] == [
        f"Cold, round {n}" for n in range(1, len(rounds) + 1)
    ]
