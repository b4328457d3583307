"""One run from beginning to end, for both faces: preflight, requests, judging, run file, reports.

It must not print, parse options or know of click and pytest. What it raises is one line for the user: `UserError` (exit code
2), `CannotJudge` (3). What the endpoint does never raises: it becomes an exchange, and then a verdict.
"""

from __future__ import annotations

import contextlib
import datetime
import os
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

from conformance.areas.catalogue import catalogue
from conformance.judge.verdicts import Check, Verdict
from conformance.record import run_lines
from conformance.record.run_lines import RunFileError
from conformance.run import gate, known, recorded, selection
from conformance.run.baseline import baseline
from conformance.run.book import Book
from conformance.run.declaring import flag
from conformance.run.declining import declines
from conformance.run.diagnosis import diagnose
from conformance.run.gate import Earlier
from conformance.run.known_first import refuse_to_replace, write_known
from conformance.run.known_pruned import pruned
from conformance.run.last_run import PART, wanted
from conformance.run.live import Watch, asked_all, key_of, live
from conformance.run.options import Options
from conformance.run.repeats import before
from conformance.run.report_names import RUN, RUN_PART, VIEWS
from conformance.run.run_file import Run, read
from conformance.run.scope import scope
from conformance.run.selection import required
from conformance.run.user_error import UserError
from conformance.run.witness import Witness
from conformance.run.words import asked_of, target
from conformance.send.allowance import Allowances
from conformance.send.budget import Budget
from conformance.send.fetch import Skipped

Source = Callable[[Book], dict[str, Any]]
"""Takes what others ask into the book, as it comes; gives what the footer says of it, as `lines` further lines of the run file, and as
`exit_code` one of its own, which wins where it is not 0."""
Reports = Callable[[Path, Run | None], list[Path]]
"""Writes the reports of the run in a folder, beside a baseline where there is one. Gives the files."""


@dataclass(frozen=True)
class Outcome:
    """How a run ended. `complaints` are about entries of the known deviations; `files` are the run file and the reports."""

    verdicts: list[Verdict]
    complaints: list[known.Complaint]
    files: list[Path]
    exit_code: int


def conduct(
    options: Options,
    checks: Sequence[Check] | None = None,
    watch: Watch = lambda done, total: None,
    reports: Reports = lambda folder, baseline: [],
    source: Source | None = None,
    allowances: Allowances | None = None,
) -> Outcome:
    """Do one run and let its reports be written; `checks` are those of `--only` and the like unless given, and where there is a
    `source` nothing is sent but what it brings. `allowances` are those of the command that this run is a step of. Raises UserError,
    CannotJudge, KeyboardInterrupt."""
    allowances = allowances or Allowances()
    checks = wanted(options) if checks is None else list(checks)
    needed = required(options.require, options.profile)
    if options.limited_key_env and not key_of(options.limited_key_env):
        raise UserError(f"--limited-key-env names ${options.limited_key_env}, which is not set")
    deviations = known.load(options.known, {*catalogue(), *(c.id for c in checks)}) if options.known else []
    some = len(checks) < len(selection.chosen((), options.exclude))
    earlier = _earlier(options.against, some) if options.against else None
    if options.write_known:
        refuse_to_replace(options.write_known)
    watched = {entry.feature for entry in deviations if entry.feature}
    budget = Budget(options.budget_requests, options.budget_tokens, options.max_seconds)
    folder = Path(options.report)
    began = time.perf_counter()
    beside = baseline(options, partial(conduct, checks=checks, reports=reports, allowances=allowances))
    others = before(options, partial(conduct, checks=checks, watch=watch, reports=reports))
    if options.fail_on == "gap":
        earlier = Earlier.of(beside.name, beside.run, some)
    sends_nothing = bool(options.replay or options.recordings)
    unfinished = None
    try:
        writing = folder / (RUN_PART if _reads(options, folder / RUN) else RUN)
        _prepare(folder, options)
        unfinished = writing if sends_nothing else None
        with Witness(checks, options) as witness, Book(writing, options, checks, witness, watched) as book:
            skipped, said = [], {}
            if source is not None:
                said = source(book)
            elif options.recordings:
                said = recorded.take_in(options, book, watch, checks, sorted(watched))
            else:
                skipped = (
                    _replay(options, book) if options.replay else live(options, checks, book, budget, watch, allowances)
                )
            lines = list(said.pop("lines", ()))
            own_code = said.pop("exit_code", gate.CONFORMS)
            verdicts = book.verdicts(checks)
            sent = (
                {}
                if sends_nothing or options.by_others
                else {"asked": asked_all(options, checks, _unsent(budget, skipped))}
            )
            verdicts, complaints = known.apply(deviations, verdicts, datetime.date.today(), book.ledger.asking, **sent)
            complete = not (book.cut_off or budget.stopped or book.ledger.usable.lacking or said.get("lost"))
            taken = ""
            if options.prune and complete:
                complaints, taken = pruned(options.known, complaints)
            decided = book.ledger.decider.finish()
            about_what = scope(options, verdicts, decided)
            ruling = gate.rule(
                verdicts,
                complaints,
                decided,
                fail_on=options.fail_on,
                wanted=needed,
                earlier=earlier,
                complete=complete,
                judged=not book.ledger.usable.lacking or bool(options.recordings),
                idle=() if options.by_others else about_what.unjudged(beside_another=earlier is not None),
            )
            about = {
                "counts": gate.counts(verdicts),
                "exit_code": own_code or ruling.code,
                "red": ruling.red,
                "as_if": [asdict(each) for each in diagnose(verdicts)],
                "declines": declines(verdicts, decided, book.ledger.decider.asking),
                "gate": ruling.record(options.fail_on, earlier),
                "scope": about_what.record,
                "complaints": [complaint.record for complaint in complaints],
                "models": book.models,
                "unusable": book.ledger.usable.lacking,
                "skipped": skipped,
                "cost": budget.record,
                "seconds": round(time.perf_counter() - began, 3),
                **said,
                "remarks": [
                    *said.get("remarks", ()),
                    *budget.said(skipped),
                    *asked_of(book.models),
                    *filter(None, [taken]),
                    *known.unexplained(deviations),
                ],
            }
            code = own_code or ruling.code
            if beside:
                found = beside.compared(verdicts)
                about |= beside.said(found, options.max_gap)
                lines = [row.record for row in found.rows]
                if code in (gate.CONFORMS, gate.NOT_JUDGED) and not all(each["holds"] for each in about["gates"]):
                    about["exit_code"] = code = gate.DIFFERS
            if options.write_known:
                where = target(Run({"target": book.target}))
                level = options.known_level
                about["remarks"].append(write_known(options.write_known, [*others, verdicts], where, level))
                code = (
                    gate.CONFORMS if code == gate.DIFFERS else code
                )  # the footer says the verdict, this that it was written
            book.close(verdicts, [(each, each.feature.name in needed) for each in decided], about, lines)
        writing.replace(folder / RUN)
        unfinished = None
        files = [folder / RUN, *reports(folder, beside and beside.run)]
    except RunFileError as error:
        raise UserError(str(error)) from None
    except OSError as error:
        raise UserError(f"{error.filename or folder} cannot be written: {error.strerror or error}") from None
    finally:
        if unfinished:
            with contextlib.suppress(OSError):
                unfinished.unlink(missing_ok=True)
    return Outcome(verdicts, complaints, files, code)


