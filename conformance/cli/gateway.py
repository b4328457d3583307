"""`openai-conformance gateway`: what does a gateway make of requests and answers, seen from both its ends?"""

from __future__ import annotations

import re
import sys
from dataclasses import replace
from functools import partial
from typing import Any

import click

from conformance.cli.adding import options_of
from conformance.cli.exits import EXITS, say
from conformance.cli.judging import judged
from conformance.run.options import WATCH, Options
from conformance.run.readers import variable
from conformance.run.user_error import UserError

_NOT_OF_BOTH_ENDS = ("failed", "require", "profile", "sdk", "record")
OPTIONS = (
    *(name for name in WATCH if name not in _NOT_OF_BOTH_ENDS), "model", "embedding_model", "responses_model", "api_key_env", "header",
    "timeout", "wait", "format",
)  # fmt: skip
REPORT = "reports/gateway"
"""Where the reports go unless --report says: those of other runs stay."""


@click.command(epilog=EXITS)
@options_of(OPTIONS)
@click.option(
    "--upstream-listen", metavar="HOST:PORT", help="Where the gateway's upstream listens.  [127.0.0.1:0, a free port]"
)
@click.option(
    "--upstream-key-env", metavar="NAME",
    help="The environment variable with the key that the upstream must get from the gateway. Default: any will do.",
)  # fmt: skip
@click.argument("command", nargs=-1, type=click.UNPROCESSED, metavar="[-- COMMAND...]")
def gateway(upstream_listen: str | None, upstream_key_env: str | None, command: tuple[str, ...], **given: Any) -> None:
    """Judge a gateway from both its ends: the reference is its upstream, the suite asks through it.

    Each request is seen as the client sent it and as the upstream got it, each answer likewise, and laws over both say what was lost,
    added and changed. COMMAND starts the gateway: {upstream} in it is replaced by the upstream's base URL, which stands in
    OPENAI_CONFORMANCE_UPSTREAM, too; without COMMAND the gateway is one that is there already. One that is not up yet is waited for.
    """
    from conformance.gateway.laws import laws
    from conformance.gateway.passing import Gateway, take_in
    from conformance.run.selection import chosen

    options = Options.make({**given, "asked_by": "gateway"})
    if not options.base_url:
        raise UserError("gateway needs --base-url: the gateway, up to and with its /v1")
    if given.get("report") is None:
        options = replace(options, report=REPORT)
    options = replace(options, sdk="off")
    what = Gateway(
        listen=_address(upstream_listen),
        command=command,
        upstream_key_env=upstream_key_env and variable("--upstream-key-env")(upstream_key_env),
        announce=partial(_announce, options.quiet),
    )
    checks = chosen(options.only, options.exclude, laws())
    sys.exit(judged(options, partial(take_in, options, what), checks=checks))


def _address(text: str | None) -> tuple[str, int]:
    if text is None:
        return "127.0.0.1", 0
    found = re.fullmatch(r"(?:\[?([^\[\]]*?)\]?:)?([0-9]{1,5})", text)
    if not found or int(found[2]) > 65535:
        raise UserError("--upstream-listen is not of the form HOST:PORT, such as 127.0.0.1:9000")
    return found[1] or "127.0.0.1", int(found[2])


def _announce(quiet: bool, address: str) -> None:
    if not quiet:
        say(f"the gateway's upstream is {address}")
