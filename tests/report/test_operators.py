"""The page for operators exists where traffic has a day or a model, and says the same however the traffic was judged."""

from __future__ import annotations

import json
import re

import pytest

from conformance.report.files import write_reports
from conformance.report.operators import operators, write_operators
from conformance.report.production import Production
from conformance.run.conductor import conduct
from conformance.run.options import Options
from conformance.run.run_file import Run, RunWriter, read
from tests.run.test_traffic import DAY_ONE, answer
from tests.support import production


def recording(path, exchanges):
    with RunWriter(path) as writer:
        writer.header({"options": {}, "target": {"base_url": None}})
        for x in exchanges:
            writer.exchange(x)
        writer.footer({"counts": {}, "exit_code": 0, "skipped": []})
    return path


@pytest.fixture(scope="module")
def judged(tmp_path_factory):
    """Two days of two models, judged as a whole and as two runs; `created` is lacking in all answers."""
    folder = tmp_path_factory.mktemp("judged")
    answers = [answer(f"{n}", model=f"m{n % 2}", started=DAY_ONE + 86400.0 * (n // 4)) for n in range(8)]
    files = [recording(folder / f"{n}.jsonl", answers[4 * n : 4 * n + 4]) for n in range(2)]
    chosen = {"only": ("chat.created", "chat.object"), "sdk": "off"}
    runs = {}
    for name, some in {"whole": files, "first": files[:1], "second": files[1:]}.items():
        given = {**chosen, "recordings": tuple(map(str, some)), "report": str(folder / name)}
        runs[name] = conduct(Options.make(given), reports=write_reports).files
    return runs


def test_judged_recordings_have_the_page_and_their_report_leads_there(judged):
    names = [file.name for file in judged["whole"]]
    assert names[-2:] == ["operators.html", "index.html"]
    text = judged["whole"][-2].read_text("utf-8")
    assert "8 exchanges, 2024-10-04 to 2024-10-05, 2 models; 2 laws fail somewhere" in re.sub("<.*?>", "", text)
    assert 'href="operators.html"' in judged["whole"][-1].read_text("utf-8")
    [line] = [line for line in read(judged["whole"][0]).traffic if (line["day"], line["model"]) == ("2024-10-05", "m1")]
    assert line["failed"]["chat.created"] == {"count": 2, "first": "1.jsonl#5", "at": DAY_ONE + 86400.0}


def test_runs_that_are_taken_together_say_what_one_run_says(judged):
    whole, first, second = (read(judged[name][0]) for name in ("whole", "first", "second"))
    together = Production(first, second)
    assert together.counts == Production(whole).counts
    head = re.compile("<title>.*?</title>|<section class=.verdict.*?</section>", re.DOTALL)  # says of which runs it is
    assert head.sub("", operators(together)) == head.sub("", operators(Production(whole)))


def test_without_a_day_or_a_model_there_is_no_page(tmp_path):
    file = recording(tmp_path / "bare.jsonl", [answer(model=None, started=None, body=b"{}")])
    given = {"recordings": (str(file),), "only": ("chat.object",), "sdk": "off", "report": str(tmp_path / "out")}
    files = conduct(Options.make(given), reports=write_reports).files
    assert "operators.html" not in [each.name for each in files]
    assert "operators.html" not in files[-1].read_text("utf-8")
    assert not write_operators(Production(Run({"target": {}})), tmp_path / "none.html")
    assert not (tmp_path / "none.html").exists()


def test_a_page_of_an_earlier_run_does_not_stay(tmp_path):
    out = tmp_path / "out"
    for n, started in enumerate((DAY_ONE, None)):
        file = recording(tmp_path / f"{n}.jsonl", [answer(model=started and "m", started=started, body=b"{}")])
        given = {"recordings": (str(file),), "only": ("chat.object",), "sdk": "off", "report": str(out)}
        conduct(Options.make(given), reports=write_reports)
        assert (out / "operators.html").exists() is (n == 0)


def test_few_values_have_no_percentile_and_much_is_cut(tmp_path):
    names = [f"model-{n}" for n in range(9)]
    run = read(production.run_file(tmp_path / "run.jsonl", names, days=2))
    text = operators(Production(run))
    assert "3 more models have no pictures of their own" in text
    assert text.count("<figure") < 60
    third = text[text.index('id="times"') :].split("<figure")[3]
    assert "first token, p50" not in third  # 15 values a day
    assert "whole answer, p95" in third
    assert json.dumps(run.traffic)
