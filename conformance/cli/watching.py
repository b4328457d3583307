"""`openai-conformance --watch`: judges again each time that the endpoint is back after it was gone, or a watched file changes.

What is watched is a port, by opening a connection and closing it, and files, by watchfiles (the extra `watch`). Nothing is watched while
a run is going on, but what changed meanwhile is seen after it.
"""

from __future__ import annotations

import contextlib
import os
import socket
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

import click

from conformance.cli.exits import fail
from conformance.run.options import Options
from conformance.run.user_error import UserError

EVERY = 0.25
"""Seconds between two looks at the port."""
SETTLE = 1.0
"""Seconds that a server gets to notice a change of its files."""


def watch(options: Options, judged: Callable[[Options], int]) -> int:
    """Judge, wait, and judge again, until Ctrl-C. Gives the exit code of an interrupted run. Raises UserError, KeyboardInterrupt."""
    from conformance.run.gate import INTERRUPTED
    from conformance.send.cannot_judge import CannotJudge

    own = [path for path in (options.report, options.record, options.prune and options.known) if path]
    waiting = triggers(options.base_url or "", options.watch_file, own)
    while True:
        try:
            code = judged(_narrowed(options))
        except CannotJudge as error:
            code = fail(str(error), 3)
        if code >= INTERRUPTED - 1:  # and how a shell numbers the end by another signal
            return code
        files = f", or a change in {', '.join(options.watch_file)}" if options.watch_file else ""
        click.echo(f"\nWaiting for the endpoint to go and come back{files}. Ctrl-C ends this.", err=True)
        click.echo(f"{next(waiting)}: judged again\n", err=True)


def _narrowed(options: Options) -> Options:
    """With --failed all is judged where nothing is red any more, or nothing was judged before."""
    from conformance.run.last_run import failed

    if not options.failed:
        return options
    with contextlib.suppress(UserError):
        return options if failed(options.report) else replace(options, failed=False)
    return replace(options, failed=False)


def triggers(url: str, files: Sequence[str], own: Sequence[str] = ()) -> Iterator[str]:
    """Says, each time that it is time to judge again, why; `own` are files and folders that we write. Raises UserError."""
    for file in files:
        if not Path(file).exists():
            raise UserError(f"--watch-file {file}: there is no such file or folder")
    changes = _changes(files, own) if files else _nothing()
    next(changes)  # files are watched from here on: what changes before anybody waits is seen then
    return _triggers(url, changes)


def _triggers(url: str, changes: Iterator[str]) -> Iterator[str]:
    gone = False
    for changed in changes:
        up = listens(url)
        if changed and up and not gone:
            time.sleep(SETTLE)
            while not listens(url):
                time.sleep(EVERY)
            yield f"{changed} changed"
        elif gone and up:
            gone = False
            yield "the endpoint is back"
        else:
            gone = gone or not up


def _nothing() -> Iterator[str]:
    while True:
        time.sleep(EVERY)
        yield ""


def _changes(files: Sequence[str], own: Sequence[str]) -> Iterator[str]:
    """What changed of the files, "" every so often where nothing did."""
    try:
        from watchfiles import DefaultFilter
        from watchfiles import watch as changes
    except ImportError:
        raise UserError("--watch-file needs watchfiles: pip install 'openai-conformance[watch]'") from None

    ours = DefaultFilter(ignore_paths=[os.path.abspath(path) for path in own])

    def found() -> Iterator[str]:
        for seen in changes(
            *map(os.path.abspath, files), watch_filter=ours, rust_timeout=int(EVERY * 1000), yield_on_timeout=True
        ):
            yield min((os.path.relpath(path) for _, path in seen), default="")

    return found()


def listens(url: str) -> bool:
    """Whether anything takes connections at the host and port of an address."""
    parts = urlsplit(url)
    try:
        with socket.create_connection(
            (parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)), 2.0
        ):
            return True
    except OSError:
        return False
