"""Verdicts as rows: their sum is the summary, whoever judges; what was not judged to its end has none."""

from __future__ import annotations

import datetime
from collections import Counter
from dataclasses import replace

import pyarrow
import pyarrow.dataset
import pytest

from conformance.areas.catalogue import catalogue
from conformance.record import shards
from conformance.run import recorded
from conformance.run import verdict_rows as rows
from conformance.run.ledger import Ledger
from conformance.run.options import Options
from conformance.run.run_file import read
from conformance.run.verdict_rows import COLUMNS, UNKNOWN, Rows
from tests.run.test_recorded import ENTRIES, lying, write
from tests.support import logs as gateways
from tests.support.recordings import HONEST

WANTED = {
    "check": "string", "level": "string", "outcome": "string", "count": "int64", "exchange": "string", "route": "string",
    "path": "string", "model": "string", "status": "int32", "started": "timestamp[us, tz=UTC]", "message": "string",
    "day": "string", "provider": "string",
}  # fmt: skip
"""What a warehouse relies on."""
HIVE = pyarrow.dataset.partitioning(
    pyarrow.schema([("day", pyarrow.string()), ("provider", pyarrow.string())]), flavor="hive"
)


def table(folder):
    return pyarrow.dataset.dataset(folder, partitioning=HIVE).to_table()


def sums(folder):
    """By check and outcome, how often."""
    found = Counter()
    for row in table(folder).select(["check", "outcome", "count"]).to_pylist():
        found[row["check"], row["outcome"]] += row["count"]
    return found


def alike(folder):
    """How often there is each row, however many goes it was counted in."""
    found = Counter()
    for row in table(folder).to_pylist():
        found[tuple(sorted((name, str(value)) for name, value in row.items() if name != "count"))] += row["count"]
    return found


@pytest.fixture(scope="module")
def traffic(tmp_path_factory):
    folder = tmp_path_factory.mktemp("traffic")
    for name, entries in (("a", ENTRIES), ("b", lying("finish-absent"))):
        write(folder / f"{name}.har", entries[:50])
    (folder / "c.jsonl").write_bytes(gateways.written("litellm", HONEST.values()))
    return folder


@pytest.fixture
def judged(traffic, tmp_path, call, monkeypatch):
    monkeypatch.setattr(recorded, "WORTHWHILE", 0)
    monkeypatch.setattr(shards, "TASK", 1)
    monkeypatch.setattr(shards, "PIECE", 50_000)

    def judge(jobs, *words):
        out = tmp_path / f"rows-{jobs}"
        report = tmp_path / f"report-{jobs}"
        where = ("--rows", str(out), "--report", str(report))
        code, _, err = call("judge", str(traffic), "--sdk", "off", "--jobs", jobs, *where, *words)
        return code, err, out, report

    return judge


def test_the_sum_of_the_rows_is_the_summary_whoever_judges(judged, monkeypatch):
    monkeypatch.setattr(rows, "ROWS", 100)  # written in several goes
    (one, _, first, report), (two, _, second, _) = judged("1"), judged("2")
    assert one == two == 1
    assert alike(first) == alike(second)
    assert {field.name: str(field.type) for field in table(first).schema} == WANTED
    assert [name for name in WANTED if name not in ("day", "provider")] == list(COLUMNS)
    found = sums(first)
    verdicts = {each["check"]: each for each in read(report / "run.jsonl").verdicts}
    for check, verdict in verdicts.items():
        assert found[check, "fail"] == verdict["failed"], check
        assert found[check, "pass"] + found[check, "fail"] == verdict["judged"], check
    assert {outcome for _, outcome in found} == {"pass", "fail", "untestable"}
    assert sum(verdict["failed"] for verdict in verdicts.values()) > 10
    assert not [path for path in first.rglob("*") if path.name.startswith(".")]


# ---------------------------------------------------------------------- what a row says


X = replace(
    HONEST["chat.hello"], id="a#1", url="https://api.example.org:8443/v1/chat/completions?x=1", started=1.79e9, memo={}
)
CHECK = catalogue()["chat.created"]


def noted(folder, *these, piece=3):
    writer = Rows(str(folder))
    writer.begin(piece)
    for group, outcome, messages in these:
        writer.note(CHECK, group, outcome, messages)
    writer.end()
    return table(folder).to_pylist()


def test_a_row_says_which_exchange_and_what_is_wrong(tmp_path):
    (row,) = noted(tmp_path, ((X,), "fail", ["created is 1.5", "x" * 900]))
    message = row.pop("message")
    assert row == {
        "check": "chat.created", "level": CHECK.level, "outcome": "fail", "count": 1, "exchange": "a#1", "route": "chat",
        "path": "/v1/chat/completions", "model": X.asked["model"], "status": 200,
        "started": datetime.datetime(2026, 9, 21, 14, 13, 20, tzinfo=datetime.UTC),
        "day": "2026-09-21", "provider": "api.example.org:8443",
    }  # fmt: skip
    assert message.startswith("created is 1.5; xxx")
    assert len(message) == 500


