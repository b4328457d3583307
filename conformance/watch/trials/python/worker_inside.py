"""What starts in a sandbox: `python -I worker_inside.py PORT SOCKET COMMAND...` runs the command, whose code it ends with.

Meanwhile what connects to 127.0.0.1:PORT is connected to the Unix socket, which is the only way out. It imports nothing of ours.
"""

from __future__ import annotations

import contextlib
import socket
import subprocess
import sys
import threading

MANY = 64 * 1024


def main() -> int:
    port, way, *command = sys.argv[1:]
    here = socket.create_server(("127.0.0.1", int(port)))
    threading.Thread(target=_serve, args=(here, way), daemon=True).start()
    return subprocess.call(command)


def _serve(here: socket.socket, way: str) -> None:
    while True:
        program, _ = here.accept()
        out = socket.socket(socket.AF_UNIX)
        try:
            out.connect(way)
        except OSError:
            program.close()
            continue
        for one, other in ((program, out), (out, program)):
            threading.Thread(target=_pass, args=(one, other), daemon=True).start()


def _pass(one: socket.socket, other: socket.socket) -> None:
    """What comes from one goes to the other, to its end."""
    with contextlib.suppress(OSError):
        while data := one.recv(MANY):
            other.sendall(data)
    with contextlib.suppress(OSError):
        other.shutdown(socket.SHUT_WR)


if __name__ == "__main__":
    raise SystemExit(main())
