"""What CI systems are told: JUnit, Markdown, badge, annotations, outputs; nothing hostile becomes a command, a link or markup."""

from __future__ import annotations

import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree as xml

import junitparser
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from conformance.cli import github
from conformance.exchange import Exchange
from conformance.judge.condition import whole
from conformance.judge.verdicts import MUST, SHOULD, Check, Verdict
from conformance.reference.lies import Lie
from conformance.report.badge import write_badge
from conformance.report.junit import write_junit
from conformance.report.markdown import code, markdown
from conformance.report.site import SITE, page_of
from conformance.run.run_file import Run, RunWriter, read
from conformance.run.user_error import UserError
from conformance.send.embedded import Reference
from tests.support.command import command, elsewhere

HOSTILE = (
    "::error::faked\n::set-output name=conforms::true\r\n##[add-mask]x %0A%25 `a` ``b`` | [x](http://evil) @everyone "
    "<img src=x onerror=alert(1)> </details> ![p](http://evil/p.png) https://evil www.evil.org\u202e\x1b[31m\ud800\n# head\n---"
)


def check(id: str, level: str = MUST, source: str = "https://example.org/a#b?c=1&d=2 (it)") -> Check:
    def law(x):
        """The requirement: one, two."""

    return Check(id, level, law, whole, None, (source,), (), ())


VERDICTS = (
    Verdict(check("a.pass"), "pass", ("x",)),
    Verdict(check("a.fail"), "fail", ("x",), (((HOSTILE,), f"x is {HOSTILE}"),)),
    Verdict(check("a.warn", SHOULD, "javascript:alert(1)"), "fail", ("x",), ((("x",), f"y is {HOSTILE}"),)),
    Verdict(check("b.untestable"), "untestable", ("x",), reason=f"no byte came {HOSTILE}"),
    Verdict(check("b.known"), "fail", ("x",), ((("x",), "z"),), known=f"on purpose {HOSTILE}"),
    Verdict(check("b.idle"), "not-exercised", reason="no exchange such"),
)
FOOTER = {
    "counts": {}, "exit_code": 1, "red": ["a.fail", "b.untestable"], "complaints": [],
    "skipped": [["chat.two", HOSTILE]], "seconds": 1.25, "remarks": [HOSTILE],
    "gate": {"fail_on": "must", "conforms": False, "red_features": []},
}  # fmt: skip


SCOPE = {
    "asked": "all", "within": ["chat", "streaming", "tools"], "idle": [], "lacking": [], "profile": "full", "short_of": None,
    "wanted": None, "exercised": 4, "musts": 4, "known": 0, "whole": True,
}  # fmt: skip


def written(folder: Path, verdicts=VERDICTS, **footer) -> Run:
    with RunWriter(folder / "run.jsonl") as writer:
        writer.header({"options": {}, "target": {"base_url": "http://localhost:8000/v1", "model": HOSTILE}})
        for verdict in verdicts:
            writer.verdict(verdict)
        writer.footer(FOOTER | footer)
    return read(folder / "run.jsonl")


@pytest.fixture
def run(tmp_path) -> Run:
    return written(tmp_path)


# ---------------------------------------------------------------------- annotations


def commands(text: str) -> list[str]:
    """The workflow commands that GitHub's runner finds in a job's output: at the beginning of a line, spaces apart, and the old
    form anywhere in one; while they are stopped, only the one that goes on."""
    found, token = [], None
    for line in re.split("\r\n|\r|\n", text):
        command = re.match(r"\s*::([^:]+)::(.*)", line)
        name = command.group(1).split()[0] if command else None
        if token is not None:
            token = None if name == token else token
        elif name == "stop-commands":
            token = command.group(2)
        elif command or "##[" in line:
            found.append(line)
    return found


def test_annotations_are_one_command_each_and_hold_the_text_escaped(run):
    lines = github.annotations(run)
    assert commands("\n".join(lines)) == lines
    assert [line.partition(" ")[0] for line in lines] == ["::error", "::error"]
    first = lines[0]
    assert first.startswith(
        "::error title=a.fail (MUST)::The requirement: one, two. x is ::error::faked%0A::set-output"
    )
    assert "%250A%2525" in first
    assert not re.search("[\x00-\x1f\u202e\ud800]", first)


