"""The reports say what the run file says, and nothing from an endpoint can break out of them."""

from __future__ import annotations

import io
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree as xml

import pytest
from rich.console import Console

from conformance.exchange import Exchange
from conformance.judge.condition import whole
from conformance.judge.verdicts import MAY, MUST, SHOULD, Check, Verdict
from conformance.report.bodies import write_bodies
from conformance.report.details import failure_text
from conformance.report.junit import write_junit
from conformance.report.summary import show_summary
from conformance.report.verdict import verdict as verdict_of
from conformance.run.run_file import RunWriter, read

HOSTILE = "<script>alert('x')</script>&\"[bold red]RED[/bold red]\x1b[31m\u202e\x00\ud800{{ 7*7 }}]]>"
"""What breaks out of HTML, XML, a terminal, rich's markup or a template, where it is not escaped."""


def check(id: str, level: str = MUST) -> Check:
    def law(x):
        """The requirement <of> [it].

        The impact &c.
        """

    return Check(id, level, law, whole, None, ("https://example.org/a?b=1&c=2 (it)", "a <book>"), ("d",), ("A-001",))


EXCHANGE = Exchange(
    id="chat.hello",
    method="POST",
    url="http://localhost:8000/v1/chat/completions",
    request_headers=(("Authorization", "Bearer REDACTED"), ("X-Own", "it's")),
    request_body=b'{"model": "it\'s", "messages": []}',
    status=200,
    headers=(("x-hostile", HOSTILE), ("content-type", "text/html")),
    body=HOSTILE.encode("utf-8", "surrogatepass") * 200,
)

VERDICTS = (
    Verdict(check("a.pass"), "pass", ("chat.hello",)),
    Verdict(check("a.fail"), "fail", ("chat.hello",), ((("chat.hello + tools.auto", "x.y"), f"x is {HOSTILE}"),)),
    Verdict(check("a.warn", SHOULD), "fail", ("chat.hello",), ((("chat.hello",), f"y is {HOSTILE}"),)),
    Verdict(check("b.untestable"), "untestable", ("lost",), reason=f"no byte came {HOSTILE}"),
    Verdict(check("b.broken", MAY), "broken", ("chat.hello",), reason="Traceback\n  ZeroDivisionError"),
    Verdict(check("b.known"), "fail", ("chat.hello",), ((("chat.hello",), "z"),), known=f"on purpose {HOSTILE}"),
    Verdict(check("b.idle"), "not-exercised", reason="no exchange such"),
    Verdict(check("b.stale"), "pass", ("chat.hello",)),
)
FOOTER = {
    "counts": {},
    "exit_code": 1,
    "red": ["a.fail", "b.untestable", "b.broken", "b.stale"],
    "complaints": [{"check": "b.stale", "message": "delete lines 1-3"}],
    "skipped": [["chat.two", f"because {HOSTILE}"]],
    "seconds": 1.25,
}


@pytest.fixture
def run(tmp_path):
    lost = replace(EXCHANGE, id="lost", status=None, headers=(), body=b"", ended="refused", failure=f"gone {HOSTILE}")
    with RunWriter(tmp_path / "run.jsonl") as writer:
        target = {"base_url": "http://localhost:8000/v1", "model": HOSTILE}
        writer.header({"options": {"api_key_env": "MY_KEY"}, "target": target})
        writer.exchange(EXCHANGE)
        writer.exchange(lost)
        for verdict in VERDICTS:
            writer.verdict(verdict)
        writer.footer(FOOTER)
    return read(tmp_path / "run.jsonl")


def terminal(run, width=80, **more) -> str:
    console = Console(file=io.StringIO(), width=width, color_system=None)
    show_summary(run, "reports/index.html", console, **more)
    return console.file.getvalue()


# ---------------------------------------------------------------------- terminal


