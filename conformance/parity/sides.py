"""The baseline of a parity run: a vLLM that is started here, an endpoint, or a recorded run. It must not ask it anything.

A recorded run stands for its target: what it answered then is what the target answers are held against now.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from conformance.exchange import Exchange
from conformance.exchange.shipped import place
from conformance.parity.asking import BASELINE, TARGET, body, name, prompt_of
from conformance.parity.parity_options import ParityOptions
from conformance.parity.prompt import Prompt
from conformance.parity.same_model.ruling import PREFIX
from conformance.record.run_lines import Record, RunFileError
from conformance.run.gap import Versions
from conformance.run.run_file import Run, read
from conformance.run.user_error import UserError
from conformance.send.cannot_judge import CannotJudge
from conformance.send.target import Target

SHIPPED = "parity.jsonl.gz"
"""The name of a recorded parity run in golden/baselines/*/; the last folder in order of names is taken."""


@dataclass
class Baseline:
    """What the target is compared with: an endpoint to ask (`target`), or `recorded` answers, or nothing."""

    kind: str
    target: Target | None = None
    file: str | None = None
    run: Run | None = None
    answers: dict[str, list[Exchange]] = field(default_factory=dict)
    """By id of the prompt."""
    same: list[Exchange] = field(default_factory=list)
    """Recorded for --same-model."""

    @property
    def about(self) -> Record:
        """What the header says of it, but for the model of an endpoint."""
        if self.target is not None:
            return {"kind": self.kind, "base_url": self.target.redactor.url(self.target.base_url)}
        if self.run is None:
            return {"kind": self.kind}
        header = self.run.header
        where = {each: header["target"].get(each) for each in ("base_url", "model")}
        return {
            "kind": self.kind,
            "file": self.file,
            "version": header["version"],
            "started": header["started"],
            **where,
        }

    def take(self, prompts: Sequence[Prompt], samples: int, *, same_model: bool = False) -> list[Exchange]:
        """The recorded answers to these very prompts, at most `samples` to each, and those for --same-model, by their names
        as a baseline's."""
        taken = [replace(x, id=BASELINE + x.id.removeprefix(TARGET)) for x in self.same if same_model]
        for prompt in prompts:
            asked = [x for x in self.answers.get(prompt.id, ()) if _asks(prompt, x)]
            taken += [replace(x, id=name(BASELINE, prompt.id, n)) for n, x in enumerate(asked[:samples], 1)]
        return taken

    def versions(self, prompts: Sequence[Prompt], version: str) -> Versions | None:
        """Which prompts a recorded baseline was asked otherwise, None where it was asked all of them as they are."""
        if self.run is None:
            return None
        known = {prompt.id: prompt for prompt in prompts}
        changed = [id for id in known if id in self.answers and not any(_asks(known[id], x) for x in self.answers[id])]
        added = tuple(id for id in known if id not in self.answers)
        removed = tuple(id for id in self.answers if id not in known)
        found = Versions(version, self.run.header["version"], added, removed, tuple(changed))
        return found if found else None


@contextmanager
def opened(options: ParityOptions, prompts: Sequence[Prompt]) -> Iterator[Baseline]:
    """The baseline that the options name, as long as it is needed. Raises UserError, CannotJudge."""
    wanted = options.baseline
    if wanted == "none":
        yield Baseline("none")
    elif wanted == "vllm":
        with _vllm(options) as target:
            yield Baseline("vllm", target)
    elif wanted is not None and "://" in wanted:
        yield Baseline("url", Target(wanted, "", key_of(options.baseline_key_env)))
    else:
        yield recorded(wanted or shipped())


def shipped() -> str:
    """The recorded baseline that comes with the suite. Raises UserError."""
    folder = place("golden/baselines")
    found = sorted(folder.glob(f"*/{SHIPPED}"))
    if not found:
        raise UserError("no recorded baseline is shipped with this version: name one with --baseline vllm, URL or FILE")
    return str(found[-1])


def recorded(file: str) -> Baseline:
    """The baseline of a run file. Raises UserError."""
    if not Path(file).exists():
        raise UserError(
            f"--baseline is {file}, which is neither vllm, nor an address such as http://localhost:8000/v1, nor a file"
        )
    try:
        run = read(file)
    except RunFileError as error:
        raise UserError(f"--baseline {error}") from None
    if run.header.get("kind") != "parity":
        raise UserError(f"--baseline {file} is a run of the checks; golden prompts are compared with a parity run")
    baseline = Baseline("recorded", file=file, run=run)
    for x in sorted(run.exchanges, key=lambda x: x.started or 0.0):
        side, id = prompt_of(x)
        if side == TARGET and id.startswith(PREFIX):
            baseline.same.append(x)
        elif side == TARGET:
            baseline.answers.setdefault(id, []).append(x)
    if not baseline.answers:
        raise UserError(f"--baseline {file} holds no answers of its target")
    return baseline


def key_of(variable: str) -> str | None:
    return os.environ.get(variable, "").strip() or None


@contextmanager
def _vllm(options: ParityOptions) -> Iterator[Target]:
    from conformance.reference.vllm import NotServing, serve

    try:
        with serve(place("fixtures/models/tiny"), python=options.vllm_python or sys.executable) as server:
            yield Target(server.base_url, "", server.key)
    except NotServing as error:
        last = f"; its last line: {error.last_lines.splitlines()[-1]}" if error.last_lines else ""
        raise CannotJudge(f"the baseline: {error}{last}") from None


def _asks(prompt: Prompt, x: Exchange) -> bool:
    """Whether this is an answer to the prompt as it is now; the number of the answer aside."""
    return _form(x.asked) == _form(body(prompt, 1))


def _form(asked: dict[str, Any]) -> str:
    return json.dumps({k: v for k, v in asked.items() if k not in ("model", "seed")}, sort_keys=True)
