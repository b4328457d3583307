"""The session that judges a folder of recordings, where there is none, and what belongs together in recordings without times."""

from __future__ import annotations

import gzip
import json
from dataclasses import replace

import pytest

from benchmarks import soundness
from conformance.areas.catalogue import catalogue
from conformance.judge.judge import RECORDED, Judge
from conformance.send.inprocess import exchanges


def test_without_a_folder_it_says_so_and_judges_nothing(capsys):
    assert soundness.main([]) == 0
    assert "No folder" in capsys.readouterr().out
    assert soundness.main(["/there/is/none"]) == 2
    assert "There is no folder" in capsys.readouterr().out


@pytest.mark.parametrize(("provider", "code"), [("openai-some", 1), ("other", 0)])
def test_a_must_that_genuine_traffic_fails_is_red(tmp_path, capsys, provider, code):
    answer = {"object": "chat.completion", "choices": []}
    entry = {
        "startedDateTime": "2026-01-01T00:00:00Z",
        "request": {"method": "POST", "url": "https://api.example/v1/chat/completions", "headers": [],
                    "postData": {"text": json.dumps({"model": "m", "messages": [{"role": "user", "content": "Hi"}]})}},
        "response": {"status": 200, "headers": [{"name": "Content-Type", "value": "application/json"}],
                     "content": {"text": json.dumps(answer)}},
    }  # fmt: skip
    (tmp_path / f"{provider}.har.gz").write_bytes(gzip.compress(json.dumps({"log": {"entries": [entry]}}).encode()))
    assert soundness.main([str(tmp_path)]) == code
    assert "chat.id " in capsys.readouterr().out


def test_answers_of_different_days_do_not_belong_together():
    twins = [x for x in exchanges() if x.id in ("chat.hello", "chat.hello+stream")]

    def judged(*days: str) -> int:
        court = Judge(catalogue().values(), bounds=RECORDED)
        for x, day in zip(twins, days, strict=True):
            kept = tuple((name, value) for name, value in x.headers if name.lower() != "date")
            court.add(replace(x, started=None, headers=(*kept, ("Date", f"{day} 2024 12:00:00 GMT")), memo={}))
        return next(v.judged for v in court.finish() if v.check.id == "chat.same-text")

    assert judged("Tue, 27 Feb", "Tue, 27 Feb") == 1
    assert judged("Tue, 27 Feb", "Mon, 03 Jun") == 0
