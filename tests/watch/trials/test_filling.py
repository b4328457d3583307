"""The table without a worker: whose exchange is whose, which cells it makes, what a required client asks for."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest

from conformance.reference.staging import STAGE_HEADER
from conformance.send.target import Target
from conformance.watch.observed import Seen
from conformance.watch.trials.cells import FAILS, NOT_OFFERED, NOT_RUN, UNABLE, WORKS, WRONG, Cell
from conformance.watch.trials.filling import KEY, Table, Trials, _Trial
from conformance.watch.trials.filling import WRONG as WRONG_KEY
from conformance.watch.trials.roster import Client
from conformance.watch.trials.scenarios import SCENARIOS

A, B, C = (Client(name, "", (), (), tuple(SCENARIOS), "python", Path(f"{name}.py")) for name in "abc")
PLAIN, USAGE, CUT = (SCENARIOS[name] for name in ("plain", "usage", "cut-stream"))


def cells(**states: tuple[str, ...]) -> list[Cell]:
    return [Cell(client, "plain", state) for client, every in states.items() for state in every]


@pytest.mark.parametrize(
    ("required", "absent", "lacking", "code"),
    [
        ((), {}, [], 0),
        (("a",), {}, [], 0),
        (("a", "b"), {}, ["b"], 1),
        (("c",), {}, ["c"], 1),
        (("d",), {}, ["d"], 1),
        (("e",), {"e": "no package"}, ["e"], 3),
        (("e", "b"), {"e": "no package"}, ["e", "b"], 1),
        (("e", "a"), {"e": "no package", "b": "?"}, ["e"], 3),
    ],
)
def test_a_required_client_must_work_in_something_and_fail_in_nothing(required, absent, lacking, code):
    """a works, b works and fails, c is wrong and works, d was not able to do anything, e could not be had."""
    made = cells(
        a=(WORKS, UNABLE, NOT_OFFERED), b=(WORKS, FAILS), c=(WRONG, WORKS), d=(UNABLE, NOT_OFFERED), e=(NOT_RUN,)
    )
    trials = Trials([], [], required=required, cells=made, absent=absent)
    assert (trials.lacking, trials.code) == (lacking, code)


class Book:
    """What is taken, and what is kept."""

    def __init__(self) -> None:
        self.taken, self.kept = [], []

    def take_recorded(self, x) -> None:
        self.taken.append(x.id)

    def keep(self, x) -> None:
        self.kept.append(x.id)


def table(trials: Trials, target: Target | None = None) -> Table:
    proxy = SimpleNamespace(addresses=["http://127.0.0.1:1", "http://127.0.0.1:2", "http://127.0.0.1:3"], ways=None)
    return Table(trials, target or Target("http://user:pass@h:8/v1", "m"), proxy, Book())


def seen(door: int, started: float) -> Seen:
    return Seen(
        "POST", "/v1/chat/completions", [(b"host", b"h")], started, bytearray(b"{}"), 500, [], [(0.1, b"{}")], door=door
    )


def test_an_exchange_is_of_the_trial_in_which_it_began():
    one = table(Trials([A, B, C], [PLAIN, USAGE, CUT]))
    one._done[0] = [_Trial(PLAIN, 10.0, {}), _Trial(CUT, 20.0, {})]
    one._done[1] = [_Trial(USAGE, 15.0, {})]
    for door, started in [(1, 16.0), (0, 25.0), (0, 9.9), (0, 19.9), (0, 10.0), (0, 20.0), (2, 12.0), (1, 99.0)]:
        one._keep(seen(door, started))
    one._keep(None)
    one._place()
    assert [[[x.started for x in trial.seen] for trial in trials] for trials in one._done] == [
        [[10.0, 19.9], [20.0, 25.0]], [[16.0, 99.0]], [],
    ]  # fmt: skip
    ids = ["a/plain#1", "a/plain#2", "a/cut-stream#1", "a/cut-stream#2", "b/usage#1", "b/usage#2"]
    assert [x.id for x in one._passed()] == ids
    assert {x.url for x in one._passed()} == {"http://h:8/v1/chat/completions"}


def test_every_client_has_a_cell_a_scenario_and_what_was_broken_on_purpose_is_kept_alone():
    few = Client("b", "", (), (), ("plain",), "python", Path("b.py"))
    trials = Trials([A, few, C], [PLAIN, CUT], absent={"c": "no package"})
    one = table(trials)
    one._done[0] = [_Trial(PLAIN, 10.0, {}), _Trial(CUT, 20.0, {})]
    for door, started in [(0, 11.0), (0, 21.0)]:
        one._keep(seen(door, started))
    one._judge()
    assert (one._book.taken, one._book.kept) == (["a/plain#1"], ["a/plain#1", "a/cut-stream#1"])
    told = [(cell.client, cell.scenario, cell.state) for cell in trials.cells]
    assert [each[:2] for each in told] == [
        (client, scenario) for client in "abc" for scenario in ("plain", "cut-stream")
    ]
    assert [each[2] for each in told][2:] == [NOT_RUN, NOT_OFFERED, NOT_RUN, NOT_RUN]
    assert [cell.why for cell in trials.cells][2:] == [
        "only the reference brings it about",
        "",
        "no package",
        "no package",
    ]
    assert trials.cells[0].exchanges == ("a/plain#1",)
    assert trials.cells[1].exchanges == ("a/cut-stream#1",)
    assert (trials.cells[0].state in (FAILS, WRONG), bool(trials.cells[0].checks)) == (True, True)
    assert trials.cells[1].checks == ()


@pytest.mark.parametrize("name", SCENARIOS)
def test_a_worker_is_asked_with_all_that_a_scenario_needs(name):
    scenario = SCENARIOS[name]
    target = Target("http://h/v1", "m", models={"embedding": "e"}, headers=(("x-a", "1"),))
    asked = table(Trials([A], [scenario]), target)._asked(scenario, "http://127.0.0.1:1/v1")
    assert (asked["scenario"], asked["base_url"]) == (name, "http://127.0.0.1:1/v1")
    assert asked["headers"] == {"x-a": "1"} | ({STAGE_HEADER: scenario.stage} if scenario.stage else {})
    assert asked["model"] == scenario.model or asked["model"] == ("e" if scenario.task == "embedding" else "m")
    assert asked["key_env"] == (WRONG_KEY if scenario.wrong_key else KEY)
