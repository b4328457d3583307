"""The Markdown view of a run: a summary for a job's page on GitHub or GitLab, short enough for a person to read.

Whatever an endpoint said stands in code spans that it cannot end: no link, no mention, no HTML and no picture comes of it.
"""

from __future__ import annotations

import re

from conformance.report.beside import compared
from conformance.report.causes.cause import Cause, causes
from conformance.report.rows import LEVELS, STATE_NAMES, STATES, Row, counts, feature_rows, link, remarks, rows, unsent
from conformance.report.site import page_of
from conformance.report.verdict import verdict
from conformance.run.run_file import Run
from conformance.run.words import several, target
from conformance.wire.jsontext import printable

FAILURES = 50
"""Failures that are listed; the report holds all."""
TEXT = 300
"""Characters of a message."""


def markdown(run: Run, report: str = "") -> str:
    """The summary; `report` says where the whole report is."""
    word, why = verdict(run)
    table = rows(run)
    red = [row for row in table if row.red]
    parts = [f"## openai-conformance: {word}", f"{code(target(run))}: {code(why)}", _counts(table)]
    parts += [code(line) for line in (*compared(run), *remarks(run))]
    parts += [
        f"{len(ids)} requests not sent: {code(reason)} ({code(several(ids, 4))})" for reason, ids in unsent(run).items()
    ]
    if found := [cause for cause in causes(run) if cause.red]:
        parts.append(_causes(found))
    if red:
        parts.append(_failures("What makes it red", red))
    if warned := [row for row in table if row.warns]:
        parts.append(
            f"<details><summary>{len(warned)} more fail and are not red</summary>\n\n{_rows(warned)}\n\n</details>"
        )
    if known := [row for row in table if row.state == "known"]:
        parts.append(f"<details><summary>{len(known)} fail as known</summary>\n\n{_known(known)}\n\n</details>")
    parts.append(_features(run))
    parts += [f"The whole report: {code(report)}"] if report else []
    return "\n\n".join(part for part in parts if part) + "\n"


def code(text: str, length: int = TEXT) -> str:
    """A code span that holds any text, in a table's cell, too. Nothing where there is no text."""
    text = " ".join(printable(text).split())
    text = text if len(text) <= length else f"{text[: length - 3]}..."
    fence = "`" * (1 + max((len(run) for run in re.findall("`+", text)), default=0))
    room = " " if text.startswith("`") or text.endswith("`") else ""
    return f"{fence}{room}{text}{room}{fence}".replace("|", "\\|") if text else ""


def _counts(table: list[Row]) -> str:
    numbers = counts(table)
    shown = [state for state in STATES if any(numbers[level][state] for level in LEVELS)]
    head = ["", *(STATE_NAMES.get(state, state) for state in shown)]
    lines = [[level.upper(), *(str(numbers[level][state]) for state in shown)] for level in LEVELS]
    return _table(head, lines, right=True)


def _causes(found: list[Cause]) -> str:
    """What to fix, the worst first: how many checks each unlocks, whom it breaks, and what the server said."""
    lines = []
    for cause in found[:FAILURES]:
        share = f"{cause.touched:,} of {cause.of:,} requests"
        root = f"{_check(cause.root.id)}: {cause.unlocks}, {share}"
        lines.append([code(cause.sentence), root, code(cause.breaks), code(cause.said)])
    more = f"\n\n... and {len(found) - FAILURES} more." if len(found) > FAILURES else ""
    return f"### Fix these first\n\n{_table(['cause', 'unlocks', 'breaks', 'the answer'], lines)}{more}"


def _failures(title: str, red: list[Row]) -> str:
    more = f"\n\n... and {len(red) - FAILURES} more." if len(red) > FAILURES else ""
    return f"### {title}\n\n{_rows(red)}{more}"


def _rows(shown: list[Row]) -> str:
    lines = []
    for row in shown[:FAILURES]:
        seen = row.complaint or (row.problems[0].message if row.problems else row.reason)
        lines.append([f"{_check(row.id)} {row.level.upper()}", code(row.requirement), code(seen), _source(row)])
    return _table(["check", "requirement", "seen", "source"], lines)


def _known(shown: list[Row]) -> str:
    return _table(["check", "reason"], [[code(row.id), code(row.known)] for row in shown[:FAILURES]])


def _check(id: str) -> str:
    """The id of a check as a link to its page."""
    return f"[{code(id)}](<{page_of(id)}>)"


def _source(row: Row) -> str:
    """The first source as a link: an address of our own catalogue, but a run file may come from anywhere."""
    address = link(row.source[0])[0] if row.source else ""
    return f"[source](<{address}>)" if re.fullmatch(r"https://[A-Za-z0-9./_~#?=&%+,:-]+", address) else ""


def _features(run: Run) -> str:
    lines = [
        [code(row.name) + (" (required)" if row.required else ""), row.decision, code(row.why)]
        for row in feature_rows(run)
        if row.decision != "supported" or row.required
    ]
    supported = sum(row.decision == "supported" for row in feature_rows(run))
    if not lines:
        return f"{supported} features, all supported." if supported else ""
    table = _table(["feature", "", "why"], lines)
    return (
        f"<details><summary>{supported} features supported, {len(lines)} to look at</summary>\n\n{table}\n\n</details>"
    )


def _table(head: list[str], lines: list[list[str]], *, right: bool = False) -> str:
    rule = ["---", *(["---:" if right else "---"] * (len(head) - 1))]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in (head, rule, *lines))
