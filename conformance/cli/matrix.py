"""`openai-conformance matrix`: judges many targets and compares them on one page."""

from __future__ import annotations

import sys
from functools import partial
from typing import Any

import click

from conformance import __version__
from conformance.cli import process
from conformance.cli.adding import options_of

SHARED = (
    "concurrency", "timeout", "wait", "budget_requests", "budget_tokens", "burst", "only", "exclude", "require", "profile", "fail_on",
    "strict", "sdk",
)  # fmt: skip
"""Options of a run that hold for every target."""


@click.command()
@options_of(SHARED)
@click.option(
    "--at-once", default=4, show_default=True, type=click.IntRange(1), metavar="N", help="Targets judged at once."
)
@click.option(
    "--per-host", default=1, show_default=True, type=click.IntRange(1), metavar="N", help="Of them, for one host."
)
@click.option(
    "--shard", default=None, metavar="I/N", help="Only every Nth target, from the Ith on: `merge` puts them together."
)
@click.option("--again", is_flag=True, help="Ask those again, too, that were finished before a kill.")
@click.option(
    "--format", "form", type=click.Choice(("text", "json")), default="text", show_default=True, help="What is printed."
)
@click.option(
    "--report",
    default="reports/matrix",
    show_default=True,
    metavar="DIR",
    help="A folder for each target, and the comparison.",
)
@click.argument("targets", metavar="TARGETS.toml")
def matrix(
    targets: str, at_once: int, per_host: int, again: bool, shard: str | None, report: str, form: str, **shared: Any
) -> None:
    """Judge many targets and compare them on one page.

    \b
    TARGETS.toml holds an entry for each endpoint:
      [[target]]
      base_url = "http://localhost:8000/v1"
      name = "vllm"                  # optional, else the host
      api_key_env = "VLLM_API_KEY"   # optional, else no key is sent
      models = ["tiny", "large"]     # optional, else the first of its list
      known = "known/vllm.toml"      # optional, from this file's folder

    After a kill the same command goes on: finished targets are not asked again. The exit code is that of the worst target.
    """
    from pathlib import Path

    from conformance.cli import github
    from conformance.matrix import fleet
    from conformance.matrix.targets import load, shard_of

    say = partial(click.echo, err=form == "json")
    jobs = shard_of(load(targets, shared), shard)
    folder, done = Path(report), 0

    def told(result: fleet.Result) -> None:
        nonlocal done
        done += 1
        with github.guarded(say):
            say(f"{done}/{len(jobs)}  {github.of_target(result.run, result.job.name, result.said)}{_kept(result)}")

    try:
        results = fleet.conduct(jobs, folder, at_once=at_once, per_host=per_host, again=again, on_result=told)
    except KeyboardInterrupt:
        sys.exit(process.interrupted(f"finished targets are in {report}, and the same command goes on with the others"))
    github.tell_matrix([(r.job.name, r.run, r.said) for r in results], report)
    code, judged = fleet.exit_code(results), any(result.run is not None for result in results)
    if form == "json":
        from conformance.report import document

        found = [(each.job.name, each.run, each.said, each.code, folder / each.job.slug) for each in results]
        page = folder / fleet.COMPARISON if judged else None
        with process.printing(code):
            click.echo(document.text(document.of_matrix(found, code, __version__, page)))
    elif judged:
        click.echo(f"Comparison: {folder / fleet.COMPARISON}")
    sys.exit(code)


def _kept(result: Any) -> str:
    return "  (from before)" if result.kept else ""
