"""What was refused though it is valid is asked again in parts, and nothing else is."""

from __future__ import annotations

import pytest

from conformance.areas.catalogue import judge
from conformance.exchange import APART
from conformance.judge.blame import Case
from conformance.report.rows import remarks
from conformance.run.conductor import conduct
from conformance.run.options import Options
from conformance.run.run_file import read
from conformance.send import apart, inprocess
from conformance.send.embedded import Reference
from tests.support import refusers
from tests.support.refusers import VAGUE, refusing, says


def asked_on(lie):
    """All exchanges with a server, and those of them that were asked on."""
    exchanges = inprocess.exchanges(lie)
    return exchanges, [x for x in exchanges if APART in x.id]


def conducted(lie, folder, monkeypatch, **options):
    with Reference(lie=lie) as server:
        monkeypatch.setenv("APART_KEY", server.key)
        given = {"base_url": server.base_url, "api_key_env": "APART_KEY", "report": str(folder), "sdk": "off"}
        done = conduct(Options.make(given | options))
    return done, read(folder / "run.jsonl")


def test_a_server_that_refuses_nothing_valid_pays_nothing():
    assert asked_on(None)[1] == []


@pytest.mark.parametrize(
    ("test", "guilty"),
    {
        "parts": (refusers.in_parts, {"content in parts (user)", "content in parts (system)", "content in parts (assistant)",
                                      "content in parts (tool)"}),
        "stream": (refusers.null_stream, {"stream: null"}),
        "names": (lambda body: any("name" in m for m in body["messages"]), {"a name (user)"}),
        "nulls": (lambda body: "seed" in body and body["seed"] is None, {"seed: null"}),
        "many": (lambda body: len(body["messages"]) > 150, {"many messages"}),
        "custom": (lambda body: any(t.get("type") == "custom" for t in body.get("tools") or ()), {"custom tools"}),
    }.values(),
    ids=["parts", "stream", "names", "nulls", "many", "custom"],
)  # fmt: skip
def test_what_is_refused_without_a_word_is_found(test, guilty):
    exchanges, more = asked_on(refusing("vague", test, says(VAGUE)))
    assert Case(exchanges).known <= guilty
    assert Case(exchanges).known
    assert len(more) <= apart.MOST


def test_two_that_are_taken_alone_are_refused_together():
    exchanges, _ = asked_on(refusers.N_AND_ZERO)
    assert Case(exchanges).known == set()


def test_a_window_that_is_too_small_is_no_refusal_to_take_apart():
    assert asked_on(refusers.SHORT)[1] == []


def test_everything_refused_is_bounded():
    nearly_all = refusing("nearly all", lambda body: len(body) > 5, says(VAGUE))
    assert len(asked_on(nearly_all)[1]) <= apart.MOST


def test_a_run_asks_on_and_says_so(tmp_path, monkeypatch):
    done, run = conducted(refusers.BUNDLES, tmp_path, monkeypatch)
    red = {v.check.id for v in done.verdicts if v.red()}
    assert red == {"chat.parts", "content.parts-of-all", "content.tool-history", "stream.null-is-plain"}
    assert any("requests more were sent, to tell for what" in remark for remark in remarks(run))
    [verdict] = [v for v in done.verdicts if v.check.id == "stream.null-is-plain"]
    assert VAGUE in verdict.problems[0][1]


def test_a_replay_says_the_same(tmp_path, monkeypatch):
    done, run = conducted(refusers.BUNDLES, tmp_path, monkeypatch)
    again = {v.check.id: v.outcome for v in judge(run.exchanges)}
    assert {id: again[id] for id in again} == {v.check.id: v.outcome for v in done.verdicts if v.check.id in again}


def test_no_request_more_is_sent_than_was_allowed(tmp_path, monkeypatch):
    _, whole = conducted(refusers.BUNDLES, tmp_path / "whole", monkeypatch)
    allowed = sum(APART not in x.id for x in whole.exchanges) + 2
    _, run = conducted(refusers.BUNDLES, tmp_path / "less", monkeypatch, budget_requests=str(allowed))
    assert len(run.exchanges) == allowed
