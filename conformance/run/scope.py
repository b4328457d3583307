"""The scope of a verdict: what was judged of what was asked, what the endpoint does not offer, and the profile that fits it. Pure.

A server that refuses all that is hard has nothing wrong in it, so no verdict is told without its scope; and where the core of what
was asked had nothing to judge, nothing conforms. It must not judge: it reads verdicts and decisions.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

from conformance.areas.catalogue import area_of, catalogue, core, parts
from conformance.judge.decider import Decided
from conformance.judge.verdicts import MUST, Verdict
from conformance.run.options import DEPTHS, PROFILES, Options
from conformance.run.selection import chosen, endpoints

ENOUGH = 0.5
"""The part of an area's checks that must have had something to judge."""
Asked = Literal["all", "areas", "profile", "recordings", "program", "load", "cold", "clients", "gateway"]


@dataclass(frozen=True)
class Idle:
    """A part of what was asked that had too little to judge: how many of its MUSTs had nothing, of how many, and why, "" where no
    decision says it."""

    area: str
    words: str
    idle: int
    of: int
    why: str = ""


@dataclass(frozen=True)
class Lack:
    """A feature that the endpoint was not seen to have, in words, and the decision on it."""

    feature: str
    words: str
    decision: str


@dataclass(frozen=True)
class Scope:
    """What a verdict is about. `asked` is what was asked about: all, some areas, a profile, what recordings hold, what a program asked,
    a load, both ends of a gateway. `within` are the parts that had enough to judge, in words, `idle` those of the core that had not.
    `profile` is the largest that fits, `short_of` the next one, with what is lacking for it, `wanted` the one that was asked for.
    `whole`: all that was asked for is there, of a `quick` run as far as that asks. `refused` are areas of the core that the endpoint
    says it has not. `known` MUSTs fail as known."""

    asked: Asked
    within: tuple[str, ...]
    idle: tuple[Idle, ...]
    lacking: tuple[Lack, ...]
    profile: str | None
    short_of: Mapping[str, Any] | None
    wanted: str | None
    exercised: int
    musts: int
    known: int
    whole: bool
    quick: bool = False
    refused: tuple[str, ...] = ()

    def unjudged(self, beside_another: bool) -> list[str]:
        """The areas that had too little to judge: beside another run, what is refused now is news."""
        return [part.area for part in self.idle] + [*self.refused] * beside_another

    @property
    def record(self) -> dict[str, Any]:
        """What the footer of a run file says of it."""
        return asdict(self)


def scope(options: Options, verdicts: Sequence[Verdict], decided: Sequence[Decided]) -> Scope:
    """The scope of a run that was asked for by these options; some areas alone where these are not the verdicts of all checks, or only
    some endpoints were asked."""
    some, limits = len(verdicts) < len(catalogue()), endpoints(options.endpoints)
    named = len(verdicts) < len(chosen((), options.exclude))  # not: all but a few
    asked: Asked = "areas" if some or limits else "profile" if options.profile else "all"
    if options.by_others:
        asked = options.asked_by or "recordings"
    outcomes = {verdict.check.id: verdict.outcome for verdict in verdicts}
    core_asked = named or not limits or "chat" in limits
    idle = tuple(_idle(area, outcomes, decided) for area in (idle_areas(outcomes, named) if core_asked else ()))
    refused = [each for each in idle if not named and _refused(each.area, decided)]
    idle = tuple(each for each in idle if each not in refused)
    lacking = _lacking(decided, {area_of(verdict.check) for verdict in verdicts} if asked == "areas" else None)
    quick = options.depth == DEPTHS[0] and asked == "all"
    if options.asked_by or quick:  # what was not asked for is no lack
        lacking = tuple(lack for lack in lacking if lack.decision != "undecided")
    profile, short_of = _fits(decided)
    wanted = PROFILES.index(options.profile or PROFILES[-1])
    fits = not lacking if asked == "areas" or quick else profile is not None and PROFILES.index(profile) >= wanted
    musts = [verdict for verdict in verdicts if verdict.check.level == MUST]
    return Scope(
        asked=asked,
        within=_within(outcomes, named),
        idle=idle,
        lacking=lacking,
        profile=profile,
        short_of=None if asked == "areas" else short_of,
        wanted=options.profile,
        exercised=sum(verdict.outcome != "not-exercised" for verdict in musts),
        musts=len(musts),
        known=sum(verdict.known is not None for verdict in musts),
        whole=fits and not idle,
        quick=quick,
        refused=tuple(each.area for each in refused),
    )


