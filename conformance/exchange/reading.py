"""Reading what strangers sent: a value at a path, of the type it must have, or `Unreadable` in words.

It must not judge; it is the one way in which checks and views touch parsed JSON, so that no damaged answer can crash them.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any, NoReturn

from conformance.wire.jsontext import show


class Unreadable(Exception):
    """The answer does not hold what a check wanted to read; the message is `<path> is <seen>, expected <wanted>`."""


class NotRecorded(Exception):
    """The recorder did not keep what a check wanted to read, so that the check has nothing to judge here."""


_NAMES = {dict: "an object", list: "an array", str: "a string", int: "an integer", float: "a number", bool: "a boolean"}


class Kept(dict[str, Any]):
    """An object of which a log may have left members out: what is not there is not recorded, rather than absent."""


class KeptRequest(Kept):
    """The same of a request: who asks for a member that is not there is told, in whatever way they ask."""

    def get(self, name: Any, default: Any = None) -> Any:
        return self[name]

    def __contains__(self, name: object) -> bool:
        return super().__contains__(name) or _not_kept(name)

    def __missing__(self, name: object) -> Any:
        _not_kept(name)


def _not_kept(name: object) -> NoReturn:
    raise NotRecorded(f"the recording holds no {name}")


def kept(value: Any) -> Any:
    """The value with every object in it Kept, and without members that are null: logs write null for what was not there."""
    if isinstance(value, list):
        return [kept(item) for item in value]
    if isinstance(value, dict):
        return Kept((name, kept(item)) for name, item in value.items() if item is not None)
    return value


class _Absent:
    """Reads as what it is where a list of what was found is shown."""

    def __repr__(self) -> str:
        return "absent"


ABSENT = _Absent()
"""What `find` gives for a path that is not there (None means that null was sent)."""


@lru_cache(maxsize=1024)
def _steps(path: str) -> tuple[str, ...]:
    return tuple(path.split("."))


def find(value: Any, path: str) -> Any:
    """The value at a dotted path ("choices.0.message"), ABSENT where there is none."""
    if type(value) is dict and path in value and "." not in path:  # by far the most of all that is read
        return value[path]
    for step in _steps(path):
        if isinstance(value, dict) and step in value:
            value = value[step]
        elif isinstance(value, list) and step.isdigit() and int(step) < len(value):
            value = value[int(step)]
        elif isinstance(value, Kept):
            _not_kept(step)
        else:
            return ABSENT
    return value


def need(value: Any, path: str, *kinds: type | None) -> Any:
    """The value at a dotted path, of one of the types named (None for null). Raises Unreadable."""
    found = find(value, path)
    if type(found) in kinds:
        return found
    for kind in kinds:
        if found is None if kind is None else is_a(found, kind):
            return found
    wanted = " or ".join("null" if kind is None else _NAMES[kind] for kind in kinds)
    raise Unreadable(f"{path} is {'absent' if found is ABSENT else show(found)}, expected {wanted}")


def is_a(value: Any, kind: type) -> bool:
    """isinstance as JSON means it: true is no integer, and an integer is a number."""
    if isinstance(value, bool):
        return kind is bool
    return isinstance(value, (int, float) if kind is float else kind)


def text_at(value: Any, path: str) -> str | None:
    """The string at a dotted path; None where it is null or absent. Raises Unreadable where it is anything else."""
    try:
        found = find(value, path)
    except NotRecorded:
        return None
    return None if found is ABSENT else need(value, path, str, None)
