"""`openai-conformance watch`: judges an endpoint by what a program of the user's asks of it, as it runs."""

from __future__ import annotations

import re
import sys
from functools import partial
from typing import TYPE_CHECKING, Any

import click

from conformance.cli.adding import options_of
from conformance.cli.exits import EXITS, say
from conformance.cli.judging import judged
from conformance.run.commands_options import WATCH
from conformance.run.options import Options
from conformance.run.readers import variable
from conformance.run.user_error import UserError

if TYPE_CHECKING:
    from conformance.judge.verdicts import Check


@click.command(epilog=EXITS)
@options_of(WATCH)
@click.option("--listen", metavar="HOST:PORT", help="Where the proxy listens.  [127.0.0.1:0, a free port]")
@click.option(
    "--env",
    multiple=True,
    metavar="NAME",
    help="A further variable that COMMAND takes the base URL from. Several times.",
)
@click.argument("command", nargs=-1, type=click.UNPROCESSED, metavar="[-- COMMAND...]")
def watch(listen: str | None, env: tuple[str, ...], command: tuple[str, ...], **given: Any) -> None:
    """Judge what a program of yours asks of an endpoint, while it runs.

    COMMAND runs with OPENAI_BASE_URL, OPENAI_API_BASE and OPENAI_BASE set to a proxy on this machine, which passes all on as it comes;
    {url} in it is replaced by the proxy's base URL. Its output passes through, and its exit code is ours unless it is 0. Without
    COMMAND the proxy serves until Ctrl-C, for programs in any language. The program's own key goes to the endpoint, and is kept nowhere.
    """
    from conformance.watch.program import Program, take_in

    options = Options.make({**given, "asked_by": "program"})
    if not options.base_url:
        raise UserError("watch needs --base-url: the endpoint that the program is to ask")
    program = Program(
        command=command,
        env=tuple(map(variable("--env"), env)),
        listen=_address(listen),
        announce=partial(_announce, bool(command), options.quiet),
    )
    source = partial(take_in, options, program, say=_quiet if options.quiet else _failed)
    sys.exit(judged(options, source, lambda: program.code or 0))


def _address(text: str | None) -> tuple[str, int]:
    if text is None:
        return "127.0.0.1", 0
    found = re.fullmatch(r"(?:\[?([^\[\]]*?)\]?:)?([0-9]{1,5})", text)
    if not found or int(found[2]) > 65535:
        raise UserError("--listen is not of the form HOST:PORT, such as 127.0.0.1:8899")
    return found[1] or "127.0.0.1", int(found[2])


def _announce(has_command: bool, quiet: bool, address: str) -> None:
    if not has_command:
        say(f"watching: let programs ask {address} in place of the endpoint; Ctrl-C ends it with the verdict")
        say(f"export OPENAI_BASE_URL={address}")
    elif not quiet:
        say(f"watching by way of {address}")


def _failed(check: Check, ids: str, problem: str) -> None:
    say(f"{check.level.upper()} {check.id} fails in {ids}: {problem}")


def _quiet(check: Check, ids: str, problem: str) -> None:
    pass