def test_what_differs_in_nothing_is_one_row_of_passes(tmp_path):
    other = replace(X, id="a#2", status=429, memo={})
    found = noted(tmp_path, *(((each,), "pass", []) for each in (X, X, other)))
    assert sorted((row["status"], row["count"], row["exchange"]) for row in found) == [(200, 2, None), (429, 1, None)]


def test_a_warehouse_counts_them(tmp_path):
    duckdb = pytest.importorskip("duckdb", reason="DuckDB is not installed here: nox -s ray runs this")
    other = replace(X, id="a#2", url="http://other.example/v1/chat/completions", memo={})
    noted(tmp_path, *(((each,), outcome, ["no"]) for each in (X, other, X) for outcome in ("pass", "fail")))
    asked = f"SELECT provider, sum(count) FROM read_parquet('{tmp_path}/**/*.parquet', hive_partitioning = true) GROUP BY 1 ORDER BY 1"
    assert duckdb.sql(asked).fetchall() == [("api.example.org:8443", 4), ("other.example", 2)]


def test_what_nobody_knows_is_null(tmp_path):
    bare = replace(X, url="http://unknown.invalid/v1/chat/completions", started=None, headers=(), memo={})
    (row,) = noted(tmp_path, ((bare,), "untestable", ["no"]))
    assert (row["day"], row["provider"], row["started"]) == (None, None, None)
    assert (tmp_path / f"day={UNKNOWN}" / f"provider={UNKNOWN}").is_dir()


@pytest.mark.parametrize("host", ["..", "a/../../b", "x" * 300, "a%2Fb", "é", "a=b"])
def test_a_host_leads_nowhere_else(tmp_path, host):
    folder = tmp_path / "rows"
    noted(folder, ((replace(X, url=f"http://{host}/v1/chat/completions", memo={}),), "fail", ["no"]))
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert [len(path.relative_to(folder).parts) for path in files] == [3]


def test_hosts_without_end_are_few_files(tmp_path, monkeypatch):
    monkeypatch.setattr(rows, "PARTITIONS", 3)
    these = [replace(X, url=f"http://h{n}/v1/chat/completions", memo={}) for n in range(50)]
    found = noted(tmp_path, *(((each,), "fail", ["no"]) for each in these))
    assert len(found) == 50
    assert {row["provider"] for row in found} == {"h0", "h1", "h2", "(others)"}


# ---------------------------------------------------------------------- what is not whole


def test_a_piece_that_did_not_come_to_its_end_has_no_rows(tmp_path, monkeypatch):
    monkeypatch.setattr(rows, "ROWS", 1)
    writer = Rows(str(tmp_path))
    writer.begin(0)
    writer.note(CHECK, (X,), "fail", ["no"])  # written, and then its process ends
    assert [path.suffix for path in tmp_path.rglob("*") if path.is_file()] == [".part"]
    assert noted(tmp_path, ((X,), "fail", ["no"]), piece=1) == table(tmp_path).to_pylist()
    rows.tidy(str(tmp_path))
    assert len([path for path in tmp_path.rglob("*") if path.is_file()]) == 1


def test_a_piece_that_is_judged_again_has_its_rows_once(tmp_path):
    for _ in range(2):
        assert len(noted(tmp_path, ((X,), "fail", ["no"]))) == 1


def test_traffic_of_nothing_is_an_empty_folder(tmp_path):
    found = Ledger(Options(recordings=("a",), rows=str(tmp_path)), [CHECK])
    found.begin(0)
    assert found.end() == []
    assert list(tmp_path.iterdir()) == []


def test_rows_of_another_run_are_not_mixed_with_ours(judged, tmp_path):
    noted(tmp_path / "rows-1", ((X,), "pass", []))
    code, err, out, _ = judged("1")
    assert (code, err.count("\n")) == (2, 1)
    assert f"--rows '{out}' holds rows of another run" in err


def test_where_pyarrow_is_missing_the_extra_is_named(judged, monkeypatch):
    monkeypatch.setattr(rows, "find_spec", lambda name: None)
    code, err, *_ = judged("1")
    assert (code, err.strip()) == (2, f"openai-conformance: {rows.INSTALL}")


def test_a_folder_that_cannot_be_made_is_one_line(traffic, tmp_path, call):
    (tmp_path / "file").write_text("")
    code, _, err = call("judge", str(traffic), "--rows", str(tmp_path / "file" / "rows"))
    assert (code, err.count("\n")) == (2, 1)
    assert "cannot be written: Not a directory" in err
