"""The terminal's view of a parity run: the decision, by category with the worst first, the gates, both sides, what is worse and why.

Good at 80 columns and in a pipe; it reads the run file and nothing else.
"""

from __future__ import annotations

from rich.console import Console
from rich.table import Table
from rich.text import Text

from conformance.record.run_lines import Record
from conformance.report.decision import Decision
from conformance.report.details import PLAIN, prose
from conformance.report.first_screen import TONES
from conformance.report.parity_numbers import against, apart, bill, number, spread
from conformance.run.run_file import Run
from conformance.wire.jsontext import printable

SHOWN = 10
"""Prompts shown of each kind; the report holds all."""
WORDS = {0: "PARITY", 1: "NO PARITY", 3: "NOT JUDGED"}
RATES = (
    ("JSON as asked for", "schema_valid"),
    ("tool calls right", "tool_success"),
    ("  called when it should", "called"),
    ("  the right name", "name"),
    ("  valid arguments", "valid"),
    ("  equal arguments", "equal"),
)
TIMES = (("first token", "first"), ("between tokens", "between"), ("whole answer", "total"))


def show_parity(run: Run, page: str, console: Console, *, quiet: bool = False) -> None:
    """Print the summary of a parity run whose HTML report is `page`: the decision first, then what it rests on."""
    _verdict(run, console)
    if quiet:
        return
    decision = Decision(run)
    console.print()
    _broken(decision, console)
    _categories(decision, console)
    for gate in (run.footer or {}).get("gates", ()):
        _gate(gate, console)
    _apart(run, console)
    if said := bill(run):
        prose(console, said, 6)
    console.print()
    console.print(_sides(run))
    console.print()
    _prompts(run, console)
    _slow(run, console)
    _words(run, console)
    if run.same_model is not None:
        _same_model(run.same_model, console)
    for remark in (*((run.footer or {}).get("remarks", ())), *([run.remark] if run.remark else [])):
        prose(console, f"Note: {remark}", 6)
    _line(console, f"Report: {page}, with run.jsonl beside it", "dim")


def _broken(decision: Decision, console: Console) -> None:
    """What must hold and holds on neither side."""
    if not decision.both:
        return
    _line(console, f"Broken on both sides, whatever you do: {len(decision.both)}", "bold yellow")
    for id, why in decision.both[:SHOWN]:
        prose(console, f"{id}: {why[:300]}", 4, "  ")
    if len(decision.both) > SHOWN:
        _line(console, f"  and {len(decision.both) - SHOWN} more")
    console.print()


def _categories(decision: Decision, console: Console) -> None:
    """Each category in a line, the worst first."""
    if decision.alone or not decision.categories:
        return
    columns = ("category", "prompts", "worse", "both break", "not compared", "differs")
    table = Table(box=None, pad_edge=False)
    for n, column in enumerate(columns):
        table.add_column(column, justify="right" if n else "left", no_wrap=not n)
    for each in decision.categories:
        numbers = (each.prompts, each.worse, each.both, each.uncompared, each.differs)
        style = "bold red" if each.worse else "yellow" if each.both or each.uncompared else ""
        table.add_row(Text(printable(each.name)), *(str(n) if n else "-" for n in numbers), style=style)
    console.print(table)
    console.print()


def _apart(run: Run, console: Console) -> None:
    """How far the times are from the baseline's."""
    for what, *told in apart(run):
        said = [f"{where} {each}" for where, each in zip(("median", "p95"), told, strict=True) if each != "–"]
        prose(console, f"{what}, {against(run)}: {'; '.join(said)}", 6)


def _line(console: Console, text: str, style: str = "") -> None:
    console.print(Text(printable(text), style=style), soft_wrap=True, **PLAIN)


def _prompts(run: Run, console: Console) -> None:
    """What is worse in full; what differs or was not compared in a line each."""
    worse = [line for line in run.golden if line["gap"] == "worse"]
    for line in worse[:SHOWN]:
        _line(console, f"{line['prompt']}  worse", "bold")
        prose(console, line["why"], 9, "  seen")
        if line["text"] and line["text"]["diverges"]:
            at = line["text"]["diverges"]
            where = (
                f"at {at['unit']} {at['at']}, after {at['before']!r}: {at['target']!r}, the baseline {at['baseline']!r}"
            )
            prose(console, where, 9, "  parts")
        named = (line["target"]["exchanges"] or ["nothing"])[0]
        prose(console, f"{named}, {', '.join((line['baseline'] or {}).get('exchanges', ())[:2])}", 9, "  in")
        console.print()
    if len(worse) > SHOWN:
        _line(console, f"and {len(worse) - SHOWN} more\n")
    rest = [line for line in run.golden if line["gap"] != "worse"]
    for outcome, words in (("differs", "Differs, not counted as worse"), ("not-compared", "Not compared")):
        lines = [line for line in rest if line["outcome"] == outcome]
        if lines and run.header.get("baseline", {}).get("kind") != "none":
            _line(console, f"{words}: {len(lines)}")
            for line in lines[:SHOWN]:
                prose(console, f"{line['prompt']}: {line['why'][:300]}", 4, "  ")
            console.print()


def _slow(run: Run, console: Console) -> None:
    """The requests that stand out, each once."""
    for name, side in run.latency.items():
        by_id = {slow["exchange"]: slow for slow in reversed(side["slow"])}
        said = [
            f"{slow['exchange'].rpartition('#')[2]} {1000 * slow['seconds']:,.0f} ms ({1000 * slow['usual']:,.0f} is usual)"
            for slow in list(by_id.values())[::-1][:SHOWN]
        ]
        if said:
            prose(console, f"Slow at the {name}: {', '.join(said)}", 6)


