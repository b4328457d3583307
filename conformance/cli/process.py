"""What a command needs of its process, whatever started it: streams that are open, a width to print in, an orderly end.

It must not know what a command does. Called first, before anything is opened.
"""

from __future__ import annotations

import contextlib
import errno
import gc
import io
import os
import signal
import subprocess
import sys
import traceback
from collections.abc import Iterator
from typing import TYPE_CHECKING

from conformance.cli.exits import fail
from conformance.run.user_error import UserError

if TYPE_CHECKING:
    from rich.console import Console

UNBROKEN = 100_000
"""Columns where nobody looks: no line is broken or cut for `grep`, a file or the log of a CI system."""
_ended_by = signal.SIGINT


def prepare() -> None:
    """Make up for what the environment lacks. Done twice, it does nothing more."""
    _open_streams()
    _speak_any_code_page()
    if os.environ.get("COLUMNS", "").strip(" 0") == "":  # a terminal of no width shows nothing
        os.environ.pop("COLUMNS", None)
    with contextlib.suppress(ValueError):  # not in the main thread: whoever runs us there ends us
        _end_as_by_ctrl_c()


def refuse() -> None:
    """Raise UserError where no command can do its work: Python drops docstrings, which say what checks require, or no folder is there."""
    if sys.flags.optimize > 1:
        raise UserError("Python drops the texts of the checks (-OO or PYTHONOPTIMIZE=2); run it without")
    try:
        os.getcwd()
    except OSError:
        raise UserError("the current folder is not there any more; change to another") from None


def our_fault(error: Exception) -> str:
    """What nobody foresaw, in a line for a report of it: no exit code but 4 may come of it."""
    *_, last = traceback.extract_tb(error.__traceback__)
    place = f"{os.path.basename(last.filename)}:{last.lineno}"
    return f"the suite itself failed, please report it: {type(error).__name__}: {str(error)[:200]} ({place})"


def collects_rarely() -> None:
    """Let the garbage collector look at answers, hardly any of which hold circles, seldom, and never at what is there already: all else
    waits while it looks."""
    gc.set_threshold(20_000)
    if not gc.get_freeze_count():
        gc.freeze()


def _open_streams() -> None:
    """Where a standard stream is closed, take the null device, before a socket or a report takes its number."""
    while (number := os.open(os.devnull, os.O_RDWR)) <= 2:
        pass
    os.close(number)
    sys.stdin = sys.stdin or os.fdopen(0)
    sys.stdout = sys.stdout or os.fdopen(1, "w")
    sys.stderr = sys.stderr or os.fdopen(2, "w")


def _speak_any_code_page() -> None:
    """Where the console's encoding lacks a character, write its escape: an old code page, or plain ASCII, is no reason to stop."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper) and stream.errors == "strict":
            stream.reconfigure(errors="backslashreplace")


def _end_as_by_ctrl_c() -> None:
    """Let SIGTERM and a closed terminal end this process as Ctrl-C does, so that every `with` block puts its things in order."""
    for number in (signal.SIGTERM, getattr(signal, "SIGHUP", signal.SIGTERM)):
        if signal.getsignal(number) == signal.SIG_DFL:  # else somebody else's, or nohup's
            signal.signal(number, _interrupt)


def _interrupt(number: int, frame: object) -> None:
    global _ended_by
    _ended_by = signal.Signals(number)
    by_ctrl_c = signal.getsignal(signal.SIGINT)  # asyncio's, which lets the tasks end
    (by_ctrl_c if callable(by_ctrl_c) else signal.default_int_handler)(number, frame)


def interrupted(kept: str = "") -> int:
    """Say in one line what interrupted this process, and what was kept; gives the exit code, as a shell does."""
    by = "" if _ended_by == signal.SIGINT else f" by {_ended_by.name}"
    return fail(f"interrupted{by}{'; ' if kept else ''}{kept}", 128 + _ended_by)


@contextlib.contextmanager
def printing(code: int | None = None) -> Iterator[None]:
    """Print what came of a command, and end it with this code where nobody reads (`| head`) or nothing more can be written;
    without a code the former is well, and the latter a mistake."""
    try:
        yield
        sys.stdout.flush()
    except OSError as error:
        if error.filename is not None or error.errno not in _UNWRITABLE:
            raise
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        if error.errno == errno.EPIPE:
            sys.exit(code or 0)
        sys.exit(fail(f"standard output cannot be written: {error.strerror}", 2 if code is None else code))


def console() -> Console:
    """What prints, for people at the width of their terminal: text is text, whatever stranger it is from, and `printing` knows what
    to do where nobody reads."""
    from rich.console import Console

    class Quiet(Console):
        def on_broken_pipe(self) -> None:
            raise

    width = None if sys.stdout.isatty() else UNBROKEN
    return Quiet(markup=False, emoji=False, highlight=False, width=width)


_UNWRITABLE = (errno.EPIPE, errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO, errno.EBADF)


def files_for(connections: int) -> None:
    """See that this process may open as many files as so many connections need, both ends where the reference is in it. Raises
    CannotJudge."""
    try:
        import resource
    except ImportError:  # Windows has no such limit
        return
    needed = 64 + 4 * connections
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != resource.RLIM_INFINITY and soft < needed:
        if hard != resource.RLIM_INFINITY and hard < needed:
            from conformance.send.cannot_judge import CannotJudge

            raise CannotJudge(
                f"this process may open {hard} files at once and needs {needed}: allow more (ulimit -n), or lower --concurrency"
            )
        resource.setrlimit(resource.RLIMIT_NOFILE, (needed, hard))


@contextlib.contextmanager
def ended_with_us(child: subprocess.Popen) -> Iterator[None]:
    """While this holds, the child does not outlive us, however we end: it is told to, and killed after GRACE seconds."""
    from conformance.reference.watcher import GRACE, watched

    with watched(child):
        try:
            yield
        finally:
            child.terminate()
            try:
                child.wait(GRACE)
            except subprocess.TimeoutExpired:
                child.kill()
