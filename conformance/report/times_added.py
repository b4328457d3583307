"""What a gateway adds to the times of its upstream, for the terminal and for the page; it reads the run file and nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING

from conformance.run.run_file import Run

if TYPE_CHECKING:
    from rich.console import Console

COLUMNS = ("in flight", "asked", "failed", "swapped", "first p50", "p95", "between p50", "p95", "own p50", "p95")
"""Milliseconds; `own` is what the first token takes longer without the gateway: in this process and the network."""


def time_rows(run: Run) -> list[tuple[str, ...]]:
    """A row a level, in the order of COLUMNS; - of fewer than 20 values."""
    return [
        (
            *(f"{level[name]:,}" for name in ("at_once", "requests", "failed", "strangers")),
            *(_ms(level[name], share) for name in ("first", "between", "own_first") for share in ("p50", "p95")),
        )
        for level in (run.footer or {}).get("times_added", ())
    ]


def _ms(found: dict[str, float] | None, share: str) -> str:
    return "-" if found is None else f"{found[share] + 0.0:,.1f}".replace("-0.0", "0.0")


def show_times_added(run: Run, console: Console) -> None:
    """Print the table."""
    from rich.table import Table

    rows = time_rows(run)
    if not rows:
        return
    table = Table(box=None, pad_edge=False, padding=(0, 1, 0, 0))
    for column in COLUMNS:
        table.add_column(column, justify="right")
    for row in rows:
        table.add_row(*row)
    console.print()
    console.print("Milliseconds that are added to the upstream's, through the gateway and (own) without it")
    console.print(table)
