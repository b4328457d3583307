"""The page for operators: what production says by day and model, in small multiples with the numbers beside every picture.

It is made from run files alone and must not judge. Names of models and reasons are foreign: they are text, and cut in pictures.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from conformance.report.lanes import Values, drawing
from conformance.report.operators_figures import Figure, Row, reasons, short, statuses, times, tokens, tools
from conformance.report.pages import page
from conformance.report.production import (
    RULE,
    Begun,
    Law,
    Production,
    Rate,
    Regression,
    day_named,
    moment_named,
    percent,
)
from conformance.run.report_names import HTML, OPERATORS
from conformance.run.traffic import DAYS, MODELS, OTHERS, Model
from conformance.run.whole_file import write_whole

LAWS, DRAWN, NAMED = 12, 6, 40
"""Laws that have pictures, models that have one each, and lines of what began and of further laws."""
SECTIONS = (
    ("tools", "Tool calls", "Answers with tool-call errors, by kind, of those that could show them: arguments that are no JSON object, "
                            "tools that were not offered, arguments that the tool's schema refuses.", tools),
    ("ends", "How answers ended", "Finish reasons of all choices, and those in which the model refused, in per cent.", reasons),
    ("statuses", "No answer", "Requests that were refused, failed, or got no answer, in per cent.", statuses),
    ("tokens", "Tokens", "As the answers say in their usage: in all, and an answer on average.", tokens),
    ("times", "Times", "From sending to the first token of a stream, and to the end of any answer, to 5 %; of fewer than 20 values a day "
                       "no percentile is told.", times),
)  # fmt: skip
"""The sections about models: name, title, what it shows, and what makes a figure of one model."""
ROOM = 1.4
"""How much higher than its highest bar the picture of a law is at most, for the intervals."""
RECENT = 10
"""Days whose numbers are open beside a picture."""


@dataclass(frozen=True)
class LawView:
    """A law with a figure for each model that it fails for."""

    law: Law
    rate: Rate
    figures: list[Figure]
    more: int


def beside(path: Path) -> Path:
    """Where the page stands beside that of a run, which leads there."""
    return path.parent / (OPERATORS if path.name == HTML else f"{path.stem}-{OPERATORS}")


def write_operators(found: Production, path: Path) -> bool:
    """Write the page of this traffic; False where there is none. Raises OSError."""
    if found.counts:
        write_whole(path, operators(found))
    return bool(found.counts)


def operators(found: Production) -> str:
    """The page of what production says."""
    drawn = found.models[:DRAWN]
    return page(
        "operators.html.jinja",
        headline=_headline(found),
        tone=_tone(found),
        target=found.targets[0] if len(found.targets) == 1 else f"{len(found.targets):,} runs",
        header=found.header,
        found=found,
        days=[day_named(day) for day in found.days],
        span=_span(found),
        rule=RULE,
        regressions=[_regression(found, each) for each in found.regressions],
        begun=[_begun(found, each) for each in found.begun if each.clean],
        always=[_begun(found, each) for each in found.begun if not each.clean],
        named=NAMED,
        laws=[_law(found, law) for law in found.laws[:LAWS]],
        further=[(law, found.in_all(law.id)) for law in found.laws[LAWS:]],
        names_of=[(name, title) for name, title, _, _ in SECTIONS],
        abouts={name: about for name, _, about, _ in SECTIONS},
        sections={name: [each for model in drawn if (each := make(found, model))] for name, _, _, make in SECTIONS},
        drawn=len(drawn),
        not_drawn=len(found.models) - len(drawn),
        models=[
            (found.named(model), sum(found.count(model, day).exchanges for day in found.days)) for model in found.models
        ],
        percent=percent,
        limits=(DAYS, MODELS),
        folded=OTHERS in found.models,
        recent=RECENT,
    )


def _headline(found: Production) -> str:
    if found.regressions:
        count = len(found.regressions)
        return f"{count:,} regression{'s' * (count > 1)} between days"
    compared = sum(day is not None for day in found.days) > 1
    return "No regression found between days" if compared else "What production says"


def _tone(found: Production) -> str:
    """How good the news is: only where something was judged and all of it held, it is good."""
    if found.regressions:
        return "no"
    judged = any(count.judged for count in found.counts.values())
    return "yes" if judged and not found.laws else "part"


def _span(found: Production) -> str:
    named = [day_named(day) for day in found.days if day is not None]
    return f"{named[0]} to {named[-1]}" if len(named) > 1 else named[0] if named else "no day known"


def _regression(found: Production, each: Regression) -> dict[str, object]:
    return {
        "law": each.law,
        "model": found.named(each.model),
        "day": day_named(each.day),
        "before": day_named(each.before),
        "now": each.now,
        "then": each.then,
        "chance": f"{each.chance:.1g}" if each.chance >= 1e-12 else "< 1e-12",
    }


def _begun(found: Production, each: Begun) -> dict[str, object]:
    return {
        "law": each.law,
        "model": found.named(each.model),
        "when": moment_named(each.at),
        "ids": each.ids,
        "clean": each.clean,
        "rate": found.in_all(each.law.id, each.model),
    }


def _law(found: Production, law: Law) -> LawView:
    rated = [(model, found.in_all(law.id, model)) for model in found.models]
    failing = sorted((each for each in rated if each[1].failed), key=lambda each: -each[1].failed)
    rates = {model: [found.rate(law.id, model, day) for day in found.days] for model, _ in failing[:DRAWN]}
    judged = [rate for each in rates.values() for rate in each if rate.judged]
    highest = max(rate.value or 0 for rate in judged)
    top = min(max(rate.interval[1] for rate in judged), ROOM * highest)
    figures = [_of_law(found, law, model, rates[model], top) for model, _ in failing[:DRAWN]]
    return LawView(law, found.in_all(law.id), figures, len(failing) - len(figures))


def _of_law(found: Production, law: Law, model: Model, rates: Sequence[Rate], top: float) -> Figure:
    worse = {each.day for each in found.regressions if (each.law.id, each.model) == (law.id, model)}
    whole, days = found.in_all(law.id, model), found.days
    values = Values(
        "",
        [rate.value for rate in rates],
        top,
        f"top {percent(top)}",
        [rate.interval if rate.judged else None for rate in rates],
        frozenset(n for n, day in enumerate(days) if day in worse),
    )
    said = [f"{short(day)} {percent(rate.value)}" for day, rate in zip(days, rates, strict=True) if rate.judged]
    rows: list[Row] = [
        (short(day), (f"{rate.failed:,}", f"{rate.judged:,}", percent(rate.value), _interval(rate)), day in worse)
        for day, rate in zip(days, rates, strict=True)
        if rate.judged
    ]
    picture = drawing([values], list(map(short, days)), f"{law.id} by day: {', '.join(said[:20])}")
    note = f"{whole.failed:,} of {whole.judged:,}, {percent(whole.value)}"
    return Figure(found.named(model), note, picture, ("failed", "of", "rate", "95 %"), rows)


def _interval(rate: Rate) -> str:
    low, high = rate.interval
    return f"{percent(low).removesuffix(' %')}–{percent(high).removesuffix(' %')}"
