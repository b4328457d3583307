"""The lines of a migration's checklist: each a verdict with what it rests on. Pure: it reads what the runs of both sides say.

Verdicts are "yes", "no", and "untold" where there was too little to judge by, which is not green.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from conformance.exchange import Exchange
from conformance.record.run_lines import Record
from conformance.run.run_file import Run
from conformance.wire.jsontext import printable

NAMED = 5
"""Checks, features or parameters named in a line."""
BAD = ("refused", "ignored", "broken", "absent")
OF_ANSWERS = ("models", "rate_limit_headers", "request_ids")
"""Features that any answer shows, and that no request asks for: that a server is without them breaks nobody's requests."""
LIMITS = (("x-ratelimit-limit-requests", "requests"), ("x-ratelimit-limit-tokens", "tokens"))
MINUTES = 30 * 24 * 60
PEAK = 10
"""How many times its average a month of requests has in its busiest minute, where nothing better is known."""


@dataclass(frozen=True)
class Line:
    """One line: its name, its verdict, why in a sentence, what it rests on, and the page that shows all of it."""

    name: str
    verdict: str
    why: str
    evidence: list[str] = field(default_factory=list)
    page: str = ""


def smoke(run: Run) -> Line:
    """Does it work at all, and is anything broken that works where we are?"""
    levels = {each["check"]: (each["level"], each.get("requirement", "")) for each in run.verdicts}
    outcomes = {each["check"]: each["outcome"] for each in run.verdicts}
    gaps = {row["check"]: row["gap"] for row in run.gaps if levels.get(row["check"], ("",))[0] == "must"}
    worse = [id for id, each in gaps.items() if each == "worse"]
    failed = sum(outcomes[id] == "fail" for id in outcomes)
    passed = sum(outcomes[id] == "pass" for id in outcomes)
    said = f"{passed} checks pass, {failed} fail"
    page = "checks/index.html"
    if unusable := (run.footer or {}).get("unusable"):
        return Line("smoke test", "no", f"it gave no usable answer: {unusable}", [], page)
    if not passed:
        return Line("smoke test", "untold", "no check found anything to judge", [], page)
    if worse:
        evidence = [f"{id}: {levels[id][1]}" for id in worse[:NAMED]] + _more(worse)
        return Line("smoke test", "no", f"{len(worse)} MUSTs hold where you are and fail here ({said})", evidence, page)
    if (run.footer or {}).get("exit_code") in (3, 4):
        idle = [part["words"] for part in ((run.footer or {}).get("scope") or {}).get("idle", ())]
        lacking = f"too little to judge in {', '.join(idle)}" if idle else "not all could be judged"
        return Line("smoke test", "untold", f"{lacking} ({said})", [], page)
    if not any(each != "not-compared" for each in gaps.values()):
        return Line("smoke test", "untold", f"no MUST could be compared with where you are ({said})", [], page)
    return Line("smoke test", "yes", f"no MUST fails that holds where you are ({said})", [], page)


def features(run: Run, used: Mapping[str, Iterable[str]], served: Mapping[str, str], before: Mapping[str, str]) -> Line:
    """Are the features in use served? `used` is by whom each is asked for; `served` is the decision on the prompts' own answers,
    `before` that of where we are."""
    decided = {each["feature"]: each for each in run.features}
    used = {name: who for name, who in used.items() if name not in OF_ANSWERS}
    rows = [
        (name, _decision(decided.get(name), served.get(name)), before.get(name, "undecided")) for name in sorted(used)
    ]
    by = ", ".join(sorted({who for each in used.values() for who in each}))
    lost = [row for row in rows if row[1] in BAD and row[2] not in BAD]
    unsure = [row for row in rows if row[1] == "undecided" and row[2] not in BAD]
    evidence = [
        f"{name}: {now} ({_why(decided.get(name))}); where you are: {was}"
        for name, now, was in [*lost, *unsure][:NAMED]
    ]
    evidence += _more([*lost, *unsure])
    page = "checks/index.html#features"
    if not rows:
        return Line("features in use", "untold", "nothing that was asked uses a feature that is told apart", [], page)
    if lost:
        names = ", ".join(row[0] for row in lost[:NAMED])
        return Line(
            "features in use",
            "no",
            f"{len(lost)} of {len(rows)} in use by {by} are not served: {names}",
            evidence,
            page,
        )
    if unsure:
        names = ", ".join(row[0] for row in unsure[:NAMED])
        return Line(
            "features in use",
            "untold",
            f"{len(unsure)} of {len(rows)} in use by {by} are undecided: {names}",
            evidence,
            page,
        )
    return Line("features in use", "yes", f"all {len(rows)} in use by {by} are served as where you are", [], page)


def _decision(row: Record | None, own: str | None) -> str:
    """The worse of what the checks and the prompts' own answers show."""
    found = [each for each in (own, row and row["decision"]) if each and each != "undecided"]
    return next((each for each in found if each in BAD), found[0] if found else "undecided")


