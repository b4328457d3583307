"""Reads a YAML file as JSON values and remembers the line of every one, so that a mistake can be named where it stands.

Only what JSON can hold is taken: no dates, no keys that are not texts, nothing twice. It knows nothing of prompts.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from conformance.exchange.small_file import content

Place = tuple[str | int, ...]
"""Keys and positions from the top of the file to a value."""

MOST_VALUES = 100_000
"""Values of a file, what an alias repeats counted again: a few aliases of aliases would fill the memory."""
_SCALARS = {f"tag:yaml.org,2002:{name}" for name in ("str", "int", "float", "bool", "null")}


@dataclass
class Marked:
    """The value of a file, `readable` or not, and the line of every value in it, from 1; that of a member is its key's.

    `mistakes` are (line, what is not as JSON has it there).
    """

    value: Any = None
    readable: bool = False
    lines: dict[Place, int] = field(default_factory=dict)
    mistakes: list[tuple[int, str]] = field(default_factory=list)

    def line(self, place: Place) -> int:
        """The line of a value, or of what holds it where it is not there."""
        while place and place not in self.lines:
            place = place[:-1]
        return self.lines.get(place, 1)


def read(file: Path) -> Marked:
    """The file's value. Never raises: what is wrong is among the mistakes."""
    marked = Marked()
    try:
        loader = yaml.SafeLoader(content(file).decode("utf-8"))
        node = loader.get_single_node()
        marked.value = _Reader(loader, marked).value(node, ()) if node is not None else None
        marked.readable = True
    except OSError as error:
        marked.mistakes.append((1, f"the file cannot be read: {error.strerror or error}"))
    except UnicodeDecodeError:
        marked.mistakes.append((1, "the file is not a text in UTF-8"))
    except RecursionError:
        marked.mistakes.append((1, "the file is nested too deeply"))
    except yaml.MarkedYAMLError as error:
        line = (error.problem_mark or error.context_mark).line + 1
        marked.mistakes.append((line, f"the file is not YAML: {error.problem}"))
    except yaml.YAMLError as error:  # a character that YAML does not allow
        marked.mistakes.append((1, f"the file is not YAML: {str(error).partition(chr(10))[0]}"))
    return marked


class _Reader:
    """Turns nodes into values, and notes lines and mistakes on the way."""

    def __init__(self, loader: yaml.SafeLoader, marked: Marked) -> None:
        self.loader, self.lines = loader, marked.lines
        self.open: list[yaml.Node] = []
        self.mistakes = marked.mistakes

    def complain(self, line: int, text: str) -> None:
        self.mistakes.append((line, text))

    def value(self, node: yaml.Node, path: Place) -> Any:
        self.lines.setdefault(path, node.start_mark.line + 1)
        if node in self.open or len(self.lines) > MOST_VALUES:
            raise yaml.MarkedYAMLError(problem="the file repeats itself without an end", problem_mark=node.start_mark)
        if isinstance(node, yaml.ScalarNode):
            return self.scalar(node, path)
        self.open.append(node)
        if isinstance(node, yaml.SequenceNode):
            found: Any = [self.value(item, (*path, n)) for n, item in enumerate(node.value)]
        else:
            found = self.members(node, path)
        self.open.pop()
        return found

    def members(self, node: yaml.MappingNode, path: Place) -> dict[str, Any]:
        found = {}
        for key, item in node.value:
            line, name = key.start_mark.line + 1, key.value
            if key.tag != "tag:yaml.org,2002:str":
                self.complain(line, f"{field_of(path)} has a key that is no text: put {name!r} in quotes")
            elif _halved(name):
                self.complain(line, f"{field_of(path)} has a key with half of a surrogate pair, which is no text")
            elif name in found:
                self.complain(line, f"{field_of((*path, name))} stands here twice")
            else:
                self.lines[*path, name] = line
                found[name] = self.value(item, (*path, name))
        return found

    def scalar(self, node: yaml.ScalarNode, path: Place) -> Any:
        line = node.start_mark.line + 1
        if node.tag not in _SCALARS:
            kind = node.tag.rpartition(":")[2]
            self.complain(line, f"{field_of(path)} is {node.value}, which YAML reads as a {kind}: put it in quotes")
            return node.value
        try:
            found = self.loader.construct_object(node)
        except ValueError as error:  # `!!int x`
            raise yaml.MarkedYAMLError(problem=str(error), problem_mark=node.start_mark) from None
        if isinstance(found, float) and not math.isfinite(found):
            self.complain(line, f"{field_of(path)} is {node.value}, which JSON has no number for")
            return node.value
        if isinstance(found, str) and _halved(found):
            self.complain(line, f"{field_of(path)} holds half of a surrogate pair, which is no text")
            return found.encode("utf-8", "replace").decode()
        return found


def _halved(text: str) -> bool:
    """Half of a surrogate pair is in it, which YAML may write with an escape, and nothing can send."""
    return any("\ud800" <= character <= "\udfff" for character in text)


def field_of(path: Place) -> str:
    """How messages name a value: by its path within the element of the file that holds it."""
    return ".".join(map(str, path[1:])) or ("the prompt" if path else "the file")
