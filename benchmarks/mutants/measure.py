"""Draws random mutations of the package, and says which of them no test notices. `nox -s mutants -- [N] [SEED]`.

`python -m benchmarks.mutants.measure FOLDER [N] [SEED] [--jobs J]` works in copies of the committed tree in the folder. mutmut,
cosmic-ray and mutatest (2026) were looked at: none draws by a seed and picks the tests of a mutant. Survivors that mean nothing are
marked by hand in `meaningless.toml`, with the reason, and printed all the same.
"""

from __future__ import annotations

import argparse
import sys
import tomllib
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

from benchmarks.mutants import trial
from benchmarks.mutants.choice import chosen
from benchmarks.mutants.draw import Mutant, drawn

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


def results(folder: Path, many: int, seed: int, jobs: int) -> list[tuple[Mutant, str, str, str, str]]:
    """(mutant, old line, new line, what came of it, the test that said so)."""
    commit = trial.git("rev-parse", "HEAD").decode().strip()
    tree = trial.unpacked(folder / "whole", commit)
    mutants, tests = drawn(tree, many, seed), trial.collected(tree)
    plans = {n: (mutant, chosen(mutant, tree, tests)) for n, mutant in enumerate(mutants)}
    sources = {mutant.file: (tree / mutant.file).read_bytes() for mutant in mutants}
    trials = [(n, m.file, m.applied(sources[m.file]).decode(), ids) for n, (m, ids) in plans.items()]
    found = trial.in_forks_but_red(tree, trials, jobs)
    print(f"{sum(trial.killed(word) for word, _ in found.values())} of {many} killed in forks", flush=True)
    left = {n: plan for n, plan in plans.items() if not trial.killed(found[n][0])}
    for n, word, by in trial.afresh(folder, commit, left, jobs):
        print(f"{mutants[n].file}:{mutants[n].line} {word} {by}", flush=True)
        found[n] = (word, by)
    return [(mutant, *lines(mutant, sources[mutant.file]), *found[n]) for n, mutant in enumerate(mutants)]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("many", type=int, nargs="?", default=MANY)
    parser.add_argument("seed", type=int, nargs="?", default=SEED)
    parser.add_argument("--jobs", type=int, default=2, help="trials at once")
    given = parser.parse_args()
    note, rooms, lived = reasons(), Counter(), []
    for mutant, old, new, word, by in results(given.folder, given.many, given.seed, given.jobs):
        reason = note.get((mutant.file, old, new))
        word = "killed" if trial.killed(word) else NOTHING if reason else word
        rooms[mutant.file.split("/")[1], word] += 1
        if word == "killed":
            print(f"{mutant.file}:{mutant.line} killed by {by}")
        else:
            lived.append(f"{mutant.file}:{mutant.line} {word}\n- {old}\n+ {new}" + (f"\n  {reason}" if reason else ""))
    return report(given.seed, rooms, lived)


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
