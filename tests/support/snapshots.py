"""What the judge says of the reference, held as data that is reviewed when it changes. `nox -s snapshots` makes it again.

`tests/areas/recorded/applies.toml`: which answers of the honest reference each check judged, and by absence which it did not.
`tests/areas/recorded/words-*.toml`: what each check says under each lie that proves it, a file an area of the checks.
`tests/areas/recorded/*.digests`: all else that comes of answers, lies and damage, which nobody reads (digests.py).
`tests/whole/recorded/*.digests`: what the other rooms make of damaged and drawn inputs (tables/).
"""

from __future__ import annotations

import json
import re
import sys
import textwrap
import tomllib
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path

from conformance.areas.catalogue import judge, lies
from conformance.judge.verdicts import Verdict
from tests.support import digests, proving, tables

FOLDER = Path(__file__).resolve().parents[1] / "areas" / "recorded"

Words = dict[str, str]
MADE_UP = re.compile(r"[0-9a-f]{12,}")
"""What the reference makes of the number of a request: a new probe changes it."""


# ---------------------------------------------------------------------- which answers a check judges


def applied() -> dict[str, list[str]]:
    """By check, the answers of the honest reference that it judged, in the short form of the file."""
    known = list(proving.honest())
    return {v.check.id: short(v.exchanges, known) for v in judge(proving.honest().values())}


def short(ids: Iterable[str], known: Sequence[str]) -> list[str]:
    """Ids by what they begin with, plain and streamed apart: `chat.*+stream` is all that are streamed of chat."""
    there = set(ids)
    lines: list[str] = []
    for tail in ("", "+stream"):
        family = [id.removesuffix("+stream") for id in known if id.endswith("+stream") == bool(tail)]
        held = {id.removesuffix("+stream") for id in there if id.endswith("+stream") == bool(tail)}
        lines += _branches("", sorted(family), held, tail)
    return lines


def _branches(start: str, family: Sequence[str], held: set[str], tail: str) -> list[str]:
    """Those of a family that are held, all of which begin with `start`."""
    if held.issuperset(family):
        return [f"{start}*{tail}" if len(family) > 1 else f"{family[0]}{tail}"]
    branches: dict[str, list[str]] = defaultdict(list)
    for id in family:
        branches[re.match(r"[^.-]*[.-]?", id[len(start) :])[0]].append(id)
    return [
        line
        for word, members in branches.items()
        if not held.isdisjoint(members)
        for line in (_branches(start + word, members, held, tail) if word else [f"{start}{tail}"])
    ]


def write_applied() -> None:
    """Checks that judge the same answers share an entry."""
    groups: dict[tuple[str, ...], list[str]] = defaultdict(list)
    for check, ids in sorted(applied().items()):
        groups[tuple(ids)].append(check)
    entries = (f"[[judged]]\nby = {_filled(checks)}\nanswers = {_filled(ids)}\n" for ids, checks in groups.items())
    head = "# The answers of the honest reference that each check judges, and no others. `nox -s snapshots` writes this file.\n\n"
    (FOLDER / "applies.toml").write_text(head + "\n".join(entries), "utf-8")


@cache
def recorded_applied() -> dict[str, list[str]]:
    content = tomllib.loads((FOLDER / "applies.toml").read_text("utf-8"))
    return {check: entry["answers"].split() for entry in content["judged"] for check in entry["by"].split()}


# ---------------------------------------------------------------------- what a check says of a lie


def words(verdicts: Iterable[Verdict]) -> Words:
    """By failing check, its first message: how many answers say the like is another area's business."""
    failing = sorted((v for v in verdicts if v.problems), key=lambda v: v.check.id)
    return {v.check.id: MADE_UP.sub("…", v.problems[0][1]) for v in failing}


@cache
def recorded_words() -> dict[str, Words]:
    """By lie, then by check."""
    found: dict[str, Words] = defaultdict(dict)
    for path in sorted(FOLDER.glob("words-*.toml")):
        for lie, said in tomllib.loads(path.read_text("utf-8")).items():
            found[lie] |= said
    return found


def write_words(all_said: Mapping[str, Words]) -> None:
    files: dict[str, dict[str, Words]] = defaultdict(lambda: defaultdict(dict))
    for lie, said in sorted(all_said.items()):
        for check, message in sorted(said.items()):
            files[check.partition(".")[0]][lie][check] = message
    for path in FOLDER.glob("words-*.toml"):
        path.unlink()
    for area, by_lie in files.items():
        head = "# What each check says under a lie that proves it. `nox -s snapshots` writes this file.\n"
        body = (f"\n[{lie}]\n" + "".join(map(_line, said.items())) for lie, said in by_lie.items())
        (FOLDER / f"words-{area}.toml").write_text(head + "".join(body), "utf-8")


def _line(said: tuple[str, str]) -> str:
    return f"{_text(said[0])} = {_text(said[1])}\n"


def _filled(ids: Sequence[str]) -> str:
    text = " ".join(ids)
    if len(text) < 120:
        return _text(text)
    return f'"""\n{textwrap.fill(text, 120, break_long_words=False, break_on_hyphens=False)}\n"""'


def _text(text: str) -> str:
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def main(names: Sequence[str]) -> int:
    """Write the files again: the words of lies that are new, and of those with one of the words in `names` in their name."""
    FOLDER.mkdir(exist_ok=True)
    write_applied()
    digests.write()
    tables.write()
    recorded = recorded_words()
    chosen = [name for name in lies() if name not in recorded or any(each in name for each in names)]
    for number, name in enumerate(chosen, 1):
        print(f"{number} of {len(chosen)}: {name}", flush=True)
        recorded[name] = words(proving.verdicts(lies()[name]))
    write_words({name: said for name, said in recorded.items() if name in lies()})
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
