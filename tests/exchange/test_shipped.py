"""The recorded baselines that are shipped: readable, small, of the shipped prompts, and without a trace of who recorded them."""

from __future__ import annotations

import gzip

import pytest

from conformance import __version__
from conformance.exchange.shipped import place
from conformance.parity.asking import prompt_of
from conformance.parity.must import violations
from conformance.parity.prompts import load
from conformance.parity.sides import recorded
from conformance.run.run_file import read

FOLDERS = sorted(place("golden/baselines").iterdir())
NAMES = [folder.name for folder in FOLDERS]


@pytest.mark.parametrize("folder", FOLDERS, ids=NAMES)
def test_a_baseline_is_small_and_says_nothing_of_the_machine(folder):
    files = [file for file in folder.iterdir() if file.is_file()]
    assert sum(file.stat().st_size for file in files) <= 5 * 2**18
    for file in files:
        text = gzip.decompress(file.read_bytes()) if file.suffix == ".gz" else file.read_bytes()
        assert b"fixtures/models/tiny" not in text.replace(b"./fixtures/models/tiny", b"")


def test_vllm_on_the_cpu_answers_the_shipped_prompts_as_they_are_and_as_they_must_be():
    baseline = recorded(str(place("golden/baselines/vllm-0.32.0-cpu/parity.jsonl.gz")))
    prompts = {prompt.id: prompt for prompt in load()}
    assert baseline.versions(list(prompts.values()), __version__) is None, "record it again: nox -s baseline"
    answers = [(prompts[prompt_of(x)[1]], x) for each in baseline.answers.values() for x in each]
    assert len(answers) == 2 * len(prompts)
    assert [(prompt.id, found) for prompt, x in answers if (found := violations(prompt, x))] == []


def test_vllm_on_the_cpu_was_judged_with_no_failure_but_known_ones():
    run = read(place("golden/baselines/vllm-0.32.0-cpu/checks.jsonl"))
    failed = [verdict for verdict in run.verdicts if verdict["outcome"] == "fail"]
    assert len(run.verdicts) > 400
    assert failed
    assert [verdict["check"] for verdict in failed if not verdict.get("known")] == []
    kept = {x.id for x in run.exchanges}
    assert all(kept & set(problem["exchanges"][0].split(" + ")) for v in failed for problem in v["problems"])
