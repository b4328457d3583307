"""Adds options to a command as run/options.py, or another class of options, declares them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import click

from conformance.run.options import Options, declared


def options_of(names: Iterable[str] | None = None, cls: type = Options) -> Callable[[Callable], Callable]:
    """Adds the options of a class, or these of them, to a command."""

    def add(command: Callable) -> Callable:
        for name, flag, about, default in reversed(list(declared(names, cls))):
            shown = f"  [{default}]" if about["metavar"] and default not in (None, ()) else ""
            kind: dict[str, Any] = {"is_flag": True} if about["metavar"] is None else {"metavar": about["metavar"]}
            if about["many"]:
                kind["multiple"] = True
            command = click.option(flag, name, help=about["help"] + shown, default=None, **kind)(command)
        return command

    return add