def test_the_summary_holds_what_a_person_needs(run):
    text = terminal(run, verbose=True)
    for said in ("a.fail  MUST", "The requirement <of> [it].", "seen   x is <script>", "breaks The impact &c.",
                 "source https://example.org/a?b=1&c=2 (it)", "curl -sS http://localhost:8000/v1/chat/completions",
                 '-H "Authorization: Bearer $MY_KEY"', "Failed, not red", "a.warn", "Not testable: 1 MUST", "b.untestable",
                 "b.broken  MAY", "ZeroDivisionError", "b.stale  delete lines 1-3", "1 request not sent: because",
                 "1 of 2 requests got no answer; the first, lost: gone", "DOES NOT CONFORM", "2 exchanges in 1.2 s",
                 "1 MUST fail, 1 MUST could not be tested, 1 known deviation is out of date"):  # fmt: skip
        assert said in text or said in " ".join(text.split()), said
    assert re.search(r"^MUST +2 +1 +0 +1 +1 +1$", text, re.M)
    assert re.search(r"^SHOULD +0 +1 +0 +0 +0 +0$", text, re.M)
    ending = text.rstrip().splitlines()[-4:]
    assert ending[0].endswith("Report: reports/index.html, with run.jsonl and junit.xml beside it")
    assert ending[2:] == [
        "  openai-conformance curl --run reports/run.jsonl a.fail",
        "  openai-conformance explain a.fail",
    ]


def test_what_depth_leaves_out_is_said_by_verbose_alone(tmp_path):
    with RunWriter(tmp_path / "left.jsonl") as writer:
        writer.header({"options": {}, "target": {"base_url": "http://localhost:8000/v1", "model": "m"}})
        skipped = [["long", "nothing told; --depth deep looks for it"], ["other", "no id to ask for"]]
        writer.footer({"counts": {}, "exit_code": 0, "red": [], "skipped": skipped})
    run = read(tmp_path / "left.jsonl")
    assert ("nothing told" in terminal(run), "no id to ask for" in terminal(run)) == (False, True)
    assert "nothing told" in terminal(run, verbose=True)


def test_the_first_screen_says_the_verdict_and_what_to_fix_first(tmp_path):
    """24 lines of 80 characters: three causes with all that is worth knowing, each further one in a line."""
    words = "a word too long for one line " * 9
    many = [
        Verdict(check(f"a.c{n}"), "fail", (f"x{n}",), (((f"x{n}",), f"m{n} is {words}, expected 2"),)) for n in range(8)
    ]
    with RunWriter(tmp_path / "many.jsonl") as writer:
        writer.header({"options": {}, "target": {"base_url": "http://localhost:8000/v1", "model": "m"}})
        for n in range(8):
            writer.exchange(replace(EXCHANGE, id=f"x{n}"))
        for verdict in many:
            writer.verdict(verdict)
        writer.footer({"counts": {}, "exit_code": 1, "red": [v.check.id for v in many], "skipped": []})
    screen = terminal(read(tmp_path / "many.jsonl")).splitlines()[:24]
    assert screen[0].startswith("DOES NOT CONFORM  http://localhost:8000/v1")
    for said in ("   unlocks 1 MUST, in 1 of 8 requests: a.c", "   breaks  The impact", "   answer  "):
        assert sum(line.startswith(said) for line in screen) == 3, said
    assert [line[:2] for line in screen if line[:1].isdigit()] == [f"{n}." for n in range(1, 9)]


@pytest.mark.parametrize("width", [40, 80, 120])
def test_prose_keeps_to_the_width_and_what_is_copied_is_never_broken(run, width):
    lines = terminal(run, width).splitlines()
    copied = ("   curl ", "   source ", "  source ", "DOES NOT", "2 exchanges", "  openai-conformance curl")
    assert [line for line in lines if len(line) > width and not line.startswith(copied)] == []
    assert [line for line in lines if line != line.rstrip()] == []


def test_nothing_hostile_reaches_the_terminal(run):
    for text in (terminal(run), terminal(run, quiet=True), failure_text_of(run)):
        assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e\ud800]", text)
        assert "[bold red]RED[/bold red]" in text  # shown as sent, not obeyed


def failure_text_of(run) -> str:
    from conformance.report.rows import rows

    return "\n".join(failure_text(row, run) for row in rows(run) if row.red and row.problems)


def test_quiet_is_ids_and_verdict(run):
    ids = terminal(run, width=1000, quiet=True).splitlines()[:-2]
    assert ids == ["a.fail", "b.untestable", "b.broken", "b.stale"]


def test_a_run_without_footer_has_no_verdict(run):
    run.footer, run.remark = None, "the run was cut off"
    text = terminal(run)
    assert "CUT OFF" in text
    assert "CONFORM" not in text


