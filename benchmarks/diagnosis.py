"""What is told of causes: `nox -s diagnosis`, or with FILE... of recordings and run files; `python -m benchmarks.diagnosis [FILE...]`.

Without files, each lie of the reference is told alone, then 100 random pairs of them at once, and the diagnosis is made from the
failing checks alone (run/diagnosis.py): is the lie the first that it names, are both among its first three? Lies that fail the very
same checks cannot be told apart by checks; the words of the problems decide between them, and where they do not, both are named,
the likelier first. So it is also counted how many lies share their checks with others, and how many of them were first by the
words. As in the proofs, the official client replays the answers only for lies that name an `sdk.` check.

With files, it counts the causes of each, beside its red checks.
"""

from __future__ import annotations

import random
import sys
import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from conformance.areas.catalogue import lies
from conformance.judge.verdicts import Verdict
from conformance.record.run_lines import RunFileError, about
from conformance.reference.lies import Lie, several
from conformance.report.causes.cause import causes
from conformance.run.conductor import conduct
from conformance.run.diagnosis import diagnose
from conformance.run.options import Options
from conformance.run.run_file import Run, read
from conformance.run.user_error import UserError
from tests.support import proving

ALONE, TOGETHER = 0.90, 0.80
"""How many lies must be first, and how many pairs must have both among the first three."""
PAIRS, SEED, FIRST = 100, 11, 3


def verdicts(*told: Lie) -> list[Verdict]:
    """What the checks find where the reference tells these lies; what none of them changes passes, as with the honest one."""
    found = proving.verdicts(told[0] if len(told) == 1 else several(*told))
    if len(told) > 1 and any(id.startswith("sdk.") for lie in told for id in proving.named(lie.name)):
        changed = [x for x in proving.lying(several(*told)) if x is not proving.honest().get(x.id)]
        proving.replayed(changed)
    return [replace(v, outcome="pass") if v.outcome == "not-exercised" else v for v in found]


@dataclass(frozen=True)
class Diagnosed:
    """What was named for the lies that were told, and what they share with others."""

    told: tuple[str, ...]
    named: tuple[str, ...]

    @property
    def right(self) -> bool:
        return set(self.told) <= set(self.named[: 1 if len(self.told) == 1 else FIRST])


def diagnosed(*names: str) -> Diagnosed:
    """What is named for these lies: first those that the diagnosis is made of, then those that it did not tell apart from them."""
    found = diagnose(verdicts(*(lies()[name] for name in names)))
    named = {lie.says: name for name, lie in lies().items()}
    rivals = [named[says] for each in found for says in each.rivals]
    return Diagnosed(names, tuple([*(each.lie for each in found), *rivals][:FIRST]))


def alike() -> dict[str, list[str]]:
    """The other lies that fail the very same checks, by lie."""
    by_checks: dict[frozenset[str], list[str]] = defaultdict(list)
    for name in lies():
        by_checks[frozenset(proving.named(name))].append(name)
    return {name: [other for other in group if other != name] for group in by_checks.values() for name in group}


def pairs(number: int = PAIRS) -> Iterator[Diagnosed]:
    """What is diagnosed of so many random pairs; of two lies where one undoes what the other needs, another pair is drawn."""
    drawn = random.Random(SEED)
    while number:
        told = drawn.sample(sorted(lies()), 2)
        try:
            proving.lying(several(*(lies()[name] for name in told)))
        except (TypeError, KeyError, IndexError, AttributeError, ValueError):
            continue
        yield diagnosed(*told)
        number -= 1


def report_lies(alone: Sequence[Diagnosed], together: Sequence[Diagnosed]) -> Iterator[str]:
    """What was named wrongly, a line each, then the figures."""
    shared = alike()
    for each in (*alone, *together):
        if not each.right:
            yield f"{' + '.join(each.told)}: {', '.join(each.named) or 'nothing'}"
    yield ""
    first = [each for each in alone if each.right]
    groups = sum(bool(shared[each.told[0]]) for each in alone)
    by_words = sum(bool(shared[each.told[0]]) for each in first)
    yield f"alone: {_share(alone)} first; {groups} share their checks with another lie, {by_words} of them first by the words"
    yield f"two at once: {_share(together)} both among the first three"


def _share(found: Sequence[Diagnosed]) -> str:
    right = sum(each.right for each in found)
    return f"{right} of {len(found)} ({right / max(1, len(found)):.1%})"


# ---------------------------------------------------------------------- files


def judged(file: str, folder: str) -> Run:
    """A run file or recording, judged again. Raises UserError."""
    try:
        about(file)
        options = Options(replay=file, report=folder, sdk="on")
    except RunFileError:
        options = Options(recordings=(file,), report=folder)
    return read(conduct(options).files[0])


def report_causes(files: Sequence[str]) -> Iterator[str]:
    """For each file the red checks and their causes, then all of them together. Raises UserError."""
    total: Counter[str] = Counter()
    for file in files:
        with tempfile.TemporaryDirectory() as folder:
            found = causes(judged(file, folder))
        red = sum(row.red for cause in found for row in cause.rows)
        total += Counter(red=red, of_red=sum(cause.red for cause in found), causes=len(found))
        total["checks"] += sum(len(cause.rows) for cause in found)
        yield f"{Path(file).name}: {red} red checks of {sum(cause.red for cause in found)} causes"
        yield from (
            f"    {cause.unlocks:<22} {cause.root.id:<28} {cause.sentence:.110}" for cause in found if cause.red
        )
    ratio = total["red"] / max(1, total["of_red"])
    yield f"in all: {total['red']} red checks of {total['of_red']} causes, {ratio:.1f} checks a cause"
    yield f"        {total['checks']} checks that fail or could not be tested, of {total['causes']} causes"


def main(arguments: list[str]) -> int:
    if arguments:
        try:
            for line in report_causes(arguments):
                print(line, flush=True)
        except UserError as reason:
            print(f"Error: {reason}", file=sys.stderr)
            return 2
        return 0
    alone = [diagnosed(name) for name in sorted(lies())]
    together = list(pairs())
    for line in report_lies(alone, together):
        print(line)
    good = [sum(each.right for each in found) / len(found) for found in (alone, together)]
    return 0 if good[0] >= ALONE and good[1] >= TOGETHER else 1


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
