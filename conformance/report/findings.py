"""The terminal's view of an exploration: each finding with its requirement and the smallest request that shows it, then the verdict.

It reads the run file and nothing else. Curl lines are never broken over lines, so that they can be copied.
"""

from __future__ import annotations

from rich.console import Console
from rich.text import Text

from conformance.exchange import Exchange
from conformance.exchange.curl import curl
from conformance.record.run_lines import Record
from conformance.report.summary import PLAIN, prose
from conformance.run.run_file import Run
from conformance.run.words import target
from conformance.wire.jsontext import printable

VERDICTS = {0: ("NOTHING FOUND", "bold green"), 1: ("FOUND", "bold red")}


def show_findings(run: Run, file: str, console: Console, *, quiet: bool = False) -> None:
    """Print what an exploration found; `file` is its run file."""
    footer = run.footer or {}
    by_id = {x.id: x for x in run.exchanges}
    for each in run.findings:
        if not quiet:
            _finding(each, by_id, run.header["options"].get("api_key_env") or "OPENAI_API_KEY", console)
        elif each["check"] in footer.get("red", ()):
            _line(console, each["check"])
    if not quiet:
        for remark in footer.get("remarks", ()):
            prose(console, f"Note: {remark}", 6)
    _verdict(run, footer, console)
    if not quiet:
        _line(console, f"The same requests again: --seed {run.header['options']['seed']}", "dim")
        _line(console, f"All exchanges: {file}; `openai-conformance judge {file}` judges them again", "dim")


def _finding(each: Record, by_id: dict[str, Exchange], key_env: str, console: Console) -> None:
    times = f"{each['seen']} of {each['sent']} times"
    prose(console, Text.assemble((each["check"], "bold red"), f"  {each['level'].upper()}, seen {times}"), 0)
    prose(console, each["requirement"], 2)
    seen, _, expected = each["message"].rpartition(", expected ")
    prose(console, seen or expected, 12, "  seen")
    if seen:
        prose(console, expected, 12, "  expected")
    if each["impact"]:
        prose(console, each["impact"], 12, "  breaks")
    for source in each["source"]:
        _line(console, f"  source    {source}", "dim")
    for id in each["exchanges"]:
        if id in by_id:
            _line(console, f"  {curl(by_id[id], key_env)}")
    console.print()


def _verdict(run: Run, footer: Record, console: Console) -> None:
    counts = footer.get("counts", {})
    code = footer.get("exit_code")
    word, style = VERDICTS.get(code, ("NOT ALL EXPLORED", "bold yellow"))
    found = ", ".join(f"{count} {level.upper()}" for level, count in counts.get("findings", {}).items())
    word, style = ("ADVICE", "bold yellow") if code == 0 and found else (word, style)
    effort = f"{counts.get('examples', 0):,} examples, {footer.get('cost', {}).get('requests', 0):,} requests"
    said = f"  {found + ' in ' if found else ''}{effort}: {target(run)}"
    console.print(Text.assemble((word, style), printable(said)), soft_wrap=True, **PLAIN)


def _line(console: Console, text: str, style: str = "") -> None:
    console.print(Text(printable(text), style=style), soft_wrap=True, **PLAIN)
