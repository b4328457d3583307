"""How what a client's user saw differs from what the user of the same client sees with the honest reference. Pure functions."""

from __future__ import annotations

import re
from typing import Any

from conformance.watch.trials.cells import FAILS, WRONG
from conformance.watch.trials.scenarios import Scenario
from conformance.watch.trials.truth import arguments

WORDS = 110
"""Characters of a message that are kept."""
_CHANCE = (
    (re.compile(r"127\.0\.0\.1:\d+"), "HOST"),
    (re.compile(r"0x[0-9a-f]+"), "0x"),
    (re.compile(r"\b[a-z]+_[0-9a-f]{12,}\b"), "ID"),
    (re.compile(r"\(id=\d+\)"), ""),
    (re.compile(r"</?[a-z_]+( [^<>]*)?>"), ""),
)
"""What is another in each run."""


def differences(
    scenario: Scenario, said: dict[str, Any], honest: dict[str, Any], asked: int, expected: int
) -> tuple[str, str] | None:
    """The state of a scenario, and why it does not work; None where its user sees the same. `asked` and `expected` are requests."""
    error, wanted = said.get("error"), honest.get("error")
    if error and not wanted:
        return FAILS, told(error)
    if wanted and not error:
        return WRONG, f"no exception, in place of {wanted['class']}"
    if error and wanted:
        if error["class"] != wanted["class"]:
            return WRONG, f"{error['class']}, in place of {wanted['class']}"
        if scenario.retried and asked != expected:
            return WRONG, f"it asks {asked} times, in place of {expected}"
        return None
    odd = [name for name in ("text", "calls", "value", "finish", "usage") if _plain(name, said) != _plain(name, honest)]
    return (WRONG, f"another {odd[0]}: {_shown(said.get(odd[0]))}") if odd else None


def told(error: dict[str, Any]) -> str:
    """An exception in a line, without what is another in each run."""
    return plain(f"{error['class']}: {error.get('message') or ''}".rstrip(": "))


def joined(broken: list[dict[str, str]]) -> list[str]:
    """A line for what breaks in the same way: "fails at plain, tool: IndexError: ..."."""
    where: dict[tuple[str, str], list[str]] = {}
    for each in broken:
        where.setdefault((each["state"], plain(each["why"])), []).append(each["at"])
    return [f"{state} at {', '.join(names)}: {why}" for (state, why), names in where.items()]


def plain(text: str) -> str:
    """A message without the marks that some clients put into it, and without what is another in each run."""
    for pattern, word in _CHANCE:
        text = pattern.sub(word, text)
    text = " ".join(text.split())
    return text if len(text) <= WORDS else f"{text[:WORDS]}…"


def _plain(name: str, said: dict[str, Any]) -> Any:
    """A part as it is compared: calls that were run side by side have no order."""
    if name == "calls":
        return sorted((str(tool), arguments(values)) for tool, values in said.get("calls") or ())
    return said.get(name) or None


def _shown(value: Any) -> str:
    text = "none" if value in (None, "", []) else plain(repr(value))
    return text if len(text) <= WORDS // 2 else f"{text[: WORDS // 2]}…"
