"""The HTML view of a run: one page, self-contained, without scripts, with every failure's evidence.

Everything is escaped by the template, and the page's own policy forbids it to load or run anything.
"""

from __future__ import annotations

from pathlib import Path

import jinja2

from conformance.report import (
    LEVELS,
    STATE_NAMES,
    STATES,
    Row,
    answer_text,
    counts,
    evidence,
    feature_rows,
    key_env,
    link,
    number_of_exchanges,
    remarks,
    rows,
    several,
    target,
    unsent,
    verdict,
)
from conformance.run import Run
from conformance.wire.curl import curl
from conformance.wire.jsontext import printable

EVIDENCE = 2
"""Exchanges shown for one failing check."""
QUIET = 5
"""The urgency of a row that needs no explaining."""


def write_html(run: Run, path: Path) -> None:
    """Write the page of a run."""
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        finalize=lambda value: printable(value) if isinstance(value, str) else value,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    table = rows(run)
    word, why = verdict(run)
    page = environment.get_template("page.html.jinja").render(
        word=word,
        why=why,
        target=target(run),
        header=run.header,
        footer=run.footer or {},
        number_of_exchanges=number_of_exchanges(run),
        remarks=remarks(run),
        unsent=unsent(run),
        levels=LEVELS,
        states=STATES,
        names=STATE_NAMES,
        counts=counts(table),
        rows=table,
        features=feature_rows(run),
        shown=[(row, _evidence(row, run)) for row in sorted(table, key=_urgency) if _urgency(row) < QUIET],
        link=link,
        several=several,
    )
    path.write_text(page, "utf-8")


def _urgency(row: Row) -> int:
    """What is red comes first, then what warns; the rest is only in the table."""
    if row.red:
        return {"broken": 0, "fail": 1}.get(row.state, 2)
    return 3 if row.warns else 4 if row.state == "untestable" else QUIET


def _evidence(row: Row, run: Run) -> list[dict[str, str]]:
    """The first exchanges a failure names, each with its request as curl and its answer."""
    return [
        {"id": x.id, "curl": curl(x, key_env(run)), "answer": answer_text(x)} for x in evidence(row, run)[:EVIDENCE]
    ]
