"""What a program on trial may see and reach: by bubblewrap, where it is, neither the user's files nor any network but the endpoint's.

In there nothing listens, so `python/worker_inside.py` listens where the program is told that the endpoint is, and passes all on through
a Unix socket of the proxy's.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from conformance.watch.trials.roster import HERE

SYSTEM = (
    "/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/nix/store", "/etc/alternatives", "/etc/ld.so.cache", "/etc/ssl",
    "/etc/passwd", "/etc/localtime",
)  # fmt: skip
"""What programs need of a system, and what holds nothing of its user's."""
ALONE = ("--unshare-all", "--die-with-parent", "--new-session", "--dev", "/dev", "--proc", "/proc", "--tmpfs", "/tmp")
ROOMS = "rooms"
"""The folder, of those of a client, in which what a program makes lies, and is gone afterwards."""
LIMIT = 20.0


@cache
def why_not() -> str | None:
    """Why there is no sandbox here, None where there is one."""
    found = shutil.which("bwrap")
    if found is None:
        return "bubblewrap is not here"
    try:
        done = subprocess.run([found, *ALONE, *_seen(), "true"], capture_output=True, text=True, timeout=LIMIT)
    except (OSError, subprocess.TimeoutExpired) as error:
        return f"bubblewrap does not run ({type(error).__name__})"
    return None if done.returncode == 0 else f"bubblewrap may not: {(done.stderr.splitlines() or ['it failed'])[0]}"


def within(command: Sequence[str], where: Path, port: int, way: str) -> list[str]:
    """The command in a sandbox: a worker of a program whose packages are there, to which 127.0.0.1:`port` leads by the Unix socket."""
    (where / ROOMS).mkdir(exist_ok=True)
    seen = _seen(where, Path(way).parent)
    inside = [sys.executable, "-I", str(HERE / "python" / "worker_inside.py"), str(port), way]
    return [shutil.which("bwrap") or "bwrap", *ALONE, *seen, "--tmpfs", str(where / ROOMS), *inside, *command]


def _seen(*more: Path) -> list[str]:
    """What can be read in there, and nothing written."""
    node = shutil.which("node")
    own = [*more, Path(sys.prefix), Path(sys.base_prefix), HERE, *([Path(node), Path(node).resolve()] if node else [])]
    return [word for path in (*SYSTEM, *map(str, own)) for word in ("--ro-bind-try", path, path)]
