"""One exploration from beginning to end: preflight, hunt, run file.

It must not print or know of click. What it raises is one line for the user: UserError (exit code 2), CannotJudge (3). Every exchange
is on disk the moment it is complete, so that what was found can be judged again without the endpoint.
"""

from __future__ import annotations

import asyncio
import datetime
import secrets
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from hypothesis.configuration import set_hypothesis_home_dir
from hypothesis.database import DirectoryBasedExampleDatabase

from conformance.areas.catalogue import features
from conformance.exchange import Exchange
from conformance.explore.court import LEVELS, Court, Failure
from conformance.explore.everything import ALONE, MADE
from conformance.explore.explore_options import ExploreOptions
from conformance.explore.hunt import Caught, Hunt, Stage
from conformance.explore.made import Made
from conformance.explore.sayings import one_of
from conformance.explore.sending import GivenUp, Live, Spent
from conformance.judge.verdicts import Check, Verdict
from conformance.record.run_lines import Record, RunFileError
from conformance.run import gate, known, selection
from conformance.run.live import opened
from conformance.run.run_file import RunWriter
from conformance.run.user_error import UserError
from conformance.run.witness import AREA
from conformance.send import leaner, plan
from conformance.send.budget import Budget
from conformance.send.cannot_judge import CannotJudge
from conformance.send.limits import Limits
from conformance.send.preflight import preflight
from conformance.send.requests import Request
from conformance.send.target import Target

RUN, DATABASE = "run.jsonl", "examples"
SHARE = 0.8
"""Of the examples for each thing by itself; of the default number that is enough for all of them."""
Watch = Callable[[int, int], None]
Send = Callable[[Sequence[Request]], list[Exchange]]


@dataclass(frozen=True)
class Outcome:
    """How it ended: the run file, and the exit code."""

    file: Path
    exit_code: int


class Exploration:
    """What is found with one way of sending. `send` gives the exchanges of the requests; `deviations` are known and no findings."""

    def __init__(
        self, send: Send, model: str, checks: Sequence[Check], options: ExploreOptions, seed: int, *,
        deviations: Sequence[known.Deviation] = (), watch: Watch = lambda done, total: None,
    ) -> None:  # fmt: skip
        self._send, self._model, self._checks = send, model, [check for check in checks if check.area != AREA]
        self._deviations = [
            each for each in deviations if each.expires is None or each.expires >= datetime.date.today()
        ]
        self._court = Court(self._checks)
        self.sendings = 0
        self.expected: dict[str, str] = {}
        """The checks that failed as a known deviation says, and its reason."""
        self.given_up = False
        """It ended early, and that is the endpoint's fault."""
        alone, together = (DirectoryBasedExampleDatabase(_kept(options) / name) for name in ("alone", "together"))
        stages = [Stage("together", MADE, 1.0, together)]
        if simple := [made for made in ALONE if self._worth(made)]:
            stages.insert(0, Stage("alone", one_of(simple), SHARE, alone))
        self.hunt = Hunt(stages, self._ask, options.examples, seed, self._worth,
                         on_example=lambda count: watch(count, options.examples))  # fmt: skip

    def run(self) -> str | None:
        """Explore. Gives why it ended early, None where it did not. Raises KeyboardInterrupt."""
        try:
            self.hunt.run()
        except Spent as reason:
            self.given_up = isinstance(reason, GivenUp)
            return f"ended after {self.hunt.tried:,} examples: {reason}"
        return None

    def verdicts(self) -> list[Verdict]:
        """One verdict for each check, by all that was sent, also what failed once only."""
        return self._court.verdicts()

    def _ask(self, made: Made) -> list[Failure]:
        self.sendings += 1
        exchanges = self._send(made.requests(self.sendings, self._model))
        return [failure for failure in self._court.failures(exchanges) if not self._known(failure, exchanges)]

    def _known(self, failure: Failure, exchanges: Sequence[Exchange]) -> bool:
        for entry in self._deviations:
            if entry.check == failure.check.id and not entry.exchanges:
                asks = features()[entry.feature].when if entry.feature else None
                if asks is None or any(asks(x) is True for x in exchanges if x.id in failure.exchanges):
                    self.expected[entry.check] = entry.said
                    return True
        return False

    def _worth(self, made: Made) -> bool:
        """Whether any of the checks can have something to judge in what would be sent."""
        requests = made.requests(0, self._model)
        return any(plan.may_concern(check, requests) for check in self._checks)


def _kept(options: ExploreOptions) -> Path:
    """Where what failed is kept."""
    return Path(options.database or Path(options.report) / DATABASE)


