"""How the reference "model" makes a file: by whichever of the tools that it is offered can do it.

It must not know the programs that offer them: a tool is known by what it takes.
"""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Sequence
from typing import Any

from conformance.reference import values

Json = dict[str, Any]

_MAKE = re.compile(r"make the file (\S+) that holds exactly the line '([^'\n]*)'", re.IGNORECASE)
_WORDS = r"path|file_?path|file_?name|file|absolute_?path|target_?file"
_PATH, _CONTENT = re.compile(_WORDS, re.IGNORECASE), re.compile(r"contents?|text|file_?text", re.IGNORECASE)
_COMMAND, _PATCH = re.compile(r"command|cmd|script", re.IGNORECASE), re.compile(r"apply_?patch", re.IGNORECASE)


def making(tools: Sequence[Json], text: str) -> tuple[str, str, str] | None:
    """The call that makes the file which the text wants, None where it wants none or nothing that is offered can: a tool that writes
    files before a shell, and that before patches in free text."""
    found = _MAKE.search(text)
    if found is None:
        return None
    name, line = found[1], found[2]
    for how in (_written, _commanded, _patched):
        for tool in tools:
            if (given := how(tool, name, line)) is not None:
                return tool["type"], tool[tool["type"]]["name"], given
    return None


def _written(tool: Json, name: str, line: str) -> str | None:
    path, content = _parameter(tool, _PATH), _parameter(tool, _CONTENT)
    return _filled(tool, {path: name, content: f"{line}\n"}) if path and content else None


def _commanded(tool: Json, name: str, line: str) -> str | None:
    parameter = _parameter(tool, _COMMAND)
    if parameter is None:
        return None
    asked = f"printf '%s\\n' {shlex.quote(line)} > {shlex.quote(name)}"
    many = _properties(tool)[parameter].get("type") == "array"
    return _filled(tool, {parameter: ["sh", "-c", asked] if many else asked})


def _patched(tool: Json, name: str, line: str) -> str | None:
    if tool["type"] != "custom" or not _PATCH.fullmatch(tool["custom"]["name"]):
        return None
    return f"*** Begin Patch\n*** Add File: {name}\n+{line}\n*** End Patch\n"


def _properties(tool: Json) -> Json:
    return tool[tool["type"]].get("parameters", {}).get("properties", {})


def _parameter(tool: Json, words: re.Pattern[str]) -> str | None:
    return next((name for name in _properties(tool) if words.fullmatch(name)), None)


def _filled(tool: Json, given: Json) -> str:
    """These arguments as JSON, and whatever else the tool requires."""
    schema = tool[tool["type"]]["parameters"]
    required = {key: schema["properties"][key] for key in schema.get("required", ()) if key in schema["properties"]}
    others = values.example({**schema, "type": "object", "properties": required}, "Make a file")
    return json.dumps({**others, **given}, ensure_ascii=False, separators=(",", ":"))
