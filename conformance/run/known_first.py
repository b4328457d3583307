"""Writes a first file of known deviations from what one run or several found wrong, each with its reason to be filled in.

It must not decide what is acceptable, and never replaces a file. What is quoted is the endpoint's: it goes into comments and
strings in which nothing can end them.
"""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from pathlib import Path

from conformance.judge.verdicts import MAY, MUST, SHOULD, Verdict
from conformance.run.known import UNEXPLAINED, more_than_named
from conformance.run.user_error import UserError
from conformance.wire.jsontext import printable

LEVELS = (MUST, SHOULD, MAY)
"""The strictest first."""
SEEN = 160
"""Characters of a message that are quoted."""


def refuse_to_replace(path: str) -> None:
    """Raises UserError where there is such a file already, or none can be: said before anything is sent."""
    try:
        os.lstat(path)
    except FileNotFoundError:
        return
    except OSError as error:
        raise UserError(f"--write-known {path} cannot be written: {error.strerror}") from None
    raise UserError(f"--write-known {path}: it exists already, and is not replaced; name another file, or move it away")


def write_known(path: str, runs: Sequence[Sequence[Verdict]], where: str, level: str = LEVELS[-1]) -> str:
    """Write an entry for each check of this level or a stricter one that fails in any of these runs, or could not be tested and is red,
    and is not known; one that passes in another of them, or now and then by its nature, is there `sometimes`, and one that fails on some
    exchanges alone names them. Gives a sentence about it. Raises UserError."""
    lacking: dict[str, Verdict] = {}
    sometimes = {
        verdict.check.id for run in runs for verdict in run if verdict.outcome == "pass" or verdict.check.chance
    }
    counts = LEVELS[: LEVELS.index(level) + 1]
    for verdict in (verdict for run in runs for verdict in run if _lacking(verdict) and verdict.check.level in counts):
        lacking.setdefault(verdict.check.id, verdict)
    lines = [
        f"# What {_line(where)} does differently from the OpenAI API.",
        "# Listed and failing is expected; listed and passing is stale and red: then delete the entry.",
        *(["# What is there `sometimes` may pass, too."] if sometimes & lacking.keys() else []),
        f'# Say in every reason why it is accepted, instead of "{UNEXPLAINED}".',
    ]
    order = [verdict.check.id for verdict in runs[0]]
    for verdict in sorted(lacking.values(), key=lambda verdict: order.index(verdict.check.id)):
        lines += ["", f"# {verdict.check.level.upper()}: {_line(verdict.check.requirement)}"]
        for ids, message in verdict.problems[:1]:
            lines += [f"# seen in {_line(', '.join(ids))}"]
            seen = message
        if not verdict.problems:
            seen = verdict.reason or ""
        lines += [
            "[[deviation]]",
            f"check = {_text(verdict.check.id)}",
            f"reason = {_text(f'{UNEXPLAINED}: {_line(seen)}')}",
        ]
        lines += ["sometimes = true"] if verdict.check.id in sometimes else _exchanges(verdict.check.id, runs)
    target = Path(path)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with target.open("x", encoding="utf-8") as file:
            file.write("\n".join(lines) + "\n")
    except FileExistsError:
        refuse_to_replace(path)
        raise
    except OSError as error:
        raise UserError(f"--write-known {path}: {error.strerror or error}") from None
    return f"{len(lacking)} known deviations were written to {path}: say in each why it is accepted; a run with them conforms but for them"


def _lacking(verdict: Verdict) -> bool:
    return not verdict.known and (verdict.outcome == "fail" or (verdict.outcome == "untestable" and verdict.red()))


def _exchanges(check: str, runs: Sequence[Sequence[Verdict]]) -> list[str]:
    """The exchanges on which alone a check fails, in every run the same; nothing where it fails on all, or not all are named."""
    found = [verdict for run in runs for verdict in run if verdict.check.id == check]
    places = {frozenset(where for named, _ in verdict.problems for where in named) for verdict in found}
    if len(places) != 1 or any(v.outcome != "fail" or more_than_named(v) or v.failed >= v.judged for v in found):
        return []
    where = sorted({joined.split(" + ")[0] for joined in next(iter(places))})
    return [f"exchange = {json.dumps(where, ensure_ascii=False)}"]


def _line(text: str) -> str:
    """One line that ends neither a comment nor anything else."""
    shown = " ".join(printable(text).split())
    return shown if len(shown) <= SEEN else f"{shown[: SEEN - 3]}..."


def _text(value: str) -> str:
    """A TOML string: what JSON escapes, TOML escapes in the same way, and `_line` leaves nothing that only TOML forbids."""
    return json.dumps(value, ensure_ascii=False)
