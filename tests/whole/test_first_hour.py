"""The first hour of somebody who wrote a chat server: from a first run to one that conforms, by what the first screen says alone.

Each round runs the command in a terminal of 80 columns, reads its first 24 rows, and makes of the server's fixes those that these rows
ask for. Nothing else is read: no page, no run file, no row below.
"""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
from pathlib import Path

import pytest

pty = pytest.importorskip("pty", reason="a terminal to look at wants pseudo-terminals, which Windows has not")

ROWS, COLUMNS = 24, 80
SERVER = Path(__file__).resolve().parents[1] / "support" / "first_server.py"
FIXES = {
    "usage": r"\. usage .*(is null|absent)",
    "deltas": r"finish_reason.* absent",
    "created": r"created is \d+\.\d+, expected an integer",
    "declines": r"parameters are taken and ignored",
    "empty": r"messages-empty",
    "errors": r"[Ee]rror.* absent, expected an object|Errors are not in OpenAI's form|texts\.halves",
    "content": r"HTTP 422: body\.messages\.0\.content",
    "nulls": r"HTTP 4\d\d: (body\.)?(max_tokens|stream|temperature)",
    "stop string": r"HTTP 4\d\d: (body\.)?stop",
    "stops": r"the text asked to stop at",
    "length": r"finish_reason of choice 0 is \"stop\", expected 'length'",
    "models": r"object, created, owned_by are absent",
    "lookup": r"GET /models/\{id\}",
}
"""What a row of the screen says, and what its reader changes in the server."""


def rows_of(url: str, folder: Path) -> list[str]:
    """The rows that the default command fills of a terminal, the first at the top."""
    import fcntl
    import struct
    import termios

    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
    command = [sys.executable, "-m", "conformance", "--base-url", url, "--report", str(folder)]
    kept = {name: value for name, value in os.environ.items() if name not in ("COLUMNS", "LINES", "OPENAI_API_KEY")}
    said = b""
    with subprocess.Popen(command, stdout=theirs, stderr=subprocess.DEVNULL, env=kept):
        os.close(theirs)
        while piece := _read(ours):
            said += piece
    os.close(ours)
    text = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]|\x1b\]8;[^\x1b]*\x1b\\|\r", "", said.decode("utf-8"))  # colours, and links
    lines = text.rstrip("\n").split("\n")
    return [line[at : at + COLUMNS] for line in lines for at in range(0, max(1, len(line)), COLUMNS)]


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 65536)
    except OSError:  # Linux says so at its end
        return b""


class Served:
    """The server with these fixes, on a port of its own."""

    def __init__(self, fixes: set[str]) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self._process = subprocess.Popen([sys.executable, str(SERVER), str(self.port), *sorted(fixes)])

    def __enter__(self) -> str:
        return f"http://127.0.0.1:{self.port}/v1"

    def __exit__(self, *raised: object) -> None:
        self._process.terminate()
        self._process.wait(10)


def test_a_first_server_conforms_after_three_rounds_of_reading_the_first_screen(tmp_path):
    fixes: set[str] = set()
    told = []
    for fixed in range(4):
        with Served(fixes) as url:
            rows = rows_of(url, tmp_path / str(fixed))
        screen = "\n".join(rows[:ROWS])
        if screen.startswith("CONFORMS"):
            break
        asked = {fix for fix, words in FIXES.items() if re.search(words, screen)} - fixes
        told.append((len(rows), sorted(asked)))
        assert asked, f"the first screen says nothing that is left to fix:\n{screen}"
        assert len(rows) <= 120
        fixes |= asked
    print(f"rows of the whole output, and what was fixed, by round: {told}")
    assert screen.startswith("CONFORMS IN CHAT AND STREAMING"), screen
    assert fixed <= 3, told
