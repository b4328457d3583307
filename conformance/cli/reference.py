"""`openai-conformance reference`: serves the scripted reference or a real vLLM to anyone, until told to stop.

It must not judge. No key is printed or put on a command line: a client is told which environment variable holds it.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click

from conformance.cli.process import ended_with_us
from conformance.run.readers import variable
from conformance.run.user_error import UserError, nearest

if TYPE_CHECKING:
    from conformance.reference.lies import Lie

KNOWN_KEY = "sk-reference"
"""The key without --api-key-env: no secret, it keeps nobody out."""
REFUSALS = 2
"""Requests that a reference refuses when it was asleep: as often as the SDKs ask again."""
OF_ENGINE = {"vllm": ("model", "python", "vllm_flag", "start_limit"), "scripted": ("limit", "lie", "cold_after")}


@click.command()
@click.option("--engine", type=click.Choice(["scripted", "vllm"]), default="scripted", show_default=True)
@click.option("--host", default="127.0.0.1", show_default=True, metavar="NAME")
@click.option("--port", default=0, type=click.IntRange(0, 65535), metavar="N", help="0 takes a free one.  [0]")
@click.option(
    "--api-key-env", metavar="NAME", help=f"Environment variable that holds the key to ask for.  [{KNOWN_KEY}]"
)
@click.option(
    "--limit", type=click.IntRange(1), metavar="N", help="scripted: answer 429 to more POST requests a second."
)
@click.option("--lie", multiple=True, metavar="LIE", help="scripted: tell this lie. May be given several times.")
@click.option(
    "--cold-after",
    type=click.FloatRange(0, min_open=True),
    metavar="S",
    help="scripted: after so many seconds without a request, answer 503 with Retry-After to the first two.",
)
@click.option("--list-lies", is_flag=True, help="Say what lies there are, and which checks they break.")
@click.option(
    "--model", metavar="DIR-or-ID", help="vllm: a model's folder, or its ID on Hugging Face.  [our tiny model]"
)
@click.option("--python", metavar="PATH", help="vllm: the Python that has vLLM.  [this one]")
@click.option("--vllm-flag", multiple=True, metavar="FLAG", help="vllm: a flag of `vllm serve`; it wins over ours.")
@click.option(
    "--start-limit", type=click.FloatRange(1), metavar="S", help="vllm: how long it may take to start.  [300]"
)
@click.argument("command", nargs=-1, type=click.UNPROCESSED, metavar="[-- COMMAND...]")
def reference(
    engine: str,
    host: str,
    port: int,
    api_key_env: str | None,
    list_lies: bool,
    command: tuple[str, ...],
    **given: Any,
) -> None:
    """Serve a reference until Ctrl-C, or while COMMAND runs, whose exit code is then ours.

    scripted answers as OpenAI does, from a script, but for the lies that it is asked to tell; vllm is a real vLLM, on the GPU if there
    is one, else on the CPU.

    COMMAND finds the address and the key in OPENAI_BASE_URL and OPENAI_API_KEY; {url} in it is replaced by the address.
    """
    if list_lies:
        from conformance.cli.listing import show_lies

        show_lies()
        return
    for other in (name for of, names in OF_ENGINE.items() if of != engine for name in names if given[name]):
        raise UserError(f"--{other.replace('_', '-')} has no meaning with --engine {engine}")
    with _serving(engine, host, port, _key(api_key_env), given) as server:
        if command:
            sys.exit(_run(command, server))
        click.echo(f"serving {server.base_url} (model {server.model})")
        key = f'"${api_key_env}"' if api_key_env else KNOWN_KEY
        click.echo(f"export OPENAI_BASE_URL={server.base_url} OPENAI_API_KEY={key}")
        try:
            server.wait()
        except KeyboardInterrupt:  # the usual end of a server is no failure
            return


def _key(name: str | None) -> str:
    """The key to ask clients for; it must be fit for a header, and is repeated nowhere."""
    if name is None:
        return KNOWN_KEY
    key = os.environ.get(variable("--api-key-env")(name), "")
    if not re.fullmatch("[!-~]+", key):
        raise UserError(f"--api-key-env names ${name}, which holds no key of printable ASCII")
    return key


@contextmanager
def _serving(engine: str, host: str, port: int, key: str, given: dict[str, Any]) -> Iterator[Any]:
    """The server of an engine, healthy. What keeps it from serving ends the command in one line, after its last words."""
    if engine == "scripted":
        from conformance.reference.server import CannotServe
        from conformance.send.embedded import Reference

        try:
            with Reference(
                host=host, port=port, key=key, limit=given["limit"], lie=_told(given["lie"], given["cold_after"])
            ) as server:
                yield server
        except CannotServe as error:
            raise UserError(str(error)) from None
        return
    from conformance.exchange.shipped import place
    from conformance.reference.vllm import START_SECONDS, NotServing, serve
    from conformance.send.cannot_judge import CannotJudge
    from conformance.wire.jsontext import printable

    if sys.stderr.isatty():
        click.echo("starting vLLM, which takes a minute or two", err=True)
    try:
        with serve(
            given["model"] or place("fixtures/models/tiny"),
            python=given["python"] or sys.executable,
            host=host,
            port=port,
            key=key,
            seconds=given["start_limit"] or START_SECONDS,
            flags=given["vllm_flag"],
        ) as server:
            yield server
    except NotServing as error:
        if error.exit_code == 2:
            raise UserError(str(error)) from None
        for line in error.last_lines.splitlines():
            click.echo(printable(line), err=True)
        raise CannotJudge(str(error)) from None


def _told(names: tuple[str, ...], cold_after: float | None) -> Lie | None:
    """The lies of these names as one, None where none is named, and asleep after that pause. Raises UserError."""
    from conformance.areas.catalogue import lies
    from conformance.reference.asleep import asleep
    from conformance.reference.lies import several

    for name in names:
        if name not in lies():
            raise UserError(f"--lie: there is no lie {name!r}{nearest(name, lies())}")
    told = [lies()[name] for name in dict.fromkeys(names)] + ([asleep(cold_after, REFUSALS)] if cold_after else [])
    return several(*told) if told else None


def _run(command: tuple[str, ...], server: Any) -> int:
    own = os.environ | {"OPENAI_BASE_URL": server.base_url, "OPENAI_API_KEY": server.key}
    words = [word.replace("{url}", server.base_url) for word in command]
    try:
        running = subprocess.Popen(words, env=own)
    except OSError as reason:
        raise UserError(f"cannot run {words[0]}: {reason.strerror}") from None
    with ended_with_us(running):
        code = running.wait()
    return code if code >= 0 else 128 - code  # as a shell says which signal ended it
