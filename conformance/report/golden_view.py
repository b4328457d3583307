"""What the page shows of a parity run: every golden prompt with both answers side by side, and all of them in sums.

It reads what the run file says of each prompt and shows the answers that it names; it must not compare anew.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from conformance.exchange import ABSENT, Exchange
from conformance.parity.answers import Answer
from conformance.record.run_lines import Record
from conformance.report.decision import Decision
from conformance.report.json_diff import Member, Parts, json_of, members, word_diff
from conformance.report.parity_numbers import against, apart, bill
from conformance.report.timeline import milliseconds
from conformance.run.run_file import Run
from conformance.wire.jsontext import show

OUTCOMES = ("same", "within-noise", "differs", "not-compared")
ASPECTS = ("finish_reason", "text", "json", "tool_calls", "tokens", "logprobs")
RATES = (
    ("JSON as asked for", "schema_valid"),
    ("right tool calls", "tool_success"),
    ("called when it should", "called"),
    ("the right tool", "name"),
    ("valid arguments", "valid"),
    ("equal arguments", "equal"),
)
PROMPT = 1200
"""Characters of a prompt that are shown."""
BROKEN = 5
"""Prompts that are open because both sides break what must hold."""
CALLS = 8
"""Tool calls of an answer that are shown."""


@dataclass(frozen=True)
class SideView:
    """What one side answered: portions of its text, and what the run says of it."""

    name: str
    exchange: str
    parts: Parts
    facts: list[tuple[str, str]]
    violations: list[str]
    failure: str


@dataclass(frozen=True)
class PromptView:
    """One golden prompt. `tables` are (title, members) of what is compared structurally, `broken` what of its `must` both sides break."""

    id: str
    category: str
    about: str
    outcome: str
    gap: str
    why: str
    asked: str
    sides: list[SideView]
    tables: list[tuple[str, list[Member]]]
    aspects: list[Record]
    broken: str
    open: bool


@dataclass(frozen=True)
class GoldenView:
    """A parity run as shown. `heat` has a row for each category: its name and, for each aspect, (same, compared) or None."""

    target: str
    baseline: str
    outcomes: dict[str, int]
    gaps: Counter[str]
    bar: list[tuple[str, float, float]]
    rates: list[tuple[str, str, str]]
    heat: list[tuple[str, list[tuple[int, int, int] | None]]]
    aspects: tuple[str, ...]
    prompts: list[PromptView]
    gates: list[Record]
    same_model: Record | None
    decision: Decision
    apart: list[tuple[str, str, str]]
    against: str
    bill: str


def golden_view(run: Run) -> GoldenView:
    """What a parity run holds."""
    answers = {x.id: x for x in run.exchanges}
    asked = {prompt["id"]: prompt for prompt in run.header.get("golden", ())}
    order = ("worse", "not-compared", "better", "same")
    decision = Decision(run)
    broken = dict(decision.both)

    def rank(line: Record) -> tuple[int, bool, int]:
        place = order.index(line["gap"])
        return min(place, 1), line["prompt"] not in broken, 4 * place + OUTCOMES[::-1].index(line["outcome"])

    lines = sorted(run.golden, key=rank)
    opened = {line["prompt"] for line in lines if line["gap"] == "worse"} | set(list(broken)[:BROKEN])
    baseline = run.header.get("baseline") or {}
    named = baseline.get("base_url") or (baseline.get("file") or "").rpartition("/")[2] or baseline.get("kind", "none")
    outcomes = Counter(line["outcome"] for line in run.golden)
    used = tuple(a for a in ASPECTS if any(each["aspect"] == a for line in run.golden for each in line["aspects"]))
    return GoldenView(
        target=_named(run.header["target"].get("base_url") or "", run.header["target"].get("model")),
        baseline="" if baseline.get("kind") == "none" else _named(named, baseline.get("model")),
        outcomes={outcome: outcomes[outcome] for outcome in OUTCOMES},
        gaps=Counter(line["gap"] for line in run.golden),
        bar=_bar(outcomes),
        rates=_rates((run.footer or {}).get("totals") or {}),
        heat=_heat(run.golden, asked, used),
        aspects=used,
        prompts=[
            _prompt(
                line, asked.get(line["prompt"], {}), answers, broken.get(line["prompt"], ""), line["prompt"] in opened
            )
            for line in lines
        ],
        gates=list((run.footer or {}).get("gates", ())),
        same_model=run.same_model,
        decision=decision,
        apart=apart(run),
        against=against(run),
        bill=bill(run),
    )


def parity_verdict(run: Run) -> tuple[str, str]:
    """The verdict of a parity run in a word, and why."""
    code = (run.footer or {}).get("exit_code")
    if run.footer is None:
        return "CUT OFF", "the run ended before its verdict"
    decision = Decision(run)
    if code == 3 or decision.alone:
        return "NOT JUDGED", decision.why
    return ("NO PARITY" if code else "PARITY"), decision.why


def _named(where: str, model: str | None) -> str:
    return f"{where}, model {model}" if model else where


def _bar(outcomes: Counter) -> list[tuple[str, float, float]]:
    whole, at, parts = max(1, sum(outcomes.values())), 0.0, []
    for outcome in OUTCOMES:
        width = 1000 * outcomes[outcome] / whole
        if width:
            parts.append((outcome, round(at, 1), round(width, 1)))
        at += width
    return parts


def _rates(totals: dict[str, Any]) -> list[tuple[str, str, str]]:
    """(what, of the target, of the baseline) as "good of all"."""
    mine, theirs = totals.get("target") or {}, totals.get("baseline") or {}

    def said(side: dict[str, Any], name: str) -> str:
        rate = side.get(name)
        return f"{rate['good']} of {rate['of']}" if rate and rate["of"] else "–"

    rows = [("usable answers", *(f"{s['usable']} of {s['answers']}" if s else "–" for s in (mine, theirs)))]
    rows += [(words, said(mine, name), said(theirs, name)) for words, name in RATES]
    for words, name in (
        ("break what must hold", "violations"),
        ("prompt tokens", "prompt_tokens"),
        ("answer tokens", "completion_tokens"),
    ):
        rows.append((words, *(f"{s[name]:,}" if s else "–" for s in (mine, theirs))))
    return [row for row in rows if row[1:] != ("–", "–")]


def _heat(
    lines: Sequence[Record], asked: dict[str, Record], aspects: Sequence[str]
) -> list[tuple[str, list[tuple[int, int, int] | None]]]:
    """Of each category and aspect (how many agree, of how many, the heat from 0 to 4)."""
    found: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for line in lines:
        category = asked.get(line["prompt"], {}).get("category") or line["prompt"].partition(".")[0]
        for each in line["aspects"]:
            found[category][each["aspect"]].append(each["outcome"])
    return [
        (name, [_agree(by_aspect.get(aspect, [])) for aspect in aspects]) for name, by_aspect in sorted(found.items())
    ]


def _agree(outcomes: list[str]) -> tuple[int, int, int] | None:
    compared = [outcome for outcome in outcomes if outcome != "not-compared"]
    if not compared:
        return None
    bad = compared.count("differs")
    return len(compared) - bad, len(compared), 0 if not bad else 1 + min(3, int(4 * bad / len(compared)))


def _prompt(line: Record, asked: Record, answers: dict[str, Exchange], broken: str, opened: bool) -> PromptView:
    mine, theirs = (_answer(line[side], answers) for side in ("target", "baseline"))
    left, right = _texts(mine, theirs)
    sides = [_side("target", line["target"], mine, left)]
    if line["baseline"] is not None:
        sides.append(_side("baseline", line["baseline"], theirs, right))
    return PromptView(
        id=line["prompt"],
        category=asked.get("category", ""),
        about=asked.get("about", ""),
        outcome=line["outcome"],
        gap=line["gap"],
        why=line["why"],
        asked=_asked(asked.get("request") or {}),
        sides=sides,
        tables=_tables(mine, theirs) if line["baseline"] is not None else [],
        aspects=line["aspects"],
        broken=broken,
        open=opened,
    )


def _answer(side: Record | None, answers: dict[str, Exchange]) -> Answer | None:
    """The first usable answer of a side that the run file holds, else its first."""
    held = [Answer(None, answers[id]) for id in (side or {}).get("exchanges", ()) if id in answers]
    return next((answer for answer in held if answer.usable), held[0] if held else None)


def _texts(mine: Answer | None, theirs: Answer | None) -> tuple[Parts, Parts]:
    texts = [(answer and answer.text) or "" for answer in (mine, theirs)]
    if theirs is None:
        return ([(texts[0], False)] if texts[0] else []), []
    return word_diff(*texts)


def _side(name: str, side: Record, answer: Answer | None, parts: Parts) -> SideView:
    first = next(iter(side["latency"]), {})
    facts = [("ended", ", ".join(dict.fromkeys(reason or "unusable" for reason in side["finish_reasons"])))]
    for words, key in (("in", "prompt_tokens"), ("out", "completion_tokens")):
        numbers = [number for number in side[key] if number is not None]
        facts += (
            [(f"tokens {words}", "–".join(f"{n:,}" for n in sorted({min(numbers), max(numbers)})))] if numbers else []
        )
    for words, key in (("first token", "first"), ("whole answer", "total")):
        facts += [(words, milliseconds(first[key]))] if first.get(key) is not None else []
    broken = list(dict.fromkeys(text for each in side["violations"] for text in each))
    return SideView(name, answer.id if answer else "", parts, facts, broken[:8], side["failure"] or "")


def _tables(mine: Answer | None, theirs: Answer | None) -> list[tuple[str, list[Member]]]:
    """What of two answers is compared by structure: their tool calls, and their texts where both are JSON."""
    if mine is None or theirs is None:
        return []
    tables = []
    calls = [_calls(answer) for answer in (mine, theirs)]
    if any(calls):
        tables.append(("Tool calls", members(*calls)))
    values = [json_of(answer.text) for answer in (mine, theirs)]
    if ABSENT not in values:
        tables.append(("JSON", members(*values)))
    return tables


def _calls(answer: Answer) -> list[dict[str, Any]]:
    """The tool calls of an answer as one JSON value."""
    found = []
    for call in [call for choice in answer.choices for call in choice.tool_calls][:CALLS]:
        arguments = json_of(call.arguments)
        found.append({"name": call.name, "arguments": (call.arguments or "") if arguments is ABSENT else arguments})
    return found


def _asked(request: dict[str, Any]) -> str:
    """The prompt in words: every message, then what else was asked for by name."""
    said = []
    for message in request.get("messages", ()):
        content = message.get("content")
        text = (
            content
            if isinstance(content, str)
            else show(content if content is not None else message.get("tool_calls"), 400)
        )
        said.append(f"{message.get('role')}: {text}")
    others = [f"{name}: {show(value, 200)}" for name, value in request.items() if name != "messages"]
    return "\n".join([*said, *others])[:PROMPT]
