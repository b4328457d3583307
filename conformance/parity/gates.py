"""What a parity run was asked to hold to, and whether it does. Pure: a replay gives the same.

A gate that there is too little to decide by holds neither nor fails: it is undecided, and that is not green.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from conformance.parity.timing import LEAST
from conformance.record.run_lines import Record


def gates(options: dict[str, Any], found: Record, same: Record | None, times: Record | None = None) -> list[Record]:
    """What was asked for, and whether it holds. `options` by name, `found` the totals, `same` the line of --same-model, `times`
    how far the sides' times are apart."""
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
    if (most := options.get("max_ttft_p95")) is not None:
        rows.append(_first_token(most, (times or {}).get("first")))
    if (most := options.get("max_tokens_ratio")) is not None:
        rows.append(_tokens(most, found["tokens"]))
    if same is not None:
        p, alpha = same["p_value"], same["alpha"]
        holds = None if p is None else p >= alpha
        rows.append(
            _gate("--same-model", f"p at least {alpha:g}", "not tested" if p is None else f"p = {p:.3g}", holds)
        )
    return rows


def _first_token(most: float, found: Record | None) -> Record:
    """The ratio of both sides' p95 of the time to the first token. It holds where all of its interval does, and fails where none does."""
    flag, wanted = "--max-ttft-p95", f"at most {most:g} times the baseline's"
    ratio = ((found or {}).get("p95") or {}).get("ratio")
    if ratio is None:
        few = found or {"prompts": 0, "target": 0, "baseline": 0}
        seen = (
            f"not told of {few['prompts']} prompts with {few['target']} answers of the target and {few['baseline']} of the "
            f"baseline, the warm-up left out: {LEAST['p95']} of each are needed"
        )
        return _gate(flag, wanted, seen, None)
    middle, low, high = ratio
    holds = True if high <= most else False if low > most else None
    more = "" if holds is not None else f", too wide to tell from {found['prompts']} prompts"
    return _gate(flag, wanted, f"{middle:.2f} times (95 % interval {low:.2f} to {high:.2f}{more})", holds)


def _tokens(most: float, found: Record) -> Record:
    """The ratio of tokens in or out, the greater, on the prompts of which both sides count them."""
    flag, wanted = "--max-tokens-ratio", f"at most {most:g} times the baseline's"
    ratios = {words: found["ratio"][words] for words in ("in", "out") if found["ratio"][words] is not None}
    of = f"on {found['prompts']} of {found['of']} prompts that both count"
    if not ratios:
        return _gate(flag, wanted, f"not told: tokens were counted {of}", None)
    words, ratio = max(ratios.items(), key=lambda pair: pair[1])
    all_told = len(ratios) == 2 and found["prompts"] == found["of"]
    holds = False if ratio > most else True if all_told else None
    return _gate(flag, wanted, f"{ratio:.2f} times as many {words} ({of})", holds)


def _gate(gate: str, wanted: str, seen: str, holds: bool | None) -> Record:
    return {"gate": gate, "wanted": wanted, "seen": seen, "holds": holds}


def exit_code(rows: Sequence[Record], found: Record) -> int:
    """0 all gates hold, 1 one does not, 3 the target gave no usable answer at all, or one could not be decided."""
    held = [row["holds"] for row in rows]
    if not (found["target"] or {}).get("usable"):
        return 3
    return 1 if False in held else 3 if None in held else 0
