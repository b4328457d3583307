"""The command line: `openai-conformance`, its sub-commands, what they print and their exit codes.

It must not judge, send or know how a run is done (run/conductor.py). Everything heavy is imported where it is used, so that
`--help` comes at once.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click
from click.shell_completion import CompletionItem

from conformance import __version__
from conformance.cli import process
from conformance.cli.adding import options_of
from conformance.cli.clients import clients
from conformance.cli.cold import cold
from conformance.cli.compare import compare
from conformance.cli.completion import complete_values, completion
from conformance.cli.exits import EXITS, NAME, fail
from conformance.cli.explore import explore
from conformance.cli.gateway import gateway
from conformance.cli.golden import golden
from conformance.cli.init import init
from conformance.cli.judging import judged
from conformance.cli.load import load
from conformance.cli.matrix import matrix
from conformance.cli.merge import merge
from conformance.cli.migrate import migrate
from conformance.cli.parity import parity
from conformance.cli.reference import reference
from conformance.cli.report import report
from conformance.cli.send_again import curl
from conformance.cli.watch import watch
from conformance.run.commands_options import JUDGE
from conformance.run.configuration import configured
from conformance.run.options import Options
from conformance.run.user_error import UserError, typed


class _RunByDefault(click.Group):
    """A group whose first word may be left out: then it is `run`."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        first = args[0] if args else ""
        if ctx.resilient_parsing and (not args or (not first.startswith("-") and first not in self.commands)):
            return super().parse_args(ctx, args)  # a shell asks what may follow
        if first and not first.startswith("-") and first not in self.commands:
            from conformance.run.user_error import nearest

            hint = " - an endpoint goes with --base-url" if "://" in first else nearest(first, self.commands)
            word = repr(first) if hint and first.isascii() and first.replace("-", "").isalpha() else "of this name"
            raise UserError(f"there is no sub-command {word}{hint}")  # any other word may be a key
        if first not in ("--help", "-h", "--version", *self.commands):
            args = ["run", *args]
        return super().parse_args(ctx, args)

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """The sub-commands; where an option begins, those of `run`, which may be left out, too."""
        own = super().shell_complete(ctx, incomplete)
        of_run = self.commands["run"].shell_complete(ctx, incomplete) if incomplete.startswith("-") else []
        return [*own, *(each for each in of_run if each.value not in {known.value for known in own})]

    def make_context(self, *names: Any, **more: Any) -> click.Context:
        with process.printing():  # --help and --version print here
            return super().make_context(*names, **more)

    def invoke(self, ctx: click.Context) -> Any:
        with process.printing():
            return super().invoke(ctx)


@click.group(cls=_RunByDefault, context_settings={"help_option_names": ["-h", "--help"]}, epilog=EXITS)
@click.version_option(__version__, prog_name=NAME)
def cli() -> None:
    """Is this endpoint really a drop-in replacement for the OpenAI API?

    \b
    openai-conformance                                   judge the embedded reference
    openai-conformance --base-url URL [--model NAME]     judge an endpoint
    openai-conformance judge FILE...                     judge recorded traffic (HAR, VCR, run files)
    openai-conformance load --base-url URL               judge it with many requests in flight
    openai-conformance cold --base-url URL --idle 900    what does the first request meet after a pause?
    openai-conformance gateway --base-url URL            judge a gateway from both its ends
    openai-conformance watch --base-url URL -- COMMAND   judge what a program of yours asks, as it runs
    openai-conformance clients --base-url URL            which real clients work with it
    openai-conformance run --help                        every option

    The key is taken from the environment variable OPENAI_API_KEY, or the one that --api-key-env names.
    """


@cli.command(epilog=EXITS)
@options_of()
def run(**given: Any) -> None:
    """Judge an endpoint (the default command)."""
    options = Options.make(configured(given))
    if options.dry_run:
        from conformance.cli import dry_run

        dry_run.show(options, process.console())
        return
    if options.watch:
        from conformance.cli.watching import watch

        sys.exit(watch(options, judged))
    sys.exit(judged(options))


@cli.command(epilog=EXITS)
@options_of(JUDGE)
@click.argument("recordings", nargs=-1, required=True, metavar="FILE...")
def judge(**given: Any) -> None:
    """Judge recorded traffic: HAR files, VCR cassettes, run files, logs of gateways, and folders of them. Nothing is sent.

    A file may be packed by gzip or zstd, and its name means nothing. Whatever went to a known route is judged, on any host. The run file
    then holds only the exchanges that some check found wrong, named FILE#ENTRY; --record FILE keeps all of them.
    """
    sys.exit(judged(Options.make(given)))


