"""The comparison of runs says who passes what, and what changed, worst first."""

from __future__ import annotations

import pytest

from conformance.judge.condition import whole
from conformance.judge.verdicts import Check, Verdict
from conformance.report.comparison import comparison
from conformance.run.run_file import RunWriter, read
from tests.report.test_files import HOSTILE, Tags
from tests.support.command import command, elsewhere

URL = "http://localhost:8000/v1"


def check(id: str, level: str = "must") -> Check:
    def law(x):
        """The law of `it`."""

    return Check(id, level, law, whole, None, (), (), ())


@pytest.fixture
def write(tmp_path):
    """A function that writes a run of these outcomes, by check id, and gives its path."""

    def run(name: str, outcomes: dict[str, str], started: str = "2026-11-01", url: str = URL, features=()) -> str:
        with RunWriter(tmp_path / name) as writer:
            writer.header({"options": {}, "target": {"base_url": url, "model": HOSTILE}, "started": started})
            for id, outcome in outcomes.items():
                problems = (((f"x.{name}",), f"{id} is {HOSTILE}"),) if outcome == "fail" else ()
                writer.verdict(Verdict(check(id), outcome, ("x",), problems))
            for feature, decision in features:
                writer._write(
                    {"type": "feature", "feature": feature, "decision": decision, "why": "", "exchanges": [],
                     "answers": {"honoured": 1}, "required": False}
                )  # fmt: skip
            writer.footer({"counts": {}, "exit_code": 0, "skipped": []})
        return str(tmp_path / name)

    return run


def words(page: str) -> str:
    return " ".join(Tags(page.partition("<main")[2]).text.split())


def test_changes_of_one_endpoint_come_with_what_got_worse_first(write):
    old = write(
        "old",
        {"a.one": "pass", "a.two": "fail", "a.three": "not-exercised"},
        "2026-11-01",
        features=[("n", "supported")],
    )
    new = write("new", {"a.one": "fail", "a.two": "pass", "a.four": "fail"}, "2026-11-02", features=[("n", "broken")])
    text = words(comparison([read(new), read(old)]))  # the order given is not the order in time
    changes = text[text.index("What changed") : text.index("Features by endpoint")]
    said = ("Worse 1", "a.one", "Features 1", "n supported", "Better 1", "a.two", "Different 2", "a.four", "a.three")
    places = [changes.index(each) for each in said]
    assert places == sorted(places)
    assert "a.one MUST pass →is now faila.one is <script>" in changes


def test_runs_of_many_endpoints_are_one_column_each(write):
    runs = [read(write(str(n), {"a.one": "pass" if n % 2 else "fail"}, url=f"{URL}/{n}")) for n in range(6)]
    page = comparison(runs)
    assert "What changed" not in page
    assert "a.one MUST The law of it." in words(page)
    assert "✕✓✕✓✕✓" in words(page)
    assert "[1, 3, 5]" in page


def test_nothing_hostile_gets_into_the_page(write):
    page = comparison([read(write("a", {"a.one": "fail"})), read(write("b", {"a.one": "pass"}))])
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert" in page


def test_the_command_writes_the_page_and_names_mistakes(monkeypatch, capsys, tmp_path, write):
    elsewhere(monkeypatch, tmp_path)
    run = command(monkeypatch, capsys)
    one, two = write("one", {"a.one": "pass"}), write("two", {"a.one": "pass"})
    assert run("compare", one, two) == (0, "2 runs compared: comparison.html\n", "")
    assert "Nothing changed." in (tmp_path / "comparison.html").read_text("utf-8")
    for arguments, said in (
        ((one,), "compare takes two run files or more"),
        ((one, "nowhere"), "nowhere cannot be read: No such file or directory"),
        ((one, two, "--out", "no/where.html"), "no/where.html cannot be written: No such file or directory"),
    ):
        code, _, error = run("compare", *arguments)
        assert (code, error) == (2, f"openai-conformance: {said}\n")


def test_exchanges_are_not_read(write, tmp_path):
    path = write("run", {"a.one": "pass"})
    lines = (tmp_path / "run").read_bytes().splitlines(keepends=True)
    (tmp_path / "run").write_bytes(lines[0] + b'{"type": "exchange", this is not looked at}\n' + b"".join(lines[1:]))
    assert len(read(path, skip=("exchange",)).verdicts) == 1
