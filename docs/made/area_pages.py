"""What follows from the code on the pages that introduce an area or an endpoint, under what is written there."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from conformance.areas.catalogue import about, area_of, catalogue, features
from conformance.cli.explain import sdks
from conformance.judge.verdicts import Check
from conformance.report.rows import LEVELS
from docs.made.catalogue_page import table
from docs.made.facts import judged
from docs.made.words import prose

MOST = 6
"""Things that clients do, the most frequent first."""


def areas() -> tuple[str, ...]:
    """Every area that holds checks, in the catalogue's order."""
    return tuple(dict.fromkeys(area_of(check) for check in catalogue().values()))


def path(area: str) -> str:
    """Where the page of an area stands in the site, as Markdown: docs/areas/ introduces it, else the page has what is made alone."""
    return f"areas/{area}.md"


def of_area(area: str) -> str:
    """What is asked in an area, what its lies did to the official clients, its checks."""
    checks = [check for check in catalogue().values() if area_of(check) == area]
    return "\n\n".join(
        part for part in (f"*{prose(about(area))}*", _asked(area, checks), _broken(checks), _checks(checks)) if part
    )


def of_endpoint(name: str) -> str:
    """The checks that judge answers of an endpoint and no other; how many judge those of several."""
    facts = judged()
    own = [check for check in catalogue().values() if facts[check.id].endpoints == (name,)]
    shared = sum(name in facts[check.id].endpoints for check in catalogue().values()) - len(own)
    more = f"{shared} more judge the answers of several endpoints alike: " if shared else ""
    return f"{_checks(own)}\n\n{more}[all in the catalogue](../catalogue.md)." if own else ""


def _asked(area: str, checks: Sequence[Check]) -> str:
    probes = dict.fromkeys(
        name for check in checks for name in judged()[check.id].probes if name.partition(".")[0] == area
    )
    optional = [f for f in features().values() if f.law.__module__.split(".")[-2] == area]
    parts = []
    if probes:
        names = ", ".join(f"`{name}`" for name in probes)
        parts.append(
            f"## What is asked\n\nRequests of its own, whose answers its checks judge beside those to others: {names}."
        )
    if optional:
        rows = "".join(f"| [`{f.name}`](../features.md#{f.name}) | {prose(f.what)} |\n" for f in optional)
        parts.append(f"## What is optional here\n\n| feature | honoured, and ignored |\n| --- | --- |\n{rows}")
    return "\n\n".join(parts)


def _broken(checks: Sequence[Check]) -> str:
    """What was measured of both SDKs on the lies that the checks are proven by."""
    rows = [sdks()[lie] for lie in dict.fromkeys(lie for check in checks for lie in check.breaks) if lie in sdks()]
    lines = []
    for sdk in ("python", "node"):
        seen = Counter(line for row in rows for line in dict.fromkeys(row[sdk]))
        if seen:
            told = "; ".join(f"{prose(line)} ({count})" for line, count in seen.most_common(MOST))
            silent = sum(not row[sdk] for row in rows)
            lines.append(
                f"- **{sdks()['versions'][sdk]}**, of {len(rows)} ways to get it wrong: {told}; notices nothing of {silent}."
            )
    return "## What breaks without it\n\n" + "\n".join(lines) if lines else ""


def _checks(checks: Sequence[Check]) -> str:
    numbers = ", ".join(f"{n} {level.upper()}" for level in LEVELS if (n := sum(c.level == level for c in checks)))
    return f"## Its checks {{ data-search-exclude }}\n\n{len(checks)} checks: {numbers}.\n\n{table(checks, '../')}"
