"""How a process is ended, alone or with all that it started: the one place that knows what systems call that.

POSIX has sessions and signals. Windows has neither: what is asked there ends at once, and taskkill ends what a process started. As a
script it is the watcher of watcher.py, so it imports the standard library alone.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from typing import Any

WINDOWS = os.name == "nt"


def leading() -> dict[str, Any]:
    """What Popen is told, so that a process leads a group of its own, which no Ctrl-C of ours reaches."""
    return (
        {"creationflags": getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0)}
        if WINDOWS
        else {"start_new_session": True}
    )


def ask(pid: int, *, group: bool) -> None:
    """Ask it to end, and the group that it leads. Raises OSError where it has ended."""
    _end(pid, group, signal.SIGTERM)


def force(pid: int, *, group: bool) -> None:
    """End it, and the group that it leads. Raises OSError where it has ended."""
    _end(pid, group, killing())


def killing() -> int:
    """The signal that ends by force; its negative is the exit code of whom it ended."""
    return getattr(signal, "SIGKILL", signal.SIGTERM)


def _end(pid: int, group: bool, number: int) -> None:
    if not WINDOWS:
        (os.killpg if group else os.kill)(pid, number)
    elif group:
        subprocess.run(["taskkill", "/T", "/F", "/PID", str(pid)], capture_output=True)
    else:
        os.kill(pid, number)


def _watch(pid: int, group: bool, grace: float) -> None:
    """End it in order, or after so many seconds by force."""
    with suppress(OSError):
        ask(pid, group=group)
        until = time.monotonic() + grace
        while not WINDOWS and time.monotonic() < until:  # there it has ended, and signal 0 is Ctrl-C
            time.sleep(0.05)
            _end(pid, group, 0)
        force(pid, group=group)


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if not os.read(0, 1):  # the other end closed without a word
        _watch(int(sys.argv[1]), sys.argv[2] == "group", float(sys.argv[3]))