def test_what_is_known_or_fails_as_before_is_no_annotation_and_what_got_worse_is_one(tmp_path):
    known = [
        Verdict(check(f"a.k{n}"), "fail", (f"x{n}",), (((f"x{n}",), f"m{n} is 1, expected 2"),), known="on purpose")
        for n in range(9)
    ]
    verdicts = [*known, VERDICTS[2], Verdict(check("a.new", SHOULD), "fail", ("y",), ((("y",), "n is 1, expected 3"),))]
    green = {"exit_code": 0, "red": [], "scope": SCOPE}
    assert github.annotations(written(tmp_path, verdicts, **green)) == []
    beside = {
        "fail_on": "must",
        "conforms": True,
        "red_features": [],
        "against": "r",
        "worse": ["a.new"],
        "better": [],
        "not_compared": [],
    }
    run = written(tmp_path, verdicts, **green, gate=beside)
    [line] = github.annotations(run)
    assert line.startswith("::warning title=a.new (SHOULD)::")
    summary = markdown(run, "reports/latest")
    assert "<details><summary>9 fail as known</summary>" in summary
    assert "<details><summary>2 more fail and are not red</summary>" in summary


def test_a_title_holds_nothing_that_ends_it():
    assert github._property("a:b,c%\r\n") == "a%3Ab%2Cc%25%0D%0A"


def test_no_more_annotations_than_github_shows(tmp_path):
    many = [Verdict(check(f"a.c{n}"), "fail", (f"x{n}",), (((f"x{n}",), f"m{n} is 1, expected 2"),)) for n in range(40)]
    lines = github.annotations(written(tmp_path, many, red=[v.check.id for v in many]))
    assert len(lines) == github.ANNOTATIONS
    assert lines[-1].startswith("::error title=31 more::DOES NOT CONFORM: 40 MUST fail")


# ---------------------------------------------------------------------- Markdown


GITHUB = MarkdownIt("gfm-like", {"html": True, "linkify": False}).enable("table")


def tokens(text: str):
    for token in GITHUB.parse(text):
        yield token
        yield from token.children or ()


def test_the_summary_says_what_the_run_says(run):
    text = markdown(run, "reports/latest")
    for said in ("## openai-conformance: DOES NOT CONFORM", "1 MUST fail, 1 MUST could not be tested", "| MUST | 1 | 1 | 1 | 1 | 1 |",
                 "[`a.fail`]", ") MUST", "[source](<https://example.org/a#b?c=1&d=2>)", "1 requests not sent", "1 fail as known",
                 "The whole report: `reports/latest`"):  # fmt: skip
        assert said in text, said


def test_nothing_hostile_becomes_markup(run):
    text = markdown(run)
    found = list(tokens(text))
    links = {token.attrs["href"] for token in found if token.type == "link_open"}
    assert {each for each in links if not each.startswith(f"{SITE}/checks/")} == {"https://example.org/a#b?c=1&d=2"}
    html = {token.content.strip() for token in found if token.type in ("html_block", "html_inline")}
    assert {tag for each in html for tag in re.findall("<[^>]*>", each)} <= {
        "<details>",
        "</details>",
        "<summary>",
        "</summary>",
    }
    assert not [token for token in found if token.type == "image"]
    assert [token.tag for token in found if token.type == "heading_open"] == ["h2", "h3", "h3"]


@settings(max_examples=300)
@given(st.text(st.characters() | st.sampled_from("`|<>[]()\\\n@"), max_size=80))
def test_a_code_span_holds_any_text_and_ends_where_we_end_it(text):
    row = f"| a | b |\n| --- | --- |\n| {code(text)} | after |\n"
    cells = [token.children for token in GITHUB.parse(row) if token.type == "inline"][2:]
    assert len(cells) == 2
    assert {token.type for token in cells[0]} <= {"code_inline"}
    assert cells[1][0].content == "after"


def test_a_long_summary_is_cut(tmp_path, run):
    verdicts = [replace(VERDICTS[1], check=check(f"a.c{n}")) for n in range(400)]
    assert (
        len(markdown(written(tmp_path, verdicts, red=[v.check.id for v in verdicts])).encode())
        < github.SUMMARY_BYTES / 5
    )
    assert len(github._bounded("ä" * github.SUMMARY_BYTES).encode()) <= github.SUMMARY_BYTES + 20


