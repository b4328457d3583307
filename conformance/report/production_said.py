"""What production says, in a few lines of the terminal and for programs; the page for operators has all of it. It must not judge."""

from __future__ import annotations

from typing import Any

from rich.console import Console
from rich.text import Text

from conformance.report.details import prose
from conformance.report.operators_figures import percentile
from conformance.report.production import (
    RULE,
    TOOL_ERRORS,
    Begun,
    Production,
    Rate,
    Regression,
    day_named,
    moment_named,
    percent,
)
from conformance.run.run_file import Run
from conformance.run.traffic import EARLIER, OTHERS, Model
from conformance.run.words import shown

WORST = 2
"""Laws that are named in the terminal."""
LABEL = 10
LONGEST = 60
"""Characters of a name in a line."""


def show_production(run: Run, page: str, console: Console) -> None:
    """A few lines, where there is more than one day or model; nothing else. The page is in `page`."""
    found = Production(run)
    days = [day for day in found.days if day is not None]
    models = [model for model in found.models if model.name]
    if len(days) < 2 and len(models) < 2:
        return
    size = f"{found.exchanges:,} exchanges, {_several(len(models), 'model')}, {_several(len(days), 'day')}"
    prose(console, Text.assemble(("Production  ", "bold"), f"{size}: {shown(page)}"), 0)
    for law in sorted(found.laws, key=lambda law: (found.rank(law), -found.in_all(law.id).interval[0]))[:WORST]:
        _line(console, "worst", f"{law.id} ({law.level.upper()}) fails in {_rate(found.in_all(law.id))}")
    began = [each for each in found.begun if each.clean]
    if began:
        last = max(began, key=lambda each: each.at or 0)
        held = f"none of {last.clean:,} on days before"
        more = f"; {len(began) - 1} more began after a day" if len(began) > 1 else ""
        _line(console, "began", f"{last.law.id} at {moment_named(last.at)}, {_name(found, last.model)}: {held}{more}")
    for each in found.regressions[-1:]:
        more = f"; {_several(len(found.regressions) - 1, 'more regression')}" if len(found.regressions) > 1 else ""
        now, then = f"{day_named(each.day)} {_rate(each.now)}", f"{day_named(each.before)} {percent(each.then.value)}"
        _line(console, "worse", f"{each.law.id}, {_name(found, each.model)}: {now}, {then}{more}", "red")
    console.print()


def _line(console: Console, label: str, text: str, style: str = "") -> None:
    prose(console, Text(shown(text), style=style), LABEL, f"  {label}")


def _several(count: int, what: str) -> str:
    return f"{count:,} {what}{'s' * (count != 1)}"


def _rate(rate: Rate) -> str:
    return f"{percent(rate.value)} ({rate.failed:,} of {rate.judged:,})"


def _name(found: Production, model: Model) -> str:
    name = shown(found.named(model))
    return name if len(name) <= LONGEST else f"{name[: LONGEST - 1]}…"


def production_document(run: Run) -> dict[str, Any] | None:
    """The same for programs, and the numbers of each day and model; None where there is no traffic."""
    found = Production(run)
    if not found.counts:
        return None
    return {
        "rule": RULE,
        "regressions": [_regression(each) for each in found.regressions],
        "began": [_begun(each) for each in found.begun],
        "traffic": [
            _count(found, model, day) for day in found.days for model in found.models if (day, model) in found.counts
        ],
    }


def _of(model: Model) -> dict[str, Any]:
    others = model == OTHERS
    return {
        "model": None if others else shown(model.name) or None,
        "host": None if others else shown(model.host) or None,
    }


def _regression(each: Regression) -> dict[str, Any]:
    days = {"day": day_named(each.day), "before": day_named(each.before)}
    rates = {
        "failed": each.now.failed,
        "judged": each.now.judged,
        "failed_before": each.then.failed,
        "judged_before": each.then.judged,
    }
    return {"check": each.law.id, **_of(each.model), **days, **rates, "p": each.chance}


def _begun(each: Begun) -> dict[str, Any]:
    at = None if each.at is None else moment_named(each.at)
    return {"check": each.law.id, **_of(each.model), "exchange": shown(each.ids), "at": at, "held_before": each.clean}


def _count(found: Production, model: Model, day: int | None) -> dict[str, Any]:
    count = found.count(model, day)
    kinds = {kind: found.errors(kind, model, day) for kind in TOOL_ERRORS}
    times = {
        which: {"values": sum(classes.values()), "p50": percentile(classes, 0.5), "p95": percentile(classes, 0.95)}
        for which, classes in count.times.items()
    }
    failing = {law.id for law in found.laws}
    return {
        "day": None if day in (None, EARLIER) else day_named(day),
        "earlier": day == EARLIER,
        **_of(model),
        "others": model == OTHERS,
        "exchanges": count.exchanges,
        "statuses": dict(count.statuses),
        "choices": count.choices,
        "finish_reasons": {shown(name): number for name, number in count.reasons.items()},
        "other_finish_reasons": count.reasons.rest,
        "refused": count.refused,
        "tokens": dict(zip(("answers", "prompt", "completion"), count.tokens, strict=True)),
        "seconds": times,
        "tool_call_errors": {kind: {"failed": rate.failed, "of": rate.judged} for kind, rate in kinds.items()},
        "laws": {
            law: {"failed": count.failed[law].count if law in count.failed else 0, "judged": judged}
            for law, judged in sorted(count.judged.items())
            if law in failing
        },
    }
