"""`openai-conformance matrix`: judges many targets and compares them on one page."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from contextlib import nullcontext
from functools import partial
from typing import TYPE_CHECKING, Any

import click

from conformance import __version__
from conformance.cli import process
from conformance.cli.adding import options_of
from conformance.run.options import ENGINES
from conformance.run.user_error import UserError
from conformance.run.words import shown

if TYPE_CHECKING:
    from conformance.matrix.client_runs import Asking

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
@click.option(
    "--clients",
    multiple=True,
    metavar="CLIENT,...",
    help="Let these real clients (names, python, node, programs) ask each target, too. May be given several times.",
)
@click.option(
    "--scenario", multiple=True, metavar="SCENARIO,...", help="Only these of the clients. May be given several times."
)
@click.option(
    "--require-client",
    multiple=True,
    metavar="CLIENT,...",
    help="Red where one of these does not work at a target. May be given several times.",
)
@click.option(
    "--engine",
    type=click.Choice(ENGINES),
    default="local",
    show_default=True,
    help="What judges: processes of this machine, or Ray.",
)
@click.option(
    "--ray-address",
    default=None,
    metavar="ADDRESS",
    help="With --engine ray: a running cluster, else one is begun here.",
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
    targets: str,
    at_once: int,
    per_host: int,
    engine: str,
    ray_address: str | None,
    again: bool,
    shard: str | None,
    report: str,
    form: str,
    clients: tuple[str, ...],
    scenario: tuple[str, ...],
    require_client: tuple[str, ...],
    **shared: Any,
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
    from conformance.matrix import fleet, on_ray
    from conformance.matrix.targets import load, shard_of

    if ray_address and engine != "ray":
        raise UserError("--ray-address says where --engine ray judges: give both")
    say = partial(click.echo, err=form == "json")
    asking = asked_of(clients, scenario, require_client)
    jobs = shard_of(load(targets, shared), shard)
    folder, done = Path(report), 0

    def told(result: fleet.Result) -> None:
        nonlocal done
        done += 1
        with github.guarded(say):
            say(
                f"{done}/{len(jobs)}  {github.of_target(result.run, result.job.name, result.said)}{_clients(result)}{_kept(result)}"
            )

    limits = {"at_once": at_once, "per_host": per_host}
    try:
        with on_ray.on_ray(ray_address, at_once) if engine == "ray" else nullcontext() as call:
            results = fleet.conduct(jobs, folder, again=again, on_result=told, asking=asking, call=call, **limits)
    except KeyboardInterrupt:
        sys.exit(process.interrupted(f"finished targets are in {report}, and the same command goes on with the others"))
    github.tell_matrix([(r.job.name, r.run, r.said) for r in results], report, trials=[r.trials for r in results])
    code, judged = fleet.exit_code(results), any(result.run is not None for result in results)
    if form == "json":
        from conformance.report import document

        found = [(each.job.name, each.run, each.said, each.code, folder / each.job.slug) for each in results]
        page = folder / fleet.COMPARISON if judged else None
        with process.printing(code):
            click.echo(
                document.text(document.of_matrix(found, code, __version__, page, [each.trials for each in results]))
            )
    elif judged:
        click.echo(f"Comparison: {folder / fleet.COMPARISON}")
    sys.exit(code)


def asked_of(clients: Sequence[str], scenario: Sequence[str], require_client: Sequence[str]) -> Asking:
    """What is asked of real clients. Raises UserError."""
    from conformance.matrix.client_runs import Asking

    if not clients:
        if scenario or require_client:
            raise UserError(f"{'--scenario' if scenario else '--require-client'} goes with --clients")
        return Asking()
    from conformance.watch.trials.roster import chosen, required_of
    from conformance.watch.trials.scenarios import named

    wanted = chosen(clients)
    scenarios = [each.name for each in named(scenario)] if scenario else []
    return Asking([each.name for each in wanted], scenarios, required_of(require_client, wanted, "--clients"))


def _clients(result: Any) -> str:
    if result.trials is None:
        return f"; the clients could not ask: {shown(result.trials_said)}" if result.trials_said else ""
    from conformance.report.clients_beside import summary

    return f"; {summary(result.trials)}"


def _kept(result: Any) -> str:
    return "  (from before)" if result.kept else ""
