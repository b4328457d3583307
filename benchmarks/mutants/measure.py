"""Draws random mutations of the package, and says which of them no test notices. `nox -s mutants -- [N] [SEED]`.

`python -m benchmarks.mutants.measure FOLDER [N] [SEED] [--jobs J]` works in copies of the committed tree in the folder. mutmut,
cosmic-ray and mutatest (2026) were looked at: none draws by a seed and picks the tests of a mutant. First some cases of every test run
once, to see which blocks each reaches; that map is kept, and only new tests are added to it. What is interrupted goes on with the same
sample; `--again` tries on today's tests what survived. Survivors that mean nothing are marked by hand in `meaningless.toml`, with the
reason, and printed all the same; what means nothing by a rule is not drawn, and counted.
"""

from __future__ import annotations

import argparse
import json
import sys
import tomllib
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

from benchmarks.mutants import trial
from benchmarks.mutants.choice import chosen, functions
from benchmarks.mutants.draw import Mutant, drawn, left_out
from benchmarks.mutants.forks import NOT_HERE, SURVIVED
from benchmarks.mutants.reach import Reach

MANY, SEED, GOAL = 200, 1, 0.92
NOTE = Path(__file__).with_name("meaningless.toml")
NOTHING = "means nothing"


def lines(mutant: Mutant, source: bytes) -> tuple[str, str]:
    """What the changed lines were, and what they are now, without their margins and on one line each."""
    new = mutant.applied(source)
    first, last = source.rfind(b"\n", 0, mutant.start) + 1, source.find(b"\n", mutant.end)
    changed = (source[first:last], new[first : last + len(new) - len(source)])
    old, now = (" ".join(text.decode().split()) for text in changed)
    return old, now


def reasons() -> dict[tuple[str, str, str], str]:
    """By file, old line and new line: why such a mutant means nothing."""
    content = tomllib.loads(NOTE.read_text("utf-8"))
    return {(each["file"], each["old"], each["new"]): each["reason"] for each in content.get("mutant", ())}


class Sample:
    """A sample drawn by a seed from a commit, and what is known of it, in FOLDER/SEED.jsonl:
    [number, what came of it, the test], and true where that was in a process of its own."""

    def __init__(self, folder: Path, many: int, seed: int, *, anew: bool = True) -> None:
        self.folder, note = folder, folder / f"{seed}.commit"
        folder.mkdir(parents=True, exist_ok=True)
        if not note.exists():
            note.write_bytes(trial.git("rev-parse", "HEAD"))
        self.commit, self.done = note.read_text("utf-8").strip(), folder / f"{seed}.jsonl"
        self.tree = trial.unpacked(folder / "whole", self.commit) if anew else (folder / "whole").resolve()
        self.mutants = drawn(self.tree, many, seed)
        self.sources = {mutant.file: (self.tree / mutant.file).read_bytes() for mutant in self.mutants}

    def found(self) -> dict[int, tuple[str, str, bool]]:
        """What is known: the last word on each, the test, and whether that was in a process of its own."""
        rows = map(json.loads, self.done.read_text("utf-8").splitlines() if self.done.exists() else ())
        return {number: (word, by, bool(afresh)) for number, word, by, *afresh in rows}

    def try_all(self, jobs: int, again: bool) -> None:
        """Try what is not tried yet, and what survived as well if it is to be tried again."""
        reach, tests = (
            trial.reach(self.tree, self.folder / "reach.jsonl", self.commit, jobs),
            trial.collected(self.tree, self.folder),
        )
        known = self.found()
        wanted = [n for n in range(len(self.mutants)) if n not in known or (again and not trial.killed(known[n][0]))]
        plans = {n: (mutant, chosen(mutant, self.tree, tests, reach)) for n, mutant in enumerate(self.mutants)}
        if wanted:
            trials = [(n, m.file, m.applied(self.sources[m.file]).decode(), plans[n][1]) for n, m in self._of(wanted)]
            trial.in_forks(self.tree, trials, jobs, self.done)
        left = {n: plans[n] for n in self.found() if self._wants_import(n, reach)}
        for row in trial.afresh(self.folder, (self.commit, "HEAD"), left, jobs):
            with self.done.open("a", encoding="utf-8") as file:
                print(json.dumps([*row, True]), file=file)

    def _of(self, numbers: Sequence[int]) -> list[tuple[int, Mutant]]:
        return [(n, self.mutants[n]) for n in numbers]

    def _wants_import(self, n: int, reach: Reach) -> bool:
        """Whether what was not told in a fork is another function or constant while modules are imported."""
        mutant, (word, _, afresh) = self.mutants[n], self.found()[n]
        at = functions(mutant, self.sources[mutant.file].decode())
        return not afresh and (word == NOT_HERE or (word == SURVIVED and reach.at_import(at)))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("many", type=int, nargs="?", default=MANY)
    parser.add_argument("seed", type=int, nargs="?", default=SEED)
    parser.add_argument("--jobs", type=int, default=2, help="trials at once")
    parser.add_argument("--again", action="store_true", help="try on today's tests what survived")
    parser.add_argument("--show", action="store_true", help="only print what is known so far")
    given = parser.parse_args()
    sample = Sample(given.folder, given.many, given.seed, anew=not given.show)
    if not given.show:
        sample.try_all(given.jobs, given.again)
    return show(sample, given.seed)


def show(sample: Sample, seed: int) -> int:
    """Print what is known of a sample."""
    note, rooms, lived = reasons(), Counter(), []
    for n, (word, by, _) in sorted(sample.found().items()):
        mutant = sample.mutants[n]
        old, new = lines(mutant, sample.sources[mutant.file])
        reason = note.get((mutant.file, old, new))
        word = "killed" if trial.killed(word) else NOTHING if reason else word
        rooms[mutant.file.split("/")[1], word] += 1
        if word == "killed":
            print(f"{mutant.file}:{mutant.line} killed by {by}")
        else:
            lived.append(f"{mutant.file}:{mutant.line} {word}\n- {old}\n+ {new}" + (f"\n  {reason}" if reason else ""))
    for rule, many in left_out(sample.tree).most_common():
        print(f"not drawn: {many} of {rule}")
    return report(seed, rooms, lived)


def report(seed: int, rooms: Mapping[tuple[str, str], int], lived: Sequence[str]) -> int:
    """Print the survivors and the figures, by room and whole."""
    print("", *lived, "", sep="\n")
    for room in sorted({room for room, _ in rooms}):
        print(f"{room}: " + ", ".join(f"{n} {word}" for (each, word), n in sorted(rooms.items()) if each == room))
    killed = sum(n for (_, word), n in rooms.items() if word == "killed")
    nothing = sum(n for (_, word), n in rooms.items() if word == NOTHING)
    meant = sum(rooms.values()) - nothing
    share = killed / (meant or 1)
    print(
        f"seed {seed}: {killed} of {meant} mutants that mean anything killed, {share:.1%} (to reach: {GOAL:.0%}); {nothing} mean nothing"
    )
    return 0 if share >= GOAL else 1


if __name__ == "__main__":
    sys.exit(main())
