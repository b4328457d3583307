"""How a command ends: its exit codes, and the one line that says why."""

from __future__ import annotations

from contextlib import suppress
from functools import partial

import click


def fail(message: str, code: int) -> int:
    """Say it in one line on standard error; returns the exit code."""
    say(message)
    return code


def say(message: str) -> None:
    """Say something in one line on standard error, whatever stranger's words are in it."""
    from conformance.cli.github import guarded
    from conformance.wire.jsontext import printable
    from conformance.wire.redact import without_keys

    with suppress(OSError), guarded(partial(click.echo, err=True)):
        click.echo(f"{NAME}: {' '.join(printable(without_keys(message)).split())}", err=True)


NAME = "openai-conformance"

EXITS = """\b
Exit codes:
  0    it conforms, in what the verdict names
  1    it does not
  2    a mistake in the call
  3    it could not be judged (unreachable, key refused, model unknown)
  4    the suite itself is broken
  130  interrupted (143 by SIGTERM)"""
