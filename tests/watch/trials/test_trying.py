"""A client that is made for it, at the honest reference: what comes of each trial, its evidence, and what is kept."""

from __future__ import annotations

import sys
from functools import partial
from pathlib import Path

import pytest

from conformance.run.conductor import conduct
from conformance.run.options import Options
from conformance.watch.trials.environments import CannotPrepare
from conformance.watch.trials.roster import HERE, client
from conformance.watch.trials.scenarios import SCENARIOS
from conformance.watch.trials.trying import Trials, take_in

FAKE = client(Path(__file__).with_name("fake_client.py"), "python")
ABSENT = client(HERE / "python" / "openai_sync.py", "python")


def start(each):
    return [sys.executable, "-I", str(HERE / "python" / "worker.py"), str(each.file)]


def prepare(each):
    if each is ABSENT:
        raise CannotPrepare("no such package")


@pytest.fixture(scope="module")
def tried(tmp_path_factory):
    """The trials, their cells by scenario, and the folder of the report."""
    folder = tmp_path_factory.mktemp("clients")
    options = Options.make({"report": str(folder), "asked_by": "clients"})
    trials = Trials([FAKE, ABSENT], [*SCENARIOS.values()], start=start, prepare=prepare)
    outcome = conduct(options, source=partial(take_in, options, trials))
    cells = {cell.scenario: cell for cell in trials.cells if cell.client == FAKE.name}
    return trials, cells, folder, outcome


@pytest.mark.parametrize(
    ("scenario", "state", "words"),
    [
        ("plain", "works", ""),
        ("system", "wrong", 'the text is "Hello", on the wire "Hello! How can I help you today?"'),
        ("image", "fails", "RuntimeError: cannot read it withREDACTED"),
        ("tool", "model did not", "0 of 1 calls came"),
        ("developer", "not offered", "it knows no developer"),
        ("agent", "fails", "no answer: the client's process ended with 3"),
        ("unknown-model", "works", "RefusedError: refused with 404"),
        ("wrong-key", "works", "RefusedError: refused with 401"),
        ("rate-limit", "fails", "it asked 1 times of the 2 that it promises; RefusedError: refused with 429"),
        ("unavailable", "works", "RefusedError: refused with 503"),
        ("cut-stream", "wrong", "a stream that was cut short is given as an answer"),
        ("speech", "not offered", ""),
    ],
)  # fmt: skip
def test_what_comes_of_a_trial(tried, scenario, state, words):
    cell = tried[1][scenario]
    assert (cell.state, cell.words) == (state, words)
