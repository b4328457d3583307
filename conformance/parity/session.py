"""One parity run from beginning to end: both preflights, golden prompts to both sides, the comparison, the run file, the page.

It must not print or know of click. What it raises is one line for the user: UserError (exit code 2), CannotJudge (3). Every
exchange is on disk the moment it is complete; what is made of them is a pure function of them (closing.py), so that a replay
gives the same.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from conformance import __version__
from conformance.exchange import Exchange
from conformance.parity import prices
from conformance.parity import prompts as golden
from conformance.parity.asking import BASELINE, TARGET, Side, questions
from conformance.parity.closing import close, golden_lines, prompt_from
from conformance.parity.parity_options import ParityOptions
from conformance.parity.prompt import Prompt
from conformance.parity.same_model import ruling
from conformance.parity.sides import Baseline, key_of, opened
from conformance.record.run_lines import Record, RunFileError
from conformance.run.run_file import Run, RunWriter, read
from conformance.run.user_error import UserError
from conformance.send.allowance import Allowance, Allowances
from conformance.send.cannot_judge import CannotJudge
from conformance.send.limits import Limits
from conformance.send.preflight import preflight
from conformance.send.sender import client
from conformance.send.target import Target

RUN, HTML = "run.jsonl", "index.html"
AGAIN = 3
"""Further answers of each side to a prompt that would count against the target (comparing.py)."""
MOST_AGAIN = 10
"""Prompts that are asked again; noise does not explain more of them."""

Watch = Callable[[int, int], None]


@dataclass(frozen=True)
class Outcome:
    """How a run ended; `files` are the run file and the page."""

    files: list[Path]
    exit_code: int


def conduct(
    options: ParityOptions,
    given: Mapping[str, Any],
    watch: Watch = lambda done, total: None,
    page: Callable[[Run, Path], None] = lambda run, path: None,
    allowances: Allowances | None = None,
) -> Outcome:
    """Do one run. `given` are the options as typed, for a replay; `page` writes the page of it; `allowances` are those of the command that
    this run is a step of. Raises UserError, CannotJudge, KeyboardInterrupt."""
    allowances = allowances or Allowances()
    folder = Path(options.report)
    if options.same_model:
        ruling.needs()
    asked = {"prices": prices.load(options.prices)} if options.prices else {}
    try:
        folder.mkdir(parents=True, exist_ok=True)
        code = (
            _replay(options, given, folder, asked)
            if options.replay
            else _live(options, folder, watch, asked, allowances)
        )
        page(read(folder / RUN), folder / HTML)
    except RunFileError as error:
        raise UserError(str(error)) from None
    except OSError as error:
        raise UserError(f"{error.filename or folder} cannot be written: {error.strerror or error}") from None
    return Outcome([folder / RUN, folder / HTML], code)


def _replay(options: ParityOptions, given: Mapping[str, Any], folder: Path, asked: Record) -> int:
    """Judge a recorded run again; the file may be the very one that is written."""
    try:
        run = read(options.replay)
    except RunFileError as error:
        raise UserError(f"--replay {error}") from None
    if run.header.get("kind") != "parity":
        raise UserError(f"--replay {options.replay} is a run of the checks; `run --replay` judges it")
    options = options.as_recorded(run.header["options"], given)
    prompts = [prompt_from(record) for record in run.header["golden"]]
    header = {**run.header, "options": asdict(options), "target": {**run.header["target"], "replay": options.replay}}
    header |= asked
    if options.monthly_requests and "prices" not in header:
        raise UserError("--monthly-requests needs --prices FILE: the recording was made without")
    part = folder / f"{RUN}.part"
    try:
        with RunWriter(part) as writer:
            writer.header(header)
            for x in run.exchanges:
                writer.exchange(x)
            said = {} if run.footer is None else {k: run.footer[k] for k in ("versions", "seconds") if k in run.footer}
            cut_off = ["the recording was cut off; what it holds was judged"] if run.footer is None else []
            code = close(writer, prompts, run.exchanges, options, header, said, cut_off)
        part.replace(folder / RUN)
    finally:
        with contextlib.suppress(OSError):
            part.unlink(missing_ok=True)
    return code


def _live(options: ParityOptions, folder: Path, watch: Watch, more: Record, allowances: Allowances) -> int:
    prompts = list(golden.load(Path(options.golden) if options.golden else None))
    keys = [key_of(name) for name in (options.api_key_env, options.baseline_key_env)]
    target = Target(options.base_url, "", keys[0], other_keys=tuple(key for key in keys[1:] if key))
    with opened(options, prompts) as baseline:
        if baseline.target is not None and keys[0]:
            baseline.target = replace(baseline.target, other_keys=(keys[0],))
        return asyncio.run(_ask(options, prompts, target, baseline, folder, watch, more, allowances))


async def _ask(
    options: ParityOptions,
    prompts: list[Prompt],
    target: Target,
    baseline: Baseline,
    folder: Path,
    watch: Watch,
    more: Record,
    allowances: Allowances,
) -> int:
    began = time.perf_counter()
    limits = Limits(whole=options.timeout)
    first = []
    allowed = {TARGET: allowances.of(target.base_url, limits)}
    target, hello = await _checked(TARGET, target, options.model, allowed[TARGET], options.api_key_env, options.wait)
    first.append(hello)
    about = baseline.about
    if baseline.target is not None:
        allowed[BASELINE] = allowances.of(baseline.target.base_url, limits)
        checked, hello = await _checked(
            BASELINE, baseline.target, options.baseline_model, allowed[BASELINE], options.baseline_key_env, options.wait
        )
        baseline.target = checked
        about["model"] = checked.model
        first.append(hello)
    (folder / HTML).unlink(missing_ok=True)
    header = {
        "kind": "parity",
        "options": asdict(options) | {"base_url": target.redactor.url(options.base_url), "baseline": about["kind"]},
        "target": {"base_url": target.redactor.url(target.base_url), "model": target.model},
        "baseline": about,
        "golden": [asdict(prompt) for prompt in prompts],
        **more,
    }
    taken: list[Exchange] = []
    alone = baseline.kind == "none"
    times = options.samples if alone else 1
    total = len(prompts) * (times + (options.samples if baseline.target else 0))
    with RunWriter(folder / RUN, target.redactor) as writer:

        def take(x: Exchange) -> None:
            writer.exchange(x)
            taken.append(x)
            watch(min(len(taken), total), total)

        writer.header(header)
        for x in first:
            writer.exchange(x)
        recorded = baseline.take(prompts, options.samples, same_model=options.same_model)
        for x in recorded:
            writer.exchange(x)
            taken.append(x)
        async with client(*(side.base_url for side in (target, baseline.target) if side)) as http:
            make = {
                "http": http,
                "concurrency": options.concurrency,
                "wait": options.wait,
                "take": take,
            }
            sides = [Side(TARGET, target, allowed[TARGET], **make)]
            if baseline.target is not None:
                sides.append(Side(BASELINE, baseline.target, allowed[BASELINE], **make))
            await _rounds(options, prompts, sides, taken, header, times)
            if options.same_model:
                await ruling.ask(prompts, sides, recorded)
        versions = baseline.versions(prompts, __version__)
        said = {"versions": asdict(versions)} if versions else {}
        return close(
            writer, prompts, taken, options, header, said | {"seconds": round(time.perf_counter() - began, 3)}, []
        )


async def _checked(
    side: str, target: Target, model: str | None, allowance: Allowance, key_env: str, wait: float
) -> tuple[Target, Exchange]:
    """The side with its model, and the preflight's exchange. Raises CannotJudge that says which side it is about."""
    try:
        model, x = await preflight(target, model, allowance.limits, key_env=key_env, wait=wait, allowance=allowance)
    except CannotJudge as error:
        words = str(error) if side == TARGET else str(error).replace("--model", "--baseline-model")
        raise CannotJudge(f"the {side}: {words}", error.exchange) from None
    return replace(target, model=model), replace(x, id=f"preflight.{side}")


async def _rounds(
    options: ParityOptions,
    prompts: Sequence[Prompt],
    sides: Sequence[Side],
    taken: list[Exchange],
    header: Record,
    times: int,
) -> None:
    """Every prompt to every side at once, and then again what would count against the target."""
    numbers = {TARGET: times, BASELINE: options.samples}
    await asyncio.gather(*(s.ask(questions(s.side, prompts, range(1, numbers[s.side] + 1))) for s in sides))
    if header["baseline"]["kind"] == "none":
        return
    lines = golden_lines(prompts, taken, header, options.same_model)
    odd = [p for p, line in zip(prompts, lines, strict=True) if line["gap"] == "worse" and line["target"]["usable"]]
    if 0 < len(odd) <= MOST_AGAIN:
        more = {side: range(n + 1, n + 1 + AGAIN) for side, n in numbers.items()}
        await asyncio.gather(*(s.ask(questions(s.side, odd, more[s.side])) for s in sides))
