"""Known deviations: what an endpoint is known to do differently, with a reason, so that only what is new is red.

A TOML file of entries. Each names one check; listed and failing is expected, listed and passing is stale and red, and
so is an entry that has expired. It must not judge: it only says which of the verdicts were expected.

    [[deviation]]
    check = "stream.done"
    reason = "the gateway drops the last event"
    link = "https://example.org/issues/1"   # optional
    expires = 2027-01-31                    # optional
"""

from __future__ import annotations

import datetime
import re
import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path

from conformance.catalogue import Verdict
from conformance.options import Mistake
from conformance.selection import nearest

_KEYS = ("check", "reason", "link", "expires")
_HEADER = re.compile(r"\s*\[\[\s*deviation\s*\]\]")


@dataclass(frozen=True)
class Deviation:
    """One entry and where it stands: the file and the numbers of its first and last line."""

    check: str
    reason: str
    link: str | None
    expires: datetime.date | None
    file: str
    first: int
    last: int

    @property
    def lines(self) -> str:
        return f"line {self.first}" if self.first == self.last else f"lines {self.first}-{self.last}"

    @property
    def said(self) -> str:
        return f"{self.reason} ({self.link})" if self.link else self.reason


@dataclass(frozen=True)
class Complaint:
    """What is wrong with an entry in the light of a run; red whatever the verdict on the endpoint."""

    check: str
    message: str


def load(path: str, ids: Iterable[str]) -> list[Deviation]:
    """The entries of a file. `ids` are the checks that exist. Raises Mistake with file and line."""
    try:
        text = Path(path).read_text("utf-8")
        content = tomllib.loads(text)
    except OSError as error:
        raise Mistake(f"--known {path}: {error.strerror or error}") from None
    except UnicodeDecodeError:
        raise Mistake(f"--known {path}: not a text file in UTF-8") from None
    except tomllib.TOMLDecodeError as error:
        raise Mistake(f"--known {path}: not TOML: {error}") from None
    spans = _spans(text)
    entries = content.pop("deviation", [])
    if content:
        raise Mistake(
            f"--known {path}: {next(iter(content))!r} has no meaning here, expected [[deviation]] entries only"
        )
    if not isinstance(entries, list) or len(entries) != len(spans):
        raise Mistake(f"--known {path}: expected every entry under a [[deviation]] line of its own")
    known = set(ids)
    found: dict[str, Deviation] = {}
    for entry, (first, last) in zip(entries, spans, strict=True):
        where = f"--known {path}, line {first}"
        deviation = _entry(entry, where, path, first, last)
        if deviation.check not in known:
            raise Mistake(f"{where}: there is no check {deviation.check!r}{nearest(deviation.check, known)}")
        if deviation.check in found:
            raise Mistake(f"{where}: {deviation.check} is listed already at {found[deviation.check].lines}")
        found[deviation.check] = deviation
    return list(found.values())


def _entry(entry: dict, where: str, path: str, first: int, last: int) -> Deviation:
    for key in entry:
        if key not in _KEYS:
            raise Mistake(f"{where}: {key!r} has no meaning here{nearest(key, _KEYS)}")
    for key in ("check", "reason", "link"):
        value = entry.get(key)
        if (value is None and key != "link") or (
            value is not None and (not isinstance(value, str) or not value.strip())
        ):
            raise Mistake(f"{where}: {key} is missing or no text")
    expires = entry.get("expires")
    if isinstance(expires, datetime.datetime):
        expires = expires.date()
    if expires is not None and not isinstance(expires, datetime.date):
        raise Mistake(f"{where}: expires is no date, expected one such as 2027-01-31 without quotes")
    return Deviation(entry["check"], entry["reason"].strip(), entry.get("link"), expires, path, first, last)


def _spans(text: str) -> list[tuple[int, int]]:
    """The first and last line of each entry, without the blank and comment lines after it."""
    lines = text.split("\n")
    starts = [n for n, line in enumerate(lines) if _HEADER.match(line)]
    spans = []
    for start, stop in pairwise([*starts, len(lines)]):
        used = [n for n in range(start, stop) if lines[n].strip() and not lines[n].lstrip().startswith("#")]
        spans.append((start + 1, used[-1] + 1))
    return spans


def apply(
    deviations: Sequence[Deviation], verdicts: Sequence[Verdict], today: datetime.date
) -> tuple[list[Verdict], list[Complaint]]:
    """The verdicts, those that were expected marked as known, and what is wrong with the entries.

    Not exercised is kept: it shows neither that the deviation is there nor that it is gone. Broken is never expected.
    """
    listed = {deviation.check: deviation for deviation in deviations}
    marked, complaints = [], []
    for verdict in verdicts:
        entry = listed.get(verdict.check.id)
        if entry is not None:
            if entry.expires is not None and entry.expires < today:
                message = f"the entry in {entry.file}, {entry.lines}, expired on {entry.expires}: {entry.said}"
                complaints.append(Complaint(entry.check, message))
            elif verdict.outcome == "pass":
                message = f"passes although {entry.file} lists it as a known deviation: delete {entry.lines}"
                complaints.append(Complaint(entry.check, message))
            elif verdict.outcome in ("fail", "untestable"):
                verdict = replace(verdict, known=entry.said)
        marked.append(verdict)
    return marked, complaints