# ---------------------------------------------------------------------- JUnit and badge


def test_another_reader_of_junit_finds_the_same(run, tmp_path):
    write_junit(run, tmp_path / "junit.xml")
    suites = junitparser.JUnitXml.fromfile(str(tmp_path / "junit.xml"))
    assert (suites.tests, suites.failures, suites.errors, suites.skipped, suites.time) == (6, 2, 0, 2, 1.25)
    cases = {case.name: case for suite in suites for case in suite}
    assert list(cases) == [verdict.check.id for verdict in VERDICTS]
    assert {case.classname for case in cases.values()} == {"conformance.a", "conformance.b"}
    [failure] = cases["a.fail"].result
    assert failure.message.startswith("x is ::error::faked")
    assert failure.message in failure.text, "GitLab shows the text alone"
    [skipped] = cases["b.known"].result
    assert (type(skipped), skipped.message[:17]) == (junitparser.Skipped, "known: on purpose")
    properties = {p.get("name"): p.get("value") for p in cases["a.fail"]._elem.iter("property")}
    source = "https://example.org/a#b?c=1&d=2 (it)"
    assert properties == {
        "level": "must",
        "outcome": "fail",
        "source": source,
        "cause": "a.fail",
        "page": page_of("a.fail"),
    }


def test_the_time_of_a_case_is_that_of_its_slowest_answer(tmp_path):
    def answered(id: str, *seconds: float) -> Exchange:
        arrivals = tuple((each, n) for n, each in enumerate(seconds, 1))
        return Exchange(id, "POST", "http://a/v1/chat/completions", (), b"{}", 200, (), b"ab", arrivals=arrivals)

    with RunWriter(tmp_path / "run.jsonl") as writer:
        writer.header({"options": {}, "target": {"base_url": "http://a/v1", "model": "m"}})
        for x in (answered("x", 0.25, 1.5), answered("y", 0.5), answered("z")):
            writer.exchange(x)
        for verdict in (
            Verdict(check("a.both"), "pass", ("x + y", "z")),
            Verdict(check("a.one"), "pass", ("y",)),
            VERDICTS[-1],
        ):
            writer.verdict(verdict)
        writer.footer(FOOTER | {"red": []})
    write_junit(read(tmp_path / "run.jsonl"), tmp_path / "junit.xml")
    suites = junitparser.JUnitXml.fromfile(str(tmp_path / "junit.xml"))
    assert {case.name: case.time for suite in suites for case in suite} == {"a.both": 1.5, "a.one": 0.5, "b.idle": 0.0}
    assert [suite.time for suite in suites] == [2.0, 0.0]


@pytest.mark.parametrize(
    ("code", "scope", "said", "color"),
    [
        (0, SCOPE, "conforms", "#1a7f37"),
        (0, SCOPE | {"known": 2}, "conforms but for 2 known deviations", "#8a5a00"),
        (0, SCOPE | {"whole": False}, "conforms in chat, streaming and tools", "#8a5a00"),
        (0, SCOPE | {"whole": False, "within": list("abcde")}, "conforms in a, b, c and 2 more", "#8a5a00"),
        (0, SCOPE | {"whole": False, "within": ['a"<b>&']}, 'conforms in a"<b>&', "#8a5a00"),
        (0, SCOPE | {"asked": "profile", "wanted": "agents"}, "conforms for the profile agents", "#1a7f37"),
        (0, SCOPE | {"asked": "areas", "within": ["streaming"]}, "conforms in streaming", "#1a7f37"),
        (0, SCOPE | {"asked": "recordings", "whole": False}, "conforms in what was recorded", "#8a5a00"),
        (0, None, "conforms", "#8a5a00"),
        (1, SCOPE, "does not conform", "#b42318"),
        (3, SCOPE, "not judged", "#57606a"),
    ],
)
def test_the_badge_says_the_verdict_and_its_scope(tmp_path, code, scope, said, color):
    more = {"scope": scope} if scope else {}
    write_badge(written(tmp_path, exit_code=code, **more), tmp_path / "badge.svg")
    root = xml.parse(tmp_path / "badge.svg").getroot()
    texts = [element.text for element in root.iter("{http://www.w3.org/2000/svg}text")]
    assert texts == ["OpenAI API", f"{said}, 1/4 MUST"]
    assert root.get("aria-label") == f"OpenAI API: {said}, 1/4 MUST"
    assert color in (tmp_path / "badge.svg").read_text()


