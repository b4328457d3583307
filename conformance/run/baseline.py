"""A run of the checks beside a baseline: the gap per check, for the run file, and whether it is small enough.

The baseline is a recorded run of the checks, or one that is made first: of an endpoint, or of a vLLM started here. It must not
judge anything itself.
"""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from conformance import __version__
from conformance.exchange import shipped
from conformance.judge.verdicts import Verdict
from conformance.record.run_lines import Record, RunFileError
from conformance.run.gap import Gap, gap
from conformance.run.options import Options
from conformance.run.run_file import Run, read, verdict_record
from conformance.run.user_error import UserError
from conformance.send.cannot_judge import CannotJudge

SHIPPED = "checks.jsonl"
"""The name of a recorded run of the checks in golden/baselines/*/; the last folder in order of names is taken."""
FOLDER = "baseline"
"""Below the report's folder: the reports of a baseline that was judged for this run."""
_OWN = ("header", "fail_on", "strict", "against", "known", "write_known", "known_level", "prune", "times", "record", "require",
        "profile", "replay", "burst", "limited_key_env", "baseline", "baseline_model", "max_gap")  # fmt: skip
"""Options of the target's run that mean nothing to the baseline's."""


@dataclass(frozen=True)
class Beside:
    """The baseline's run, and where it is from."""

    run: Run
    about: Record

    @property
    def name(self) -> str:
        """Where it is from, in a word."""
        return self.about.get("base_url") or self.about["file"]

    def compared(self, verdicts: Sequence[Verdict]) -> Gap:
        return gap(Run({"version": __version__}, verdicts=[verdict_record(v) for v in verdicts]), self.run)

    def said(self, found: Gap, most: int | None) -> Record:
        """What the footer says of it; `most` is --max-gap."""
        gates = []
        if most is not None:
            number = len(found.counted)
            seen = f"{number} worse"
            gates = [{"gate": "--max-gap", "wanted": f"at most {most} worse", "seen": seen, "holds": number <= most}]
        versions = {"versions": asdict(found.versions)} if found.versions else {}
        return {"baseline": self.about, "gates": gates, **versions}


def baseline(options: Options, conduct: Callable[[Options], Any]) -> Beside | None:
    """The baseline that the options ask for, None where they ask for none. `conduct` does a run of the checks. Raises
    UserError, CannotJudge."""
    wanted = options.baseline
    if wanted is None and options.max_gap is None and options.fail_on != "gap":
        return None
    if wanted != "vllm" and "://" not in (wanted or ""):
        file = wanted or _shipped()
        return Beside(_read(file), {"kind": "recorded", "file": file})
    kind = "vllm" if wanted == "vllm" else "url"
    with _endpoint(options) as base_url:
        folder = Path(options.report) / FOLDER
        defaults = {name: Options.__dataclass_fields__[name].default for name in _OWN}
        own = {"base_url": base_url, "model": options.baseline_model, "api_key_env": options.baseline_key_env}
        try:
            outcome = conduct(replace(options, **defaults, **own, report=str(folder)))
        except CannotJudge as error:
            words = str(error).replace("--model", "--baseline-model")
            raise CannotJudge(f"the baseline: {words}", error.exchange) from None
    run = _read(str(outcome.files[0]))
    return Beside(run, {"kind": kind, "file": str(outcome.files[0]), **run.header["target"]})


def _shipped() -> str:
    found = sorted(shipped.place("golden/baselines").glob(f"*/{SHIPPED}"))
    if not found:
        raise UserError("no recorded baseline is shipped with this version: name one with --baseline vllm, URL or FILE")
    return str(found[-1])


def _read(file: str) -> Run:
    try:
        run = read(file, skip=("exchange", "sdk"))
    except RunFileError as error:
        raise UserError(f"--baseline {error}") from None
    if not run.verdicts:
        raise UserError(f"--baseline {file} holds no verdicts, expected the run.jsonl of a run of the checks")
    return run


@contextlib.contextmanager
def _endpoint(options: Options) -> Iterator[str]:
    """The baseline's address; a vLLM that is started for it runs as long as it is needed, and its key lies in the
    environment, where the run looks for it."""
    if options.baseline != "vllm":
        yield options.baseline
        return
    from conformance.reference.vllm import NotServing, serve

    try:
        with serve(shipped.place("fixtures/models/tiny"), python=options.vllm_python or sys.executable) as server:
            os.environ[options.baseline_key_env] = server.key
            yield server.base_url
    except NotServing as error:
        raise CannotJudge(f"the baseline: {error}") from None
    finally:
        os.environ.pop(options.baseline_key_env, None)
