"""Real clients at several endpoints, for the page that compares them: a row for each client, a cell for each endpoint."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from conformance.report.trial_table import BAD, LOOKS, ClientRow, clients
from conformance.run.run_file import Run
from conformance.run.words import shown

SAID = 200
"""Characters of what went wrong that are shown."""


@dataclass(frozen=True)
class Cell:
    """One client at one endpoint: `look` is its mark on the page, `words` say how many scenarios work, `odd` what does not, a line each."""

    look: str
    words: str
    odd: tuple[str, ...] = ()


@dataclass(frozen=True)
class Beside:
    """One client: its versions, and what came of it at each endpoint, in their order."""

    name: str
    versions: str
    cells: tuple[Cell, ...]


def beside(runs: Sequence[Run | None]) -> list[Beside]:
    """The rows of these runs, None where an endpoint has none; no row where no run has any."""
    tables = [{row.name: row for row in clients(run)} if run is not None else {} for run in runs]
    names = dict.fromkeys(name for table in tables for name in table)
    return [
        Beside(name, next(table[name].versions for table in tables if name in table), tuple(cell(table.get(name)) for table in tables))
        for name in names
    ]  # fmt: skip


def cell(row: ClientRow | None) -> Cell:
    """What came of a client at an endpoint: bad where a scenario is; nothing is good where nothing was tried."""
    if row is None or row.why:
        return Cell("not-exercised", "not run", (shown(row.why)[:SAID],) if row else ())
    odd = tuple(
        f"{each['state']} at {each['scenario']}: {shown(each['why'])[:SAID]}" for each in row.cells if each["state"] in BAD
    )  # fmt: skip
    look = LOOKS["fails"] if odd else LOOKS["works"] if row.works else "not-exercised"
    return Cell(look, f"{row.works} of {row.tried}", odd)


def summary(run: Run) -> str:
    """The clients of a run in a few words: how many work in all that was tried, and which do not."""
    cells = {row.name: cell(row) for row in clients(run)}
    good = sum(each.look == "pass" for each in cells.values())
    bad = [name for name, each in cells.items() if each.look == "fail"]
    return f"{good} of {len(cells)} clients work" + (f", not {', '.join(bad)}" if bad else "")
