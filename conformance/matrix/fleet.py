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
from collections.abc import Callable, Sequence, Set
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from conformance import __version__
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


@dataclass(frozen=True)
class Result:
    """What came of one target: its run, or the one line that says why there is none. `kept`: from before a kill."""

    job: Job
    code: int
    run: Run | None
    said: str
    kept: bool = False


def conduct(
    jobs: Sequence[Job], folder: Path, *, at_once: int, per_host: int, again: bool, on_result: Callable[[Result], None]
) -> list[Result]:
    """Judge all jobs and write the comparison; `on_result` gets each result as it comes. Raises UserError, KeyboardInterrupt."""
    try:
        kept = _begin(jobs, folder, again)
        for result in kept.values():
            on_result(result)
        left = [job for job in jobs if job.slug not in kept]
        found = kept | {r.job.slug: r for r in asyncio.run(_all(left, folder, at_once, per_host, on_result))}
        results = [found[job.slug] for job in jobs]
        _compare(results, folder)
        (folder / UNFINISHED).unlink()
    except OSError as error:
        raise UserError(f"{error.filename or folder} cannot be written: {error.strerror or error}") from None
    return results


def exit_code(results: Sequence[Result]) -> int:
    """That of the worst target."""
    return worst(result.code for result in results)


def _begin(jobs: Sequence[Job], folder: Path, again: bool) -> dict[str, Result]:
    """Set the marker. Gives what was finished before a kill, by slug; where there was none, removes the runs of before."""
    folder.mkdir(parents=True, exist_ok=True)
    resumes = (folder / UNFINISHED).exists() and not again
    kept = {job.slug: result for job in jobs if resumes and (result := _finished(job, folder)) is not None}
    for job in jobs:
        if job.slug not in kept:
            (folder / job.slug / RUN).unlink(missing_ok=True)
    (folder / COMPARISON).unlink(missing_ok=True)
    (folder / UNFINISHED).touch()
    return kept


def _finished(job: Job, folder: Path) -> Result | None:
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
    if run.header["options"] != wanted | shown or not _is_at(run, job):
        return None
    return Result(job, run.footer["exit_code"], run, "", kept=True)


def _is_at(run: Run, job: Job) -> bool:
    """The run's address is the job's, as far as a run file says it: without what is secret in it."""
    from conformance.send.target import Target

    url = job.given["base_url"].rstrip("/")
    return run.header["target"]["base_url"].rstrip("/") == Target(url, "").redactor.url(url).rstrip("/")


async def _all(
    jobs: Sequence[Job], folder: Path, at_once: int, per_host: int, on_result: Callable[[Result], None]
) -> list[Result]:
    together = asyncio.Semaphore(at_once)
    variables = {"OPENAI_API_KEY", *(job.given["api_key_env"] for job in jobs)}
    hosts: dict[str, asyncio.Semaphore] = defaultdict(lambda: asyncio.Semaphore(per_host))

    async def one(job: Job) -> Result:
        async with hosts[job.host], together:
            result = await _judge(job, folder, without=variables - {job.given["api_key_env"]})
        on_result(result)
        return result

    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(one(job)) for job in jobs]
    return [task.result() for task in tasks]


async def _judge(job: Job, folder: Path, without: Set[str]) -> Result:
    """Judge one target in a process that ends when this one does, and whose environment is ours without other targets' keys and
    without the files that GitHub reads: those are the matrix's."""
    place = folder / job.slug
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-P", "-c", CHILD),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
        env={name: value for name, value in os.environ.items() if name not in without | GITHUB},
    )
    try:
        process.stdin.write(json.dumps(_arguments(job.given | {"report": str(place)})).encode() + b"\n")
        said = (await process.stderr.read()).decode("utf-8", "replace").strip()
        code = await process.wait()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
        process.stdin.close()
    with contextlib.suppress(RunFileError):
        run = read(place / RUN, skip=("exchange", "sdk"))
        if run.footer is not None and code in WORST:
            return Result(job, code, run, said)
    last = said.splitlines()[-1].removeprefix("openai-conformance: ") if said else f"it ended with {code}"
    return Result(job, code if code in WORST else BROKEN, None, last)


def _arguments(given: dict[str, Any]) -> list[str]:
    words = ["run", "--quiet"]
    for name, value in given.items():
        if value is True:
            words.append(flag(name))
        elif value not in (None, False):
            for each in value if isinstance(value, list | tuple) else (value,):
                words.append(f"{flag(name)}={each}")
    return words


def _compare(results: Sequence[Result], folder: Path) -> None:
    from conformance.report.comparison import write_comparison

    judged = [result.job for result in results if result.run is not None]
    if judged:
        files = [folder / job.slug / RUN for job in judged]
        write_comparison(files, folder / COMPARISON, [job.name for job in judged])