def test_a_verdict_says_where_much_had_nothing_to_judge(tmp_path):
    def said(idle: int) -> str:
        table = [Verdict(check(f"a.c{n}"), "pass", ("x",)) for n in range(4)]
        table += [Verdict(check(f"stream.c{n}"), "not-exercised", reason="none") for n in range(idle)]
        with RunWriter(tmp_path / "run.jsonl") as writer:
            writer.header({"options": {}, "target": {}})
            for verdict in table:
                writer.verdict(verdict)
            writer.footer({"counts": {}, "exit_code": 0, "red": [], "skipped": []})
        return verdict_of(read(tmp_path / "run.jsonl"))[1]

    assert said(0) == "4 of 4 checks pass"
    assert said(1) == "4 of 5 checks pass, 1 of 5 MUST had nothing to judge"
    assert said(4) == "4 of 8 checks pass, 4 of 8 MUST had nothing to judge (most in stream)"


def test_a_long_body_stands_in_a_file_beside_the_report(run, tmp_path):
    long = replace(EXCHANGE, request_body=b'{"messages": "' + b"x" * 500 + b'"}')
    run.exchanges[0] = long
    write_bodies(run, tmp_path)
    page = str(tmp_path / "index.html")
    console = Console(file=io.StringIO(), width=80, color_system=None)
    show_summary(run, page, console)
    file = tmp_path / "requests" / "chat.hello.json"
    assert file.read_bytes() == long.request_body
    assert f"--data-binary @{file}" in console.file.getvalue()
    assert "x" * 100 not in console.file.getvalue()


# ---------------------------------------------------------------------- JUnit


def test_junit_holds_one_case_a_check(run, tmp_path):
    write_junit(run, tmp_path / "junit.xml")
    root = xml.parse(tmp_path / "junit.xml").getroot()
    cases = {case.get("name"): case for case in root.iter("testcase")}
    assert list(cases) == [verdict.check.id for verdict in VERDICTS]
    outcome = {name: [child.tag for child in case if child.tag != "properties"] for name, case in cases.items()}
    assert outcome == {
        "a.pass": [],
        "a.fail": ["failure"],
        "a.warn": ["system-out"],
        "b.untestable": ["failure"],
        "b.broken": ["error"],
        "b.known": ["skipped"],
        "b.idle": ["skipped"],
        "b.stale": ["failure"],
    }
    assert {name: root.get(name) for name in ("tests", "failures", "errors", "skipped")} == {
        "tests": "8", "failures": "3", "errors": "1", "skipped": "2",
    }  # fmt: skip
    assert cases["a.fail"].get("classname") == "conformance.a"
    said = cases["a.fail"].find("failure").get("message")
    assert said.startswith("x is <script>alert('x')</script>&\"[bold red]")
    properties = [(p.get("name"), p.get("value")) for p in cases["a.fail"].iter("property")]
    assert properties[:2] == [("level", "must"), ("outcome", "fail")]
    assert ("source", "a <book>") in properties
    assert not re.search("[\x00-\x08\x0b-\x1f\ud800\u202e]", (tmp_path / "junit.xml").read_text("utf-8"))


# ---------------------------------------------------------------------- HTML


class Tags(HTMLParser):
    """Every start tag with its attributes, and all text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict]] = []
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))

    def handle_data(self, data):
        self.text += data


# ---------------------------------------------------------------------- where nothing could be judged


@pytest.mark.usefixtures("elsewhere")
def test_an_endpoint_that_is_not_there_leaves_an_error_for_ci_systems(call):
    code, _, said = call("--base-url=http://127.0.0.1:1/v1", "--wait=0")
    assert code == 3
    root = xml.parse("reports/latest/junit.xml").getroot()
    assert (root.get("tests"), root.get("errors"), root.get("failures")) == ("1", "1", "0")
    assert root.find("testsuite/testcase/error").get("message") in said


@pytest.mark.usefixtures("elsewhere")
def test_a_folder_that_cannot_be_written_does_not_hide_why(call):
    Path("file").write_text("in the way")
    code, _, said = call("--base-url=http://127.0.0.1:1/v1", "--report=file/below")
    assert code != 1
    assert "Traceback" not in said
