"""How options are declared, once for the command line, pytest and the configuration file, and how what was given becomes their values.

It must not know which options there are.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable, Mapping
from typing import Any

from conformance.run.readers import text
from conformance.run.user_error import UserError, typed


def option(
    default: Any, metavar: str | None, help: str, *, read: Callable[[str], Any] = text, many: bool = False
) -> Any:
    """A field of Options. `read` turns the text given into the value or raises ValueError with what is expected;
    no `metavar` makes a flag, `many` an option that may be given several times."""
    return dataclasses.field(default=default, metadata={"metavar": metavar, "help": help, "read": read, "many": many})


def values_of(cls: type, given: Mapping[str, Any]) -> dict[str, Any]:
    """The values of a class of options by name, of what was given. Raises UserError."""
    values = {}
    for field in dataclasses.fields(cls):
        value = given.get(field.name)
        if value is None:
            continue
        if field.metadata["metavar"] is None:
            values[field.name] = bool(value)
        elif field.metadata["many"]:
            values[field.name] = tuple(_read(field, text) for text in value)
        else:
            values[field.name] = _read(field, str(value))
    return values


def _read(field: dataclasses.Field, text: str) -> Any:
    try:
        return field.metadata["read"](text)
    except ValueError as wanted:
        if not text.strip():
            raise UserError(f"{flag(field.name)} is empty") from None
        shown = re.sub("//[^/@]*@", "//...@", text.partition("?")[0])  # no password, no key of a URL
        raise UserError(f"{flag(field.name)} is {typed(shown, 100)}, expected {wanted}") from None


def flag(name: str) -> str:
    """The option's name as typed; an underscore at its end keeps apart what is a word of Python."""
    return f"--{name.rstrip('_').replace('_', '-')}"