@cli.command()
@click.option("--json", "as_json", is_flag=True, help="As JSON, one array.")
@click.option("--requirements", is_flag=True, help="Every requirement of the API and what answers it.")
@click.option(
    "--specification", metavar="FILE", help="Which names of OpenAI's openapi.yaml are met by a check or a request."
)
@click.argument("only", nargs=-1, metavar="[AREA-or-ID]...")
def checks(as_json: bool, requirements: bool, specification: str | None, only: tuple[str, ...]) -> None:
    """List the checks; with the word gateway, the laws over both ends of one."""
    if specification is not None:
        from conformance.cli.specification import show_specification

        show_specification(specification)
        return
    from conformance.cli import listing
    from conformance.run.selection import chosen

    if only == ("gateway",):
        from conformance.cli import gateway_laws

        gateway_laws.show_laws(as_json=as_json)
        return
    found = chosen(only)
    if requirements:
        listing.show_requirements(found, as_json=as_json, all_rows=not only)
    else:
        listing.show_checks(found, as_json=as_json)


@cli.command("features")
@click.option("--json", "as_json", is_flag=True, help="As JSON, one array.")
def list_features(as_json: bool) -> None:
    """List the optional features, as --require and --profile name them."""
    from conformance.cli import listing

    listing.show_features(as_json=as_json)


@cli.command()
@click.option("--json", "as_json", is_flag=True, help="As JSON, one object.")
@click.argument("words", nargs=-1, required=True, metavar="ID-or-WORDS...")
def explain(words: tuple[str, ...], as_json: bool) -> None:
    """Say what a check requires, why, what breaks in which SDK, and how it is provoked; with a good and a bad answer.

    Without an id, the checks that the words are about: openai-conformance explain tool call index missing
    """
    from conformance.areas.catalogue import catalogue
    from conformance.cli import explain
    from conformance.cli.search import search
    from conformance.run.user_error import nearest

    text = " ".join(words)
    if text.startswith("gateway."):
        from conformance.cli import gateway_laws
        from conformance.gateway.laws import laws

        if text not in laws():
            raise UserError(f"there is no law {typed(text, 80)}{nearest(text, laws())}")
        gateway_laws.show(laws()[text], as_json=as_json)
    elif text in catalogue():
        explain.show(catalogue()[text], as_json=as_json)
    elif "." not in text and (found := search(text, list(catalogue().values()))):
        explain.show_found(found, as_json=as_json)
    else:
        raise UserError(f"there is no check {text!r}{nearest(text, catalogue())}")


@cli.command(
    "pytest",
    context_settings={"ignore_unknown_options": True, "help_option_names": []},
    add_help_option=False,
)
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def run_pytest(arguments: tuple[str, ...]) -> None:
    """Judge through pytest: one test a check. Takes the options of run and of pytest."""
    import pytest

    # All is named by its place, so that no pytest.ini, conftest.py or folder of the user's has a say.
    suite = Path(__file__).parent / "suite"
    settings = ["-c", str(suite / "pytest.ini"), "--rootdir", str(Path.cwd()), "--confcutdir", str(suite)]
    sys.exit(pytest.main([*settings, str(suite), *arguments]))


cli.add_command(clients)
cli.add_command(cold)
cli.add_command(compare)
cli.add_command(completion)
cli.add_command(curl)
cli.add_command(explore)
cli.add_command(gateway)
cli.add_command(golden)
cli.add_command(init)
cli.add_command(load)
cli.add_command(matrix)
cli.add_command(merge)
cli.add_command(migrate)
cli.add_command(parity)
cli.add_command(reference)
cli.add_command(report)
cli.add_command(watch)
complete_values(cli)


def main(arguments: list[str] | None = None) -> None:
    """Run the command line and exit. Every mistake is one line on standard error."""
    process.prepare()
    try:
        process.refuse()
        code = cli.main(arguments, prog_name=NAME, standalone_mode=False)
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(error.format_message())
        code = 0
    except click.UsageError as error:
        code = fail(f"{error.format_message().rstrip('.')} (see {_path(error)} --help)", 2)
    except UserError as error:
        code = fail(str(error), 2)
    except (KeyboardInterrupt, click.Abort):
        code = process.interrupted()
    except Exception as error:
        from conformance.send.cannot_judge import CannotJudge

        if not isinstance(error, CannotJudge):
            sys.exit(fail(process.our_fault(error), 4))
        from conformance.cli.github import tell_failure

        code = fail(str(error), 3)
        tell_failure(str(error), click.echo)
    sys.exit(code or 0)


def _path(error: click.UsageError) -> str:
    return error.ctx.command_path if error.ctx else NAME
