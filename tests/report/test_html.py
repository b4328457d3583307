"""The page of a run holds what people decide by, links that survive, and nothing hostile as anything but text."""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import replace

import pytest

from conformance.areas.catalogue import catalogue, lies
from conformance.exchange.fragment import without
from conformance.judge.verdicts import Verdict
from conformance.report.evidence import Answer
from conformance.report.html import html, write_html
from conformance.report.locate import Spot, parts_of, spot
from conformance.report.pages import _environment as environment_of_page
from conformance.report.pages import ticked
from conformance.report.site import SITE
from conformance.run.run_file import RunWriter, read
from conformance.run.words import LONGEST
from tests.report.test_files import EXCHANGE, HOSTILE, Tags, run, terminal  # noqa: F401  (a fixture)
from tests.support import proving
from tests.support.command import command, elsewhere


@pytest.fixture
def page(run, tmp_path):  # noqa: F811
    write_html(run, tmp_path / "index.html")
    return (tmp_path / "index.html").read_text("utf-8")


def text_of(page: str) -> str:
    return " ".join(Tags(page.partition("<main")[2]).text.split())


# ---------------------------------------------------------------------- safety


def test_the_page_is_self_contained_and_its_policy_names_its_script_and_sheet(page):
    found = Tags(page)
    names = [tag for tag, _ in found.tags]
    assert not set(names) & {"iframe", "img", "object", "embed", "base", "video", "audio", "image", "foreignobject"}
    assert not [name for _, attributes in found.tags for name in attributes if name.startswith("on") or name == "style"]
    policy = next(a["content"] for t, a in found.tags if a.get("http-equiv") == "Content-Security-Policy")
    assert policy.startswith("default-src 'none'; ")
    assert "unsafe" not in policy
    inside = re.findall(r"<(?:script|style)>(.*?)</(?:script|style)>", page, re.S)
    assert len(inside) == 3
    for text in inside:
        assert f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'" in policy
    addresses = {a[name] for _, a in found.tags for name in ("href", "src") if name in a}
    outside = {a for a in addresses if not a.startswith(("#", "data:image/svg+xml,", SITE))}
    assert outside == {"https://example.org/a?b=1&c=2"}  # to follow, and the pages of the checks


def test_the_page_shows_the_hostile_text_as_text(page):
    assert page.count("<script>") == 2
    assert "<script>alert('x')</script>" in Tags(page).text
    assert "{{ 7*7 }}" in Tags(page).text
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202e\ud800]", page)


# ---------------------------------------------------------------------- content


def test_the_page_holds_verdict_counts_and_evidence(page):
    text = text_of(page)
    for said in ("No, not a drop-in replacement", "DOES NOT CONFORM",
                 "1 MUST fail, 1 MUST could not be tested, 1 known deviation is out of date.",
                 "The requirement <of> [it].", "a <book>", "delete lines 1-3", "HTTP 200",
                 "curl -sS http://localhost:8000/v1/chat/completions", "$MY_KEY", ": chat.two.", "x-hostile: ",
                 "no exchange such", "Not testable", "on purpose"):  # fmt: skip
        assert said in text, said
    assert re.search("MUST *2 *1 *0 *1 *1 *1", text)
    assert len(page) < 80_000, "an answer is shown whole, however long"


def test_every_check_has_an_address_and_no_link_leads_nowhere(page):
    ids = [attributes["id"] for _, attributes in Tags(page).tags if "id" in attributes]
    assert len(ids) == len(set(ids))
    assert {"a.pass", "a.fail", "a.warn", "b.untestable", "b.broken", "b.known", "b.idle", "b.stale"} <= set(ids)
    links = {a["href"][1:] for t, a in Tags(page).tags if t == "a" and a["href"].startswith("#")}
    assert links <= set(ids)


def test_a_run_cut_off_has_no_verdict(run):  # noqa: F811
    run.footer, run.remark = None, "the run was cut off: its file has no footer"
    assert "Not judged: the run was cut off" in text_of(html(run))


def test_the_baseline_stands_beside_the_target(run, tmp_path):  # noqa: F811
    with RunWriter(tmp_path / "other.jsonl") as writer:
        writer.header({"options": {}, "target": {"base_url": "http://other/v1", "model": "m"}})
        for verdict in run.verdicts:
            writer._write({"type": "verdict", **verdict, "outcome": "pass", "problems": []})
        writer.footer({"counts": {}, "exit_code": 0, "skipped": []})
    text = text_of(html(run, read(tmp_path / "other.jsonl")))
    assert "Against the baseline http://other/v1, model m 4 worse 0 better" in text
    assert "a.fail MUST fail the baseline passes" in text


def test_the_same_run_gives_the_same_page(run):  # noqa: F811
    assert html(run) == html(run)


# ---------------------------------------------------------------------- evidence


