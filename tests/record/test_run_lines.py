"""The lines of a parity run: they fit the schema, come back as they were, and hold no secret."""

from __future__ import annotations

import json

import jsonschema
import pytest

from conformance.record.run_lines import RunFileError
from conformance.run.gap import gap
from conformance.run.run_file import RunWriter, read
from conformance.wire.redact import Redactor
from tests.run.test_gap import run, verdict
from tests.run.test_run_file import SCHEMA

SECRET = "sk-0123456789abcdefABCDEF"
ABOUT = {
    "kind": "parity",
    "options": {"samples": 2},
    "target": {"base_url": "http://a/v1", "model": "m"},
    "baseline": {"kind": "url", "base_url": "http://b/v1", "model": "m"},
    "golden": [
        {
            "id": "qa.capital", "category": "qa", "about": "A fact.", "request": {"messages": []}, "compare": ["text"],
            "must": {"contains": ["Paris"]}, "uncertain": False, "where": "qa.yaml:1",
        }
    ],
}  # fmt: skip
SIDE = {
    "exchanges": ["target#qa.capital"], "usable": 1, "finish_reasons": ["stop"], "violations": [[]], "schema_valid": [None],
    "tool": [{"called": True, "name": True, "valid": True, "equal": None}], "prompt_tokens": [9], "completion_tokens": [None],
    "latency": [{"first": 0.1, "between": None, "total": 0.2, "tokens_per_second": None}], "failure": None,
}  # fmt: skip
GOLDEN = {
    "type": "golden", "prompt": "qa.capital", "outcome": "differs", "gap": "worse", "why": f"text differs: {SECRET}",
    "aspects": [{"aspect": "text", "outcome": "differs", "target": "Paris.", "baseline": ["Rome.", "Rome!"]}],
    "text": {
        "equal": False, "similarity": 0.5, "noise": 0.75,
        "diverges": {"at": 0, "unit": "word", "before": "", "target": "Paris.", "baseline": "Rome."},
    },
    "target": SIDE, "baseline": SIDE | {"exchanges": ["baseline#qa.capital", "baseline#qa.capital~2"]},
}  # fmt: skip
TIMES = {"p50": 0.1, "p95": 0.2, "p99": None}
LATENCY = {
    "type": "latency", "side": "target", "answers": 1, "first": TIMES, "between": TIMES, "total": TIMES,
    "tokens_per_second": TIMES, "tokens": 7, "seconds": 0.5, "throughput": 14.0,
    "slow": [{"exchange": "target#qa.capital", "what": "total", "seconds": 0.9, "usual": 0.1}],
}  # fmt: skip
COST = {"requests": 150, "prompt_tokens": 4000, "completion_tokens": 150}
SAME = {
    "type": "same-model", "verdict": "different", "method": "logprobs", "why": "both endpoints give top logprobs",
    "alpha": 0.01, "p_value": 0.0005, "effect": 0.02, "unit": "nats", "prompts": 30, "samples": 5, "permutations": 2000,
    "statistics": [{"name": "logprobs", "about": "mean distance", "value": 0.1, "p_value": 0.0005}],
    "cost": {"target": COST, "baseline": COST},
    "power": {"smallest": 0.004, "unit": "nats", "detected": 0.95, "splits": 40}, "prompts_most_apart": ["qa.capital"],
}  # fmt: skip
RATE = {"of": 10, "good": 9, "rate": 0.9}
TOTAL = {
    "answers": 1, "usable": 1, "finish_reasons": {"stop": 1}, "violations": 0, "schema_valid": RATE, "tool_success": RATE,
    "called": RATE, "name": RATE, "valid": RATE, "equal": RATE, "prompt_tokens": 9, "completion_tokens": 0,
}  # fmt: skip
FOOTER = {
    "counts": {}, "exit_code": 1, "skipped": [], "remarks": [],
    "gates": [{"gate": "--max-gap", "wanted": "at most 0", "seen": "1", "holds": False}],
    "totals": {
        "outcomes": {"differs": 1}, "gap": {"worse": 1}, "target": TOTAL, "baseline": None,
        "text": {"compared": 1, "equal": 0, "similarity": 0.5, "noise": 1},
    },
}  # fmt: skip


def write(path, *lines, about=ABOUT, footer=FOOTER):
    """A parity run with these lines."""
    with RunWriter(path, Redactor([SECRET])) as file:
        file.header(about)
        for line in lines:
            file.line(line)
        file.footer(footer)
    return path


def test_a_parity_run_comes_back_and_its_lines_fit_the_schema(tmp_path):
    versions = gap(run(verdict("a.b", "fail")), run(verdict("a.b", "pass")))
    path = write(tmp_path / "run.jsonl", GOLDEN, LATENCY, SAME, *(row.record for row in versions.rows))
    for line in path.read_bytes().splitlines():
        jsonschema.Draft202012Validator(SCHEMA).validate(json.loads(line))
    back = read(path)
    assert back.header["golden"] == ABOUT["golden"]
    assert back.golden == [{k: v for k, v in GOLDEN.items() if k != "type"} | {"why": "text differs: REDACTED"}]
    assert back.latency == {"target": {k: v for k, v in LATENCY.items() if k != "type"}}
    assert back.same_model == {k: v for k, v in SAME.items() if k != "type"}
    assert back.gaps == [{"check": "a.b", "gap": "worse", "target": "fail", "baseline": "pass"}]
    assert back.footer["gates"] == FOOTER["gates"]


@pytest.mark.parametrize("damage", [
    GOLDEN | {"outcome": "fine"}, GOLDEN | {"target": None}, GOLDEN | {"aspects": [{"aspect": "colour"}]},
    LATENCY | {"side": "both"}, LATENCY | {"slow": [{}]},
    *(GOLDEN | {"type": kind} for kind in ([{}], {}, None, 1.5)), SAME | {"verdict": "same"}, SAME | {"cost": {}},
])  # fmt: skip
def test_a_line_that_does_not_fit_is_named(tmp_path, damage):
    with pytest.raises(RunFileError, match="line 2 is broken"):
        read(write(tmp_path / "run.jsonl", damage))


@pytest.mark.parametrize("damage", [
    {"skipped": [1]}, {"skipped": [["id"]]}, {"counts": {"must": "many"}}, {"counts": {"golden": {"differs": "x"}}},
    {"clients": {"versions": {"a": "1.0"}, "absent": {}, "required": [], "lacking": []}},
    {"cold": {"max_cold": None, "exit_code": 0, "rounds": [{"first_token": None, "warm": None, "sdks": {"a": 1}, "tries": []}]}},
])  # fmt: skip
def test_a_footer_that_does_not_fit_is_named(tmp_path, damage):
    write(tmp_path / "whole.jsonl")
    lines = (tmp_path / "whole.jsonl").read_text().splitlines()
    assert read(tmp_path / "whole.jsonl").footer is not None
    footer = json.loads(lines.pop()) | damage
    (tmp_path / "run.jsonl").write_text("\n".join([*lines, json.dumps(footer), ""]))
    with pytest.raises(RunFileError, match=f"line {len(lines) + 1} is broken"):
        read(tmp_path / "run.jsonl")
