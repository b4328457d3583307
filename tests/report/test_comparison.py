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


# ---------------------------------------------------------------------- golden prompts


def line(prompt: str, gap: str = "same", usable: int = 1, violations: tuple[str, ...] = (), why: str = "") -> dict:
    target = {
        "exchanges": [f"target#{prompt}"],
        "usable": usable,
        "violations": [list(violations)],
        "failure": None if usable else why,
        **{name: [None] for name in ("finish_reasons", "schema_valid", "tool", "prompt_tokens", "completion_tokens")},
        "latency": [],
    }
    rest = {"outcome": "same", "why": why, "aspects": [], "baseline": None, "text": None}
    return {"type": "golden", "prompt": prompt, "target": target, "gap": gap, **rest}


def parity(path, started: str, *lines: dict, code: int = 0) -> str:
    with RunWriter(path) as writer:
        rest = {"category": "a", "request": {}, "compare": [], "must": {}, "uncertain": False, "where": "a.yaml:1"}
        prompts = [{"id": each["prompt"], "about": f"About {each['prompt']}.", **rest} for each in lines]
        writer.header({"kind": "parity", "options": {}, "target": {"base_url": URL, "model": "m"}, "started": started,
                       "baseline": {"kind": "url"}, "golden": prompts})  # fmt: skip
        for each in lines:
            writer.line(each)
        writer.footer({"counts": {}, "exit_code": code, "skipped": [], "gates": []})
    return str(path)


def test_parity_runs_are_compared_prompt_by_prompt(monkeypatch, capsys, tmp_path):
    elsewhere(monkeypatch, tmp_path)
    old = parity(tmp_path / "old", "2026-11-01", line("a.kept"), line("a.lost"), line("b.mended", "worse", why="it was bad"),
                 line("b.silent"), line("c.ruled", "same", violations=("it broke a rule",)), code=1)  # fmt: skip
    new = parity(tmp_path / "new", "2026-11-02", line("a.kept"), line("a.lost", "worse", why="finish_reason is length"),
                 line("b.mended"), line("b.silent", "worse", 0, why="no byte came"), line("c.ruled"), code=1)  # fmt: skip
    assert command(monkeypatch, capsys)("compare", old, new)[0] == 0
    text = words((tmp_path / "comparison.html").read_text())
    assert "4 of 5 golden prompts tell them apart" in text
    assert "no parity" in text
    changes = text[text.index("What changed") : text.index("Golden prompts by endpoint")]
    worse, better = changes.index("Worse 2"), changes.index("Better 2")
    for name, said in (("a.lost", "finish_reason is length"), ("b.silent", "no byte came")):
        assert worse < changes.index(name) < changes.index(said) < better
    assert all(changes.index(name) > better for name in ("b.mended", "c.ruled"))
    assert "a.kept" not in changes
    assert "5 pass" not in text
    assert "3 pass2 not" in text


def test_two_endpoints_are_headed_as_that(write):
    one, other = (read(write(n, {"a.one": state}, url=f"{URL}/{n}")) for n, state in (("x", "pass"), ("y", "fail")))
    page = comparison([one, other])
    heading = page[page.index("<h1>") : page.index("</h1>")]
    assert heading.index(f"{URL}/y") < heading.index(" beside ") < heading.index(f"{URL}/x")
    text = words(page)
    assert "What changed" not in text
    assert "runs compared" not in text
    assert text.index("What differs") < text.index("Worse at the second 1") < text.index("a.one MUST")
    same = words(comparison([one, read(write("z", {"a.one": "pass"}, url=f"{URL}/x"))]))
    assert "2 runs of http://localhost:8000/v1/x" in same
    assert "What changed" in same
    third = read(write("w", {"a.one": "pass"}, url=f"{URL}/w"))
    assert "3 endpoints compared" in words(comparison([one, other, third]))
    assert "3 runs of 2 endpoints compared" in words(comparison([one, other, one]))


def test_two_parity_runs_show_their_answers_side_by_side(tmp_path):
    from conformance.report.comparison import write_comparison
    from tests.report.test_golden_view import answer

    def run(name, url, *said, prompt="Say it."):
        with RunWriter(tmp_path / name) as writer:
            golden = {"id": "a.one", "category": "a", "about": "About it.", "compare": ["text"], "must": {}, "uncertain": False,
                      "where": "f:1", "request": {"messages": [{"role": "user", "content": prompt}]}}  # fmt: skip
            writer.header({"kind": "parity", "options": {}, "target": {"base_url": url, "model": "m"},
                           "baseline": {"kind": "none"}, "golden": [golden]})  # fmt: skip
            writer.exchange(answer("target#a.one", *said))
            writer.line(line("a.one", "not-compared"))
            writer.footer({"counts": {}, "exit_code": 0, "skipped": [], "gates": []})
        return tmp_path / name

    one = run("one", "http://one/v1", "the ", "small ", "cat")
    write_comparison([one, run("two", "http://two/v1", "the ", "big ", "cat")], tmp_path / "page.html")
    page = (tmp_path / "page.html").read_text("utf-8")
    assert "<b> big</b>" in page
    assert "<b> small</b>" in page
    assert '<details class="prompt" id="golden-a.one" open>' in page  # the same model, by name, and other words
    assert "http://two/v1, model m beside http://one/v1, model m" in words(page)
    ids = [attributes["id"] for _, attributes in Tags(page).tags if "id" in attributes]
    assert len(ids) == len(set(ids))
    other = run("other", "http://two/v1", "the ", "big ", "cat", prompt="Say that.")
    write_comparison([one, other], tmp_path / "page.html")
    assert 'id="golden-a.one"' not in (tmp_path / "page.html").read_text("utf-8")  # not asked the same


def test_two_equal_parity_runs_have_changed_in_nothing(tmp_path):
    same = [read(parity(tmp_path / name, f"2026-11-0{name}", line("a.kept"), line("a.also"))) for name in "12"]
    text = words(comparison(same))
    assert "0 of 2 golden prompts tell them apart" in text
    assert "Nothing changed." in text


def test_runs_of_two_kinds_are_not_compared(monkeypatch, capsys, tmp_path, write):
    elsewhere(monkeypatch, tmp_path)
    checks, prompts = write("checks", {"a.one": "pass"}), parity(tmp_path / "prompts", "2026-11-01", line("a.kept"))
    code, _, error = command(monkeypatch, capsys)("compare", checks, prompts)
    assert (code, error.count("\n")) == (2, 1)
    assert "a run of the checks" in error
    assert "one of the golden prompts: compare runs of one kind" in error
    assert not (tmp_path / "comparison.html").exists()
    with RunWriter(tmp_path / "explored") as writer:
        writer.header({"kind": "explore", "options": {}, "target": {}})
        writer.footer({"counts": {}, "exit_code": 0, "skipped": []})
    assert command(monkeypatch, capsys)("compare", str(tmp_path / "explored"), checks)[0] == 2