def marked(x, message: str) -> list[str]:
    return [line.text for line in Answer(x).excerpt([spot(x, message)]) if line.marked]


JSON = replace(
    EXCHANGE,
    headers=(("content-type", "application/json"),),
    body=b'{"id": 1, "choices": [{"message": {"content": [7]}}]}',
)
LIST = replace(
    JSON, body=b'{"data": [{"id": "warm-7"}], "response": {"usage": {"total_tokens": 3}, "total_tokens": 4}}'
)
CALLED = replace(JSON, body=b'{"a": [{"tool_calls": []}], "n": 1}')
EVENTS = replace(
    EXCHANGE,
    request_body=b'{"stream": true}',
    headers=(("content-type", "text/event-stream"),),
    body=b': hello\n\ndata: {"choices": [{"index": 0, "delta": {"content": "a"}}]}\n\n'
    b'data: {"choices": [{"index": 0, "delta": {}, "finish_reason": "halt"}]}\n\ndata: [DONE]\n\n',
    arrivals=((0.25, 9), (0.5, 79), (1.5, 161), (1.5, 175)),
)


@pytest.mark.parametrize(
    ("x", "message", "lines"),
    [
        (JSON, "choices.0.message.content is [7], expected a string or null", ['        "content": [']),
        (JSON, "choices.0.message.role is absent, expected a string", ['      "message": {']),
        (JSON, "id is 1, expected a string", ['  "id": 1,']),
        (JSON, "content-type is \"application/json\", expected another", ["content-type: application/json"]),
        (JSON, "Retry-After is null, expected the seconds to wait", ["HTTP 200"]),
        (JSON, "the status is 200, expected 400", ["HTTP 200"]),
        (JSON, "the body is not what anybody wants", ["{"]),
        (JSON, "nothing of this is known", []),
        (LIST, "the number of items is 3, expected 2 at most", ['  "data": [']),
        (LIST, 'the second list is without "warm-7" and with "warm-9", expected the same', ['  "data": [']),
        (LIST, 'what is listed is without "warm-7", expected the same', ['      "id": "warm-7"']),
        (JSON, "the tools that are called is [], expected x", []),
        (CALLED, "the tools that are called is [], expected x", ['      "tool_calls": []']),
        (replace(CALLED, request_body=b'{"stream": true}'), "n is 1, expected 2", ['  "n": 1']),
        (LIST, "usage.total_tokens is 3, expected 2", ['      "total_tokens": 3']),
        (replace(JSON, body=b"RIFF\0\0"), "the length in the header is 9, expected 8", [
            "6 bytes that are no text; they begin 52 49 46 46 00 00"]),
        (replace(EVENTS, request_body=b"{}"), 'the body is ": hello", expected one JSON value', [": hello"]),
        (replace(JSON, status=None, body=b"", failure="nobody is there"), "no byte came", ["nobody is there"]),
        (replace(JSON, status=422, body=b'{"detail": [{"loc": ["body", "stop"], "msg": "No list"}]}'),
         "the status is 422, expected 200", ['      "msg": "No list"']),
        (replace(JSON, status=400, body=b'{"error": {"message": "No list"}}'), "status is 400, expected 200",
         ['    "message": "No list"']),
        (EVENTS, "the last event is \"x\", expected [DONE]", ["data: [DONE]"]),
        (EVENTS, "finish_reason of choice 0 is \"halt\", expected \"stop\"", [
            'data: {"choices": [{"index": 0, "delta": {}, "finish_reason": "halt"}]}', '            "finish_reason": "halt"']),
        (EVENTS, "chunk 0.choices.0.delta.content is \"a\", expected none", [
            'data: {"choices": [{"index": 0, "delta": {"content": "a"}}]}', '              "content": "a"']),
        (EVENTS, "event 9 is \"?\", expected another", []),
    ],
)  # fmt: skip
def test_the_offending_line_is_marked(x, message, lines):
    assert marked(x, message) == lines


def test_most_failures_of_the_reference_s_lies_get_a_mark():
    """Each lie's first failures, on the answers that show them."""
    unmarked, seen = [], 0
    for name in sorted(lies())[::60]:
        answers = {x.id: x for x in proving.lying(lies()[name])}
        for verdict in proving.verdicts(lies()[name]):
            for ids, message in verdict.problems[:2]:
                x = answers.get(ids[0].split(" + ")[0])
                if verdict.outcome == "fail" and x is not None and verdict.check.area != "sdk":
                    seen += 1
                    unmarked += [] if marked(x, message) else [(verdict.check.id, message)]
    assert seen > 20
    assert len(unmarked) <= seen / 20, unmarked


def test_a_message_falls_into_what_seen_and_expected():
    assert parts_of('a.0 is "x, expected y", expected z') == ("a.0", '"x, expected y"', "z")
    assert parts_of("the server left the answer unfinished (cut)") == (
        "the server left the answer unfinished (cut)",
        "",
        "",
    )


