"""What the plugin says at the end of a session about the traffic of the tests: the verdict, what fails, and what only warns."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from conformance.run.run_file import Run

NOT_JUDGED = 3
WARNED = 5
"""Checks that warn and are named; the others are counted."""


@dataclass(frozen=True)
class Ended:
    """The run that judged what was recorded, or why there is none; `red`: it fails the session."""

    run: Run | None
    why: str
    red: bool

    @classmethod
    def of(cls, run: Run, fail_on: str) -> Ended:
        code = (run.footer or {}).get("exit_code")
        return cls(run, "", code != 0 and (fail_on != "none" or code not in (1, NOT_JUDGED)))


def report(ended: Ended, terminal: pytest.TerminalReporter, folder: str | None) -> None:
    """Write the section. What an endpoint said is in it, and no command to GitHub."""
    from conformance.cli.github import guarded

    terminal.section("openai-conformance", sep="=", red=ended.red)
    if ended.run is None:
        terminal.line(ended.why)
        return
    with guarded(terminal.line):
        for line in lines(ended.run):
            terminal.line(line)
    if folder:
        terminal.line(f"Report: {folder}/recorded/index.html")


def lines(run: Run) -> list[str]:
    """The verdict, each red check with its evidence, what warns, and remarks."""
    from conformance.report.causes.cause import by_check, causes
    from conformance.report.details import failure_text
    from conformance.report.rows import feature_rows, number_of_exchanges, remarks, rows
    from conformance.report.verdict import verdict

    word, why = verdict(run)
    said = [f"{word}  {number_of_exchanges(run)} exchanges of the tests: {why}"]
    told = by_check(causes(run))
    table = rows(run)
    for row in (row for row in table if row.red):
        said += [f"{row.id}  {row.complaint}" if row.complaint else row.id]
        said += [] if row.complaint else [f"  {line}" for line in failure_text(row, run, told.get(row.id)).split("\n")]
    said += [f"feature {row.name} is {row.decision}: {row.why}" for row in feature_rows(run) if row.unmet]
    warned = [row for row in table if row.warns]
    said += [f"warns: {row.id} ({row.level.upper()}): {row.problems[0].message}" for row in warned[:WARNED]]
    said += [f"and {len(warned) - WARNED} more warn"] if len(warned) > WARNED else []
    return [*said, *remarks(run)]
