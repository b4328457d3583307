"""Judges the targets of a matrix: several at once, each in a process of its own, a bounded number of them for one host.

It must not judge or print. What was finished before a kill is kept: while not all are done a marker lies in the folder, and
as long as it does, a target whose run file has its footer and was made with the same options is not asked again.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import sys
from collections import defaultdict
from collections.abc import Awaitable, Callable, Sequence, Set
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from conformance import __version__
from conformance.matrix.client_runs import FOLDER as CLIENTS
from conformance.matrix.client_runs import NOTHING, Asking
from conformance.matrix.targets import Job
from conformance.record.run_lines import RunFileError
from conformance.run.declaring import flag
from conformance.run.gate import BROKEN, WORST, worst
from conformance.run.options import Options
from conformance.run.report_names import HTML, RUN
from conformance.run.run_file import Run, read
from conformance.run.user_error import UserError

UNFINISHED = "unfinished"
"""The marker: a matrix was begun in this folder and has not come to its end."""
COMPARISON = "index.html"
HOUSE = Path(__file__).resolve().parents[2]
CHILD = f"import runpy, sys; sys.path.insert(0, {str(HOUSE)!r}); runpy.run_module('conformance.cli.child', run_name='__main__')"
"""What a process runs: this package, also where the current folder has one of its name."""
GITHUB = {"GITHUB_ACTIONS", "GITHUB_STEP_SUMMARY", "GITHUB_OUTPUT"}


Call = Callable[[str, dict[str, Any], Set[str]], Awaitable[tuple[int, str]]]
"""Runs a command with these options in an environment without these variables: its exit code, and what it said of errors."""


@dataclass(frozen=True)
class Result:
    """What came of one target: its run, or the one line that says why there is none; `trials` is the same of real clients at it, where
    any were to ask. `kept`: from before a kill."""

    job: Job
    code: int
    run: Run | None
    said: str
    kept: bool = False
    trials: Run | None = None
    trials_said: str = ""


def conduct(
    jobs: Sequence[Job],
    folder: Path,
    *,
    at_once: int,
    per_host: int,
    again: bool,
    on_result: Callable[[Result], None],
    asking: Asking = NOTHING,
    call: Call | None = None,
) -> list[Result]:
    """Judge all jobs and write the comparison; `on_result` gets each result as it comes, and `call` runs a command elsewhere than in a
    process of this machine. Raises UserError, KeyboardInterrupt."""
    try:
        kept = _begin(jobs, folder, again, asking)
        for result in kept.values():
            on_result(result)
        left = [job for job in jobs if job.slug not in kept]
        new = asyncio.run(_all(left, folder, at_once, per_host, on_result, asking, call or _called))
        found = kept | {r.job.slug: r for r in new}
        results = [found[job.slug] for job in jobs]
        _compare(results, folder)
        (folder / UNFINISHED).unlink()
    except OSError as error:
        raise UserError(f"{error.filename or folder} cannot be written: {error.strerror or error}") from None
    return results


def exit_code(results: Sequence[Result]) -> int:
    """That of the worst target."""
    return worst(result.code for result in results)


def _begin(jobs: Sequence[Job], folder: Path, again: bool, asking: Asking) -> dict[str, Result]:
    """Set the marker. Gives what was finished before a kill, by slug; where there was none, removes the runs of before."""
    folder.mkdir(parents=True, exist_ok=True)
    resumes = (folder / UNFINISHED).exists() and not again
    kept = {job.slug: result for job in jobs if resumes and (result := _finished(job, folder, asking)) is not None}
    for job in jobs:
        if job.slug not in kept:
            for place in (folder / job.slug, folder / job.slug / CLIENTS):
                (place / RUN).unlink(missing_ok=True)
    (folder / COMPARISON).unlink(missing_ok=True)
    (folder / UNFINISHED).touch()
    return kept


def _finished(job: Job, folder: Path, asking: Asking) -> Result | None:
    """The result of a run that came to its end, with all its reports, by this version and with the same options."""
    place = folder / job.slug
    try:
        run = read(place / RUN, skip=("exchange", "sdk"))
    except RunFileError:
        return None
    if run.footer is None or not (place / HTML).exists() or run.header["version"] != __version__:
        return None
    wanted = json.loads(json.dumps(asdict(Options.make(job.given | {"report": str(place)}))))
    shown = {"base_url": run.header["options"]["base_url"], "quiet": run.header["options"]["quiet"]}  # redacted
    found = run.header["options"]
    shown |= {name: found[name] for name in ("report", "known") if _named(found[name]) == _named(wanted[name])}
    if found != wanted | shown or not _is_at(run, job):
        return None
    result = Result(job, run.footer["exit_code"], run, "", kept=True)
    if not asking.clients:
        return result
    trials = asking.of(place)
    return trials and _with_clients(result, trials, trials.footer["exit_code"], "")


def _named(path: str | None) -> str | None:
    """A file's name: on another machine its folder is another."""
    return path and Path(path).name


