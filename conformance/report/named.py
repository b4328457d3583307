"""The place in a JSON value that the words of a problem name, and the lines on which such a value is shown."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

Path = tuple[str | int, ...]
WORD = re.compile(r"[A-Za-z_][\w-]*(?:\.[\w-]+)*")
_ALIASES = {"text": "content", "tokens": "logprobs", "argument": "arguments", "streamed": ""}
_MEANT = {r"\b(items|models|list|page)\b": ("data",), r"\b(called|calls?)\b": ("tool_calls", "output")}
"""What is meant by words that are no names, in the order in which it is looked for."""
INDENT = "  "


def place_named(value: Any, what: str) -> Path | None:
    """The deepest place in a JSON value that the words name; of something absent, what it should have been in."""
    choice, call = (_number(what, rf"{noun}s?[. ](\d+)") for noun in ("choice", "call"))
    inner: list[Path] = [("choices", choice, part) for part in ("message", "delta")]
    calls = [(*root, "tool_calls", call) for root in inner]
    roots = [(), *inner, ("choices", choice), *calls, *((*c, "function") for c in calls), ("error",), ("usage",)]
    best: tuple[int, int, Path] | None = None
    for n, word in enumerate(WORD.findall(what)):
        name = _ALIASES.get(word, word)
        for root in roots if name else ():
            wanted = (*root, *(int(step) if step.isdigit() else step for step in name.split(".")))
            if wanted[-1] in ("choice", "call"):
                continue
            depth = _depth(value, wanted)
            whole = depth == len(wanted)
            if (whole or (depth == len(wanted) - 1 and "." in name)) and (
                best is None or (int(whole), depth * 100 - n) > best[:2]
            ):
                best = (int(whole), depth * 100 - n, wanted[:depth])
    if best:
        return best[2]
    if re.search(r"\b(choices?|content|text)\b", what) and _depth(value, ("choices", choice)) == 2:
        return ("choices", choice)
    return _deep(value, what) or (() if re.fullmatch(r"[\w.]+", what) else None)


def _deep(value: Any, what: str) -> Path | None:
    """The first place, however deep, of a name that can be no common word: `usage.total_tokens` within the response of an event."""
    names = [word for word in WORD.findall(what) if "." in word or "_" in word]
    names += [name for words, meant in _MEANT.items() if re.search(words, what) for name in meant]
    wanted = [tuple(name.split(".")) for name in names]
    paths = (path for path, _ in pretty(value) if path) if wanted else ()
    return next((path for path in paths if any(path[-len(name) :] == name for name in wanted)), None)


def _number(text: str, pattern: str) -> int:
    found = re.search(pattern, text)
    return int(found[1]) if found else 0


def _depth(value: Any, path: Path) -> int:
    """How many steps of a path a value has."""
    for n, step in enumerate(path):
        inside = (
            step in value
            if isinstance(value, dict)
            else isinstance(value, list) and isinstance(step, int) and step < len(value)
        )
        if not inside:
            return n
        value = value[step]
    return len(path)


def pretty(
    value: Any, path: Path = (), indent: str = "", before: str = "", after: str = ""
) -> Iterator[tuple[Path | None, str]]:
    """The lines of a JSON value, indented, each with the path of what begins on it, None where something ends."""
    if isinstance(value, dict | list) and value:
        pairs = list(value.items()) if isinstance(value, dict) else list(enumerate(value))
        yield path, f"{indent}{before}{'{' if isinstance(value, dict) else '['}"
        for n, (key, inner) in enumerate(pairs):
            name = f"{json.dumps(key, ensure_ascii=False)}: " if isinstance(value, dict) else ""
            yield from pretty(inner, (*path, key), indent + INDENT, name, "," if n < len(pairs) - 1 else "")
        yield None, f"{indent}{'}' if isinstance(value, dict) else ']'}{after}"
    else:
        yield path, f"{indent}{before}{json.dumps(value, ensure_ascii=False)}{after}"
