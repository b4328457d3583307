"""A recorded parity run, judged again, comes to the lines that were reviewed, and its sums are those of its lines."""

from __future__ import annotations

import json
from collections import Counter

from tests.support import rendered


def lines(content: bytes, kind: str) -> list[dict]:
    return [record for record in map(json.loads, content.splitlines()) if record["type"] == kind]


def test_it_comes_to_the_same_lines_sums_and_gates():
    again = rendered.judged_again("parity")
    run = rendered.run("parity")
    assert [{"type": "golden", **line} for line in run.golden] == lines(again, "golden")
    assert {line["side"]: {"type": "latency", **line} for line in run.latency.values()} == {
        line["side"]: line for line in lines(again, "latency")
    }
    (footer,) = lines(again, "footer")
    assert {key: run.footer[key] for key in ("totals", "gates", "exit_code")} == {
        key: footer[key] for key in ("totals", "gates", "exit_code")
    }


def test_the_sums_are_those_of_the_lines():
    run = rendered.run("parity")
    totals = run.footer["totals"]
    for side in ("target", "baseline"):
        sides = [line[side] for line in run.golden]
        assert totals[side]["answers"] == sum(len(each["exchanges"]) for each in sides)
        assert totals[side]["usable"] == sum(each["usable"] for each in sides)
        for name in ("prompt_tokens", "completion_tokens"):
            assert totals[side][name] == sum(each[name][0] for each in sides)
        assert totals[side]["finish_reasons"] == Counter(each["finish_reasons"][0] for each in sides)
        assert totals[side]["violations"] == sum(bool(each["violations"][0]) for each in sides)
        tools = [each["tool"][0] for each in sides if each["tool"][0] is not None]
        for name in ("called", "name", "valid", "equal"):
            told = [tool[name] for tool in tools if tool[name] is not None]
            assert (totals[side][name]["of"], totals[side][name]["good"]) == (len(told), sum(told)), name
    worse = sum(line["gap"] == "worse" for line in run.golden)
    assert run.footer["gates"] == [
        {"gate": "--max-gap", "wanted": "at most 0 worse", "seen": f"{worse} worse", "holds": False}
    ]
