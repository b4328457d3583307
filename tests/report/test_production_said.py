"""What production says in the terminal is short, and only where there is something to compare; for programs it is all there."""

from __future__ import annotations

import io
import json

import jsonschema
import pytest
from rich.console import Console

from conformance.report.document import of_run
from conformance.report.production_said import production_document, show_production
from conformance.run.run_file import read
from tests.support import production
from tests.support.checkout import ROOT

HOSTILE = "\x1b[31m\u202e[bold]" + "m" * 500


def terminal(run, page="out/operators.html") -> str:
    console = Console(file=io.StringIO(), width=80, color_system=None, markup=False)
    show_production(run, page, console)
    return console.file.getvalue()


@pytest.fixture(scope="module")
def usual(tmp_path_factory):
    return read(production.run_file(tmp_path_factory.mktemp("usual") / "run.jsonl"))


def test_the_terminal_has_a_few_lines(usual):
    text = " ".join(terminal(usual).split())
    for said in ("3 models, 5 days: out/operators.html", "worst stream.done (MUST) fails in 3.", f"began {production.BEGAN} at 2026-11-03",
                 f"worse {production.WORSE}, llama-4-70b: 2026-11-04", "1 more regression"):  # fmt: skip
        assert said in text, said
    assert len(terminal(usual).splitlines()) <= 9


def test_one_day_of_one_model_has_none(tmp_path):
    assert terminal(read(production.run_file(tmp_path / "run.jsonl", ("m",), days=1))) == ""


def test_no_name_reaches_the_terminal_as_it_is(tmp_path):
    text = terminal(
        read(production.run_file(tmp_path / "run.jsonl", (HOSTILE, HOSTILE + "x"), days=5)), "\x1b[31m/it.html"
    )
    assert "\\x1b" in text or "\\u001b" in text
    assert "\x1b" not in text
    assert "\u202e" not in text
    assert "m" * 100 not in text


def test_for_programs_it_is_as_documented(usual):
    page = (ROOT / "docs" / "json.md").read_text("utf-8")
    schema = json.loads(page.partition("## A run\n")[2].partition("```json\n")[2].partition("```")[0])
    found = json.loads(json.dumps(of_run(usual, "judge", 1, [])))
    jsonschema.validate(found, schema)
    said = found["production"]
    assert [each["check"] for each in said["regressions"]] == [production.BEGAN, production.WORSE]
    assert len(said["traffic"]) == 15
    first = said["traffic"][0]
    assert (first["day"], first["model"]) == ("2026-11-01", "llama-4-70b")
    assert first["seconds"]["total"]["p50"] > 0.5
    assert first["tool_call_errors"]["schema mismatch"]["of"] == first["laws"][production.WORSE]["judged"]
    assert next(each for each in said["traffic"] if each["model"] == "mistral-small")["seconds"]["first"] == {
        "values": 15, "p50": None, "p95": None,
    }  # fmt: skip
    assert production_document(type(usual)({"target": {}})) is None
