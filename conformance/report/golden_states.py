"""What a parity run says of each golden prompt, in the words of a comparison: answered well, worse than it may be, or not at all."""

from __future__ import annotations

from conformance.record.run_lines import Record
from conformance.run.run_file import Run


def golden_states(run: Run) -> dict[str, tuple[str, str]]:
    """(state, why where it is no pass) of each prompt. Worse than the baseline is a fail, and so is what breaks the prompt's own rules
    in every answer; without a usable answer there is nothing to tell."""
    return {line["prompt"]: _state(line) for line in run.golden}


def _state(line: Record) -> tuple[str, str]:
    target = line["target"]
    if not target["usable"]:
        return "untestable", target["failure"] or line["why"] or "no usable answer"
    if line["gap"] == "worse":
        return "fail", line["why"]
    violations = [each for each in target["violations"] if each is not None]
    if violations and all(violations):
        return "fail", violations[0][0]
    return "pass", ""