def _why(row: Record | None) -> str:
    return printable((row or {}).get("why") or "seen on the golden prompts")[:200]


def parameters(found: Record) -> Line:
    """Which parameters to pin, for their defaults differ and requests leave them out."""
    name, page = "parameters to pin", "defaults.jsonl"
    if not found["left"]:
        return Line(name, "yes", "your prompts set every parameter whose default is known to differ", [], page)
    if not found["seen"]:
        return Line(name, "untold", "no answer told of a default", [], page)
    rows = found["differ"]
    rests = "; ".join(found["seen"])
    if rows:
        named = ", ".join(row[0] for row in rows)
        return Line(name, "no", f"pin {named}: left out by your prompts, and the defaults differ",
                    [f"{p}: where you are {was}; here {now}" for p, was, now in rows[:NAMED]] + [rests], page)  # fmt: skip
    return Line(name, "yes", "no default was seen to differ that your prompts leave to the server", [rests], page)


def gated(name: str, gate: Record | None, evidence: Sequence[str] = (), fragment: str = "") -> Line:
    """A line that is a gate of the parity run."""
    page = f"parity/index.html{fragment}"
    if gate is None:
        return Line(name, "untold", "it was not asked", list(evidence), page)
    verdict = {True: "yes", False: "no", None: "untold"}[gate["holds"]]
    return Line(name, verdict, f"{gate['seen']}, wanted {gate['wanted']}", list(evidence), page)


def rate_limits(target: Sequence[Exchange], baseline: Sequence[Exchange], monthly: int | None) -> Line:
    """Are the limits enough? By what both sides say of them, and by whether anything was refused for its number."""
    name, page = "rate limits", "parity/index.html#exchanges"
    refused = [sum(x.status == 429 for x in side) for side in (target, baseline)]
    limits = [_limits(side) for side in (target, baseline)]
    evidence = [f"{who}: {_told(said)}" for who, said in zip(("here", "where you are"), limits, strict=True)]
    if refused[0] > refused[1]:
        return Line(
            name,
            "no",
            f"{refused[0]} of {len(target)} requests were refused with 429, where you are {refused[1]}",
            evidence,
            page,
        )
    needed = monthly and PEAK * monthly / MINUTES
    lower = [kind for kind in limits[0] if kind in limits[1] and limits[0][kind] < limits[1][kind]]
    if needed and "requests" in limits[0]:
        evidence.append(
            f"{monthly:,} requests a month are {monthly / MINUTES:,.1f} a minute, {needed:,.0f} in a busy one ({PEAK} times)"
        )
        if limits[0]["requests"] < needed:
            return Line(
                name, "no", f"{limits[0]['requests']:,} requests are fewer than a busy minute has", evidence, page
            )
        lower = [kind for kind in lower if kind != "requests"]
    if lower:
        return Line(name, "no", f"the limit on {' and '.join(lower)} is lower than where you are", evidence, page)
    if not target:
        return Line(name, "untold", "nothing was asked", evidence, page)
    return Line(
        name,
        "yes",
        f"none of {len(target)} requests was refused for its number, and no lower limit is told",
        evidence,
        page,
    )


def _limits(side: Sequence[Exchange]) -> dict[str, int]:
    """The least that is said of each limit."""
    found: dict[str, int] = {}
    for x in side:
        for header, kind in LIMITS:
            value = next((text for key, text in x.headers if key.lower() == header), "")
            if value.isascii() and value.isdigit() and len(value) < 16:
                found[kind] = min(found.get(kind, int(value)), int(value))
    return found


def _told(limits: Mapping[str, int]) -> str:
    return (
        ", ".join(f"{number:,} {kind}" for kind, number in limits.items())
        or "no limit is told (`run --burst N` provokes one)"
    )


def _more(rows: Sequence) -> list[str]:
    return [f"and {len(rows) - NAMED} more"] if len(rows) > NAMED else []


def cold_path(found: Record, words: str, seconds: float) -> Line:
    """Does a user of an SDK get an answer when nobody has asked for so many seconds?"""
    name, page = "cold path", "migration.json"
    stories = [f"{sdk} {each['why']}" for sdk, each in found["sdks"].items()]
    verdicts = {each["verdict"] for each in found["sdks"].values()}
    verdict = "no" if "no" in verdicts else "untold" if "untold" in verdicts else "yes"
    return Line(name, verdict, f"after {seconds:g} s without a request: {words}", stories, page)


def answer(lines: Sequence[Line]) -> tuple[str, int]:
    """All lines in one sentence, and the exit code."""
    bad = [line.name for line in lines if line.verdict == "no"]
    unsure = [line.name for line in lines if line.verdict == "untold"]
    if bad:
        more = f"; not told: {', '.join(unsure)}" if unsure else ""
        return f"No, do not cut over yet: {', '.join(bad)}{more}", 1
    if unsure:
        return f"Not told: {', '.join(unsure)}; all else holds", 3
    return f"Yes, cut over: all {len(lines)} lines of the checklist hold", 0
