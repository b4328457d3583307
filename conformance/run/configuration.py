"""The configuration file: the options of a run by their names, for the command and for pytest alike. What is typed wins.

    base-url = "http://localhost:8000/v1"
    exclude = ["sdk"]
    known = "conformance/known.toml"      # a path is from the folder of this file

It is openai-conformance.toml, or the table [tool.openai-conformance] of pyproject.toml, in the current folder or one above it, up to
that of the repository. Every mistake in it is one line, and no key is ever in it: it would be in the repository, too.
"""

from __future__ import annotations

import dataclasses
import os
import re
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from conformance.exchange.small_file import content
from conformance.run.commands_options import SENDING
from conformance.run.declaring import flag, values_of
from conformance.run.options import Options, declared
from conformance.run.toml_lines import Entry, parsed, table
from conformance.run.user_error import UserError, nearest, typed
from conformance.wire.jsontext import printable
from conformance.wire.redact import names_a_secret, without_keys

NAME, PROJECT, TABLE = "openai-conformance.toml", "pyproject.toml", "tool.openai-conformance"
NONE = "none"
"""What --config is given for no file at all."""
_HEADER = r"""\s*\[\s*["']?tool["']?\s*\.\s*["']?openai-conformance["']?\s*\]"""
_PATHS = ("FILE", "RUN", "DIR", "PATH", "vllm|URL|FILE")
"""How help calls what is a path, or may be one."""
_AGAINST = ({"strict", "fail_on"}, {"quiet", "verbose"})
"""Options of which one that is typed leaves the others of its group out."""


_NEEDED = {"watch_file": "watch", "known_level": "write_known", "times": "write_known", "prune": "known"}
"""Options that mean nothing without another, which may be the one that is typed."""


def configured(given: Mapping[str, Any], but: Collection[str] = ()) -> dict[str, Any]:
    """The options as typed, and where one was not, as the configuration file says, unless it is one of `but`. Raises UserError."""
    said = {name: value for name, value in given.items() if value not in (None, (), [], False)}
    file = _file(said.get("config"))
    if file is None:
        return {**given}
    held = _read(file)
    for group in _AGAINST:
        if group & said.keys():
            held = {name: value for name, value in held.items() if name not in group}
    if "replay" in said:
        held = {name: value for name, value in held.items() if name not in SENDING}
    held = {name: value for name, value in held.items() if name not in but}
    there = held.keys() | said.keys()
    held = {name: value for name, value in held.items() if _NEEDED.get(name, name) in there}
    return {**given, **held, **said, "config": str(file)}


def find(folder: Path) -> Path | None:
    """The configuration file of a folder: there, or above it up to the root of the repository. Raises UserError."""
    for place in (folder, *folder.parents):
        if (place / NAME).is_file():
            return place / NAME
        if (place / PROJECT).is_file() and _has_table(place / PROJECT):
            return place / PROJECT
        if (place / ".git").exists():
            return None
    return None


def _file(named: str | None) -> Path | None:
    if named == NONE:
        return None
    if named is None:
        found = find(Path.cwd())
        return found and Path(os.path.relpath(found))
    if not os.path.isfile(named):
        raise UserError(f"--config {named}: there is no such file")
    if Path(named).name == PROJECT and not _has_table(Path(named)):
        raise UserError(f"--config {named}: it has no table [{TABLE}]")
    return Path(named)


def _has_table(project: Path) -> bool:
    """Whether it says anything of this; what cannot be read is somebody else's matter unless it does. Raises UserError."""
    try:
        text = content(project).decode("utf-8", "replace")
    except OSError:
        return False
    if "openai-conformance" not in text:
        return False
    try:
        tool = parsed(project, os.path.relpath(project))[1].get("tool")
    except UserError:
        if re.search(f"(?m)^{_HEADER}", text):
            raise
        return False
    return isinstance(tool, dict) and "openai-conformance" in tool


