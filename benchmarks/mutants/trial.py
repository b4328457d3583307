"""Mutants on trial in copies of the committed tree: in forks of one process first, then what survived there in a process of its own."""

from __future__ import annotations

import io
import json
import os
import shutil
import subprocess
import sys
import tarfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from queue import Queue

from benchmarks.mutants.draw import Mutant
from benchmarks.mutants.forks import HUNG, KILLED, SURVIVED
from benchmarks.mutants.reach import Reach

NOT_TRIED = (
    "--ignore=tests/browser", "--ignore=tests/whole/test_structure.py", "--ignore=tests/whole/test_architecture.py",
)  # fmt: skip
"""Tests that need a browser, and those that read the code instead of running it: a mutant that only they notice is luck."""
FRESH, FRESH_BUDGET = 60, "30"
"""Tests, and seconds of processor, for a mutant in a process of its own, which makes the honest answers anew."""
Trial = tuple[int, str, str | None, list[str]]


def git(*arguments: str) -> bytes:
    return subprocess.run(("git", *arguments), check=True, capture_output=True).stdout


def unpacked(folder: Path, commit: str, tests: str = "HEAD") -> Path:
    """The tree of a commit in this folder, with the tests of another, and nothing else."""
    shutil.rmtree(folder, ignore_errors=True)
    for of, paths in ((commit, ()), (tests, ("tests", "benchmarks"))):
        with tarfile.open(fileobj=io.BytesIO(git("archive", of, *paths))) as archive:
            archive.extractall(folder, filter="data")
    return folder.resolve()


def pytest(tree: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """pytest in a tree."""
    plugins = ("-p", "no:cacheprovider", "-p", "benchmarks.mutants.forks", "-p", "benchmarks.mutants.reach")
    command = (sys.executable, "-m", "pytest", "-q", *plugins, *arguments)
    env = os.environ | environment | {"PYTHONPATH": str(tree), "PYTHONDONTWRITEBYTECODE": "1"}
    return subprocess.run(command, cwd=tree, env=env, stdin=subprocess.DEVNULL, capture_output=True, text=True)


def collected(tree: Path, folder: Path) -> list[str]:
    """The ids of all tests that are tried, which the folder keeps."""
    kept = folder / f"{git('rev-parse', 'HEAD').decode().strip()}.tests"
    if not kept.exists():
        found = pytest(tree, "--collect-only", "tests", *NOT_TRIED).stdout.splitlines()
        kept.write_text("\n".join(line for line in found if line.startswith("tests/") and "::" in line), "utf-8")
    return kept.read_text("utf-8").split("\n")


def reach(tree: Path, path: Path, commit: str, jobs: int) -> Reach:
    """What a run of the tests says of each: at another commit those that are new are run, and what was interrupted goes on."""
    if not (whole := path.with_suffix(".whole")).exists() or whole.read_text("utf-8") != commit:
        with ThreadPoolExecutor(jobs) as pool:
            parts = (f"{n}/{jobs}" for n in range(jobs))
            list(
                pool.map(
                    lambda p: pytest(tree, "tests", *NOT_TRIED, MUTANTS_REACH=str(path.resolve()), MUTANTS_PART=p),
                    parts,
                )
            )
        whole.write_text(commit, "utf-8")
    return Reach.read(path)


def in_forks(tree: Path, trials: Sequence[Trial], jobs: int, done: Path) -> None:
    """Try mutants; each adds [number, what came of it, the test that said so] to `done` when that is known."""
    work = tree.with_suffix(".work.json")
    work.write_text(json.dumps({"tree": str(tree), "jobs": jobs, "trials": trials}), "utf-8")
    files = dict.fromkeys(id.partition("::")[0] for _, _, _, ids in trials for id in ids)
    ran = pytest(tree, *files, MUTANTS_WORK=str(work), MUTANTS_DONE=str(done.resolve()))
    if ran.returncode not in (0, 1, 5):
        raise SystemExit(ran.stdout[-3000:] + ran.stderr[-3000:])


def afresh(
    folder: Path, trees: tuple[str, str], mutants: dict[int, tuple[Mutant, list[str]]], jobs: int
) -> Iterator[tuple[int, str, str]]:
    """(number, what came of it, the test) of mutants that stand in their file while a new process imports it, in trees of their own."""
    free: Queue[Path] = Queue()
    for n in range(jobs):
        free.put(unpacked(folder / f"tree-{n}", *trees))
    fine: dict[str, bool] = {}

    def one(number: int) -> tuple[int, str, str]:
        mutant, tests = mutants[number]
        tree, ids = free.get(), tests[:FRESH]
        path = tree / mutant.file
        source = path.read_bytes()
        try:
            while True:
                path.write_bytes(mutant.applied(source))
                word, by = _one(tree, ids)
                path.write_bytes(source)
                if killed(word) and by and by not in fine:
                    fine[by] = _one(tree, [by])[0] == SURVIVED
                if not (killed(word) and by and not fine[by]):
                    return number, word, by or "the import"
                ids = [id for id in ids if id != by]
        finally:
            path.write_bytes(source)
            free.put(tree)

    with ThreadPoolExecutor(jobs) as pool:
        yield from pool.map(one, mutants)


def _one(tree: Path, ids: Sequence[str]) -> tuple[str, str]:
    """What comes of these tests in a process of their own, and the last of them; "killed" by none where pytest itself fails."""
    work, done = tree.with_suffix(".work.json"), tree.with_suffix(".done.jsonl")
    work.write_text(json.dumps({"tree": str(tree), "jobs": 1, "trials": [(0, "", None, ids)]}), "utf-8")
    done.unlink(missing_ok=True)
    environment = {"MUTANTS_WORK": str(work), "MUTANTS_DONE": str(done), "MUTANTS_BUDGET": FRESH_BUDGET}
    pytest(tree, *dict.fromkeys(id.partition("::")[0] for id in ids), **environment)
    lines = done.read_text("utf-8").splitlines() if done.exists() else []
    return tuple(json.loads(lines[0])[1:]) if lines else (KILLED, "")


def killed(word: str) -> bool:
    return word in (KILLED, HUNG)
