"""A migration looked at from end to end: the checks of both sides, golden prompts, defaults, and the checklist of all of them.

It sends nothing by itself but what tells of defaults: the checks are a run beside a baseline, the golden prompts a parity run, recorded
traffic a run of recordings. It must not print or know of click. What it raises is one line for the user: UserError, CannotJudge.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from conformance import __version__
from conformance.exchange import Exchange
from conformance.parity import prices, session
from conformance.parity import prompts as golden
from conformance.parity.asking import BASELINE, TARGET, Side
from conformance.parity.closing import by_prompt, prompt_from
from conformance.parity.migration import defaults
from conformance.parity.migration.checklist import (
    Line,
    answer,
    cold_path,
    features,
    gated,
    parameters,
    rate_limits,
    smoke,
)
from conformance.parity.migration.migration_options import SHARED, MigrationOptions
from conformance.parity.parity_options import ParityOptions
from conformance.parity.sides import key_of
from conformance.record.run_lines import Record, RunFileError
from conformance.run import conductor
from conformance.run.conductor import Reports
from conformance.run.features_asked import asked_for, asked_in
from conformance.run.options import Options
from conformance.run.run_file import Run, RunWriter, read
from conformance.run.user_error import UserError
from conformance.run.whole_file import write_whole
from conformance.send.allowance import Allowances
from conformance.send.cold_round import round_of, told
from conformance.send.limits import Limits
from conformance.send.preflight import CannotJudge
from conformance.send.sender import client
from conformance.send.target import Target

CHECKS, PARITY, OWN, DEFAULTS, CHECKLIST = "checks", "parity", "golden", "defaults.jsonl", "migration.json"
WORDS = (("--baseline-model", "--from-model"), ("--baseline", "--from"), ("--model", "--to-model"), ("--base-url", "--to"),
         ("the baseline: ", "--from: "), ("the target: ", "--to: "))  # fmt: skip
"""What runs and parity call an option, and what it is called here."""
Watch = Callable[[str, int, int], None]


def conduct(
    options: MigrationOptions,
    reports: Reports,
    page: Callable[[Run, Path], None],
    watch: Watch = lambda step, done, total: None,
) -> Record:
    """Do all of it. `reports` writes those of a run of the checks, `page` that of a parity run. Gives the checklist, which is also in the
    folder. Raises UserError, CannotJudge, KeyboardInterrupt."""
    folder, allowances = Path(options.report), Allowances()
    golden.load(Path(options.golden) if options.golden else None)
    if options.prices:
        prices.load(options.prices)
    with _ours():
        folder.mkdir(parents=True, exist_ok=True)
        used = {"the recorded traffic": asked_in(options.traffic)} if options.traffic else {}
        checks = _checks(options, folder / CHECKS, reports, watch, allowances)
        before = read(folder / CHECKS / "baseline" / conductor.RUN, skip=("exchange", "sdk"))
        models = [run.header["target"]["model"] for run in (checks, before)]
        compared = _parity(options, models, folder / PARITY, page, watch, allowances)
        used["the golden prompts"] = asked_for(_as_written(compared))
        prompts = _judged(folder / OWN, _kept(compared, folder))
        told = asyncio.run(_defaults(options, compared, folder / DEFAULTS, allowances))
        lines = _lines(options, checks, before, compared, prompts, used, told)
        lines += _cold(options, compared, allowances) if options.cold else []
        said, code = answer(lines)
        found = {
            "kind": "migration",
            "version": __version__,
            "started": datetime.now(UTC).isoformat(timespec="seconds"),
            "from": compared.header["baseline"],
            "to": compared.header["target"],
            "lines": [asdict(line) for line in lines],
            "answer": said,
            "exit_code": code,
        }
        write_whole(folder / CHECKLIST, json.dumps(found, indent=2) + "\n")
    return found


@contextlib.contextmanager
def _ours() -> Iterator[None]:
    """Mistakes in the words of this command."""
    try:
        yield
    except CannotJudge as error:
        said = str(error)
        said = said if said.startswith(("the baseline: ", "the target: ")) else f"the target: {said}"
        for theirs, ours in WORDS:
            said = said.replace(theirs, ours)
        raise CannotJudge(said, error.exchange) from None
    except RunFileError as error:
        raise UserError(str(error)) from None
    except OSError as error:
        raise UserError(f"{error.filename or 'the report'} cannot be written: {error.strerror or error}") from None


def _checks(options: MigrationOptions, folder: Path, reports: Reports, watch: Watch, allowances: Allowances) -> Run:
    """The checks of the new side beside those of the old one."""
    given = {
        "base_url": options.to, "model": options.to_model, "api_key_env": options.to_key_env, "baseline": options.from_,
        "baseline_model": options.from_model, "baseline_key_env": options.from_key_env, "depth": options.depth,
        "concurrency": options.concurrency, "timeout": options.timeout, "wait": options.wait, "report": str(folder), "sdk": "off",
    }  # fmt: skip
    conductor.conduct(
        Options.make(given),
        watch=lambda done, total: watch("checks", done, total),
        reports=reports,
        allowances=allowances,
    )
    return read(folder / conductor.RUN, skip=("exchange", "sdk"))


def _parity(
    options: MigrationOptions, models: Sequence[str], folder: Path, page: Callable[[Run, Path], None], watch: Watch, allowances: Allowances
) -> Run:  # fmt: skip
    """The golden prompts on both sides, of the models that the checks were made with: (new, old)."""
    given: dict[str, Any] = {name: getattr(options, name) for name in SHARED} | {
        "base_url": options.to, "model": models[0], "api_key_env": options.to_key_env, "baseline": options.from_,
        "baseline_model": models[1], "baseline_key_env": options.from_key_env, "report": str(folder),
    }  # fmt: skip
    given["monthly_requests"] = options.monthly_requests if options.prices else None
    told = partial(watch, "golden prompts")
    session.conduct(ParityOptions.make(given), given, told, page, allowances)
    return read(folder / session.RUN)


def _answers(run: Run, side: str) -> list[Exchange]:
    return [x for x in run.exchanges if x.id.startswith(f"{side}#")]


def _as_written(run: Run) -> Iterator[Exchange]:
    """The golden prompts as they are written, each with the first answer here: what parity itself pins is in nobody's use."""
    requests = {record["id"]: record["request"] for record in run.header["golden"]}
    for x in _answers(run, TARGET):
        id = x.id.removeprefix(f"{TARGET}#")
        if id in requests:
            yield replace(x, request_body=json.dumps({"model": run.header["target"]["model"], **requests[id]}).encode())


