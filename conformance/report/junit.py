"""JUnit XML of a run: one test case a check, for CI systems. Red is a failure, a warning passes with its text.

The form is that of https://github.com/testmoapp/junitxml, which most CI systems read. Jenkins groups by what comes before the last
dot of a class name; GitLab shows the text of a failure and not its message, so the text holds the message, too.
"""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path
from xml.etree import ElementTree as xml

from conformance.report.causes.cause import Cause, by_check, causes
from conformance.report.rows import Row, feature_rows, rows
from conformance.report.site import page_of
from conformance.report.verdict import verdict
from conformance.run.run_file import Run
from conformance.run.whole_file import write_whole
from conformance.run.words import declining, several, target
from conformance.wire.jsontext import printable


def write_junit(run: Run, path: Path) -> None:
    """Write the test cases of a run, a suite for each area."""
    took = {"time": f"{(run.footer or {}).get('seconds', 0):.3f}", "timestamp": run.header["started"]}
    root = xml.Element("testsuites", name=f"openai-conformance {target(run)}", **took)
    said = ": ".join(verdict(run))
    xml.SubElement(xml.SubElement(root, "properties"), "property", name="verdict", value=printable(said))
    areas: dict[str, list[Row]] = defaultdict(list)
    for row in rows(run):
        areas[row.area].append(row)
    of = by_check(causes(run))
    seconds = {x.id: x.arrivals[-1][0] for x in run.exchanges if x.arrivals}
    for area, members in areas.items():
        sent = {id for row in members for id in _sent(row)}
        suite = xml.SubElement(root, "testsuite", name=area, time=_time(sum(seconds.get(id, 0.0) for id in sent)))
        for row in members:
            longest = max((seconds.get(id, 0.0) for id in _sent(row)), default=0.0)
            _case(suite, row, of.get(row.id), _time(longest))
        _count(suite, suite.findall("testcase"))
    if needed := [row for row in feature_rows(run) if row.required or row.unmet]:
        suite = xml.SubElement(root, "testsuite", name="feature", time="0")
        for row in needed:
            case = xml.SubElement(suite, "testcase", classname="conformance.feature", name=row.name)
            if row.unmet:
                _say(case, "failure", row.decision, row.why, row.what)
        _count(suite, suite.findall("testcase"))
    _count(root, root.findall("testsuite/testcase"))
    _write(root, path)


def write_unjudged(why: str, path: Path) -> None:
    """Write one test case in error, where nothing could be judged: a CI system shows why."""
    root = xml.Element("testsuites", name="openai-conformance")
    suite = xml.SubElement(root, "testsuite", name="endpoint", time="0")
    _say(
        xml.SubElement(suite, "testcase", classname="conformance.endpoint", name="judged"),
        "error",
        "not judged",
        why,
        "",
    )
    for element in (suite, root):
        _count(element, suite.findall("testcase"))
    _write(root, path)


def _write(root: xml.Element, path: Path) -> None:
    xml.indent(root)
    write_whole(path, f"<?xml version='1.0' encoding='utf-8'?>\n{xml.tostring(root, encoding='unicode')}")


def _count(element: xml.Element, cases: list[xml.Element]) -> None:
    element.set("tests", str(len(cases)))
    for name, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
        element.set(name, str(sum(case.find(tag) is not None for case in cases)))


def _sent(row: Row) -> list[str]:
    """The exchanges that a check was judged on, those that were judged together one by one."""
    return [id for joined in row.exchanges for id in joined.split(" + ")]


def _time(seconds: float) -> str:
    return f"{seconds:.3f}"


def _case(suite: xml.Element, row: Row, cause: Cause | None, time: str) -> None:
    """The case of a check. Its time is that of the slowest answer that it was judged on, the suite's that of all of its answers."""
    case = xml.SubElement(suite, "testcase", classname=f"conformance.{row.area}", name=row.id, time=time)
    properties = xml.SubElement(case, "properties")
    more = (*((("cause", cause.root.id),) if cause else ()), ("page", page_of(row.id)))
    for name, value in (
        ("level", row.level),
        ("outcome", row.state),
        *(("source", s) for s in row.source),
        *more,
    ):
        xml.SubElement(properties, "property", name=name, value=printable(value))
    found = "\n".join(f"{message}  [{several(ids, 5, count)}]" for ids, message, count in row.told)
    why = cause.why(row) if cause else ""
    text = printable(
        "\n".join(
            part
            for part in (why, row.requirement, found, row.reason, row.impact, row.client, declining([row.decline]))
            if part
        )
    )
    if row.state == "broken":
        _say(case, "error", "broken", "the suite itself is broken here", text)
    elif row.complaint:
        _say(case, "failure", "known-deviation", row.complaint, text)
    elif row.red:
        _say(case, "failure", row.state, row.told[0].message if row.problems else row.reason, text)
    elif row.state in ("not-exercised", "untestable", "known"):
        _say(case, "skipped", row.state, f"known: {row.known}" if row.known else row.reason, "")
    elif row.warns:
        xml.SubElement(case, "system-out").text = f"warning, {row.level.upper()}: {text}"


def _say(case: xml.Element, tag: str, kind: str, message: str, text: str) -> None:
    element = xml.SubElement(case, tag, type=kind, message=printable(message))
    element.text = printable(f"{message}\n{text}" if message not in text else text)
