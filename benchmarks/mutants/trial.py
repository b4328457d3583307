"""Mutants on trial in copies of the committed tree: in forks of one process first, then what survived there in a process of its own."""

from __future__ import annotations

import io
import json
import os
import shutil
import subprocess
import sys
import tarfile
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from queue import Queue

from benchmarks.mutants.draw import Mutant
from benchmarks.mutants.forks import HUNG, KILLED

NOT_TRIED = (
    "--ignore=tests/browser", "--ignore=tests/whole/test_structure.py", "--ignore=tests/whole/test_architecture.py",
)  # fmt: skip
"""Tests that need a browser, and those that read the code instead of running it: a mutant that only they notice is luck."""
FRESH = 60
"""Tests that what survived in a fork is tried on again."""
Trial = tuple[int, str, str | None, list[str]]


def git(*arguments: str) -> bytes:
    return subprocess.run(("git", *arguments), check=True, capture_output=True).stdout


def unpacked(folder: Path, commit: str) -> Path:
    """The tree of a commit in this folder, and nothing else."""
    shutil.rmtree(folder, ignore_errors=True)
    with tarfile.open(fileobj=io.BytesIO(git("archive", commit))) as archive:
        archive.extractall(folder, filter="data")
    return folder.resolve()


def pytest(tree: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """pytest in a tree."""
    command = (
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-p",
        "no:cacheprovider",
        "-p",
        "benchmarks.mutants.forks",
        *arguments,
    )
    env = os.environ | environment | {"PYTHONPATH": str(tree), "PYTHONDONTWRITEBYTECODE": "1"}
    return subprocess.run(command, cwd=tree, env=env, stdin=subprocess.DEVNULL, capture_output=True, text=True)


def collected(tree: Path) -> list[str]:
    """The ids of all tests that are tried."""
    lines = pytest(tree, "--collect-only", "tests", *NOT_TRIED).stdout.splitlines()
    return [line for line in lines if line.startswith("tests/") and "::" in line]


def in_forks(tree: Path, trials: Sequence[Trial], jobs: int) -> dict[int, tuple[str, str]]:
    """By number what came of each trial, and the test that said so; what is missing made pytest itself fail."""
    work, done = tree.with_suffix(".work.json"), tree.with_suffix(".done.jsonl")
    work.write_text(json.dumps({"tree": str(tree), "jobs": jobs, "trials": trials}), "utf-8")
    done.write_text("", "utf-8")
    files = dict.fromkeys(id.partition("::")[0] for _, _, _, ids in trials for id in ids)
    ran = pytest(tree, *files, MUTANTS_WORK=str(work), MUTANTS_DONE=str(done))
    found = {number: (word, by) for number, word, by in map(json.loads, done.read_text("utf-8").splitlines())}
    if len(trials) > 1 and len(found) < len(trials):
        raise SystemExit(ran.stdout[-3000:] + ran.stderr[-3000:])
    return found


def red(tree: Path, tests: Iterable[str], jobs: int) -> set[str]:
    """Those of the tests that fail on the unchanged tree as well, so that they say nothing about a mutant."""
    each = list(dict.fromkeys(tests))
    found = in_forks(tree, [(n, "", None, [id]) for n, id in enumerate(each)], jobs) if each else {}
    return {id for n, id in enumerate(each) if n not in found or killed(found[n][0])}


def in_forks_but_red(tree: Path, trials: Sequence[Trial], jobs: int) -> dict[int, tuple[str, str]]:
    """The same as in_forks, without the tests that are red anyway."""
    found, known, again = in_forks(tree, trials, jobs), set(), list(trials)
    while again:
        new = {found[n][1] for n, *_ in again if killed(found[n][0])} - known
        amiss = red(tree, sorted(new), jobs)
        known |= new
        again = [
            (n, file, source, [id for id in ids if id not in amiss])
            for n, file, source, ids in again
            if killed(found[n][0]) and found[n][1] in amiss
        ]
        if again:
            print(f"red on the unchanged tree: {', '.join(sorted(amiss))}", flush=True)
            found |= in_forks(tree, again, jobs)
    return found


def afresh(
    folder: Path, commit: str, mutants: dict[int, tuple[Mutant, list[str]]], jobs: int
) -> Iterator[tuple[int, str, str]]:
    """The same of mutants that stand in their file while a new process imports it, in trees of their own."""
    trees: Queue[Path] = Queue()
    for n in range(jobs):
        trees.put(unpacked(folder / f"tree-{n}", commit))

    def one(number: int) -> tuple[int, str, str]:
        mutant, tests = mutants[number]
        tree, ids = trees.get(), tests[:FRESH]
        path = tree / mutant.file
        source = path.read_bytes()
        try:
            while True:
                path.write_bytes(mutant.applied(source))
                found = in_forks(tree, [(number, mutant.file, None, ids)], 1)
                path.write_bytes(source)
                word, by = found.get(number, (KILLED, ""))
                if not (killed(word) and by and red(tree, [by], 1)):
                    return number, word, by or "the import"
                ids = [id for id in ids if id != by]
        finally:
            path.write_bytes(source)
            trees.put(tree)

    with ThreadPoolExecutor(jobs) as pool:
        yield from pool.map(one, mutants)


def killed(word: str) -> bool:
    return word in (KILLED, HUNG)
