"""One run from beginning to end, for both faces: preflight, requests, judging, run file, reports.

It must not print, parse options or know of click and pytest. What it raises is one line for the user: `Mistake` (exit code
2), `CannotJudge` (3). What the endpoint does never raises: it becomes an exchange, and then a verdict.
"""

from __future__ import annotations

import asyncio
import contextlib
import datetime
import os
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from conformance import known, selection
from conformance.catalogue import Check, Judge, Verdict, catalogue
from conformance.exchange import Exchange
from conformance.limits import Limits
from conformance.options import Mistake, Options
from conformance.preflight import preflight
from conformance.run import RunFileError, RunWriter, read
from conformance.sources import recording
from conformance.sources.live import Skipped, Target, fetch, planned_requests
from conformance.wire.redact import Redactor

RUN, JUNIT, HTML = "run.jsonl", "junit.xml", "index.html"
PART = f"{RUN}.part"
CONFORMS, DIFFERS, USAGE, NOT_JUDGED, BROKEN, INTERRUPTED = 0, 1, 2, 3, 4, 130
"""Exit codes."""

Watch = Callable[[int, int], None]
"""Told (exchanges that are there, exchanges to come in all) as a run goes on."""


@dataclass(frozen=True)
class Outcome:
    """How a run ended. `complaints` are about entries of the known deviations; `files` are the reports, run file first."""

    verdicts: list[Verdict]
    complaints: list[known.Complaint]
    files: list[Path]
    exit_code: int


def conduct(
    options: Options, checks: Sequence[Check] | None = None, watch: Watch = lambda done, total: None
) -> Outcome:
    """Do one run and write its reports; `checks` overrides `--only`. Raises Mistake, CannotJudge, KeyboardInterrupt."""
    checks = selection.chosen(options.only) if checks is None else list(checks)
    deviations = known.load(options.known, catalogue()) if options.known else []
    folder = Path(options.report)
    began = time.perf_counter()
    writing = folder / (PART if options.replay else RUN)  # a replay may read the very file that it is to replace
    try:
        _prepare(folder, options)
        with _Book(writing, options, Judge(checks)) as book:
            skipped = _replay(options, book) if options.replay else _live(options, checks, book, watch)
            verdicts, complaints = known.apply(deviations, book.court.finish(), datetime.date.today())
            code = exit_code(verdicts, complaints, strict=options.strict)
            if code == CONFORMS and book.cut_off:  # part of a run cannot show that all of it conforms
                code = NOT_JUDGED
            about = {
                "counts": _counts(verdicts),
                "exit_code": code,
                "red": _red(verdicts, complaints, strict=options.strict),
                "complaints": [asdict(complaint) for complaint in complaints],
                "skipped": skipped,
                "seconds": round(time.perf_counter() - began, 3),
            }
            book.close(verdicts, about)
        writing.replace(folder / RUN)
        files = _reports(folder)
    except RunFileError as error:
        raise Mistake(str(error)) from None
    except OSError as error:
        raise Mistake(f"{error.filename or folder} cannot be written: {error.strerror or error}") from None
    finally:
        with contextlib.suppress(OSError):
            (folder / PART).unlink(missing_ok=True)
    return Outcome(verdicts, complaints, files, code)


# ---------------------------------------------------------------------- verdicts of the whole


def exit_code(verdicts: Sequence[Verdict], complaints: Sequence[known.Complaint], *, strict: bool) -> int:
    """The exit code that these verdicts make; a run in which no check had anything to judge conforms to nothing."""
    if any(verdict.outcome == "broken" for verdict in verdicts):
        return BROKEN
    if _red(verdicts, complaints, strict=strict):
        return DIFFERS
    return CONFORMS if any(verdict.outcome in ("pass", "fail") for verdict in verdicts) else NOT_JUDGED


def _red(verdicts: Sequence[Verdict], complaints: Sequence[known.Complaint], *, strict: bool) -> list[str]:
    stale = {complaint.check for complaint in complaints}
    return [verdict.check.id for verdict in verdicts if verdict.red(strict=strict) or verdict.check.id in stale]


def _counts(verdicts: Sequence[Verdict]) -> dict[str, dict[str, int]]:
    counts: dict[str, dict[str, int]] = {}
    for verdict in verdicts:
        of_level = counts.setdefault(verdict.check.level, {})
        outcome = "known" if verdict.known else verdict.outcome
        of_level[outcome] = of_level.get(outcome, 0) + 1
    return counts


