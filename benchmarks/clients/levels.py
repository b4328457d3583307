"""Which levels the measurement speaks against: MUSTs whose lies break no client, SHOULDs one of whose lies breaks two or more.

`python -m benchmarks.clients.levels`. It decides nothing: the words of the source come first (docs/levels.md). What keeps its level all
the same says why in `levels.toml` of its area; the command fails where one does not, or where a reason is left of a check that is none
of these any more.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence

from conformance.areas.catalogue import catalogue
from conformance.areas.levels import reasons
from conformance.clients.breaks import measured
from conformance.judge.verdicts import MUST, SHOULD, Check

ONE = {"openai-async": "openai-sync"}
"""Clients that are one package."""


def broken_by(lie: str) -> set[str]:
    """The clients that a lie breaks."""
    return {ONE.get(name, name) for name in measured()["lies"].get(lie, {})}


def unfelt(checks: Sequence[Check], reached: Collection[str]) -> list[Check]:
    """The MUSTs that break no client, though some client asks for what one of their lies changes, and none of them is felt."""
    return [
        c
        for c in checks
        if c.level == MUST and not set(c.breaks).isdisjoint(reached) and not any(map(broken_by, c.breaks))
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


def faults(checks: Sequence[Check], reached: Collection[str], said: Collection[str]) -> list[str]:
    """What is wrong with the reasons, a line each; `said` are the checks that have one."""
    listed = {check.id for check in unfelt(checks, reached)} | {check.id for check, _, _ in felt(checks)}
    missing = [f"{id} has no reason for its level" for id in sorted(listed.difference(said))]
    return missing + [f"{id} needs no reason any more" for id in sorted(set(said) - listed)]


def main() -> int:
    checks, reached = [*catalogue().values()], measured()["reached"]
    musts = unfelt(checks, reached)
    print(f"{len(reached)} lies change what the clients ask for; {len(musts)} MUSTs break none of them: "
          f"{', '.join(check.id for check in musts)}\n")  # fmt: skip
    for check, lie, names in felt(checks):
        others = [each.id for each in checks if lie in each.breaks and each.level == SHOULD and each is not check]
        shared = f", which proves {' and '.join(others)}, too" if others else ""
        print(f"SHOULD {check.id} ({lie}{shared}) breaks {len(names)}: {', '.join(sorted(names))}")
    wrong = faults(checks, reached, reasons())
    print(*wrong, sep="\n", end="\n" * bool(wrong))
    return int(bool(wrong))


if __name__ == "__main__":
    raise SystemExit(main())
