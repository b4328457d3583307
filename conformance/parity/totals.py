"""What golden lines come to in all, and whether that is good enough: totals, gates, exit code. Pure: a replay gives the same."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

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
        **{side: _total(rows) if rows else None for side, rows in sides.items()},
    }


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


# ---------------------------------------------------------------------- gates


def gates(options: dict[str, Any], found: Record, same: Record | None) -> list[Record]:
    """What was asked for, and whether it holds. `options` by name, `found` the totals, `same` the line of --same-model."""
    target = found["target"] or {}
    rows = []
    if found["baseline"] is not None:
        worse, most = found["gap"]["worse"], options["max_gap"]
        decided = worse > most or not found["gap"]["not-compared"]
        rows.append(_gate("--max-gap", f"at most {most} worse", f"{worse} worse", worse <= most if decided else None))
    for name, rate in (("tool_success", "min_tool_success"), ("schema_valid", "min_schema_valid")):
        if (least := options[rate]) is not None:
            seen = target.get(name) or {"of": 0, "good": 0, "rate": None}
            holds = None if seen["rate"] is None else seen["rate"] >= least
            flag = f"--{rate.replace('_', '-')}"
            rows.append(_gate(flag, f"at least {least:g}", f"{seen['good']} of {seen['of']}", holds))
    if same is not None:
        p, alpha = same["p_value"], same["alpha"]
        holds = None if p is None else p >= alpha
        rows.append(
            _gate("--same-model", f"p at least {alpha:g}", "not tested" if p is None else f"p = {p:.3g}", holds)
        )
    return rows


def _gate(gate: str, wanted: str, seen: str, holds: bool | None) -> Record:
    return {"gate": gate, "wanted": wanted, "seen": seen, "holds": holds}


def exit_code(rows: Sequence[Record], found: Record) -> int:
    """0 all gates hold, 1 one does not, 3 one could not be decided or the target gave no usable answer at all."""
    held = [row["holds"] for row in rows]
    if False in held:
        return 1
    return 3 if None in held or not (found["target"] or {}).get("usable") else 0