# ---------------------------------------------------------------------- where exchanges come from


class _Book:
    """Takes each exchange once, the moment it is complete: to disk first, then to the judge."""

    def __init__(self, writing: Path, options: Options, court: Judge) -> None:
        self._writing, self._options, self.court = writing, options, court
        self._stack = contextlib.ExitStack()
        self._writers: list[RunWriter] = []
        self.cut_off = False

    def __enter__(self) -> _Book:
        return self

    def __exit__(self, *raised: object) -> None:
        self._stack.close()

    def open(self, target: dict[str, Any], redactor: Redactor | None = None) -> None:
        """Begin the run file, and the recording where one is asked for."""
        said = asdict(self._options)
        said["header"] = [header.partition("=")[0] for header in self._options.header]  # their values may be secrets
        said["base_url"] = target.get("base_url")
        for path in (self._writing, *([Path(self._options.record)] if self._options.record else [])):
            path.parent.mkdir(parents=True, exist_ok=True)
            writer = self._stack.enter_context(RunWriter(path, redactor))
            writer.header({"options": said, "target": target})
            self._writers.append(writer)

    def take(self, x: Exchange) -> None:
        for writer in self._writers:
            writer.exchange(x)
        self.court.add(x)

    def close(self, verdicts: Sequence[Verdict], about: dict[str, Any]) -> None:
        """End the run file with the verdicts and the footer, and the recording, which holds exchanges only."""
        for verdict in verdicts:
            self._writers[0].verdict(verdict)
        self._writers[0].footer(about)
        for writer in self._writers[1:]:
            writer.footer({**about, "counts": {}, "red": [], "complaints": []})


def _replay(options: Options, book: _Book) -> list[Skipped]:
    try:
        header, whole = recording.about(options.replay)
        book.cut_off = not whole
        book.open({**header["target"], "replay": options.replay, "cut_off": book.cut_off})
        for x in recording.exchanges(options.replay):
            book.take(x)
    except RunFileError as error:
        raise Mistake(f"--replay {error}") from None
    return []


def _live(options: Options, checks: Sequence[Check], book: _Book, watch: Watch) -> list[Skipped]:
    with _target(options) as target:
        return asyncio.run(_send(target, options, checks, book, watch))


@contextlib.contextmanager
def _target(options: Options) -> Iterator[Target]:
    """Where to send, but for the model; the reference runs as long as it is needed."""
    headers = tuple(tuple(header.split("=", 1)) for header in options.header)
    if options.base_url is not None:
        key = os.environ.get(options.api_key_env, "").strip() or None
        yield Target(options.base_url, "", key, headers)
        return
    from conformance.reference.server import Reference

    with Reference() as server:
        yield Target(server.base_url, "", server.key, headers, stages=True)


async def _send(target: Target, options: Options, checks: Sequence[Check], book: _Book, watch: Watch) -> list[Skipped]:
    limits = Limits(whole=options.timeout)
    model, first = await preflight(target, options.model, limits, key_env=options.api_key_env)
    target = replace(target, model=model)
    book.open({"base_url": target.redactor.url(target.base_url), "model": model}, target.redactor)
    chosen = selection.needed(checks)
    ids = {first.id, *(request.id for request in planned_requests(chosen, target))}
    total, done = min(len(ids), options.max_requests or len(ids)), 0

    def take(x: Exchange) -> None:
        nonlocal done
        book.take(x)
        done += 1
        watch(done, total)

    take(first)
    return await fetch(
        chosen,
        target,
        limits,
        concurrency=options.concurrency,
        max_requests=options.max_requests,
        have={first.id: first},
        on_exchange=take,
    )


# ---------------------------------------------------------------------- files


def _prepare(folder: Path, options: Options) -> None:
    """Make the folder, and take the last run's reports out of it: they say nothing of this run if it comes to nothing."""
    folder.mkdir(parents=True, exist_ok=True)
    if options.record and Path(options.record).resolve() == (folder / RUN).resolve():
        raise Mistake("--record and --report would write the same file")
    for name in (JUNIT, HTML, *(() if options.replay else (RUN,))):
        (folder / name).unlink(missing_ok=True)


def _reports(folder: Path) -> list[Path]:
    from conformance.report.html import write_html
    from conformance.report.junit import write_junit

    run = read(folder / RUN)
    write_junit(run, folder / JUNIT)
    write_html(run, folder / HTML)
    return [folder / RUN, folder / JUNIT, folder / HTML]