def _is_at(run: Run, job: Job) -> bool:
    """The run's address is the job's, as far as a run file says it: without what is secret in it."""
    from conformance.send.target import Target

    url = job.given["base_url"].rstrip("/")
    return run.header["target"]["base_url"].rstrip("/") == Target(url, "").redactor.url(url).rstrip("/")


async def _all(
    jobs: Sequence[Job],
    folder: Path,
    at_once: int,
    per_host: int,
    on_result: Callable[[Result], None],
    asking: Asking,
    call: Call,
) -> list[Result]:
    together = asyncio.Semaphore(at_once)
    variables = {"OPENAI_API_KEY", *(job.given["api_key_env"] for job in jobs)}
    hosts: dict[str, asyncio.Semaphore] = defaultdict(lambda: asyncio.Semaphore(per_host))

    async def one(job: Job) -> Result:
        async with hosts[job.host], together:
            without = variables - {job.given["api_key_env"]}
            result = await _judge(job, folder, without, call)
            if asking.clients and result.run is not None:
                result = await _ask(result, folder, asking, without, call)
        on_result(result)
        return result

    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(one(job)) for job in jobs]
    return [task.result() for task in tasks]


async def _judge(job: Job, folder: Path, without: Set[str], call: Call) -> Result:
    """Judge one target."""
    place = folder / job.slug
    code, said = await call("run", job.given | {"report": str(place)}, without)
    with contextlib.suppress(RunFileError):
        run = read(place / RUN, skip=("exchange", "sdk"))
        if run.footer is not None and code in WORST:
            return Result(job, code, run, said)
    return Result(job, code if code in WORST else BROKEN, None, _last(said, code))


async def _ask(result: Result, folder: Path, asking: Asking, without: Set[str], call: Call) -> Result:
    """Let the clients ask one target that was judged."""
    place = folder / result.job.slug
    code, said = await call("clients", asking.options(result.job, place), without)
    return _with_clients(result, asking.of(place), code, _last(said, code))


def _with_clients(result: Result, trials: Run | None, code: int, said: str) -> Result:
    """A result with what came of the clients, where its exit code is the worse of both."""
    both = worst((result.code, code if code in WORST else BROKEN))
    return replace(result, code=both, trials=trials, trials_said="" if trials else said)


def _last(said: str, code: int) -> str:
    return said.splitlines()[-1].removeprefix("openai-conformance: ") if said else f"it ended with {code}"


async def _called(command: str, given: dict[str, Any], without: Set[str]) -> tuple[int, str]:
    """Run one command, quietly, in a process that ends when this one does, and whose environment is ours without other targets' keys
    and without the files that GitHub reads: those are the matrix's. Gives its exit code, and what it said of errors."""
    command_line, environment = child(without)
    process = await asyncio.create_subprocess_exec(
        *command_line,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
        env=environment,
    )
    try:
        process.stdin.write(json.dumps(arguments(command, given)).encode() + b"\n")
        said = (await process.stderr.read()).decode("utf-8", "replace").strip()
        code = await process.wait()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
        process.stdin.close()
    return code, said


def child(without: Set[str]) -> tuple[tuple[str, ...], dict[str, str]]:
    """How a process is begun that reads a command, and its environment without these variables and those of GitHub."""
    environment = {name: value for name, value in os.environ.items() if name not in without | GITHUB}
    return (sys.executable, "-P", "-c", CHILD), environment


def arguments(command: str, given: dict[str, Any]) -> list[str]:
    words = [command, "--quiet"]
    for name, value in given.items():
        if value is True:
            words.append(flag(name))
        elif value is not None and value is not False:
            for each in value if isinstance(value, list | tuple) else (value,):
                words.append(f"{flag(name)}={each}")
    return words


def _compare(results: Sequence[Result], folder: Path) -> None:
    from conformance.report.comparison import write_comparison

    judged = [result for result in results if result.run is not None]
    if judged:
        files = [folder / each.job.slug / RUN for each in judged]
        names, trials = [each.job.name for each in judged], [each.trials for each in judged]
        pages = [f"{each.job.slug}/{CLIENTS}/{HTML}#clients" for each in judged]
        write_comparison(files, folder / COMPARISON, names, trials=trials, pages=pages)