def _kept(run: Run, folder: Path) -> Path:
    """A run file of what the new side answered to the golden prompts."""
    file = folder / f"{OWN}.jsonl"
    with RunWriter(file) as writer:
        writer.header({"options": {}, "target": run.header["target"]})
        for x in _answers(run, TARGET):
            writer.exchange(x)
        writer.footer({"counts": {}, "exit_code": 0, "skipped": []})
    return file


def _judged(folder: Path, file: Path) -> Run:
    """What recorded answers show of features."""
    conductor.conduct(Options.make({"recordings": (str(file),), "report": str(folder), "sdk": "off", "quiet": True}))
    return read(folder / conductor.RUN, skip=("exchange", "sdk"))


async def _defaults(options: MigrationOptions, run: Run, file: Path, allowances: Allowances) -> Record:
    """What both sides do with requests that pin nothing."""
    prompts = [prompt_from(record) for record in run.header["golden"]]
    keys = [key_of(options.to_key_env), key_of(options.from_key_env)]
    others = tuple(key for key in keys if key)
    models = [run.header["target"]["model"], run.header["baseline"]["model"]]
    urls = (options.to or "", options.from_ or "")
    targets = [Target(url, model, key, other_keys=others) for url, model, key in zip(urls, models, keys, strict=True)]
    taken: list[Exchange] = []
    with RunWriter(file, targets[0].redactor) as writer:

        def take(x: Exchange) -> None:
            writer.exchange(x)
            taken.append(x)

        writer.header({"options": {}, "target": run.header["target"]})
        async with client(*(target.base_url for target in targets)) as http:
            make = {"http": http, "concurrency": options.concurrency, "wait": options.wait, "take": take}
            sides = zip((TARGET, BASELINE), targets, strict=True)
            allowed = partial(allowances.of, limits=Limits(whole=options.timeout))
            await defaults.ask(prompts, [Side(s, t, allowed(t.base_url), **make) for s, t in sides])
        writer.footer({"counts": {}, "exit_code": 0, "skipped": []})
    return defaults.differences(prompts, by_prompt(taken))


def _lines(
    options: MigrationOptions,
    checks: Run,
    before: Run,
    compared: Run,
    prompts: Run,
    used: dict[str, Iterable[str]],
    told: Record,
) -> list[Line]:
    """The checklist, in the order in which one asks."""
    by_feature: dict[str, list[str]] = {}
    for who, names in used.items():
        for each in names:
            by_feature.setdefault(each, []).append(who)
    served, was = ({row["feature"]: row["decision"] for row in run.features} for run in (prompts, before))
    gates = {gate["gate"]: gate for gate in (compared.footer or {}).get("gates", ())}
    sides = [_answers(compared, side) for side in (TARGET, BASELINE)]
    return [
        smoke(checks),
        features(checks, by_feature, served, was),
        parameters(told),
        gated("token counts", gates.get("--max-tokens-ratio"), _bill(compared)),
        gated("golden prompts", gates.get("--max-gap"), _worse(compared), "#golden"),
        gated("times and tails", gates.get("--max-ttft-p95")),
        rate_limits(*sides, options.monthly_requests),
    ]


def _cold(options: MigrationOptions, run: Run, allowances: Allowances) -> list[Line]:
    """The new side, asked when nobody has asked it for a while."""
    if over := allowances.of(options.to or "", Limits(whole=options.timeout)).over:
        return [Line("cold path", "untold", f"it was not asked: {over}")]
    time.sleep(options.cold or 0.0)
    target = Target(options.to or "", run.header["target"]["model"], key_of(options.to_key_env))
    found = asyncio.run(round_of(target, "1"))
    return [cold_path(found.record, told(found), options.cold or 0.0)]


def _bill(run: Run) -> list[str]:
    found = (run.footer or {}).get("bill")
    if not found:
        return []
    what = f"{found['requests']:,} requests {'a month ' if found['monthly'] else ''}like these"
    sides = ((found["baseline"], "where you are"), (found["target"], "here"))
    return [f"{what}: " + ", ".join(f"{cost:,.2f} {found['currency']} {who}".replace("  ", " ") for cost, who in sides)]


def _worse(run: Run) -> list[str]:
    bad = [line for line in run.golden if line["gap"] in ("worse", "not-compared")]
    return [f"{line['prompt']}: {line['why'][:200]}" for line in bad[:5]] + (
        [f"and {len(bad) - 5} more"] if len(bad) > 5 else []
    )
