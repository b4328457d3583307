"""The verdict of a run in words: what it is, and why. It decides nothing: the gate has, and the run file says how."""

from __future__ import annotations

from collections import Counter

from conformance.report import beside, claim
from conformance.report.decision import Decision
from conformance.report.rows import LEVELS, Row, feature_rows, gate, rows
from conformance.run.run_file import Run
from conformance.run.words import shown

MUCH = 0.25
"""The part of the MUST checks that had nothing to judge from which on the verdict says where."""
AREAS = 2
"""Areas that it names."""
HEADLINES = {
    "DOES NOT CONFORM": "No, not a drop-in replacement",
    "REGRESSION": "A regression: worse than before",
    "GAP": "A gap: worse than the baseline",
    "NOT JUDGED": "Not judged",
    "SUITE BROKEN": "Not judged: the suite itself is broken",
    "CUT OFF": "Not judged: the run was cut off",
}
TONES: dict[str, claim.Tone] = {
    "DOES NOT CONFORM": "no", "REGRESSION": "no", "GAP": "no",
}  # fmt: skip
"""How good the news of a verdict is; that of any other is not known."""
NOT_WORSE = {"NO REGRESSION": "nothing is worse than before", "NO GAP": "nothing is worse than the baseline"}
"""Verdicts that are about the same scope as that of a run that conforms."""


def verdict(run: Run) -> tuple[str, str]:
    """The verdict in a word or three, and why in a short sentence."""
    if run.footer is None:
        return "CUT OFF", "the run ended before its verdict"
    table = rows(run)
    red = [row for row in table if row.red]
    passed = sum(row.state == "pass" for row in table)
    match run.footer.get("exit_code"):
        case 0 if "against" in gate(run):
            return beside.not_worse(run, table)
        case 0:
            warned = sum(row.warns for row in table)
            known = sum(row.state == "known" for row in table)
            parts = [f"{passed} of {len(table)} checks pass"]
            parts += [f"{warned} warn"] if warned else []
            parts += [f"{known} fail as known"] if known else []
            parts += _unexercised(table, any_number=True)
            return claim.claim(run), "; ".join([*claim.lacking(run), *claim.fits(run), ", ".join(parts)])
        case 3:
            if unusable := run.footer.get("unusable"):
                return "NOT JUDGED", shown(unusable)
            lost = [shown(each) for each in run.footer.get("lost", ())]
            if not passed:
                return "NOT JUDGED", "; ".join(["no check found anything to judge", *lost])
            left = " and ".join(lost or (() if claim.recorded(run) else claim.idle(run))) or "not all was"
            return "NOT JUDGED", f"nothing red in what was judged, but {left}"
        case 4:
            broken = [row.id for row in table if row.state == "broken"]
            return "SUITE BROKEN", f"{', '.join(broken)}: our fault, not the endpoint's; please report it"
    parts = []
    for state, words in (("fail", "fail"), ("untestable", "could not be tested")):
        numbers = [(level, sum(row.state == state and row.level == level for row in red)) for level in LEVELS]
        if said := [f"{number} {level.upper()}" for level, number in numbers if number]:
            parts.append(f"{' and '.join(said)} {words}")
    if stale := sum(bool(row.complaint) for row in red):
        parts.append(f"{stale} known deviation{'s are' if stale > 1 else ' is'} out of date")
    if lacking := sum(row.unmet for row in feature_rows(run)):
        which = "feature" if "against" in gate(run) else "required feature"
        parts.append(f"{lacking} {which}{'s are' if lacking > 1 else ' is'} not supported")
    parts += [beside.too_many(run)] if beside.too_many(run) else []
    parts += _unexercised(table, within=claim.within(run))
    if "against" not in gate(run):
        return "DOES NOT CONFORM", ", ".join(parts)
    return beside.worse(gate(run), ", ".join(parts))


def tone(run: Run, word: str) -> claim.Tone:
    """How good the news of this verdict is: only where all that was asked for was judged and is there, it is good."""
    if run.header.get("kind") == "parity":
        return Decision(run).tone
    if word.startswith(tuple(NOT_WORSE)):
        return "yes" if claim.whole(run) else "part"
    return claim.tone(run) if word.startswith("CONFORMS") else TONES.get(word, "unknown")


def headline(run: Run, word: str) -> str:
    """This verdict as an answer: is it a drop-in replacement, and in what?"""
    if run.header.get("kind") == "parity":
        return Decision(run).headline
    for begins, said in NOT_WORSE.items():
        if word.startswith(begins):
            lacks = "".join(f"; {each}" for each in claim.lacking(run))
            return f"{begins.capitalize()}{claim.where(run)}: {said}{lacks}"
    return claim.headline(run) if word.startswith("CONFORMS") else HEADLINES.get(word, word.capitalize())


def _unexercised(table: list[Row], any_number: bool = False, within: str = "") -> list[str]:
    """How many MUSTs had nothing to judge, and in which areas most, where they are many: what was not asked was not passed. Beside a
    verdict that something is so, `any_number` is worth saying."""
    musts = [row for row in table if row.level == "must"]
    idle = Counter(row.area for row in musts if row.state == "not-exercised")
    many = idle.total() >= MUCH * len(musts)
    if not idle or not (many or any_number):
        return []
    areas = " and ".join(area for area, _ in idle.most_common(AREAS))
    where = f" (judged: {within})" if within else f" (most in {areas})" if many else ""
    return [f"{idle.total()} of {len(musts)} MUST had nothing to judge{where}"]
