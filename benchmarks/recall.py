"""How many bugs of real servers the suite catches: `nox -s recall -- FILE`, or `python -m benchmarks.recall FILE`.

FILE is a catalogue of public bugs, one JSON object a line, with `id`, `area`, `severity`, `evidence` and `threads`. The reference
server tells each bug as a lie; the bug is caught where a check then fails. A lie claims a bug by its name (`bugs=`), else by the
thread where it was reported (`link=`). Nothing is sent, and nothing here decides what is wrong: the checks do.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from conformance.areas.catalogue import lies
from conformance.judge.verdicts import MAY, MUST, SHOULD, Check
from conformance.reference.lies import Lie
from tests.support import proving

AREAS = (
    "stream", "tools", "finish_reason", "errors", "usage", "ratelimit", "structured", "logprobs", "models", "params",
    "multimodal", "reasoning", "auth", "http", "robustness", "audio", "images", "embeddings", "completions", "moderations", "responses",
)  # fmt: skip
"""The areas that the suite judges; what is left out of the count is said."""
SHARE = 0.95
"""How much of what is counted must be caught."""
MISTAKEN: dict[str, str] = {}
"""Bugs that rest on a wrong idea of what OpenAI does, and how that is known."""

LEVELS = (MUST, SHOULD, MAY)


class Unusable(Exception):
    """The catalogue cannot be read; the message is one line."""


@dataclass(frozen=True)
class Bug:
    """One row of a catalogue."""

    id: str
    area: str
    cosmetic: bool
    thin: bool
    """Too little is known of it to be counted."""
    threads: frozenset[str]


@dataclass(frozen=True)
class Found:
    """What became of a bug: "caught", "weak" (by a MAY, though it is not cosmetic), "missed", "mistaken" or "left out"."""

    bug: Bug
    outcome: str
    words: str


def read(path: Path) -> list[Bug]:
    """The bugs of a catalogue. Raises Unusable."""
    try:
        lines = path.read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as reason:
        raise Unusable(f"cannot read {path}: {getattr(reason, 'strerror', None) or 'it is not UTF-8'}") from None
    return [_bug(f"{path} line {n}", line) for n, line in enumerate(lines, 1) if line.strip()]


def _bug(where: str, line: str) -> Bug:
    try:
        row: Any = json.loads(line)
    except ValueError:
        raise Unusable(f"{where} is not JSON") from None
    if not isinstance(row, dict) or not isinstance(row.get("id"), str):
        raise Unusable(f"{where} has no id")
    threads = row.get("threads") if isinstance(row.get("threads"), list) else []
    return Bug(
        row["id"], str(row.get("area", "")), row.get("severity") == "cosmetic", row.get("evidence") == "thin",
        frozenset(_thread(thread) for thread in threads),
    )  # fmt: skip


def _thread(link: Any) -> str:
    """A link so that two to one thread are equal, be it called an issue or a pull request."""
    return str(link).lower().partition("#")[0].rstrip("/").replace("/pull/", "/issues/")


def claims(bug: Bug) -> list[Lie]:
    """The lies that tell this bug: those that know its name, else the one that was reported in the same thread."""
    named = [lie for lie in lies().values() if bug.id in lie.bugs]
    reported = [lie for lie in lies().values() if bug.threads & {_thread(link) for link in lie.links}]
    return named or (reported if len(reported) == 1 else [])


@cache
def caught_by(lie: str) -> tuple[Check, ...]:
    """The checks that fail where the server tells this lie, the strictest first."""
    failed = [verdict.check for verdict in proving.verdicts(lies()[lie]) if verdict.outcome == "fail"]
    return tuple(sorted(failed, key=lambda check: LEVELS.index(check.level)))


def look_for(bug: Bug) -> Found:
    """Whether the suite catches a bug: each of the lies that tell it, by a check that is strict enough."""
    if bug.id in MISTAKEN:
        return Found(bug, "mistaken", MISTAKEN[bug.id])
    lies = claims(bug)
    if not lies:
        return Found(bug, "missed", "no lie of ours claims it")
    best = {lie.name: caught_by(lie.name)[:1] for lie in lies}
    words = "; ".join(_told(name, found, bug) for name, found in best.items())
    levels = {found[0].level if found else None for found in best.values()}
    weak = levels & {MAY} and not bug.cosmetic
    return Found(bug, "missed" if None in levels else "weak" if weak else "caught", words)


def _told(name: str, found: tuple[Check, ...], bug: Bug) -> str:
    by = "" if bug.id in lies()[name].bugs else " (by its thread)"
    return f"{name}{by}: " + (f"{found[0].level.upper()} {found[0].id}" if found else "no check fails")


def counted(bug: Bug) -> bool:
    return bug.area in AREAS and not bug.thin and bug.id not in MISTAKEN


def report(bugs: Iterable[Bug]) -> Iterator[str]:
    """A line for each bug, then the share caught by area and in all."""
    found = [look_for(bug) for bug in bugs if bug.area in AREAS]
    for each in found:
        note = ", thin" if each.bug.thin else ""
        yield f"{each.outcome:9} {each.bug.area:14} {each.bug.id}{note}\n          {each.words}"
    yield ""
    for area in (*AREAS, None):
        of = [each for each in found if counted(each.bug) and area in (each.bug.area, None)]
        if of:
            yield f"{area or 'in all':14} {_share(of):4.0%}  {_caught(of)} of {len(of)}"
    elsewhere = Counter(bug.area for bug in bugs if bug.area not in AREAS)
    if elsewhere:
        yield "not judged yet: " + ", ".join(f"{area} ({n})" for area, n in sorted(elsewhere.items()))


def _caught(found: list[Found]) -> int:
    return sum(each.outcome == "caught" for each in found)


def _share(found: list[Found]) -> float:
    return _caught(found) / len(found)


def main(arguments: list[str]) -> int:
    if len(arguments) != 1:
        print("usage: nox -s recall -- FILE   (a catalogue of public bugs, one JSON object a line)", file=sys.stderr)
        return 2
    try:
        bugs = read(Path(arguments[0]))
    except Unusable as reason:
        print(f"Error: {reason}", file=sys.stderr)
        return 2
    for line in report(bugs):
        print(line, flush=True)
    of = [look_for(bug) for bug in bugs if counted(bug)]
    return 0 if of and _share(of) >= SHARE else 1


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