def test_a_stream_has_a_timeline_of_its_events():
    drawn = Answer(EVENTS).timeline([Spot("event", event=1)])
    assert [(lane.kind, lane.count, bool(lane.marks)) for lane in drawn.lanes] == [
        ("content", 1, False), ("finish", 1, True), ("[DONE]", 1, False), ("comment", 1, False),
    ]  # fmt: skip
    assert drawn.words == "4 events, the first after 250 ms, the last after 1.50 s, the longest pause 1.00 s"
    assert Answer(JSON).timeline() is None


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("with `stream: true` a `[DONE]`", "with <code>stream: true</code> a <code>[DONE]</code>"),
        ("one ` alone", "one ` alone"),
        ('"```json\\n{}\\n```", expected JSON', "&#34;```json\\n{}\\n```&#34;, expected JSON"),
        ("`<b>`", "<code>&lt;b&gt;</code>"),
        ("", ""),
    ],
)
def test_backticks_mean_code_where_they_come_in_pairs(text, said):
    assert ticked(text) == said


def test_a_timeline_of_many_events_is_drawn_whole(run):  # noqa: F811
    """The page cuts long texts, and half a path is an error of the browser's."""
    body, arrivals = b"", []
    for n in range(400):
        body += b'data: {"object": "chat.completion.chunk", "choices": []}\n\n'
        arrivals.append((n / 100, len(body)))
    stream = replace(EVENTS, id=run.exchanges[0].id, body=body, arrivals=tuple(arrivals))
    (lane,) = Answer(stream).timeline().lanes
    assert len(lane.ticks) > LONGEST
    drawn = environment_of_page().from_string('{% from "evidence.jinja" import drawing %}{{ drawing(t, "s") }}')
    assert f'd="{lane.ticks}"' in drawn.render(t=Answer(stream).timeline())


@pytest.mark.parametrize("part", ["request", "status", "framing"])
def test_what_a_recorder_did_not_keep_is_missing_from_the_evidence_and_no_more(run, part):  # noqa: F811
    x = without(EVENTS, part)
    assert Answer(x).excerpt([spot(x, 'finish_reason of choice 0 is "halt", expected "stop"')])
    run.exchanges = [x, *run.exchanges[1:]]
    assert "No, not a drop-in replacement" in text_of(html(run))
    assert "a.fail" in terminal(run)


def test_evidence_is_bounded_on_the_page(run, tmp_path):  # noqa: F811
    """Everything fails, on an answer of a megabyte."""
    with RunWriter(tmp_path / "all.jsonl") as writer:
        writer.header({"options": {}, "target": {"base_url": "http://x/v1", "model": "m"}})
        for n in range(200):
            writer.exchange(replace(EXCHANGE, id=f"x.{n}", body=b"x\n" * 500_000))
        for check in catalogue().values():
            ids = tuple(f"x.{n}" for n in range(200))
            writer.verdict(Verdict(check, "fail", ids, ((ids, "the body is bad, expected good"),)))
        writer.footer({"counts": {}, "exit_code": 1, "red": list(catalogue()), "skipped": []})
    page = html(read(tmp_path / "all.jsonl"))
    assert len(page.encode()) < 4_000_000


# ---------------------------------------------------------------------- the command


def test_the_command_builds_the_page_again(monkeypatch, capsys, tmp_path, run):  # noqa: F811
    elsewhere(monkeypatch, tmp_path)
    call = command(monkeypatch, capsys)
    assert call("report", "run.jsonl", "--baseline", "run.jsonl", "--out", "page.html") == (
        0,
        "report: page.html\n",
        "",
    )
    assert "No, not a drop-in replacement" in (tmp_path / "page.html").read_text("utf-8")
    assert HOSTILE not in (tmp_path / "page.html").read_text("utf-8")
    for arguments, said in (
        (("nowhere",), "nowhere cannot be read: No such file or directory"),
        (
            ("run.jsonl", "run.jsonl"),
            "report takes one run of the checks; the sub-command compare shows several side by side",
        ),
        (("run.jsonl", "--out", "no/where"), "no/where cannot be written: No such file or directory"),
    ):
        assert call("report", *arguments) == (2, "", f"openai-conformance: {said}\n")


@pytest.mark.parametrize(
    ("fail_on", "exit_code", "said"), [("gap", 1, "A gap: "), ("regression", 0, "No regression: ")]
)
def test_a_gate_beside_another_run_has_its_own_headline(run, fail_on, exit_code, said):  # noqa: F811
    """What a run against another says; the words are made in beside.py."""
    gate = {
        "fail_on": fail_on,
        "against": "old.jsonl",
        "conforms": False,
        "worse": [],
        "better": [],
        "not_compared": [],
    }
    run.footer |= {"exit_code": exit_code, "gate": gate}
    assert said in text_of(html(run))
