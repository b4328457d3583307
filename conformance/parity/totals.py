"""What golden lines come to in all. Pure: a replay gives the same."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from conformance.record.run_lines import Record

OUTCOMES = ("same", "within-noise", "differs", "not-compared")
GAPS = ("worse", "better", "same", "not-compared")
TOOL = ("called", "name", "valid", "equal")


def totals(lines: Sequence[Record]) -> Record:
    """The totals of a run's golden lines."""
    texts = [line["text"] for line in lines if line["text"] is not None]
    sides = {side: [line[side] for line in lines if line[side] is not None] for side in ("target", "baseline")}
    return {
        "outcomes": _counted((line["outcome"] for line in lines), OUTCOMES),
        "gap": _counted((line["gap"] for line in lines), GAPS),
        "text": {
            "compared": len(texts),
            "equal": sum(text["equal"] for text in texts),
            "similarity": round(sum(text["similarity"] for text in texts) / len(texts), 4) if texts else None,
            "noise": sum(text["noise"] is not None and text["noise"] < 1 for text in texts),
        },
        "tokens": _tokens(lines),
        **{side: _total(rows) if rows else None for side, rows in sides.items()},
    }


def _tokens(lines: Sequence[Record]) -> Record:
    """Tokens in and out of the first answers to the prompts of which every side counts them, and the target's by the baseline's."""
    alone = all(line["baseline"] is None for line in lines)
    names = ("target",) if alone else ("target", "baseline")
    answered = [line for line in lines if all(line[name] and line[name]["usable"] for name in names)]
    told = [
        [(line[name]["prompt_tokens"][0], line[name]["completion_tokens"][0]) for name in names] for line in answered
    ]
    told = [sides for sides in told if all(None not in side for side in sides)]
    used = {
        name: {"in": sum(sides[n][0] for sides in told), "out": sum(sides[n][1] for sides in told)}
        for n, name in enumerate(names)
    }
    mine, theirs = used["target"], used.get("baseline")
    ratio = {words: round(mine[words] / theirs[words], 4) if theirs and theirs[words] else None for words in mine}
    return {"prompts": len(told), "of": len(answered), **used, "baseline": theirs, "ratio": ratio}


def _counted(words: Iterable[str], known: Sequence[str]) -> dict[str, int]:
    counts = Counter(words)
    return {word: counts[word] for word in known}


def _total(rows: Sequence[Record]) -> Record:
    """What one side's answers come to: but for how many there are, the first answers alone, so that neither the baseline's
    repeats nor what was asked again has more weight."""
    first = [{name: values[0] for name, values in row.items() if isinstance(values, list) and values} for row in rows]
    first = [row for row in first if row]
    reasons = Counter(one for row in first for one in (row["finish_reasons"] or "").split(", ") if one)
    tools = [row["tool"] for row in first if row["tool"] is not None]
    return {
        "answers": sum(len(row["exchanges"]) for row in rows),
        "usable": sum(row["usable"] for row in rows),
        "finish_reasons": dict(sorted(reasons.items())),
        "violations": sum(bool(row["violations"]) for row in first),
        "schema_valid": _rate(row["schema_valid"] for row in first),
        "tool_success": _rate(all(tool[name] is not False for name in TOOL) for tool in tools),
        **{name: _rate(tool[name] for tool in tools) for name in TOOL},
        **{name: sum(row[name] or 0 for row in first) for name in ("prompt_tokens", "completion_tokens")},
    }


def _rate(held: Iterable[bool | None]) -> Record:
    said = [each for each in held if each is not None]
    return {"of": len(said), "good": sum(said), "rate": round(sum(said) / len(said), 4) if said else None}
