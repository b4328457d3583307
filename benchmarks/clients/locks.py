"""Locks what npm installs for each client: its packages as the head of its file pins them, and all that they need, by their hashes.

`python -m benchmarks.clients.locks`, also part of `nox -s lock`; no address of a registry is kept.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import tempfile
from pathlib import Path

from conformance.watch.trials.roster import HERE, Client, clients

QUIET = ("--silent", "--ignore-scripts", "--no-audit", "--no-fund")


def main() -> int:
    if shutil.which("npm") is None:
        print("npm is not here: what it installs is not locked")
        return 1
    for client in clients().values():
        if client.runtime != "python":
            lock(client)
    return 0


def lock(client: Client) -> None:
    """Write the lock of a client; none where npm would not install by it, as where not all platforms are in the registry."""
    kept = HERE / "locks" / f"{client.name}.json"
    with tempfile.TemporaryDirectory() as folder:
        where = Path(folder, "client")  # its name is in the lock
        where.mkdir()
        wanted = {"private": True, "dependencies": dict(each.rsplit("@", 1) for each in client.packages)}
        (where / "package.json").write_text(json.dumps(wanted), "utf-8")
        npm = ("npm", "--prefix", str(where), *QUIET)
        subprocess.run([*npm, "install", "--package-lock-only", "--omit-lockfile-registry-resolved"], check=True)
        usable = subprocess.run([*npm, "ci", "--dry-run"], stdout=subprocess.DEVNULL).returncode == 0
        if usable:
            shutil.copy(where / "package-lock.json", kept)
        else:
            kept.unlink(missing_ok=True)
        print(f"{client.name}: {'locked' if usable else 'not locked, its lock cannot be installed here'}")


if __name__ == "__main__":
    raise SystemExit(main())
