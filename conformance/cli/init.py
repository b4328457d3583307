"""`openai-conformance init`: a first configuration file, with what was found at an endpoint."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from conformance.cli.adding import options_of
from conformance.run.user_error import UserError
from conformance.wire.jsontext import printable
from conformance.wire.redact import hides_a_secret

if TYPE_CHECKING:
    from conformance.run.options import Options
    from conformance.run.run_file import Run

ASKED = ("base_url", "model", "api_key_env", "header", "timeout", "wait", "concurrency")
"""Options of a run that say where the endpoint is and how it is asked."""
HEAD = """\
# What `openai-conformance` and `openai-conformance pytest` are asked to do here; `openai-conformance run --help` says what else there is.
# What is typed wins, and --config none leaves this file out. No key belongs in it: api-key-env names the variable that holds one.
"""
FURTHER = """
# known = "known.toml"        # what you know and accept; --write-known makes a first one
# exclude = ["sdk"]           # areas and checks that are left out
# depth = "quick"             # or normal, deep: how much is asked
# fail-on = "should"          # or must, regression, gap: what makes a run red
"""


@click.command()
@options_of(ASKED)
def init(**given: Any) -> None:
    """Write a first openai-conformance.toml, with what is found at an endpoint where one is named.

    Some 80 small requests find out which models there are, what the endpoint does with each feature, and which profile fits. A file
    that exists is never replaced.
    """
    from conformance.run.configuration import NAME, TABLE, find
    from conformance.run.options import Options

    there = find(Path.cwd())
    if there is not None and there.parent == Path.cwd():
        what = NAME if there.name == NAME else f"the table [{TABLE}] of {there.name}"
        raise UserError(f"{what} is here already, and is not replaced")
    options = Options.make(given)
    text = HEAD + (_found(options) if options.base_url else '\n# base-url = "http://localhost:8000/v1"\n') + FURTHER
    try:
        with open(NAME, "x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        raise UserError(f"{NAME} is here already, and is not replaced") from None
    except OSError as error:
        raise UserError(f"{NAME} cannot be written: {error.strerror or error}") from None
    click.echo(f"{NAME} was written: `openai-conformance` now judges {options.base_url or 'what you fill in there'}")


def _found(options: Options) -> str:
    """What is at an endpoint, as lines of the file. Raises UserError, CannotJudge."""
    from dataclasses import replace

    from conformance.areas.catalogue import features
    from conformance.run import conductor
    from conformance.run.run_file import read

    asked = [name for name, each in features().items() if each.profile or each.route]
    with tempfile.TemporaryDirectory() as folder:
        wanted = replace(options, require=(",".join(asked),), cheap=True, report=folder, sdk="off")
        return told(read(conductor.conduct(wanted, []).files[0]), options)


def told(run: Run, options: Options) -> str:
    """The lines that say what a run found."""
    lines = ["", f"base-url = {_text(_address(options))}", f"model = {_text(run.header['target']['model'])}"]
    lines += [f"{name} = {_text(model)}" for name, model in _models(run)]
    if options.api_key_env != "OPENAI_API_KEY":
        lines.append(f"api-key-env = {_text(options.api_key_env)}")
    lines += _headers(options.header)
    profile = run.footer["scope"]["profile"]
    lines += (
        ["", f"profile = {_text(profile)}  # the largest that fits: a run is red once it fits no more"]
        if profile
        else []
    )
    for decision, names in _lacking(run).items():
        lines += ["", f"# {decision.capitalize()}: {', '.join(names)}"]
    return "\n".join(lines) + "\n"


def _address(options: Options) -> str:
    """The address as it may stand in a file. Raises UserError where a key is in it."""
    from conformance.send.target import Target

    if Target(options.base_url, "").redactor.url(options.base_url) != options.base_url:
        raise UserError(
            "--base-url holds what may be a key, which belongs in no file: name its variable by --api-key-env"
        )
    return options.base_url


def _headers(given: Sequence[str]) -> list[str]:
    """The headers that may stand in a file; of the others, their names."""
    hidden = [name for name, _, _ in (each.partition("=") for each in given) if hides_a_secret(name, header=True)]
    shown = [each for each in given if each.partition("=")[0] not in hidden]
    lines = [f"header = {json.dumps(shown)}"] if shown else []
    return lines + [f"# --header {name}=...: to be typed, for its value may be a key" for name in hidden]


def _models(run: Run) -> Sequence[tuple[str, str]]:
    """The option and the model of each task that a listed model of its own is for."""
    from conformance.run.commands_options import MODELS
    from conformance.send import tasks

    ids = tasks.listed(next((x for x in run.exchanges if x.id == "models.list"), None))
    return [(MODELS[task].replace("_", "-"), model) for task, model in tasks.models({}, ids).items()]


def _lacking(run: Run) -> dict[str, list[str]]:
    """The features that are not supported, by what the endpoint does with them."""
    found: dict[str, list[str]] = {}
    for record in run.features:
        if record["decision"] not in ("supported", "undecided"):
            found.setdefault(record["decision"], []).append(record["feature"])
    return found


def _text(value: str) -> str:
    """A TOML string: what JSON escapes, TOML escapes in the same way."""
    return json.dumps(printable(value))
