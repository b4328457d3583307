"""The table of real clients by scenarios, for the terminal and for the page; it reads the run file and nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from conformance.record.run_lines import Record
from conformance.run.run_file import Run
from conformance.run.words import several, shown

if TYPE_CHECKING:
    from rich.console import Console

MARKS = {"works": "ok", "fails": "NO", "wrong": "!!", "not offered": "", "not run": "-", "model did not": "?"}
"""How a cell is shown in the terminal."""
STYLES = {"works": "green", "fails": "bold red", "wrong": "bold magenta", "model did not": "yellow"}
LOOKS = {
    "works": "pass", "fails": "fail", "wrong": "fail", "not offered": "absent", "not run": "not-exercised", "model did not": "undecided",
}  # fmt: skip
"""The mark of a cell on the page."""
BAD = ("fails", "wrong")


@dataclass(frozen=True)
class ClientRow:
    """One client: its versions in words, its cells in the order of the scenarios, and whether it is required."""

    name: str
    versions: str
    cells: Sequence[Record]
    required: bool
    why: str = ""
    """Why it could not be had."""

    @property
    def works(self) -> int:
        return sum(cell["state"] == "works" for cell in self.cells)

    @property
    def tried(self) -> int:
        return sum(cell["state"] in ("works", *BAD) for cell in self.cells)


def scenarios(run: Run) -> list[str]:
    """The scenarios of a run, in their order."""
    return list(dict.fromkeys(cell["scenario"] for cell in run.trials))


def clients(run: Run) -> list[ClientRow]:
    """The clients of a run, in their order."""
    about = (run.footer or {}).get("clients") or {}
    found = []
    for name in dict.fromkeys(cell["client"] for cell in run.trials):
        versions = about.get("versions", {}).get(name, {})
        words = ", ".join(f"{package} {version}" for package, version in versions.items())
        cells = [cell for cell in run.trials if cell["client"] == name]
        absent = about.get("absent", {}).get(name, "")
        found.append(ClientRow(name, words, cells, name in about.get("required", ()), absent))
    return found


def show_trials(run: Run, console: Console) -> None:
    """Print the table, scenarios down and clients across, and under it what does not work."""
    from rich.table import Table
    from rich.text import Text

    rows = [row for row in clients(run) if not row.why]
    table = Table(box=None, pad_edge=False, padding=(0, 1, 0, 0))
    table.add_column("")
    for number, _ in enumerate(rows, 1):
        table.add_column(str(number), justify="center", no_wrap=True)
    for place, scenario in enumerate(scenarios(run)):
        states = [row.cells[place]["state"] for row in rows]
        table.add_row(scenario, *(Text(MARKS[state], style=STYLES.get(state, "")) for state in states))
    console.print()
    console.print(table)
    met = {cell["state"] for row in rows for cell in row.cells}
    console.print(
        "; ".join(f"{mark or 'blank'} {state}" for state, mark in MARKS.items() if state in met), soft_wrap=True
    )
    console.print()
    for number, row in enumerate(rows, 1):
        console.print(f"{number:>3}  {row.name}: {row.works} of {row.tried} work  ({row.versions})", soft_wrap=True)
    for row in clients(run):
        if row.why:
            console.print(f"  -  {row.name} was left out: {shown(row.why)}", soft_wrap=True)
    for row in rows:
        for cell in row.cells:
            if cell["state"] in (*BAD, "model did not"):
                console.print(_line(cell), soft_wrap=True)


def _line(cell: Record) -> str:
    checks = f"; fails with it: {several(tuple(cell['checks']), 3)}" if cell["checks"] else ""
    where = f" [{several(tuple(cell['exchanges']), 1)}]" if cell["exchanges"] else ""
    return f"{cell['client']} {cell['state']} at {cell['scenario']}: {shown(cell['why'])[:300]}{checks}{where}"