def idle_areas(outcomes: Mapping[str, str], only: bool) -> list[str]:
    """The areas of the core that had too little to judge, by the outcomes of checks; `only`: of the areas that were asked for, which
    all are. A check that the catalogue does not have, from another version, says nothing."""
    found = _by_area(outcomes)
    return [area for area, table in found.items() if (only or area in core()) and not _enough(table)]


def _by_area(outcomes: Mapping[str, str]) -> dict[str, list[tuple[bool, bool]]]:
    """(whether it is a MUST, whether it had something to judge) of the checks of each area: first the parts, in their order."""
    found: dict[str, list[tuple[bool, bool]]] = defaultdict(list, {area: [] for area in parts()})
    for id, outcome in outcomes.items():
        if (check := catalogue().get(id)) is not None:
            found[area_of(check)].append((check.level == MUST, outcome != "not-exercised"))
    return {area: table for area, table in found.items() if table}


def _enough(table: Collection[tuple[bool, bool]]) -> bool:
    musts = [exercised for must, exercised in table if must]
    every = [exercised for _, exercised in table]
    return any(part and sum(part) >= ENOUGH * len(part) for part in (musts, every))


def _within(outcomes: Mapping[str, str], only: bool) -> tuple[str, ...]:
    told = {id: "not-exercised" if outcome == "untestable" else outcome for id, outcome in outcomes.items()}
    judged = [area for area, table in _by_area(told).items() if _enough(table)]
    return tuple(parts().get(area, area) for area in judged if only or area in parts())


def _refused(area: str, decided: Sequence[Decided]) -> bool:
    """The endpoint says of all that a part of the core is about that it has none: so much was judged, and is lacking. Chat itself is
    asked for by no feature."""
    return any(each.feature.words == parts().get(area) and each.decision == "refused" for each in decided)


def _idle(area: str, outcomes: Mapping[str, str], decided: Sequence[Decided]) -> Idle:
    table = [exercised for must, exercised in _by_area(outcomes)[area] if must]
    lacks = [each for each in decided if area_of(each.feature) == area and each.decision in ("refused", "absent")]
    why = f"{lacks[0].feature.words} is {lacks[0].decision}: {lacks[0].why}" if lacks else ""
    return Idle(area, parts().get(area, area), len(table) - sum(table), len(table), why)


def _lacking(decided: Sequence[Decided], areas: Collection[str] | None) -> tuple[Lack, ...]:
    """The features of any profile that are not supported, in the order of the table; a part of what is lacking is lacking with it. Of
    `areas` alone only what was seen: nothing was asked on purpose that is not theirs."""
    short = {each.feature.name: each for each in decided if each.feature.profile and each.decision != "supported"}
    return tuple(
        Lack(name, each.feature.words, each.decision)
        for name, each in short.items()
        if each.feature.part_of not in short
        and (areas is None or (area_of(each.feature) in areas and each.decision != "undecided"))
    )


def _fits(decided: Sequence[Decided]) -> tuple[str | None, dict[str, Any] | None]:
    """The largest profile all of whose features are supported, and the next one, with what is lacking for it and whether any of that
    was seen to be."""
    fits = None
    for profile in PROFILES:
        lacks = _lacking([each for each in decided if each.feature.profile == profile], None)
        if lacks:
            seen = any(lack.decision != "undecided" for lack in lacks)
            return fits, {"profile": profile, "lacks": [lack.words for lack in lacks], "seen": seen}
        fits = profile
    return fits, None
