"""Golden prompts: reads them from a folder of YAML files and names every mistake by file, line and field. Sends nothing.

A file is a list of prompts, whose shape golden.json says; docs/golden.md explains it to who writes them.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema_rs

from conformance.exchange.reading import ABSENT, find
from conformance.exchange.shipped import place
from conformance.judge.given import usable
from conformance.parity.marked import Place, field_of, read
from conformance.parity.prompt import Must, Prompt
from conformance.run.user_error import UserError, nearest
from conformance.wire.jsontext import show

ENDINGS = (".yaml", ".yml")
Wrong = Iterator[tuple[Place, str]]
"""(path to a field, what is wrong with it)"""


def load(folder: Path | None = None) -> tuple[Prompt, ...]:
    """The prompts of a folder, of the shipped one by default, in the order of files and lines. Raises UserError."""
    prompts, mistakes = examine(folder)
    if mistakes:
        more = f" (and {len(mistakes) - 1} more: see `golden check {folder}`)" if len(mistakes) > 1 else ""
        raise UserError(mistakes[0] + more)
    return prompts


def examine(folder: Path | None = None) -> tuple[tuple[Prompt, ...], tuple[str, ...]]:
    """The valid prompts of a folder, and all its mistakes as FILE:LINE: FIELD is SEEN, expected WANTED."""
    folder = folder or place("golden/prompts")
    try:
        files = sorted(file for file in folder.rglob("*") if file.suffix in ENDINGS and file.is_file())
    except OSError as error:
        return (), (f"{folder} cannot be read: {error.strerror or error}",)
    if not files:
        seen = "no folder" if not folder.is_dir() else f"a folder without {' and '.join(ENDINGS)} files"
        return (), (f"{folder} is {seen}, expected one with golden prompts",)
    prompts: dict[str, Prompt] = {}
    mistakes: list[tuple[Path, int, str]] = []
    for file in files:
        marked = read(file)
        mistakes += [(file, line, text) for line, text in marked.mistakes]
        for at, wrong in _by_prompt(marked.value) if marked.readable else ():
            mistakes += [(file, marked.line(path), f"{field_of(path)} {text}") for path, text in wrong]
            if wrong:
                continue
            prompt = _prompt(marked.value[at[0]], f"{file.relative_to(folder)}:{marked.line(at)}")
            if prompt.id in prompts:
                text = f"id is {show(prompt.id)} as at {prompts[prompt.id].where}, expected one of its own"
                mistakes.append((file, marked.line((*at, "id")), text))
            else:
                prompts[prompt.id] = prompt
    said = dict.fromkeys(f"{file}:{line}: {text}" for file, line, text in sorted(mistakes))
    return tuple(prompts.values()), tuple(said)


def _by_prompt(value: Any) -> Iterator[tuple[Place, list[tuple[Place, str]]]]:
    """For each prompt, by its place, what is wrong with it; () is the place of the file as a whole."""
    found: dict[Place, list[tuple[Place, str]]] = {}
    for path, text in _misfits(value):
        found.setdefault(path[:1], []).append((path, text))
    if () in found:
        yield (), found[()]
        return
    for n, prompt in enumerate(value):
        yield (n,), found.get((n,)) or [((n, *path), text) for path, text in _nonsense(prompt)]


def _misfits(value: Any) -> Wrong:
    """What does not fit the schema. The description of a place in the schema is what is expected there."""
    for error in _validator().iter_errors(value):
        path, steps, kind = tuple(error.instance_path), tuple(error.schema_path), error.kind
        known = _down((*steps[:-1], "properties"))[-1]
        if kind.name == "required":
            yield path, f"has no {kind.property}, expected {known[kind.property]['description']}"
        elif kind.name == "additionalProperties":
            for name in kind.unexpected:
                yield (*path, name), f"has no meaning here{nearest(name, known)}"
        else:
            said = [part["description"] for part in _down(steps) if isinstance(part, dict) and "description" in part]
            yield path, f"is {show(error.instance)}, expected {said[-1]}"


@cache
def _shape() -> dict[str, Any]:
    """The JSON Schema of a file. Read-only."""
    return json.loads((Path(__file__).parent / "golden.json").read_text("utf-8"))


@cache
def _validator() -> jsonschema_rs.Draft202012Validator:
    return jsonschema_rs.Draft202012Validator(_shape())


def _down(steps: Place) -> list[Any]:
    """The parts of the schema of golden files on the way down these steps, itself the first."""
    parts: list[Any] = [_shape()]
    for step in steps:
        parts.append(parts[-1].get(step) if isinstance(parts[-1], dict) else None)
    return parts


def _nonsense(prompt: dict[str, Any]) -> Wrong:
    """What each part allows and the whole does not: tools that nobody offers, and what no answer can be compared by."""
    request, must = prompt["request"], prompt.get("must", {})
    offered = [tool["function"]["name"] for tool in request.get("tools", ())]
    calls, choices = must.get("calls", ()), request.get("n", 1)
    for n, name in enumerate(calls):
        if name not in offered:
            yield ("must", "calls", n), f"is {show(name)}, expected a tool of the request{nearest(name, offered)}"
    for name in must.get("arguments", {}):
        if name not in calls:
            yield ("must", "arguments", name), "is of a tool that must.calls does not name"
    if must.get("choices", choices) != choices:
        yield ("must", "choices"), f"is {must['choices']}, expected {choices} as in request.n"
    needs = {"tool_calls": ("tools", bool(offered)), "logprobs": ("logprobs: true", request.get("logprobs") is True)}
    for n, what in enumerate(prompt["compare"]):
        if what in needs and not needs[what][1]:
            yield ("compare", n), f"is {what}, which needs {needs[what][0]} in the request"
    for path, schema in _schemas(request, must):
        if not usable(schema):
            yield path, f"is {show(schema)}, expected a JSON Schema that can be used"


def _schemas(request: dict[str, Any], must: dict[str, Any]) -> Iterator[tuple[Place, Any]]:
    """(path, schema) of every JSON Schema in a prompt."""
    if "schema" in must:
        yield ("must", "schema"), must["schema"]
    for n, tool in enumerate(request.get("tools", ())):
        if "parameters" in tool["function"]:
            yield ("request", "tools", n, "function", "parameters"), tool["function"]["parameters"]
    strict = "request.response_format.json_schema.schema"
    if (schema := find({"request": request}, strict)) is not ABSENT:
        yield tuple(strict.split(".")), schema


def _prompt(value: dict[str, Any], where: str) -> Prompt:
    must = {key: tuple(each) if isinstance(each, list) else each for key, each in value.get("must", {}).items()}
    return Prompt(
        id=value["id"],
        category=value["id"].partition(".")[0],
        about=value["about"],
        request=value["request"],
        compare=tuple(value["compare"]),
        must=Must(**must),
        uncertain=value.get("uncertain", False),
        where=where,
    )