def conduct(options: ExploreOptions, watch: Watch = lambda done, total: None) -> Outcome:
    """Do one exploration. Raises UserError, CannotJudge."""
    checks = selection.chosen(options.only)
    deviations = known.load(options.known) if options.known else []
    seed = secrets.randbelow(10**9) if options.seed is None else options.seed
    folder = Path(options.report)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        set_hypothesis_home_dir(_kept(options))  # else it makes a folder of its own wherever it is started
        with opened(options.base_url, options.header, options.api_key_env) as target:
            code = _explore(options, checks, deviations, seed, target, watch)
    except RunFileError as error:
        raise UserError(str(error)) from None
    except OSError as error:
        raise UserError(f"{error.filename or folder} cannot be written: {error.strerror or error}") from None
    return Outcome(folder / RUN, code)


def _explore(
    options: ExploreOptions, checks: Sequence[Check], deviations: Sequence[known.Deviation], seed: int, target: Target, watch: Watch
) -> int:  # fmt: skip
    began, limits = time.perf_counter(), Limits(whole=options.timeout)
    model, first = asyncio.run(preflight(target, options.model, limits, key_env=options.api_key_env, wait=options.wait))
    target = replace(target, model=model)
    budget = Budget(options.budget_requests, options.budget_tokens, options.max_seconds)
    budget.settle(first, 0)
    left_out = {name} if (name := leaner.refused(first)) else set()
    with RunWriter(Path(options.report) / RUN, target.redactor) as writer:
        where = {"base_url": target.redactor.url(target.base_url), "model": model}
        said = asdict(options) | {"base_url": where["base_url"], "seed": seed}
        said["header"] = [header.partition("=")[0] for header in options.header]  # their values may be secrets
        writer.header({"kind": "explore", "options": said, "target": where})
        writer.exchange(first)
        with Live(target, limits, budget, writer.exchange, left_out, options.wait) as live:
            exploring = Exploration(live.ask, model, checks, options, seed, deviations=deviations, watch=watch)
            try:
                ended = exploring.run()
            except KeyboardInterrupt:
                ended = f"interrupted after {exploring.hunt.tried:,} examples"
        findings = sorted(exploring.hunt.caught, key=lambda caught: LEVELS.index(caught.failure.check.level))
        verdicts = exploring.verdicts()
        if not any(verdict.outcome in ("pass", "fail") for verdict in verdicts):
            raise CannotJudge(ended or "nothing that was made up gave any of these checks something to judge")
        for caught in findings:
            writer.line(finding(caught))
        code = _exit_code(options, findings, verdicts, ended or "", exploring.given_up)
        writer.footer({
            "counts": {"findings": _levels(findings), "examples": exploring.hunt.tried, "sendings": exploring.sendings},
            "exit_code": code, "skipped": [], "cost": budget.record, "seconds": round(time.perf_counter() - began, 3),
            "red": [caught.failure.check.id for caught in findings if _red(caught, options)],
            "remarks": _remarks(exploring, verdicts, ended),
        })  # fmt: skip
    return code


def finding(caught: Caught) -> Record:
    """The line of what was caught, with what a report says about its check."""
    check = caught.failure.check
    return {
        "type": "finding", "check": check.id, "level": check.level, "message": caught.failure.message,
        "exchanges": list(caught.failure.exchanges), "seen": caught.seen, "sent": caught.sent,
        "requirement": check.requirement, "impact": check.impact, "source": list(check.source),
    }  # fmt: skip


def _levels(findings: Sequence[Caught]) -> dict[str, int]:
    levels = [caught.failure.check.level for caught in findings]
    return {level: levels.count(level) for level in dict.fromkeys(levels)}


def _red(caught: Caught, options: ExploreOptions) -> bool:
    level = caught.failure.check.level
    return level == "must" or (options.strict and level == "should")


def _exit_code(
    options: ExploreOptions, findings: Sequence[Caught], verdicts: Sequence[Verdict], ended: str, given_up: bool
) -> int:
    if any(verdict.outcome == "broken" for verdict in verdicts):
        return gate.BROKEN
    if ended.startswith("interrupted"):
        return gate.INTERRUPTED
    if any(_red(caught, options) for caught in findings):
        return gate.DIFFERS
    return gate.NOT_JUDGED if given_up else gate.CONFORMS


def _remarks(exploring: Exploration, verdicts: Sequence[Verdict], ended: str | None) -> list[str]:
    remarks = [ended] if ended else []
    remarks += [f"{id} fails as known: {why}" for id, why in exploring.expected.items()]
    if once := [f"{id} ({count}x)" for id, count in exploring.hunt.once.items()]:
        remarks.append(f"failed once and not again when the same was sent once more, so no finding: {', '.join(once)}")
    broken = [verdict for verdict in verdicts if verdict.outcome == "broken"]
    remarks += [f"{v.check.id} is broken, a fault of this suite: {(v.reason or '').splitlines()[-1]}" for v in broken]
    return remarks
