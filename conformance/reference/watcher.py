"""Sees to it that a process which we started ends when we do, even where we are killed and can end nothing ourselves.

A watcher of its own holds the other end of a pipe: we say goodbye over it, or it closes without a word. So it goes wherever there are
pipes; it is in a session of its own, so that what ends all of our process group does not end it.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from conformance.reference import stopping

GRACE = 5.0
"""Seconds that the process has to end in order, before it is killed."""


@contextmanager
def watched(process: subprocess.Popen, *, group: bool = False) -> Iterator[None]:
    """While this holds, the process, or the whole group that it leads, does not outlive us. Whoever lets go of it ends it before."""
    whom = [str(process.pid), "group" if group else "alone", str(GRACE)]
    watcher = subprocess.Popen(
        [sys.executable, "-SEP", stopping.__file__, *whom],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,  # whoever reads what we say shall not wait for it
        stderr=subprocess.DEVNULL,
        **stopping.leading(),
    )
    try:
        yield
    finally:
        watcher.communicate(b".")
