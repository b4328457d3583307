"""A client's process: started once, asked scenario by scenario, started anew where it hangs or dies.

It must not know what an answer means.
"""

from __future__ import annotations

import json
import queue
import subprocess
import threading
from collections.abc import Mapping, Sequence
from contextlib import ExitStack, suppress
from types import TracebackType
from typing import Any, Self

from conformance.reference import stopping
from conformance.reference.watcher import GRACE, watched

START = 120.0
"""Seconds in which a client must be imported: some take ten on a slow machine."""
LINE = 64 * 1024 * 1024
"""Bytes of a worker's line at most."""
NO_ANSWER = "no answer"
"""The class of what no client raised: it hung, or its process ended."""

Said = dict[str, Any]


class CannotStart(Exception):
    """There is no such worker; the message says why in one line."""


class Worker:
    """`with Worker(command, variables) as worker`: `ready` are the versions of what it loaded. Raises CannotStart."""

    def __init__(self, command: Sequence[str], variables: Mapping[str, str]) -> None:
        self._command, self._variables = list(command), dict(variables)
        self._number = 0
        self._process: subprocess.Popen[str] | None = None
        self._over = False
        self.ready: dict[str, str] = {}

    def __enter__(self) -> Self:
        self._start()
        return self

    def __exit__(self, kind: type | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._end()

    def ask(self, asked: Said, seconds: float) -> Said:
        """What the client did with this scenario; where it does not say so in time, or ends, that is the answer, and the next scenario
        finds another process."""
        if self._process is None:
            self._start()
        self._number += 1
        process = self._process
        assert process is not None
        assert process.stdin is not None
        try:
            process.stdin.write(json.dumps({"id": self._number, **asked}) + "\n")
            process.stdin.flush()
            said = self._read(seconds)
        except OSError:
            said, self._over = None, True
        if said is None or said.get("id") != self._number:
            why = self._why(process, seconds)
            self._end()
            return {"error": {"class": NO_ANSWER, "message": why, "status": None}}
        return said

    def kill(self) -> None:
        """End the process while another thread waits for what it says."""
        if (process := self._process) is not None:
            with suppress(OSError):
                stopping.force(process.pid, group=True)

    def _start(self) -> None:
        self._stack = ExitStack()
        try:
            process = subprocess.Popen(
                self._command, env=self._variables, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL, text=True, encoding="utf-8", **stopping.leading(),
            )  # fmt: skip
        except OSError as error:
            raise CannotStart(f"{self._command[0]}: {error.strerror or error}") from None
        self._process, self._over = process, False
        self._stack.enter_context(watched(process, group=True))
        self._lines: queue.SimpleQueue[str] = queue.SimpleQueue()
        threading.Thread(target=_follow, args=(process, self._lines), daemon=True).start()
        said = self._read(START) or {"cannot": "it said nothing"}
        if "ready" not in said:
            self._end()
            raise CannotStart(str(said.get("cannot")))
        self.ready = {str(name): str(version) for name, version in dict(said["ready"]).items()}

    def _read(self, seconds: float) -> Said | None:
        """The next line, None where none comes in time, or none that is ours."""
        with suppress(queue.Empty, ValueError):
            line = self._lines.get(timeout=seconds)
            self._over = not line
            said = json.loads(line)
            return said if isinstance(said, dict) else None
        return None

    def _why(self, process: subprocess.Popen[str], seconds: float) -> str:
        """Why no answer came."""
        if self._over:
            with suppress(subprocess.TimeoutExpired):
                return f"the client's process ended with {process.wait(GRACE)}"
        return f"nothing came of it within {seconds:g} s"

    def _end(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        with suppress(OSError):
            process.stdin.close()  # type: ignore[union-attr]
        with suppress(subprocess.TimeoutExpired):
            process.wait(0.5)
        with suppress(OSError):
            stopping.force(process.pid, group=True)
        process.wait()
        self._stack.close()


def _follow(process: subprocess.Popen[str], lines: queue.SimpleQueue[str]) -> None:
    assert process.stdout is not None
    with suppress(OSError, ValueError), process.stdout as out:
        while line := out.readline(LINE):
            lines.put(line)
    lines.put("")