# ---------------------------------------------------------------------- both faces on GitHub


@pytest.fixture
def on_github(tmp_path, monkeypatch):
    elsewhere(monkeypatch, tmp_path)
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(tmp_path / "summary.md"))
    monkeypatch.setenv("GITHUB_OUTPUT", str(tmp_path / "output"))
    return tmp_path


def says_commands(call, reply):
    """Commands in the type of the list of models."""
    if not isinstance(reply.body, dict) or "data" not in reply.body or not call.path.endswith("/models"):
        return reply
    return replace(reply, body={**reply.body, "object": "##[error]faked ::error::x ::error::y"})


def test_on_github_a_run_leaves_summary_outputs_and_annotations(on_github, monkeypatch, capsys):
    (on_github / "summary.md").write_text("# of a step before\n")
    with Reference(lie=Lie("test", "A lie.", reply=says_commands)) as server:
        code, out, _ = command(monkeypatch, capsys)("--only", "model", server=server)
    assert code == 1
    assert "##[error]faked" in out, "the answer is shown"
    found = commands(out)
    assert found
    assert {re.match("::(error|warning) title=", line) is not None for line in found} == {True}
    summary = (on_github / "summary.md").read_text()
    assert summary.startswith("# of a step before\n## openai-conformance: DOES NOT CONFORM")
    lines = (on_github / "output").read_text().splitlines()
    assert [line.partition("=")[0] for line in lines] == ["verdict", "profile", "conforms", "must-failed", "report"]
    assert (lines[0], *lines[2::2]) == ("verdict=does not conform", "conforms=false", "report=reports/latest")
    assert int(lines[3].partition("=")[2]) > 0


def test_a_mistake_on_github_is_text_alone(on_github, monkeypatch, capsys):
    code, out, err = command(monkeypatch, capsys)(
        "--model", "##[set-output name=conforms]true", "--base-url", "http://127.0.0.1:1/v1", "--wait", "0"
    )
    assert (code, commands(err)) == (3, [])
    [line] = out.splitlines()
    assert line.startswith("::error title=could not be judged::no answer from ")
    _, _, err = command(monkeypatch, capsys)("--only", "##[set-output name=conforms]true")
    assert "##[" in err
    assert commands(err) == []


def test_pytest_on_github_says_the_same(on_github, monkeypatch):
    with Reference(lie=Lie("test", "A lie.", reply=says_commands)) as server:
        monkeypatch.setenv("OPENAI_API_KEY", server.key)
        run = [sys.executable, "-m", "conformance", "pytest", "--only=model", f"--base-url={server.base_url}"]
        done = subprocess.run(run, capture_output=True, text=True)
    assert done.returncode == 1
    assert "##[error]faked" in done.stdout
    found = commands(done.stdout)
    assert found
    assert {re.match("::(error|warning) title=", line) is not None for line in found} == {True}
    assert "conforms=false\n" in (on_github / "output").read_text()


def test_elsewhere_nothing_is_told(tmp_path, monkeypatch, capsys):
    elsewhere(monkeypatch, tmp_path)
    for name in ("GITHUB_ACTIONS", "GITHUB_STEP_SUMMARY", "GITHUB_OUTPUT"):
        monkeypatch.delenv(name, raising=False)
    with Reference(lie=Lie("test", "A lie.", reply=says_commands)) as server:
        _, out, _ = command(monkeypatch, capsys)("--only", "model", server=server)
    assert "::stop-commands::" not in out
    assert not [line for line in out.splitlines() if line.startswith("::error")]


def test_a_summary_that_cannot_be_written_is_a_mistake(on_github, run, monkeypatch):
    with pytest.raises(UserError, match="cannot be written"):
        github.tell(run, "reports", print, {"GITHUB_STEP_SUMMARY": str(on_github)})


@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(st.characters() | st.sampled_from(":\n\r#[ %,"), max_size=60))
def test_whatever_is_said_is_one_command(text):
    line = f"::error title={github._property(text)}::{github._data(text)}"
    assert commands(line) == [line]
    assert len(line.splitlines()) == 1
