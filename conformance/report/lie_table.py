"""What a gateway does with each lie of its upstream, for the terminal and for the page; it reads the run file and nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from conformance.record.run_lines import Record
from conformance.run.run_file import Run
from conformance.run.words import shown

if TYPE_CHECKING:
    from rich.console import Console

STATES = {
    "worse": "bold red",
    "passes on": "yellow",
    "says so": "green",
    "heals": "green",
    "unclear": "dim",
    "not seen": "dim",
}
"""What a gateway may do with a lie, the worst first, and the style of the word."""
LIE_LOOKS = {
    "worse": "fail", "passes on": "undecided", "says so": "pass", "heals": "pass", "unclear": "undecided", "not seen": "not-exercised",
}  # fmt: skip
"""The mark of a lie on the page."""


@dataclass(frozen=True)
class LieKind:
    """The lies of one kind, those that it makes worse first."""

    name: str
    lies: Sequence[Record]

    def count(self, state: str) -> int:
        return sum(each["state"] == state for each in self.lies)


def lie_kinds(run: Run) -> list[LieKind]:
    """The lies of a run by kind, in their order."""
    found = []
    for name in dict.fromkeys(each["kind"] for each in run.lies):
        mine = [each for each in run.lies if each["kind"] == name]
        found.append(LieKind(name, sorted(mine, key=lambda each: list(STATES).index(each["state"]))))
    return found


def show_lies(run: Run, console: Console) -> None:
    """Print how many of each kind it makes worse, passes on and heals, and under it each that it makes worse."""
    from rich.table import Table
    from rich.text import Text

    if not run.lies:
        return
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column("lies of the upstream")
    for state in STATES:
        table.add_column(state, justify="right", no_wrap=True)
    for kind in lie_kinds(run):
        counts = {state: kind.count(state) for state in STATES}
        table.add_row(kind.name, *(Text(str(n or ""), style=STATES[state]) for state, n in counts.items()))
    totals = [sum(each["state"] == state for each in run.lies) for state in STATES]
    table.add_row("all", *map(str, totals))
    console.print()
    console.print(table)
    console.print()
    for kind in lie_kinds(run):
        for each in kind.lies:
            if each["state"] == "worse":
                console.print(
                    f"{each['lie']} gets worse: {shown(each['why'])[:300]}  [{each['exchanges'][0]}]",
                    soft_wrap=True,
                    markup=False,
                )
