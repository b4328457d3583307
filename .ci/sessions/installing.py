"""How sessions install what they want: as it is locked, by hash, where that can be; and where each lock is."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

import nox

ROOT = Path(__file__).parents[2]
LOCK, LOCK_OF_NOX, LOCK_OF_VLLM, NODE = ".ci/constraints.txt", ".ci/nox.txt", ".ci/vllm.txt", ".ci/node"
VLLM = "0.32.0"
OVERRIDES = ("--override", "fixtures/models/vllm-overrides.txt")


def locked(session: nox.Session, *groups: str, more: Sequence[str] = ()) -> None:
    """Install what groups of pyproject.toml name, and more, as it is locked: nothing without a hash, and no other bytes."""
    named = [word for group in groups for word in ("--group", group)]
    session.install("--require-hashes", "-c", LOCK, *named, *more)


def install(session: nox.Session, *groups: str, extras: Sequence[str] = ()) -> None:
    """Install what the project and these groups need, as it is locked, and then the project itself, which is editable and so has no
    hash. What builds it is locked as well, for it is not fetched anew."""
    named = [word for extra in extras for word in ("--extra", extra)]
    locked(session, "build", *groups, more=["-r", "pyproject.toml", *named])
    session.install("--no-deps", "--no-build-isolation", "-e", ".")


def install_on_cpu(session: nox.Session, *requirements: str) -> None:
    """Install with PyTorch for the CPU, from pip's own find-links where there are any, else from PyTorch's index; not by hash: each of
    these has files of its own for a version, and a lock that holds those of both cannot be made from either."""
    session.install(*find_links(), *requirements)


def find_links() -> list[str]:
    links = os.environ.get("PIP_FIND_LINKS") or _pip_setting("global.find-links")
    return [word for link in links.split() for word in ("--find-links", link)] or ["--torch-backend", "cpu"]


def _pip_setting(name: str) -> str:
    """A setting of pip, which uv does not read; "" where there is none."""
    pip = shutil.which("pip")
    return subprocess.run([pip, "config", "get", name], capture_output=True, text=True).stdout.strip() if pip else ""


def for_browser(session: nox.Session) -> dict[str, str]:
    """Install what tests in a browser need; Chromium itself from Debian's packages, where it is absent and we may."""
    install(session, "test", "browser", "docs")
    if not (shutil.which("chromium") or shutil.which("chromium-browser") or os.environ.get("CHROMIUM")):
        if not (shutil.which("apt-get") and os.geteuid() == 0):
            session.error("there is no Chromium; install it, or say where it is in the variable CHROMIUM")
        session.run("apt-get", "update", "-q", external=True)
        session.run("apt-get", "install", "-q", "-y", "--no-install-recommends", "chromium", external=True)
    if shutil.which("npm") is None:
        session.log("npm is not installed: without it axe-core is left out")
        return {}
    return {"AXE_CORE": str(Path(for_node(session)).resolve() / "node_modules" / "axe-core")}


def for_node(session: nox.Session) -> str:
    """The folder into which npm has installed what is locked."""
    folder = session.create_tmp()
    for name in ("package.json", "package-lock.json"):
        shutil.copy(ROOT / NODE / name, folder)
    session.run("npm", "ci", "--silent", "--no-audit", "--no-fund", "--prefix", folder, external=True)
    return folder
