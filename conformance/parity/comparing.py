"""One golden prompt: what the target answered beside the baseline, whose own repeat noise is the tolerance. Pure.

Both sides may have answered several times. The baseline is asked twice at least: what differs between its own answers is not
held against the target. Two answers can agree by chance on a server that is not quite steady, so what would count against the
target is asked again, of both (asking.py), and counts only if no answer of the target agrees with any of the baseline. If
both were alike, four answers of one and five of the other would fall apart that cleanly by chance once in 126 times.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import combinations
from typing import Any, NamedTuple

from conformance.parity.answers import Answer
from conformance.parity.likeness import parting, similarity, words
from conformance.parity.prompt import Prompt
from conformance.record.run_lines import Record
from conformance.wire.jsontext import show

LOGPROB_TOLERANCE = 0.01
"""Nats: the same weights on another batch differ by less in float32, and by more in bfloat16, where the baseline's own answers
show it. `--same-model` looks at this with statistics."""


class Aspect(NamedTuple):
    """What of two answers is compared: how to read it (None: it is not there), whether two agree, and how to show it."""

    read: Callable[[Answer], Any]
    agree: Callable[[Any, Any], bool]
    shown: Callable[[Any], str]


def _equal(one: Any, other: Any) -> bool:
    return one == other


def _near(one: Sequence[tuple[str, float]], other: Sequence[tuple[str, float]]) -> bool:
    """The same tokens with nearly the same logprobs."""
    same = [text for text, _ in one] == [text for text, _ in other]
    return same and all(abs(a - b) <= LOGPROB_TOLERANCE for (_, a), (_, b) in zip(one, other, strict=True))


def _counts(answer: Answer) -> tuple[int, int] | None:
    found = (answer.counted("prompt_tokens"), answer.counted("completion_tokens"))
    return None if None in found else found


def _text(value: Any) -> str:
    return show(value, 200)


ASPECTS = {
    "finish_reason": Aspect(lambda a: a.finish_reason, _equal, str),
    "tool_calls": Aspect(lambda a: a.calls, _equal, _text),
    "json": Aspect(lambda a: a.json_form or "no JSON", _equal, _text),
    "text": Aspect(lambda a: a.text or "", _equal, _text),
    "tokens": Aspect(_counts, _equal, lambda n: f"{n[0]} in, {n[1]} out"),
    "logprobs": Aspect(lambda a: a.tokens or None, _near, lambda t: _text([(a, round(b, 3)) for a, b in t[:8]])),
}
"""In the order in which they matter."""


def compare(prompt: Prompt, target: Sequence[Answer], baseline: Sequence[Answer] | None, *, same_model: bool) -> Record:
    """The golden line of a prompt. `baseline` is None where there is none; `same_model`: both are said to serve the same
    one, so that words that differ count, too."""
    record = {"type": "golden", "prompt": prompt.id, "target": _side(target), "text": None}
    if baseline is None:
        nothing = {"outcome": "not-compared", "gap": "not-compared", "why": "there is no baseline", "aspects": []}
        return record | nothing | {"baseline": None}
    mine, theirs = ([answer for answer in side if answer.usable] for side in (target, baseline))
    aspects = _aspects(prompt, mine, theirs) if mine and theirs else []
    outcomes = {aspect["outcome"] for aspect in aspects} - {"not-compared"}
    outcome = next((o for o in ("differs", "within-noise", "same") if o in outcomes), "not-compared")
    gap, why = _gap(mine, theirs, differs=same_model and outcome == "differs")
    why = why or _unusable(target, mine, baseline, theirs) or _said(aspects, outcome)
    record |= {"outcome": outcome, "gap": gap, "why": why, "aspects": aspects, "baseline": _side(baseline)}
    return record | {"text": _texts(mine, theirs)}


def _aspects(prompt: Prompt, mine: Sequence[Answer], theirs: Sequence[Answer]) -> list[Record]:
    return [_aspect(name, mine, theirs) for name in ASPECTS if name == "finish_reason" or name in prompt.compare]


def _aspect(name: str, mine: Sequence[Answer], theirs: Sequence[Answer]) -> Record:
    read, agree, shown = ASPECTS[name]
    own, others = [read(answer) for answer in mine], [read(answer) for answer in theirs]
    record = {"aspect": name, "target": "nothing" if own[0] is None else shown(own[0])}
    record["baseline"] = list(dict.fromkeys("nothing" if each is None else shown(each) for each in others))
    if None in (own[0], *others):
        return record | {"outcome": "not-compared"}
    steady = all(agree(a, b) for a, b in combinations(others, 2))
    if all(agree(own[0], other) for other in others):
        outcome = "same"
    elif steady and not any(agree(a, b) for a in own if a is not None for b in others):
        outcome = "differs"
    else:
        outcome = "within-noise"
    return record | {"outcome": outcome}


def _gap(mine: Sequence[Answer], theirs: Sequence[Answer], *, differs: bool) -> tuple[str, str]:
    """How the target does beside the baseline, and what makes it worse."""
    if not mine or not theirs:
        return ("worse" if theirs else "not-compared"), ""
    bad, good = all(a.violations for a in mine), not any(a.violations for a in theirs)
    if bad and good:
        return "worse", mine[0].violations[0]
    if differs:
        return "worse", ""
    fine = not any(a.violations for a in mine)
    return ("better" if fine and all(a.violations for a in theirs) else "same"), ""


def _unusable(
    target: Sequence[Answer], mine: Sequence[Answer], baseline: Sequence[Answer], theirs: Sequence[Answer]
) -> str:
    said = []
    for whose, answers, usable in (("target", target, mine), ("baseline", baseline, theirs)):
        if not usable:
            said.append(f"no usable answer of the {whose}: {answers[0].failure if answers else 'it was not asked'}")
    return "; ".join(said)


def _said(aspects: Sequence[Record], outcome: str) -> str:
    """What differs, in a sentence."""
    shown = [each for each in aspects if each["outcome"] == outcome] if outcome in ("differs", "within-noise") else []
    return "; ".join(f"{a['aspect']} is {a['target']}, the baseline's {' or '.join(a['baseline'])}" for a in shown)


def _texts(mine: Sequence[Answer], theirs: Sequence[Answer]) -> Record | None:
    """The target's first text beside the most similar one of the baseline."""
    others = [answer for answer in theirs if answer.text]
    if not mine or not mine[0].text or not others:
        return None
    first = mine[0]
    likeness, near = max(((similarity(first.text, a.text), a) for a in others), key=lambda pair: pair[0])
    noise = [similarity(a.text, b.text) for a, b in combinations(others, 2)]
    parts = None
    if first.text != near.text:
        told = [[text for text, _ in a.tokens] for a in (first, near)]
        parts = all(told) and parting(*told, "token")
        parts = parts or parting(words(first.text), words(near.text), "word")
    return {
        "equal": likeness == 1,
        "similarity": likeness,
        "noise": min(noise, default=None),
        "diverges": parts and parts.record,
    }


def _side(answers: Sequence[Answer]) -> Record:
    """What one side made of the prompt."""
    return {
        "exchanges": [a.id for a in answers],
        "usable": sum(a.usable for a in answers),
        "finish_reasons": [a.finish_reason for a in answers],
        "violations": [list(a.violations) for a in answers],
        "schema_valid": [a.schema_valid for a in answers],
        "tool": [a.tool for a in answers],
        "prompt_tokens": [a.counted("prompt_tokens") for a in answers],
        "completion_tokens": [a.counted("completion_tokens") for a in answers],
        "latency": [a.latency for a in answers],
        "failure": next((a.failure for a in answers if not a.usable), None),
    }