def _read(file: Path) -> dict[str, Any]:
    """The options of a file as a face would give them: texts, and tuples of them. Raises UserError with the line."""
    lines, content = parsed(file, str(file))
    of_project = file.name == PROJECT
    values = content["tool"]["openai-conformance"] if of_project else content
    if not isinstance(values, dict):
        raise UserError(f"{file}: {TABLE} is no table")
    entry = table(lines, values, _HEADER if of_project else r"$.")
    fields = {field.name: field for field in dataclasses.fields(Options)}
    known = {name: fields[name] for name, *_ in declared() if name != "config"}
    found = {}
    for key, value in values.items():
        name = key.replace("-", "_")
        if name not in known:
            hint = nearest(key, [each.replace("_", "-") for each in known])
            raise UserError(f"{_at(file, entry, key)}: there is no option {typed(printable(key), 60)}{hint}")
        found[name] = _value(known[name], value, f"{_at(file, entry, key)}: {key}", file)
    return found


def _at(file: Path, entry: Entry, key: str) -> str:
    return f"{file}, line {entry.line_of(key)}"


def _value(field: dataclasses.Field, value: Any, where: str, file: Path) -> Any:
    metavar, many = field.metadata["metavar"], field.metadata["many"]
    kinds, wanted = _kinds(metavar)
    several = value if many and isinstance(value, list) else [value]
    if not all(isinstance(each, kinds) and (isinstance(each, bool) == (metavar is None)) for each in several):
        raise UserError(f"{where} is {_called(value, many)}, expected {wanted}{', or a list of them' if many else ''}")
    if metavar is None:
        return value
    texts = tuple(str(each) for each in several)
    for text in texts:
        _no_key(field.name, text, where)
    if metavar in _PATHS:
        texts = tuple(_from(file.parent, text, field.name) for text in texts)
    given = texts if many else texts[0]
    try:
        values_of(Options, {field.name: given})
    except UserError as mistake:
        said = str(mistake)
        raise UserError(
            f"{where}{said.removeprefix(flag(field.name))}" if said.startswith(flag(field.name)) else said
        ) from None
    return given


def _kinds(metavar: str | None) -> tuple[tuple[type, ...], str]:
    """The types of TOML that an option takes, and what they are called."""
    if metavar is None:
        return (bool,), "true or false"
    if metavar == "N":
        return (int,), "a whole number"
    if metavar == "N|auto":
        return (int, str), 'a whole number or "auto"'
    return ((int, float), "a number") if metavar == "SECONDS" else ((str,), "a text")


def _called(value: Any, many: bool = False) -> str:
    names = {bool: "true or false", int: "a number", float: "a number", str: "a text", list: "a list", dict: "a table"}
    if many and isinstance(value, list) and value:
        return f"a list with {_called(next((each for each in value if not isinstance(each, str)), value[0]))} in it"
    return names.get(type(value), "a date")


def _no_key(name: str, text: str, where: str) -> None:
    """Raises UserError where a text may hold a key."""
    where_to = "keys come from the environment variable that api-key-env names, and are never in a file"
    if name == "header" and (names_a_secret(text.partition("=")[0].strip()) or without_keys(text) != text):
        raise UserError(f"{where} holds what may be a key: {where_to}")
    if "://" in text:
        try:
            parts = urlsplit(text)
            secret = "@" in parts.netloc or any(names_a_secret(each) for each, _ in parse_qsl(parts.query, True))
        except ValueError:
            return
        if secret or without_keys(text) != text:
            raise UserError(f"{where} holds what may be a key: {where_to}")


def _from(folder: Path, text: str, name: str) -> str:
    """A path of the file, from where we are; what is none stays as it is."""
    if "://" in text or Path(text).is_absolute() or (name == "baseline" and text == "vllm"):
        return text
    if name == "vllm_python" and Path(text).name == text:
        return text
    return os.path.normpath(folder / text)
