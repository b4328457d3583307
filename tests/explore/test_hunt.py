"""The hunt at an endpoint that is a function: what it counts, confirms, leaves out, and how much it may ask."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Sequence
from dataclasses import replace
from types import SimpleNamespace

import jsonschema
import pytest
from hypothesis import strategies as st

from conformance.areas.catalogue import catalogue
from conformance.areas.parameter_table import parameters
from conformance.explore import hunt as hunting
from conformance.explore.court import LONGEST, Failure
from conformance.explore.exploration import SHARE, Exploration, _exit_code, _levels, _red, _remarks, finding
from conformance.explore.explore_options import ExploreOptions
from conformance.explore.hunt import Caught, Hunt, Stage
from conformance.explore.made import Made
from conformance.explore.slips import ALONE, half, outside, slip
from conformance.run.known import Deviation
from conformance.run.toml_lines import Span

MUST, MUST_TOO = [check for check in catalogue().values() if check.level == "must"][:2]
SHOULD, MAY = (next(c for c in catalogue().values() if c.level == level) for level in ("should", "may"))
NUMBERS = st.integers(0, 1000).map(lambda n: Made({"n": n}))


def fails(check=MUST, message: str = "n is wrong") -> Failure:
    return Failure(check, message, ("x",))


class Endpoint:
    """Says what fails of a number, and keeps what it was asked."""

    def __init__(self, says: Callable[[int, int], Sequence[Failure]]) -> None:
        self._says, self.asked = says, []

    def __call__(self, made: Made) -> Sequence[Failure]:
        n = made.body["n"]
        self.asked.append(n)
        return self._says(n, self.asked.count(n))


def hunt(endpoint: Endpoint, examples: int = 50, *stages: Stage, **more: object) -> Hunt:
    one = Hunt(stages or [Stage("all", NUMBERS)], endpoint, examples, 1, **more)
    one.run()
    return one


def test_what_never_fails_is_asked_once_each_and_as_often_as_was_said():
    endpoint, seen = Endpoint(lambda n, times: ()), []
    one = hunt(endpoint, 50, on_example=seen.append)
    assert (one.tried, one.caught, len(endpoint.asked)) == (50, [], 50)
    assert sorted(set(endpoint.asked)) == sorted(endpoint.asked)
    assert seen == [*range(1, 51)]


def test_what_fails_is_shrunk_confirmed_and_sent_a_third_time():
    endpoint, told = Endpoint(lambda n, times: [fails()] * (n > 17)), []
    one = hunt(endpoint, 50, on_caught=told.append)
    assert one.caught == told == [Caught(Made({"n": 18}), fails(), 3, 3)]
    assert one.tried == 50
    assert endpoint.asked.count(18) == 3
    assert max(endpoint.asked.count(n) for n in set(endpoint.asked) - {18}) == 2, "seen, and seen again"


def test_what_does_not_fail_the_third_time_was_seen_twice():
    one = hunt(Endpoint(lambda n, times: [fails()] * (n == 0 and times < 3)))
    assert [(caught.made.body, caught.seen, caught.sent) for caught in one.caught] == [({"n": 0}, 2, 3)]


def test_what_fails_once_is_counted_and_no_finding():
    one = hunt(Endpoint(lambda n, times: [fails(), fails(MUST_TOO)] * (n == 0 and times == 1)))
    assert (one.caught, dict(one.once)) == ([], {MUST.id: 1, MUST_TOO.id: 1})


def test_of_one_check_three_kinds_are_hunted_and_of_another_more():
    words = ["one", "two", "three", "four", "five"]

    def says(n: int, times: int) -> list[Failure]:
        return [fails(message=f"{words[n % 5]} is wrong")] if n % 10 < 5 else [fails(MUST_TOO)]

    one = hunt(Endpoint(says), 200)
    assert sorted(caught.failure.check.id for caught in one.caught) == sorted([*[MUST.id] * hunting.KINDS, MUST_TOO.id])
    assert len({caught.failure.kind for caught in one.caught}) == 4
    assert one.tried == 200


def test_what_else_of_the_check_fails_on_the_smallest_has_the_same_cause():
    both = [fails(), fails(message="m is wrong"), fails(MUST_TOO)]
    one = hunt(Endpoint(lambda n, times: both if n > 3 else ()), 60)
    assert [caught.failure for caught in one.caught] == [both[0], both[2]]


def test_shrinking_may_send_so_many_and_no_more(monkeypatch):
    monkeypatch.setattr(hunting, "SHRINK", 2)
    endpoint = Endpoint(lambda n, times: [fails()] * (n > 17))
    one = hunt(endpoint, 1)
    other = len(set(endpoint.asked))
    assert one.tried <= 1
    assert other <= 3, "the first, and two of shrinking"


def test_a_share_of_the_examples_is_for_the_first_stage():
    firsts, seconds = (
        st.integers(0, 10**6).map(lambda n: Made({"n": n})),
        st.integers(2 * 10**6, 3 * 10**6).map(lambda n: Made({"n": n})),
    )
    endpoint = Endpoint(lambda n, times: ())
    one = hunt(endpoint, 20, Stage("first", firsts, 0.5), Stage("second", seconds))
    assert (one.tried, sum(n <= 10**6 for n in endpoint.asked)) == (20, 10)
    assert endpoint.asked[:10] == [n for n in endpoint.asked if n <= 10**6]


def test_what_concerns_no_check_is_not_asked():
    endpoint = Endpoint(lambda n, times: ())
    hunt(endpoint, 10, worth=lambda made: made.body["n"] % 2 == 0)
    assert endpoint.asked
    assert all(n % 2 == 0 for n in endpoint.asked)


def test_of_several_ways_the_first_that_suffices_is_kept():
    def says(made: Made) -> list[Failure]:
        return [fails()] * ("again" in made.ways)

    ways = st.just(Made({"n": 1}, ways=("plain", "streamed", "again")))
    one = Hunt([Stage("all", ways)], says, 5, 1)
    one.run()
    assert [caught.made.ways for caught in one.caught] == [("again",)]
    both = Hunt([Stage("all", ways)], lambda made: [fails()] * (len(made.ways) == 3), 5, 1)
    both.run()
    assert [caught.made.ways for caught in both.caught] == [("plain", "streamed", "again")]


# ---------------------------------------------------------------------- kinds of problems


@pytest.mark.parametrize(
    ("message", "kind"),
    [
        ("finish_reason of choice 12 is 'eos', expected stop", "finish_reason of choice N"),
        ("chunk 3. choices.0.delta is absent", "choices.N.delta"),
        ("'a' and \"b\" and `c` differ", "_ and _ and _ differ"),
        ("x" * 200, "x" * LONGEST),
    ],
)
def test_problems_are_of_one_kind_but_for_numbers_quotes_and_chunks(message, kind):
    assert fails(message=message.replace("chunk 3. ", "chunk 3.")).kind == (MUST.id, kind)


# ---------------------------------------------------------------------- what came of it


def caught(check, n: int = 1) -> Caught:
    return Caught(Made({"n": n}), fails(check), 2, 3)


def verdict(outcome: str, check=MUST, reason: str | None = None) -> SimpleNamespace:
    return SimpleNamespace(outcome=outcome, check=check, reason=reason)


@pytest.mark.parametrize(
    ("findings", "outcomes", "ended", "given_up", "strict", "code"),
    [
        ([], ["pass"], "", False, False, 0),
        ([caught(MUST)], ["fail"], "", False, False, 1),
        ([caught(SHOULD)], ["fail"], "", False, False, 0),
        ([caught(SHOULD)], ["fail"], "", False, True, 1),
        ([caught(MAY)], ["fail"], "", False, True, 0),
        ([], ["pass"], "ended after 5 examples: gone", True, False, 3),
        ([], ["pass"], "ended after 5 examples: spent", False, False, 0),
        ([caught(MUST)], ["fail"], "ended after 5 examples: gone", True, False, 1),
        ([caught(MUST)], ["fail"], "interrupted after 5 examples", False, False, 130),
        ([caught(MUST)], ["fail", "broken"], "interrupted after 5 examples", False, False, 4),
    ],
)
def test_the_exit_code(findings, outcomes, ended, given_up, strict, code):
    options = ExploreOptions(strict=strict)
    assert _exit_code(options, findings, [verdict(each) for each in outcomes], ended, given_up) == code
    assert [_red(each, options) for each in findings] == [
        each.failure.check is MUST or (strict and each.failure.check is SHOULD) for each in findings
    ]


def test_findings_are_counted_by_level():
    assert _levels([caught(MUST), caught(SHOULD), caught(MUST)]) == {"must": 2, "should": 1}
    assert _levels([]) == {}


def test_a_finding_says_what_a_report_says_of_its_check():
    line = finding(caught(MUST))
    assert (line["check"], line["level"], line["message"], line["exchanges"]) == (MUST.id, "must", "n is wrong", ["x"])
    assert (line["seen"], line["sent"]) == (2, 3)
    assert (line["requirement"], line["impact"], line["source"]) == (MUST.requirement, MUST.impact, list(MUST.source))


def test_remarks_say_how_it_ended_what_was_known_and_what_failed_once():
    exploring = SimpleNamespace(expected={"a.b": "a reason"}, hunt=SimpleNamespace(once={"c.d": 2, "e.f": 1}))
    broken = verdict("broken", reason="Traceback\nValueError: odd")
    assert _remarks(exploring, [verdict("pass"), broken], "ended early") == [
        "ended early",
        "a.b fails as known: a reason",
        "failed once and not again when the same was sent once more, so no finding: c.d (2x), e.f (1x)",
        f"{MUST.id} is broken, a fault of this suite: ValueError: odd",
    ]
    assert _remarks(SimpleNamespace(expected={}, hunt=SimpleNamespace(once={})), [], None) == []


def exploration(tmp_path, *deviations: Deviation, checks=(MUST,)) -> Exploration:
    return Exploration(
        lambda requests: [], "m", list(checks), ExploreOptions(report=str(tmp_path)), 1, deviations=deviations
    )


@pytest.mark.parametrize(("days", "known"), [(None, True), (1, True), (0, True), (-1, False)])
def test_a_deviation_is_known_up_to_its_day(days, known, tmp_path):
    last = days if days is None else datetime.date.today() + datetime.timedelta(days)
    one = exploration(tmp_path, Deviation(MUST.id, "so it is", None, last, None, (), False, "f", Span(1, 1)))
    assert one._known(fails(), []) is known
    assert one._known(fails(MUST_TOO), []) is False
    assert one.expected == ({MUST.id: "so it is"} if known else {})


def test_what_no_check_can_judge_alone_is_left_to_be_made_together(tmp_path):
    assert [(stage.name, stage.share) for stage in exploration(tmp_path, checks=catalogue().values()).hunt.stages] == [
        ("alone", SHARE), ("together", 1.0),
    ]  # fmt: skip
    only = [catalogue()["model.list-object"]]
    assert exploration(tmp_path, checks=only).hunt.stages[-1].name == "together"


# ---------------------------------------------------------------------- mistakes


@pytest.mark.parametrize("name", [name for name in parameters("chat") if "." not in name])
def test_what_is_beyond_a_parameter_is_what_its_schema_does_not_allow(name):
    row = parameters("chat")[name]
    values = outside(row)
    schema = jsonschema.Draft202012Validator(row.schema)
    assert values
    assert [value for value in values if schema.is_valid(value)] == []
    for bound, step in (("minimum", -1), ("maximum", 1)):
        if bound in row.schema:
            near = min(
                abs(value - row.schema[bound])
                for value in values
                if type(value) in (int, float) and (value - row.schema[bound]) * step > 0
            )
            assert near == (0.5 if "number" in row.types else 1)


def test_half_a_request_is_never_nothing_and_never_all():
    whole = half({"a": 1}, 10**6 - 1).body
    text = b'{"model": "{model}", "a": 1}'
    lengths = {len(half({"a": 1}, n).body) for n in range(200)}
    assert lengths == {*range(1, len(text))}
    assert text.startswith(whole)


def test_a_mistake_about_streaming_has_no_streamed_twin():
    assert slip({"a": 1}, {"stream": "false"}, "odd").ways == ("plain",)
    made = slip({"a": 1, "b": 2}, {"a": 3}, "odd", omit=("b",))
    assert (made.body, made.omit, made.intent, made.ways) == (
        {"a": 3},
        ("b",),
        {"mistake", "odd"},
        ("plain", "streamed"),
    )
    assert all("mistake" in each.intent for each in ALONE)
    assert len({each.key for each in ALONE}) == len(ALONE)


def test_a_request_is_sent_in_its_ways_in_their_order():
    body = {"messages": [{"role": "user", "content": "a"}]}
    more = ({"role": "user", "content": "b"},)
    made = Made(
        body,
        ways=("again", "streamed", "plain", "longer"),
        streamed={"n": 1},
        more=more,
        intent=frozenset({"natural-end", "odd"}),
    )
    sent = made.requests(7, "m")
    assert sent[0].id == "explore.7.again"
    assert sent[2].id == "explore.7"
    assert sent[3].id.startswith("explore.7.longer")
    assert sent[3].probe.intent == {"odd"}, "of the answer to a longer one nothing is known"
    assert sent[2].probe.intent == {"natural-end", "odd"}
    assert b'"b"' in sent[3].body
    assert replace(made, ways=("plain",)).key == replace(made, ways=("plain",), streamed={}, more=()).key
    assert made.key != replace(made, streamed={}).key
    assert made.key != replace(made, more=()).key
