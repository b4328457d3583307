"""The numbers of a parity run as both views say them: how far the times are apart, and what the requests cost."""

from __future__ import annotations

from conformance.record.run_lines import Record
from conformance.run.run_file import Run

APART = (("first token", "first"), ("whole answer", "total"), ("tokens a second", "tokens_per_second"))


def apart(run: Run) -> list[tuple[str, str, str]]:
    """(what, the difference at the median, at the p95), each with its interval; a dash where there were too few values."""
    times = (run.footer or {}).get("times") or {}
    rows = []
    for words, name in APART:
        found = times.get(name) or {}
        tail = None if name == "tokens_per_second" else found.get("p95")  # the fastest of all tell nothing
        rows.append((words, _difference(found.get("p50"), name), _difference(tail, name)))
    return [row for row in rows if row[1:] != ("–", "–")]


def against(run: Run) -> str:
    """What the differences are against: times of a recording are those of its own day and machine."""
    recorded = (run.header.get("baseline") or {}).get("kind") == "recorded"
    return "against the recorded baseline" if recorded else "against the baseline"


def _difference(found: Record | None, name: str) -> str:
    if not found:
        return "–"
    middle, low, high = (_signed(value, name) for value in found["difference"])
    unit = "/s" if name == "tokens_per_second" else " ms"
    ratio = f", {found['ratio'][0]:.2f} times" if found["ratio"] else ""
    return f"{middle}{unit} ({low} to {high}){ratio}"


def _signed(value: float, name: str) -> str:
    value = value if name == "tokens_per_second" else 1000 * value
    return f"{value:+,.1f}" if abs(value) < 100 else f"{value:+,.0f}"


def bill(run: Run) -> str:
    """What the requests cost at both sides, in a sentence; "" where no prices were given."""
    footer, given = run.footer or {}, "prices" in run.header
    found = footer.get("bill")
    if not found:
        return "Cost: not told, for no tokens were counted" if given and run.footer else ""
    what = "A month of " if found["monthly"] else ""
    sides = [
        f"{side} {_money(found[side], found['currency'])}" for side in ("target", "baseline") if found[side] is not None
    ]
    of = "" if found["prompts"] == found["of"] else f" (counted on {found['prompts']} of {found['of']} prompts)"
    return f"{what}{found['requests']:,} requests like these: {', '.join(sides)}{_change(found)}{of}"


def _change(found: Record) -> str:
    mine, theirs = found["target"], found["baseline"]
    if not theirs or mine is None:
        return ""
    return f", {'the same' if mine == theirs else f'{100 * (mine / theirs - 1):+.0f} %'}"


def _money(value: float, currency: str) -> str:
    said = f"{value:,.2f}" if value >= 1 or not value else f"{value:.2g}" if value >= 0.0001 else f"{value:.1e}"
    return f"{said} {currency}".rstrip()


def spread(values: Record | None, unit: float = 1000.0) -> str:
    """p50 / p95 / p99 of a time, in milliseconds; the least and the most of too few values for any; a dash of none."""
    if not values or not values.get("values", 1):
        return "-"
    told = [values[name] for name in ("p50", "p95", "p99")]
    if any(each is not None for each in told):
        return " / ".join("-" if each is None else number(each * unit) for each in told)
    if values.get("least") is None:
        return "-"
    return f"{number(values['least'] * unit)} to {number(values['most'] * unit)} ({values['values']})"


def number(value: float | None) -> str:
    """A number with no more digits than it is worth."""
    return "-" if value is None else f"{value:,.1f}" if value < 100 else f"{value:,.0f}"
