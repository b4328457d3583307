"""SARIF of a run: what GitHub's code scanning reads of it, a result for each finding, what is known suppressed, nothing hostile in it."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from conformance.report.quality import SEVERITIES, quality, write_quality
from conformance.report.sarif import LEVELS, sarif, write_sarif
from conformance.run.run_file import Run
from tests.cli.test_github import HOSTILE, VERDICTS, written

pytestmark = pytest.mark.usefixtures("elsewhere")

FINDINGS = {
    "a.fail": ("error", False),
    "a.warn": ("warning", False),
    "b.untestable": ("error", False),
    "b.known": ("warning", True),
}
"""What is wrong in the run: the level of each, and whether it is suppressed."""


@pytest.fixture
def run(tmp_path) -> Run:
    return written(tmp_path)


def test_a_result_for_each_finding_with_the_rule_that_it_breaks(run, tmp_path):
    write_sarif(run, tmp_path / "conformance.sarif")
    log = json.loads((tmp_path / "conformance.sarif").read_text("utf-8"))
    assert (log["version"], log["$schema"].rpartition("/")[2]) == ("2.1.0", "sarif-schema-2.1.0.json")
    [one] = log["runs"]
    rules = one["tool"]["driver"]["rules"]
    assert [result["ruleId"] for result in one["results"]] == list(FINDINGS) == [rule["id"] for rule in rules]
    for number, result in enumerate(one["results"]):
        level, suppressed = FINDINGS[result["ruleId"]]
        assert (result["ruleIndex"], result["level"], "suppressions" in result, result["kind"]) == (
            number,
            level,
            suppressed,
            "fail",
        )
        assert result["message"]["text"]
        assert result["partialFingerprints"] == {"check/v1": result["ruleId"]}
        [place] = result["locations"]
        where = place["physicalLocation"]
        assert where["region"]["startLine"] >= 1
        assert where["artifactLocation"]["uri"].isascii()
        assert all({*each} <= {"fullyQualifiedName", "kind"} for each in place["logicalLocations"])
    for rule in rules:
        assert {*rule} <= {"id", "shortDescription", "help", "helpUri", "defaultConfiguration", "properties"}
        assert rule["defaultConfiguration"]["level"] in LEVELS.values()
        assert rule["shortDescription"]["text"]
        assert urlsplit(rule.get("helpUri", "https://a")).scheme == "https"
    [ended] = one["invocations"]
    assert (ended["executionSuccessful"], ended["exitCode"]) == (True, 1)
    assert datetime.fromisoformat(ended["startTimeUtc"]).utcoffset().total_seconds() == 0
    [suppressed] = next(result for result in one["results"] if result["ruleId"] == "b.known")["suppressions"]
    assert (suppressed["status"], suppressed["justification"][:10]) == ("accepted", "on purpose")


def test_what_was_not_judged_is_no_success(tmp_path):
    assert (
        sarif(written(tmp_path, VERDICTS[:1], exit_code=3, red=[]), tmp_path)["runs"][0]["invocations"][0][
            "executionSuccessful"
        ]
        is False
    )
    green = sarif(written(tmp_path, VERDICTS[:1], exit_code=0, red=[]), tmp_path)["runs"][0]
    assert (green["results"], green["tool"]["driver"]["rules"]) == ([], [])


def test_gitlab_gets_what_fails_and_is_not_known(run, tmp_path):
    write_quality(run, tmp_path / "code-quality.json")
    entries = json.loads((tmp_path / "code-quality.json").read_text("utf-8"))
    assert [each["check_name"] for each in entries] == ["a.fail", "a.warn", "b.untestable"]
    for each in entries:
        assert {*each} == {"description", "check_name", "fingerprint", "severity", "location"}
        assert each["severity"] in {"blocker", *SEVERITIES.values()}
        assert isinstance(each["location"]["lines"]["begin"], int)
    assert len({each["fingerprint"] for each in entries}) == len(entries)
    assert entries == quality(written(tmp_path), tmp_path), "the same run has the same fingerprints"


@pytest.mark.parametrize(
    ("options", "folder", "place"),
    [
        ({}, "reports/latest", "reports/latest/run.jsonl"),
        ({"config": "openai-conformance.toml"}, "r", "openai-conformance.toml"),
        ({"config": "none"}, "r", "r/run.jsonl"),
        ({"known": "known/a b.toml", "config": "pyproject.toml"}, "r", "known/a b.toml"),
    ],
)
def test_a_finding_stands_in_the_file_that_a_reader_would_mend(run, options, folder, place):
    run.header["options"] = options
    result = sarif(run, Path(folder))["runs"][0]["results"][0]
    assert result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == place.replace(" ", "%20")
    assert quality(run, Path(folder))[0]["location"]["path"] == place


def test_nothing_hostile_stays(run, tmp_path):
    for found in (sarif(run, tmp_path), quality(run, tmp_path)):
        text = json.dumps(found, ensure_ascii=False)
        assert not {"\u202e", "\x1b", "\ud800"} & {*text}
        assert "::error::faked" in text, HOSTILE


def test_a_folder_whose_name_is_not_utf_8_is_named_by_its_bytes(run):
    [one] = sarif(run, Path("out\udcff"))["runs"]
    locations = [result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] for result in one["results"]]
    assert {uri.rpartition("out")[2] for uri in locations} == {"%FF/run.jsonl"}
