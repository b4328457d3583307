"""A parameter that probes only pin is left out where the endpoint refuses it, and the refusal is kept."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from conformance.areas.catalogue import lies
from conformance.areas.chat.length_lies import turn_down
from conformance.exchange import REFUSED, Exchange
from conformance.reference.lies import Lie
from conformance.report.rows import remarks
from conformance.run.conductor import conduct
from conformance.run.options import Options
from conformance.run.run_file import read
from conformance.send import leaner
from conformance.send.embedded import Reference
from tests.whole.test_openai_models import reasoning


def judged(lie: Lie, folder, monkeypatch, **options):
    with Reference(lie=lie) as server:
        monkeypatch.setenv("LEAN_KEY", server.key)
        done = conduct(
            Options.make(
                {"base_url": server.base_url, "api_key_env": "LEAN_KEY", "report": str(folder), "sdk": "off"} | options
            )
        )
    return done, read(folder / "run.jsonl")


def _unpinned(x):
    return {name: value for name, value in x.asked.items() if name not in leaner.PINNED}


@pytest.mark.parametrize("options", [{}, {"model": "reference/scripted"}], ids=["listed", "named"])
def test_a_model_without_temperature_is_judged_all_the_same(tmp_path, monkeypatch, options):
    done, run = judged(Lie("reasoning", "", reply=reasoning), tmp_path, monkeypatch, **options)
    assert done.exit_code == 0
    resent = [x for x in run.exchanges if x.id.endswith(REFUSED)]
    assert 1 <= len(resent) <= 8
    assert len({x.id for x in run.exchanges}) == len(run.exchanges)
    again = {x.id: x for x in run.exchanges}
    for x in resent:
        lean = again[x.id.partition(REFUSED)[0]]
        assert not {"temperature", "max_tokens"} & lean.asked.keys()
        assert _unpinned(lean) == _unpinned(x)
    exercised = sum(verdict.outcome == "pass" for verdict in done.verdicts)
    assert exercised > 0.75 * len(done.verdicts)
    assert {f["feature"]: f["decision"] for f in run.features}["tools"] == "supported"


def test_that_it_is_refused_is_still_a_fault_where_it_is_one(tmp_path, monkeypatch):
    done, _ = judged(lies()["param-refuses-temperature-zero"], tmp_path, monkeypatch)
    assert {v.check.id for v in done.verdicts if v.red(strict=False)} == {"param.temperature-zero"}


def test_no_request_more_is_sent_than_was_allowed(tmp_path, monkeypatch):
    _, run = judged(Lie("reasoning", "", reply=reasoning), tmp_path, monkeypatch, budget_requests="12")
    assert len(run.exchanges) == 12


def test_a_server_that_knows_the_old_limit_alone_is_asked_with_that(tmp_path, monkeypatch):
    def old(call, reply):
        wrong = "max_completion_tokens" in (call.json or {})
        return turn_down(reply, "max_completion_tokens: Extra inputs are not permitted") if wrong else reply

    done, run = judged(Lie("old", "", reply=old), tmp_path, monkeypatch)
    red = {v.check.id for v in done.verdicts if v.red(strict=False)}
    assert "chat.limit-accepted" in red
    assert len(red) <= 3
    again = {x.id: x for x in run.exchanges}
    assert again["chat.cut"].asked["max_tokens"] == 5
    assert any("max_completion_tokens was refused" in remark for remark in remarks(run))
    assert again["params.huge"].asked["max_completion_tokens"] > 9999  # which is what it is about


@pytest.mark.parametrize(
    ("intent", "error", "wanted"),
    [
        ("natural-end", {"message": "temperature must be above 0"}, "temperature"),
        ("optional", {"message": "seen: temperature"}, None),
        ("optional", {"message": "no", "param": "temperature"}, "temperature"),
        ("natural-end", {"message": "temperature", "param": "stop"}, None),
        ("mistake", {"message": "no", "param": "temperature"}, None),
    ],
)
def test_a_refusal_is_believed_where_it_can_mean_nothing_else(intent, error, wanted):
    body = b'{"model": "m", "messages": [], "temperature": 0}'
    x = Exchange("a", "POST", "http://h/v1/chat/completions", (), body, 400, (), json.dumps({"error": error}).encode(),
                 intent=frozenset({intent}))  # fmt: skip
    assert leaner.refused(x) == wanted
    other = replace(x, request_body=body.replace(b": 0}", b": 0.5}"), memo={})
    assert leaner.refused(other) is None
