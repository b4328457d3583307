"""Recorded runs with a part missing, doubled or changed, and what every report makes of them, held as digests.

What the reports say of the runs themselves is held as text (rendered.py). What they say where there is no footer, no exchange, another
outcome or another number hangs on conditions that those runs do not all meet: a report that says something else of one of these is seen,
by the names of view and variant. `nox -s rendered` writes the digests again.
"""

from __future__ import annotations

import copy
import gzip
import hashlib
import json
import re
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from conformance.cli.github import annotations
from conformance.record.run_lines import RunFileError
from conformance.report.badge import write_badge
from conformance.report.document import of_parity, of_run
from conformance.report.html import write_html
from conformance.report.junit import write_junit
from conformance.report.markdown import markdown
from conformance.report.parity_summary import show_parity
from conformance.report.quality import quality
from conformance.report.sarif import sarif
from conformance.report.summary import show_summary
from conformance.run.run_file import Run, read
from tests.support import rendered

Records = list[dict[str, Any]]
FILE = rendered.FOLDER / "variants.digests"
OUTCOMES = ("pass", "fail", "broken", "untestable", "not-exercised")
WHERE = Path("/out")


def records(name: str) -> Records:
    return [json.loads(line) for line in gzip.open(rendered.FOLDER / f"{name}.jsonl.gz")]


def variants(every: Records) -> Iterator[tuple[str, Records]]:
    """Every variant of a run, by a name that says what is different."""
    yield "whole", every
    for kind in dict.fromkeys(record["type"] for record in every if record["type"] != "header"):
        yield f"without-{kind}", [record for record in every if record["type"] != kind]
    for key in every[-1]:
        if key != "type":
            yield f"without-footer.{key}", _changed(every, lambda record, gone=key: record.pop(gone), -1)
    for shift in range(1, len(OUTCOMES)):
        yield f"outcomes-{shift}", _changed(every, lambda record, by=shift: _other_outcome(record, by))
    for level in ("must", "should", "may"):
        yield f"all-{level}", _changed(every, lambda record, to=level: "level" in record and record.update(level=to))
    yield "one-more", [every[0], *_changed(every[1:], _one_more)]
    yield "half", [every[0], *every[1:-1:2], every[-1]]


def _changed(every: Records, change: Callable[[dict[str, Any]], object], place: int | None = None) -> Records:
    new = copy.deepcopy(every)
    for record in new if place is None else [new[place]]:
        change(record)
    return new


def _other_outcome(record: dict[str, Any], by: int) -> None:
    if record["type"] == "verdict":
        record["outcome"] = OUTCOMES[(OUTCOMES.index(record["outcome"]) + by) % len(OUTCOMES)]
        told = {"exchanges": record["exchanges"][:1], "message": "n is 1, expected 2"}
        record |= {"reason": "for a reason", "problems": [told] if record["outcome"] == "fail" else []}


def _one_more(record: dict[str, Any]) -> None:
    """Every number of a record is one more, and every list that holds anything one longer."""
    for key, value in record.items():
        if isinstance(value, dict):
            _one_more(value)
        elif isinstance(value, int | float) and not isinstance(value, bool) and record.get("type") != "exchange":
            record[key] = value + 1


OF_CHECKS: dict[str, Callable[[Run], object]] = {
    "summary": lambda run: rendered.printed(lambda c: show_summary(run, "out/index.html", c)),
    "verbose": lambda run: rendered.printed(lambda c: show_summary(run, "out/index.html", c, verbose=True)),
    "junit": lambda run: rendered.written(lambda path: write_junit(run, path)),
    "badge": lambda run: rendered.written(lambda path: write_badge(run, path)),
    "sarif": lambda run: sarif(run, WHERE),
    "quality": lambda run: quality(run, WHERE),
    "markdown": lambda run: markdown(run, "out"),
    "github": annotations,
    "document": lambda run: of_run(run, "run", 1, [WHERE / "index.html"]),
    "page": lambda run: _page(run),
}
OF_PARITY: dict[str, Callable[[Run], object]] = {
    "summary": lambda run: rendered.printed(lambda c: show_parity(run, "out/index.html", c)),
    "document": lambda run: of_parity(run, 1, [WHERE / "index.html"]),
    "markdown": lambda run: markdown(run, "out"),
    "badge": lambda run: rendered.written(lambda path: write_badge(run, path)),
    "page": lambda run: rendered.page(lambda path: write_html(run, path, parity=[run])),
}


def _page(run: Run) -> str:
    return rendered.page(lambda path: write_html(run, path, baseline=rendered.run("earlier")))


def made() -> dict[str, str]:
    """By run, variant and view, the digest of what it says."""
    found: dict[str, str] = {}
    for name, views in (("checks", OF_CHECKS), ("earlier", OF_CHECKS), ("parity", OF_PARITY)):
        for what, these in variants(records(name)):
            if (run := _run(these)) is None:
                found[f"{name} {what} -"] = "refused"
                continue
            for view, say in views.items():
                found[f"{name} {what} {view}"] = _digest(say(run))
    return found


def _run(these: Records) -> Run | None:
    """The run that is read; None where its file is refused."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "run.jsonl"
        path.write_text("".join(json.dumps(record) + "\n" for record in these), "utf-8")
        try:
            return read(path)
        except RunFileError:
            return None


def _digest(said: object) -> str:
    text = re.sub(r"\\+", "/", rendered.CHANCE.sub("…", str(said)))  # paths are written otherwise on Windows
    return hashlib.sha256(text.encode()).hexdigest()[:10]


def recorded() -> dict[str, str]:
    return dict(line.rsplit(" ", 1) for line in FILE.read_text("utf-8").splitlines())


def write() -> None:
    FILE.write_text("".join(f"{name} {held}\n" for name, held in made().items()), "utf-8")
