"""A client that is made for it, at the honest reference: what comes of each trial, its evidence, and what is kept."""

from __future__ import annotations

import re
import sys
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from conformance.cli.process import console
from conformance.report.files import write_reports
from conformance.report.trial_table import show_trials
from conformance.run.conductor import conduct
from conformance.run.options import Options
from conformance.run.run_file import read
from conformance.watch.trials.environments import CannotPrepare
from conformance.watch.trials.filling import Trials
from conformance.watch.trials.roster import HERE, client
from conformance.watch.trials.scenarios import SCENARIOS
from conformance.watch.trials.trying import take_in

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
    outcome = conduct(options, source=partial(take_in, options, trials), reports=write_reports)
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
    assert (cell.state, cell.why) == (state, words)


def test_the_evidence_of_a_trial_is_in_the_run_file(tried):
    trials, cells, folder, _ = tried
    run = read(folder / "run.jsonl")
    assert run.trials == [
        {name: value for name, value in cell.record.items() if name != "type"} for cell in trials.cells
    ]
    by_id = {x.id: x for x in run.exchanges}
    shown = {id for cell in trials.cells for id in cell.exchanges}
    assert shown == by_id.keys()
    assert [by_id[id].status for id in cells["unavailable"].exchanges] == [503, 503]
    assert by_id["fake-client/cut-stream#1"].ended == "cut"
    assert run.footer["exchanges"] == len(shown)


def test_what_was_broken_on_purpose_is_not_held_against_the_endpoint(tried):
    run = read(tried[2] / "run.jsonl")
    assert (tried[3].exit_code, run.footer["red"]) == (0, [])


def test_who_could_not_be_had_is_left_out_in_one_line(tried):
    trials, _, folder, _ = tried
    assert trials.absent == {"openai-sync": "no such package"}
    absent = {
        (cell.state, cell.why)
        for cell in trials.cells
        if cell.client == "openai-sync" and cell.scenario in ABSENT.offers
    }
    assert absent == {("not run", "no such package")}
    assert read(folder / "run.jsonl").footer["remarks"] == ["openai-sync was left out: no such package"]


@pytest.mark.parametrize(
    ("required", "code"), [((), 0), (("openai-sync",), 3), (("fake-client",), 1), (("fake-client", "openai-sync"), 1)]
)
def test_a_required_client_gates(tried, required, code):
    assert replace(tried[0], required=required).code == code


def test_the_page_has_the_table_and_leads_to_the_exchanges(tried):
    page = (tried[2] / "index.html").read_text()
    table = page[page.index('<section id="clients">') : page.index("</section>", page.index('<section id="clients">'))]
    assert 'href="#x-fake-client_system_1"' in table
    assert 'id="x-fake-client_system_1"' in page
    assert "system: the text is &#34;Hello&#34;, on the wire &#34;Hello! How can I help you today?&#34;" in table
    assert "left out: no such package" in table


def test_the_terminal_has_the_table(tried, capsys):
    show_trials(read(tried[2] / "run.jsonl"), console())
    out = capsys.readouterr().out
    assert re.search(r"^system +!! *$", out, re.MULTILINE)
    assert "ok works; NO fails; !! wrong; blank not offered; ? model did not\n" in out
    assert "1  fake-client: 4 of 9 work" in out
    assert (
        "fake-client wrong at cut-stream: a stream that was cut short is given as an answer [fake-client/cut-stream#1]"
        in out
    )
    assert "openai-sync was left out: no such package" in out
