"""Which levels the measurement speaks against: MUSTs whose lies break no client, SHOULDs one of whose lies breaks two or more.

`python -m benchmarks.clients.levels`. It decides nothing: the words of the source come first (docs/levels.md).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from pathlib import Path

from benchmarks.clients.measure import Measuring
from conformance.areas.catalogue import catalogue
from conformance.clients.breaks import measured
from conformance.judge.verdicts import MUST, SHOULD, Check
from conformance.watch.trials.roster import clients

ONE = {"openai-async": "openai-sync"}
"""Clients that are one package."""
ASKING = ("openai-sync", "pydantic-ai")
"""Clients that ask for all that any of them asks for."""


def broken_by(lie: str) -> set[str]:
    """The clients that a lie breaks."""
    return {ONE.get(name, name) for name in measured()["lies"].get(lie, {})}


def unfelt(checks: Sequence[Check], reached: Collection[str]) -> list[Check]:
    """The MUSTs that break no client, though some client asks for what one of their lies changes, and none of them is felt."""
    return [
        c for c in checks if c.level == MUST and reached.intersection(c.breaks) and not any(map(broken_by, c.breaks))
    ]


def felt(checks: Sequence[Check]) -> list[tuple[Check, str, set[str]]]:
    """The SHOULDs that break two or more, each with the lie of its own that breaks most, and in whom: one that it alone names, where there
    is any. Lies that a MUST names as well are the MUST's."""
    musts = {name for check in checks if check.level == MUST for name in check.breaks}
    shoulds = Counter(name for check in checks if check.level == SHOULD for name in check.breaks)
    found = []
    for check in (c for c in checks if c.level == SHOULD):
        own = [name for name in check.breaks if name not in musts and len(broken_by(name)) > 1]
        if own:
            lie = max(own, key=lambda name: (shoulds[name] == 1, len(broken_by(name))))
            found.append((check, lie, broken_by(lie)))
    return sorted(found, key=lambda each: -len(each[2]))


def main() -> int:
    checks = [*catalogue().values()]
    reached = set().union(*(Measuring(clients()[name], Path()).reached() for name in ASKING))
    musts = unfelt(checks, reached)
    print(f"{len(reached)} lies change what the clients ask for; {len(musts)} MUSTs break none of them: "
          f"{', '.join(check.id for check in musts)}\n")  # fmt: skip
    for check, lie, names in felt(checks):
        others = [each.id for each in checks if lie in each.breaks and each.level == SHOULD and each is not check]
        shared = f", which proves {' and '.join(others)}, too" if others else ""
        print(f"SHOULD {check.id} ({lie}{shared}) breaks {len(names)}: {', '.join(sorted(names))}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
