"""--failed and --exclude: what was red last time, and that a run of a part is written beside the last full one."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from conformance.areas.catalogue import area_of, catalogue
from conformance.judge.verdicts import Verdict
from conformance.run.last_run import PART, failed, newest, placed, wanted
from conformance.run.options import Options
from conformance.run.run_file import RunWriter
from conformance.run.user_error import UserError

IDS = list(catalogue())
SOME = tuple(catalogue()[id] for id in IDS[:3])


def write(
    folder: Path, red: list[str], judged: list[str] = IDS, *, part: bool = False, whole: bool = True, **more
) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    with RunWriter(folder / "run.jsonl") as writer:
        failing = {"failed": True} if more.get("again") else {}
        writer.header({"options": failing, "target": {}} | ({"part": True} if part else {}))
        for id in judged:
            writer.verdict(Verdict(catalogue()[id], "fail" if id in red else "pass"))
        if whole:
            gate = {"gate": {"fail_on": "must", "conforms": False, "red_features": more.get("features", [])}}
            writer.footer({"counts": {}, "exit_code": 1, "skipped": [], "red": red} | gate)


@pytest.fixture
def options(tmp_path) -> Options:
    return Options(report=str(tmp_path / "report"), failed=True)


def test_what_was_red_in_a_full_run(options):
    write(Path(options.report), IDS[3:5])
    assert [check.id for check in wanted(options)] == IDS[3:5]
    assert [check.id for check in wanted(replace(options, exclude=(IDS[3],)))] == [IDS[4]]
    with pytest.raises(UserError, match="left out by --only and --exclude"):
        wanted(replace(options, only=(IDS[0],)))


def test_a_run_of_a_part_says_nothing_of_the_rest(options):
    write(Path(options.report), IDS[3:6])
    write(Path(options.report) / PART, [IDS[0]], [IDS[0], IDS[3]], part=True)
    assert failed(options.report) == {IDS[0], IDS[4], IDS[5]}


def test_a_run_of_what_had_been_red_says_all(options):
    write(Path(options.report), IDS[3:6])
    write(Path(options.report) / PART, [IDS[4]], IDS[4:6], part=True, again=True)
    assert failed(options.report) == {IDS[4]}


def test_a_feature_that_was_lacking_stands_for_its_area(options):
    write(Path(options.report), [], features=["tools"])
    assert {area_of(check) for check in wanted(options)} == {"tools"}


@pytest.mark.parametrize(
    ("made", "said"),
    [(False, "cannot be read|no such|No such"), ("green", "nothing was red"), ("cut", "holds no verdicts")],
)
def test_where_nothing_is_to_be_asked_again_one_line_says_why(options, made, said):
    if made:
        write(Path(options.report), [], whole=made == "green")
    with pytest.raises(UserError, match=said):
        wanted(options)


def test_a_part_is_written_beside_a_full_run_and_only_beside_that(options):
    folder = Path(options.report)
    assert placed(options, SOME).report == str(folder)
    for full, more in ((False, {"whole": False}), (False, {"part": True}), (True, {})):
        write(folder, [], **more)
        assert placed(options, SOME).report == str(folder / PART if full else folder)
    everything = list(catalogue().values())
    assert placed(options, everything).report == str(folder)
    assert placed(replace(options, endpoints=("chat",)), everything).report == str(folder / PART)
    assert newest(options.report) == folder / "run.jsonl"
