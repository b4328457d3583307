"""What a CI system is told beside the report: on GitHub the job's summary, annotations and outputs. Nothing elsewhere.

It must not judge. On GitHub every line of a job's output may be a command, wherever it comes from, and what an endpoint said
stands in our output: so commands are switched off around all of it (`guarded`), and what we say in commands is escaped.
https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from conformance.report.causes.cause import Cause, causes
from conformance.report.claim import scope_of
from conformance.report.clients_beside import beside
from conformance.report.markdown import code, markdown
from conformance.report.rows import Row, feature_rows, gate, rows
from conformance.report.site import page_of
from conformance.report.verdict import verdict
from conformance.run.run_file import Run
from conformance.run.user_error import UserError
from conformance.wire.jsontext import printable
from conformance.wire.redact import without_keys

Say = Callable[[str], object]
"""Writes one line of a job's output."""
ANNOTATIONS = 10
"""Of each kind that GitHub shows of one step: https://docs.github.com/rest/checks/runs"""
ODD = 120
"""Characters of what a client does not do that are shown."""
SUMMARY_BYTES = 1_000_000
"""GitHub refuses a step's summary of more than 1 MiB."""


def on_github(environ: Mapping[str, str] = os.environ) -> bool:
    return environ.get("GITHUB_ACTIONS") == "true"


@contextmanager
def guarded(say: Say, environ: Mapping[str, str] = os.environ) -> Iterator[None]:
    """What is written meanwhile, to where `say` writes its lines, is text alone to GitHub, whatever it holds."""
    if not on_github(environ):
        yield
        return
    token = secrets.token_hex(16)
    say(f"::stop-commands::{token}")
    try:
        yield
    finally:
        say(f"\n::{token}::")


def tell(run: Run, report: str, say: Say, environ: Mapping[str, str] = os.environ) -> None:
    """Write the job's summary and outputs where the environment names files for them, and say the annotations. Raises UserError."""
    _append(environ.get("GITHUB_STEP_SUMMARY"), _bounded(markdown(run, report)))
    failed = sum(row.level == "must" and row.state == "fail" for row in rows(run))
    conforms = "true" if gate(run).get("conforms") else "false"
    folder = "".join(report.splitlines())  # a line end would begin another output
    said = f"verdict={verdict(run)[0].lower()}\nprofile={scope_of(run).get('profile') or ''}\n"
    _append(environ.get("GITHUB_OUTPUT"), f"{said}conforms={conforms}\nmust-failed={failed}\nreport={folder}\n")
    if on_github(environ):
        for line in annotations(run):
            say(line)


def tell_failure(message: str, say: Say, environ: Mapping[str, str] = os.environ) -> None:
    """The same where nothing came of a run, with the line that says why. Raises UserError."""
    message = without_keys(message)
    _append(environ.get("GITHUB_STEP_SUMMARY"), f"## openai-conformance: {_word(None)}\n\n{code(message)}\n")
    if on_github(environ):
        say(f"::error title={_word(None).lower()}::{_data(message)}")


def tell_matrix(
    targets: Sequence[tuple[str, Run | None, str]],
    report: str,
    environ: Mapping[str, str] = os.environ,
    trials: Sequence[Run | None] = (),
) -> None:
    """The same for a matrix: a table of the targets, each its name, its run and, where there is none, why, and one of the real clients
    that asked them, where any did: `trials` are their runs, None where a target has none. Raises UserError."""
    lines = ["## openai-conformance", "| target | verdict | |\n| --- | --- | --- |"]
    lines[1] += "".join(f"\n| {code(name)} | {_word(run)} | {code(_why(run, said))} |" for name, run, said in targets)
    lines += _clients([name for name, _, _ in targets], trials)
    _append(environ.get("GITHUB_STEP_SUMMARY"), _bounded("\n\n".join(lines) + "\n"))
    conforms = all(run is not None and gate(run).get("conforms") for _, run, _ in targets)
    _append(environ.get("GITHUB_OUTPUT"), f"conforms={str(conforms).lower()}\nreport={''.join(report.splitlines())}\n")


