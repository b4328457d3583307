"""Builds the wheel twice, opens it, installs it in an empty environment and uses it from odd places; `nox -s wheel` runs this.

A script and no test module: it makes environments of its own and takes a minute. Needs uv. Exits 1 where anything is amiss.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import tomllib
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
MUST_HOLD = (
    "conformance/cli/suite/pytest.ini", "conformance/cli/suite/test_conformance.py", "conformance/report/templates/page.html.jinja",
    "conformance/report/assets/page.css", "conformance/record/run.json", "conformance/clients/sdks.toml", "conformance/clients/breaks.json",
    "conformance/watch/trials/python/worker.py", "conformance/watch/trials/python/langchain.py",
    "conformance/_data/fixtures/tools.json", "conformance/py.typed", "openai_conformance/py.typed", "openai_conformance/pytest.py",
)  # fmt: skip
MUST_NOT_HOLD = re.compile(r"^(tests|reports|known)/|__pycache__|\.pyc$|conftest\.py$|noxfile")
LOCK = ROOT / ".ci" / "constraints.txt"
PLUGINS = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["dependency-groups"]["plugins"]
"""The plugins with options of the same names, and those that reorder or multiply items."""
HOSTILE = {
    "pytest.ini": "[pytest]\naddopts = --no-such-option\npython_files = nothing.py\ntestpaths = nowhere\n",
    "conftest.py": "raise SystemExit('a conftest.py of the user was loaded')\n",
    "test_conformance.py": "raise SystemExit('a test of the user was loaded')\n",
    "conformance/__init__.py": "raise SystemExit('a folder of the user was imported')\n",
    "conformance/plugin.py": "raise SystemExit('a plugin of the user was loaded')\n",
    "pyproject.toml": "[tool.pytest.ini_options]\naddopts = '--no-such-option'\n",
    "tox.ini": "[pytest]\naddopts = --no-such-option\n",
}


def uv(*arguments: str | Path) -> None:
    subprocess.run([sys.executable, "-m", "uv", "--quiet", *map(str, arguments)], check=True, cwd=ROOT)


def expect(what: str, *command: str | Path, cwd: Path, code: int = 0, says: str = "", env: dict | None = None) -> str:
    """Run a command in a clean surrounding; stop everything where it does not end or say as expected."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("PYTHON", "PYTEST", "OPENAI", "VIRTUAL_ENV"))}
    done = subprocess.run(
        [*map(str, command)],
        cwd=cwd,
        env=kept | (env or {}),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    if done.returncode != code or says not in done.stdout or "Traceback" in done.stdout:
        sys.exit(f"FAILED: {what}: exit code {done.returncode}, expected {code} and {says!r}\n{done.stdout[-3000:]}")
    print(f"ok: {what}", flush=True)
    return done.stdout


def exchanges(folder: Path) -> int:
    """How many exchanges the last run in a folder recorded."""
    return (folder / "reports/latest/run.jsonl").read_text().count('{"type": "exchange"')


def opened(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    missing = [name for name in MUST_HOLD if name not in names]
    extra = [name for name in names if MUST_NOT_HOLD.search(name)]
    if missing or extra:
        sys.exit(f"FAILED: the wheel lacks {missing} and has {extra}")
    print(f"ok: {wheel.name} holds {len(names)} files, {wheel.stat().st_size // 1024} KiB", flush=True)


def described(wheel: Path) -> None:
    """What a package index shows: the README, rendered as they do, with no picture or link that is found beside it alone."""
    from readme_renderer import markdown

    with zipfile.ZipFile(wheel) as file:
        [name] = [each for each in file.namelist() if each.endswith(".dist-info/METADATA")]
        text = file.read(name).decode().partition("\n\n")[2]
    page = markdown.render(text)
    aims = re.findall(r'(?:src|href)="([^"]*)"', page or "")
    if (
        not page
        or "<h1" not in page
        or "<img" not in page
        or [each for each in aims if not each.startswith(("https://", "#"))]
    ):
        sys.exit(f"FAILED: the description does not render, or leads nowhere: {aims}")
    print(f"ok: the description renders, with {len(aims)} addresses", flush=True)


def used(scripts: Path, work: Path) -> None:
    """The commands from an empty folder and from a hostile one."""
    suite, empty, hostile = scripts / "openai-conformance", work / "empty", work / "hostile"
    empty.mkdir()
    expect("help", suite, "--help", cwd=empty, says="Exit codes:")
    expect("the main job", suite, cwd=empty, says="CONFORMS")
    sent = exchanges(empty)
    expect("pytest", suite, "pytest", "-q", cwd=empty, says=" passed")
    if exchanges(empty) != sent:
        sys.exit(f"FAILED: pytest sent {exchanges(empty)} requests, the command {sent}")
    expect("the catalogue", suite, "checks", "--requirements", cwd=empty, says="requirements:")
    expect(
        "a check explained without the official client", suite, "explain", "sdk.helper", cwd=empty, says="openai-node"
    )
    expect("exploring without hypothesis", suite, "explore", cwd=empty, code=2, says="openai-conformance[explore]")
    for name, text in HOSTILE.items():
        (hostile / name).parent.mkdir(parents=True, exist_ok=True)
        (hostile / name).write_text(text)
    expect("the main job in a hostile folder", suite, cwd=hostile, says="CONFORMS")
    expect(
        "python -m in a hostile folder", scripts / "python", "-m", "openai_conformance", cwd=hostile, says="CONFORMS"
    )
    expect("pytest in a hostile folder", suite, "pytest", "-q", "--only=model", cwd=hostile, says=" passed")
    home = {"PYTHONPATH": ""}  # an empty entry is the current folder in some shells' habits
    expect("with an empty PYTHONPATH", suite, "pytest", "-q", "--only=model", cwd=empty, says=" passed", env=home)


def beside_plugins(scripts: Path, work: Path) -> None:
    """The user's plugins neither break a run nor multiply its requests."""
    suite, folder = scripts / "openai-conformance", work / "plugins"
    folder.mkdir()
    expect("pytest beside plugins", suite, "pytest", "-q", cwd=folder, says=" passed")
    sent = exchanges(folder)
    for what, arguments, env in (
        ("-n 2", ["-n", "2"], {}),
        ("-n auto of the environment", [], {"PYTEST_ADDOPTS": "-n auto --dist loadscope"}),
        ("-p no:randomly", ["-p", "no:randomly"], {}),
        ("a seed", ["-p", "randomly", "--randomly-seed=7"], {}),
    ):
        expect(f"pytest with {what}", suite, "pytest", "-q", *arguments, cwd=folder, says=" passed", env=env)
        if exchanges(folder) != sent:
            sys.exit(f"FAILED: {what} sent {exchanges(folder)} requests instead of {sent}")
    expect("a line says that -n is left out", suite, "pytest", "-n", "2", "--co", cwd=folder, says="-n is left out")
    settings = ["--base-url=http://127.0.0.1:1/v1", "--timeout=3", "--wait=0"]
    expect("options of the same names are ours", suite, "pytest", *settings, cwd=folder, code=3, says="127.0.0.1:1")


def built(work: Path, name: str, mask: int) -> dict[str, bytes]:
    """The sdist, and the wheel made of it, from a copy of the checkout whose files are of this moment and have other modes."""
    copy, out = work / name / "checkout", work / name / "dist"
    tracked = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True, text=True).stdout
    before = os.umask(mask)
    try:
        for each in filter(None, tracked.split("\0")):
            (copy / each).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(ROOT / each, copy / each)
        uv("build", "--build-constraints", LOCK, "--require-hashes", "--out-dir", out, copy)
    finally:
        os.umask(before)
    return {file.name: file.read_bytes() for file in sorted(out.iterdir()) if not file.name.startswith(".")}


def reproduced(work: Path) -> Path:
    """That two builds in different places, under different masks, a moment apart, are the same bytes. Gives the wheel."""
    first = built(work, "one", 0o022)
    time.sleep(2)  # a zip counts time in steps of two seconds
    second = built(work, "another/place", 0o077)
    differ = [name for name in first.keys() | second.keys() if first.get(name) != second.get(name)]
    if differ or len(first) != 2:
        sys.exit(f"FAILED: built twice, {', '.join(differ or first)} differ or are too few")
    for name, data in first.items():
        print(f"ok: built twice, the same bytes: {hashlib.sha256(data).hexdigest()} {name}", flush=True)
    [wheel] = (work / "one" / "dist").glob("*.whl")
    return wheel


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="openai-conformance-") as folder:
        work = Path(folder)
        wheel = reproduced(work)
        opened(wheel)
        described(wheel)
        for name, more, use in (("bare", (), used), ("crowded", PLUGINS, beside_plugins)):
            uv("venv", "--python", sys.executable, work / name)
            uv("pip", "install", "--python", work / name, "-c", LOCK, wheel, *more)
            use(work / name / ("Scripts" if os.name == "nt" else "bin"), work)


if __name__ == "__main__":
    main()
