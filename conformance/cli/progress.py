"""The progress bar of a run, on standard error, where somebody is looking."""

from __future__ import annotations

import sys
from typing import Any


def progress(quiet: bool, *, recorded: bool = False) -> Any:
    """A context manager that gives what tells the progress bar on standard error how far a run is."""
    from contextlib import contextmanager, nullcontext

    if quiet or not sys.stderr.isatty():
        return nullcontext(lambda done, total: None)
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    @contextmanager
    def bar():
        what, done = ("judging", DownloadColumn()) if recorded else ("asking", MofNCompleteColumn())
        columns = (TextColumn(what), BarColumn(), done, TimeElapsedColumn())
        with Progress(*columns, console=Console(stderr=True, markup=False), transient=True) as progress:
            task = progress.add_task(what, total=None)
            yield lambda done, total: progress.update(task, completed=done, total=total)

    return bar()
