"""The comparison of several runs: one page of checks (or golden prompts) and features by endpoint, and what changed between runs of one.

Of each run file only the header, the verdicts, the features and the footer are read; it must not judge. A run that got
worse comes first.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from sys import intern

from markupsafe import Markup

from conformance.report import clients_beside
from conformance.report.golden_beside import beside
from conformance.report.golden_states import golden_states
from conformance.report.golden_view import golden_view, parity_verdict
from conformance.report.pages import page
from conformance.report.rows import LEVELS, STATES
from conformance.report.verdict import tone, verdict
from conformance.run.run_file import Run, read
from conformance.run.user_error import UserError
from conformance.run.whole_file import write_whole
from conformance.run.words import target
from conformance.wire.jsontext import printable

WORSE = {"pass": 0, "known": 1, "not-exercised": 1, "untestable": 2, "broken": 2, "fail": 3}
"""How bad a state of a check is; a change from a smaller to a larger number above 1 is a regression."""
DECISIONS = {"supported": 0, "undecided": 1, "refused": 2, "absent": 2, "ignored": 3, "broken": 4}
"""How bad a decision about a feature is."""
GLYPHS = {
    "pass": "✓", "fail": "✕", "broken": "!", "untestable": "?", "known": "≈", "not-exercised": "○",
    "supported": "✓", "refused": "⊘", "ignored": "◌", "absent": "–", "undecided": "?", "": "",
}  # fmt: skip
"""What stands in a cell; the page has them explained. Text, for a drawing in each of twenty thousand cells is slow."""
MESSAGE = 200
"""Characters of a problem that are shown."""
PROMPTS = "prompts"
"""Stands where a check has its level: golden prompts have none."""


@dataclass(frozen=True)
class Side:
    """One run in the comparison, by its number."""

    number: int
    name: str
    where: str
    started: str
    word: str
    tone: str
    why: str
    counts: dict[str, dict[str, int]]
    states: dict[str, str] = field(repr=False)
    messages: dict[str, str] = field(repr=False)
    decisions: dict[str, str] = field(repr=False)


@dataclass(frozen=True)
class Row:
    """One check or feature across all runs: a state for each, "" where the run does not have it."""

    id: str
    level: str
    about: str
    states: tuple[str, ...]
    problems: tuple[tuple[str, tuple[int, ...]], ...] = ()

    @property
    def area(self) -> str:
        return self.id.partition(".")[0]

    @property
    def telling(self) -> bool:
        """The runs differ in it, or it is bad somewhere."""
        return len(set(self.states)) > 1 or any(WORSE.get(state, 0) > 1 for state in self.states)


@dataclass(frozen=True)
class Change:
    """What one check or feature was before and is now."""

    id: str
    level: str
    before: str
    now: str
    message: str


@dataclass(frozen=True)
class Changes:
    """What is different in `now` against `before`."""

    before: Side
    now: Side
    same_endpoint: bool
    regressions: list[Change]
    repaired: list[Change]
    other: list[Change]
    features: list[Change]


def write_comparison(
    paths: Sequence[str | Path],
    out: str | Path,
    names: Sequence[str] | None = None,
    seen: Callable[[Run], None] = lambda run: None,
    trials: Sequence[Run | None] = (),
    pages: Sequence[str] = (),
) -> list[int | None]:
    """Write the page that compares these run files, in their order, to `out`; `names` are shown instead of what the files say was
    judged, `seen` is told of each run, and `trials` are runs of real clients at the same endpoints, whose `pages` are linked. Gives the
    exit code of each, None of one that was cut off. Raises UserError where they are not of one kind, RunFileError, OSError."""
    kinds, codes, known = [], [], {}

    def runs() -> Iterator[Run]:
        for path in paths:
            run = read(path, skip=("exchange", "sdk"), known=known)
            codes.append(run.footer and run.footer["exit_code"])
            kinds.append(run.header.get("kind") or "checks")
            if kinds[-1] == "explore":
                raise UserError(f"{path} is an exploration, which compares with nothing: `judge` it first")
            if kinds[-1] != kinds[0]:
                one, other = (_KINDS.get(each, each) for each in (kinds[0], kinds[-1]))
                raise UserError(
                    f"{paths[0]} is a run of the {one}, {path} one of the {other}: compare runs of one kind"
                )
            seen(run)
            yield read(path) if kinds[-1] == "parity" and len(paths) == 2 else run

    write_whole(Path(out), comparison(runs(), names, trials, pages))
    return codes


_KINDS = {"parity": "golden prompts"}


def comparison(
    runs: Iterable[Run],
    names: Sequence[str] | None = None,
    trials: Sequence[Run | None] = (),
    pages: Sequence[str] = (),
) -> str:
    """The page that compares these runs, which are looked at one by one: of each only what the page shows is kept."""
    sides, named, whats, whole = [], {}, {}, []
    for number, run in enumerate(runs, 1):
        sides.append(_side(number, run, names[number - 1] if names else None))
        _name(run, named)
        whats |= {each["feature"]: each.get("what", "") for each in run.features if each["feature"] not in whats}
        whole += [run] if run.header.get("kind") == "parity" and number <= 2 else []
    checks = _checks(named, sides)
    areas: dict[str, list[Row]] = defaultdict(list)
    for row in checks:
        areas[row.area].append(row)
    apart = len({side.where for side in sides})
    pair = beside(*whole) if len(whole) == len(sides) == 2 else None
    return page(
        "compare.html.jinja",
        sides=sides,
        heading=_heading(sides, apart),
        two=len(sides) == apart == 2,
        golden=golden_view(pair) if pair else None,
        areas=areas,
        checks=checks,
        telling=sum(row.telling for row in checks),
        features=_features(whats, sides),
        clients=clients_beside.beside(trials),
        pages=pages,
        changes=_pairs(sides, {row.id: row.level for row in checks}),
        levels=tuple(sides[0].counts),
        what=_KINDS["parity"] if PROMPTS in sides[0].counts else "checks",
        states=STATES,
        decisions=tuple(DECISIONS),
        glyphs={
            state: Markup('<td class="c {}">{}</td>').format(state or "none", glyph) for state, glyph in GLYPHS.items()
        },
        legend={state: Markup('<b class="c {}">{}</b>').format(state, glyph) for state, glyph in GLYPHS.items()},
    )


def _heading(sides: Sequence[Side], apart: int) -> str:
    """What is compared: two endpoints, many, or one at several times."""
    if len(sides) == apart == 2:
        return f"{sides[1].name} beside {sides[0].name}"
    if apart == 1:
        return f"{len(sides)} runs of {sides[0].name} compared"
    return (
        f"{len(sides)} endpoints compared"
        if apart == len(sides)
        else f"{len(sides)} runs of {apart} endpoints compared"
    )


def _side(number: int, run: Run, name: str | None) -> Side:
    golden = run.header.get("kind") == "parity"
    word, why = parity_verdict(run) if golden else verdict(run)
    counts = {level: dict.fromkeys(STATES, 0) for level in ((PROMPTS,) if golden else LEVELS)}
    told = {id: (PROMPTS, *said) for id, said in golden_states(run).items()} if golden else _told(run)
    for level, state, _ in told.values():
        counts[level][state] += 1
    return Side(
        number=number,
        name=name or target(run),
        where=target(run),
        started=run.header["started"],
        word=word,
        tone=tone(run, word),
        why=why,
        counts=counts,
        states={intern(id): intern(state) for id, (_, state, _) in told.items()},
        messages={
            intern(id): intern(printable(said[:MESSAGE])) for id, (_, state, said) in told.items() if state != "pass"
        },
        decisions={
            each["feature"]: each["decision"] for each in run.features if each.get("answers") or each["required"]
        },
    )


def _told(run: Run) -> dict[str, tuple[str, str, str]]:
    """(level, state, what is wrong) of each check."""
    found = {}
    for each in run.verdicts:
        said = each["problems"][0]["message"] if each["problems"] else each.get("known") or each.get("reason") or ""
        found[each["check"]] = each["level"], "known" if each.get("known") else each["outcome"], said
    return found


def _name(run: Run, named: dict[str, tuple[str, str]]) -> None:
    """Add the level and the words of each check or prompt of a run that no run before had."""
    for each in run.verdicts:
        named.setdefault(each["check"], (each["level"], each.get("requirement", "")))
    about = {each["id"]: each.get("about", "") for each in run.header.get("golden", ())}
    for each in run.golden:
        named.setdefault(each["prompt"], (PROMPTS, about.get(each["prompt"], "")))


def _checks(known: Mapping[str, tuple[str, str]], sides: Sequence[Side]) -> list[Row]:
    """Every check or prompt that any run has, in the order in which they come."""
    table = []
    for id, (level, requirement) in known.items():
        states = tuple(side.states.get(id, "") for side in sides)
        said: dict[str, list[int]] = defaultdict(list)
        for side in sides:
            if WORSE.get(side.states.get(id, ""), 0) > 1:
                said[side.messages[id]].append(side.number)
        problems = sorted(((text, tuple(numbers)) for text, numbers in said.items()), key=lambda p: -len(p[1]))
        table.append(Row(id, level, requirement, states, tuple(problems)))
    return table


def _features(known: Mapping[str, str], sides: Sequence[Side]) -> list[Row]:
    rows = [Row(name, "", what, tuple(side.decisions.get(name, "") for side in sides)) for name, what in known.items()]
    return [row for row in rows if any(row.states)]


def _pairs(sides: Sequence[Side], levels: dict[str, str]) -> list[Changes]:
    """Runs of one endpoint one after another in time; two runs alone are compared whatever they are of."""
    by_endpoint: dict[str, list[Side]] = defaultdict(list)
    for side in sides:
        by_endpoint[side.where].append(side)
    pairs = [pair for group in by_endpoint.values() for pair in pairwise(sorted(group, key=lambda side: side.started))]
    if not pairs and len(sides) == 2:
        pairs = [(sides[0], sides[1])]
    found = [_changes(before, now, levels) for before, now in pairs]
    return sorted(found, key=lambda each: -len(each.regressions))


def _changes(before: Side, now: Side, levels: dict[str, str]) -> Changes:
    changed = [
        Change(id, level, before.states.get(id, ""), now.states.get(id, ""), now.messages.get(id, ""))
        for id, level in levels.items()
        if before.states.get(id, "") != now.states.get(id, "")
    ]
    changed.sort(key=lambda change: (*LEVELS, PROMPTS).index(change.level))
    regressions = [each for each in changed if each.before and _got_worse(each)]
    repaired = [each for each in changed if each.now == "pass" and WORSE.get(each.before, 0) > 1]
    features = [
        Change(name, "", was, is_now, "")
        for name in {**before.decisions, **now.decisions}
        if (was := before.decisions.get(name, "")) != (is_now := now.decisions.get(name, ""))
    ]
    return Changes(
        before=before,
        now=now,
        same_endpoint=before.where == now.where,
        regressions=regressions,
        repaired=repaired,
        other=[each for each in changed if each not in regressions and each not in repaired],
        features=sorted(features, key=lambda each: DECISIONS.get(each.before, 0) - DECISIONS.get(each.now, 0)),
    )


def _got_worse(change: Change) -> bool:
    return WORSE.get(change.now, 0) > max(1, WORSE.get(change.before, 0))