def _sides(run: Run) -> Table:
    """Both sides beside each other."""
    totals = (run.footer or {}).get("totals") or {}
    sides = [totals.get(side) for side in ("target", "baseline")]
    times = [run.latency.get(side) for side in ("target", "baseline")]
    table = Table(box=None, pad_edge=False)
    table.add_column("", no_wrap=True)
    for side in ("target", "baseline"):
        table.add_column(side, justify="right")
    if any(t and t.get("warm_up") for t in times):
        table.add_row("times of answers", *(_timed(t) for t in times))
    table.add_row("usable answers", *(_of(s, "usable", "answers") for s in sides))
    table.add_row("finish reasons", *(_reasons(s) for s in sides))
    for words, name in RATES:
        if any(s and s[name]["of"] for s in sides):
            table.add_row(words, *("-" if not s else f"{s[name]['good']} of {s[name]['of']}" for s in sides))
    for words, name in (("prompt tokens", "prompt_tokens"), ("completion tokens", "completion_tokens")):
        table.add_row(words, *("-" if not s else f"{s[name]:,}" for s in sides))
    for words, name in TIMES:
        table.add_row(f"{words}, ms", *(spread(t and t[name]) for t in times))
    table.add_row("tokens/s, median", *(number(t and t["tokens_per_second"]["p50"]) for t in times))
    table.add_row("tokens/s, all together", *(number(t and t["throughput"]) for t in times))
    return table


def _timed(times: Record | None) -> str:
    """How many answers the times are of, and how many were warm-up."""
    return "-" if not times else f"{times['answers']}, {times.get('warm_up', 0)} warm-up"


def _of(side: Record | None, some: str, every: str) -> str:
    return "-" if side is None else f"{side[some]} of {side[every]}"


def _reasons(side: Record | None) -> str:
    reasons = side["finish_reasons"] if side else {}
    return (
        printable(", ".join(f"{number} {reason}" for reason, number in sorted(reasons.items(), key=lambda r: -r[1])))
        or "-"
    )


def _words(run: Run, console: Console) -> None:
    """How the prompts compare, in two lines."""
    totals = (run.footer or {}).get("totals") or {}
    if not totals or not totals.get("baseline"):
        return
    outcomes, text = totals["outcomes"], totals["text"]
    said = [f"{number} {outcome.replace('-', ' ')}" for outcome, number in outcomes.items() if number]
    _line(console, f"Prompts: {', '.join(said)}")
    if text["compared"]:
        noise = f"the baseline's own texts vary on {text['noise']}"
        _line(
            console,
            f"Texts: {text['equal']} of {text['compared']} equal, similarity {text['similarity']:.3f} on average; {noise}",
        )


def _same_model(line: Record, console: Console) -> None:
    if line["p_value"] is None:
        prose(console, f"Same model: not tested: {line['why']}", 12)
        return
    p = f"p = {line['p_value']:.3g} (false-alarm rate {line['alpha']:g})"
    verdict = "DIFFERENT" if line["verdict"] == "different" else "no difference seen"
    effect = f"apart by {line['effect']:.3g} {line['unit']}"
    prose(console, f"Same model: {verdict}, {p}, {effect}, by {line['method']}: {line['why']}", 12)
    if named := most_apart(line):
        prose(console, named, 12, "")
    power = line["power"]
    seen = "none of those tried" if power["smallest"] is None else f"{power['smallest']:.3g} {power['unit']}"
    prose(
        console,
        f"smallest change it would have seen: {seen}, in {power['detected']:.0%} of {power['splits']} splits",
        12,
        "",
    )
    cost = line["cost"]
    parts = [f"{side} {c['requests']} requests, {c['completion_tokens']:,} output tokens" for side, c in cost.items()]
    prose(console, f"it cost: {'; '.join(parts)}", 12, "")


def most_apart(line: Record) -> str:
    """Which prompts the effect is from, and whether it is one of them alone; "" where there is none."""
    prompts, outlier = line.get("prompts_most_apart", ()), line.get("outlier")
    if outlier:
        return f"more than half of it is from one prompt alone: {outlier}"
    return f"most apart on {', '.join(prompts)}" if prompts and line["verdict"] == "different" else ""


def _gate(gate: Record, console: Console) -> None:
    word = {True: "holds", False: "missed", None: "undecided"}[gate["holds"]]
    style = {True: "", False: "bold red", None: "yellow"}[gate["holds"]]
    _line(console, f"{gate['gate']}: {gate['seen']}, wanted {gate['wanted']}: {word}", style)


def _verdict(run: Run, console: Console) -> None:
    if run.footer is None:
        _line(console, "CUT OFF: the run ended before its verdict", "bold red")
        return
    alone = run.header.get("baseline", {}).get("kind") == "none"
    word = "RECORDED" if alone and run.footer["exit_code"] == 0 else WORDS.get(run.footer["exit_code"], "NO PARITY")
    where = [_place(run.header.get(side) or {}) for side in ("target", "baseline")]
    beside = "" if alone else f" beside {where[1]}"
    decision = Decision(run)
    style = "bold" if alone and decision.code == 0 else TONES[decision.tone]
    _line(console, f"{word}  {where[0]}{beside}", style)
    prose(console, Text(printable(f"{decision.answer}.")), 0)


def _place(about: Record) -> str:
    where = about.get("file") or about.get("base_url") or "an unknown endpoint"
    return f"{where}, model {about['model']}" if about.get("model") else str(where)