def _clients(names: Sequence[str], trials: Sequence[Run | None]) -> list[str]:
    """The clients beside the targets: in how many scenarios each works, and the first in which it does not."""
    if not (found := beside(trials)):
        return []
    lines = [["client", *map(code, names)], ["---"] * (len(names) + 1)]
    for row in found:
        told = [f"{cell.words} {code(cell.odd[0], ODD)}" if cell.odd else cell.words for cell in row.cells]
        lines.append([code(f"{row.name} ({row.versions})"), *told])
    return ["\n".join(f"| {' | '.join(cells)} |" for cells in lines)]


def of_target(run: Run | None, name: str, said: str) -> str:
    """What came of a target, in one line."""
    return printable(f"{name}: {_word(run)}: {_why(run, said)}").replace("\n", " ")


def _word(run: Run | None) -> str:
    return "COULD NOT BE JUDGED" if run is None else verdict(run)[0]


def _why(run: Run | None, said: str) -> str:
    return said if run is None else verdict(run)[1]


def annotations(run: Run) -> list[str]:
    """Workflow commands: an error for each cause and feature that makes the run red, the worst first, a warning for what got worse since
    the run of --against and is not red. What is known, or fails as before, is the summary's matter: nobody looks at it on every push."""
    table, found = rows(run), causes(run)
    told = {row.id for cause in found for row in cause.rows}
    errors = [(_title(cause), _told(cause)) for cause in found if cause.red]
    errors += [(f"{row.id} ({row.level.upper()})", _said(row)) for row in table if row.red and row.id not in told]
    errors += [(f"feature {row.name}", f"{row.decision}: {row.why}") for row in feature_rows(run) if row.unmet]
    new = {*gate(run).get("worse", ())}
    warnings = [(_title(each), _told(each)) for each in found if not each.red and new & {row.id for row in each.rows}]
    lines = []
    for kind, each in (("error", errors), ("warning", warnings)):
        shown = each if len(each) <= ANNOTATIONS else each[: ANNOTATIONS - 1]
        lines += [f"::{kind} title={_property(title)}::{_data(text)}" for title, text in shown]
        if len(each) > len(shown):
            word, why = verdict(run)
            text = f"{word}: {why}. The job's summary and the report hold all."
            lines.append(f"::{kind} title={_property(f'{len(each) - len(shown)} more')}::{_data(text)}")
    return lines


def _title(cause: Cause) -> str:
    """The check that says a cause best, and how many others it unlocks."""
    more = f" and {len(cause.follows)} more" if cause.follows else ""
    return f"{cause.root.id} ({cause.root.level.upper()}){more}"


def _told(cause: Cause) -> str:
    """What is required, what is wrong, whom it breaks, what the server said, and the page of the check."""
    law = cause.root.requirement
    what = [cause.sentence] if cause.sentence.startswith(law.rstrip(".")) else [law, cause.sentence]
    breaks = f"Breaks: {cause.breaks}" if cause.breaks else ""
    said = f"The answer: {cause.said}" if cause.said else ""
    return " ".join(part for part in (*what[:-1], f"{what[-1]}.", breaks, said, page_of(cause.root.id)) if part)


def _said(row: Row) -> str:
    seen = row.complaint or (row.problems[0].message if row.problems else row.reason)
    return f"{row.requirement} {seen} {page_of(row.id)}".strip()


def _data(text: str) -> str:
    return printable(text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A"))


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


def _bounded(text: str) -> str:
    data = text.encode()
    return text if len(data) <= SUMMARY_BYTES else f"{data[:SUMMARY_BYTES].decode(errors='ignore')}\n\n(cut off)\n"


def _append(file: str | None, text: str) -> None:
    if not file:
        return
    try:
        with Path(file).open("a", encoding="utf-8") as opened:
            opened.write(text)
    except OSError as error:
        raise UserError(f"{file} cannot be written: {error.strerror or error}") from None