def _earlier(path: str, some: bool) -> Earlier:
    """The run of --against, beside which all checks are judged or some alone. Raises UserError."""
    try:
        run = read(path)
    except RunFileError as error:
        raise UserError(f"--against {error}") from None
    if run.footer is None or not run.verdicts:
        raise UserError(f"--against {path} holds no verdicts, expected the run.jsonl of a run that came to its end")
    return Earlier.of(path, run, some)


# ---------------------------------------------------------------------- where exchanges come from


def _replay(options: Options, book: Book) -> list[Skipped]:
    try:
        header, whole = run_lines.about(options.replay)
        book.cut_off = not whole
        book.open({**header["target"], "replay": options.replay, "cut_off": book.cut_off})
        for x in run_lines.exchanges(options.replay):
            book.take(x)
    except RunFileError as error:
        raise UserError(f"--replay {error}") from None
    return []


def _unsent(budget: Budget, skipped: Sequence[Skipped]) -> set[str]:
    """The requests that the budget left out, which is no fault of the endpoint's."""
    return {id for id, _ in skipped} if budget.stopped else set()


# ---------------------------------------------------------------------- files


def _reads(options: Options, path: Path) -> bool:
    """What is judged is the very file that the run is to replace, or may be a folder that holds it."""
    read, own = (
        {os.path.realpath(each) for each in (*options.recordings, options.replay) if each},
        Path(os.path.realpath(path)),
    )
    return not read.isdisjoint({str(each) for each in (own, *own.parents)})


def _taken(folder: Path, options: Options) -> dict[Path, str]:
    """The files that a run reads or writes beside a recording, and which option names them."""
    found = {folder / name: "--report" for name in (RUN, RUN_PART, *VIEWS)}
    for name in ("replay", "against", "known", "write_known", "baseline"):
        if path := getattr(options, name):
            found[Path(path)] = flag(name)
    found |= dict.fromkeys(map(Path, options.recordings), "what is judged")
    return {path.resolve(): which for path, which in found.items()}


def _prepare(folder: Path, options: Options) -> None:
    """Make the folder, and take the reports of the last run out of it: they say nothing of this run if it comes to nothing."""
    folder.mkdir(parents=True, exist_ok=True)
    if options.record and (taken := _taken(folder, options).get(Path(options.record).resolve())):
        raise UserError(f"--record and {taken} would be the same file")
    for name in (*VIEWS, *(() if _reads(options, folder / RUN) else (RUN,))):
        (folder / name).unlink(missing_ok=True)
    for name in (RUN, *VIEWS):
        (folder / PART / name).unlink(missing_ok=True)
