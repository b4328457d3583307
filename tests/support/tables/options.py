"""What each option makes of texts that somebody may type, and which options are refused beside each other."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from itertools import combinations
from typing import Any

from conformance.explore.explore_options import ExploreOptions
from conformance.parity.migration.migration_options import MigrationOptions
from conformance.parity.parity_options import ParityOptions
from conformance.run.options import Options
from conformance.run.user_error import UserError
from tests.support.digests import Held, digest
from tests.support.tables import outcome

BOUNDS = (
    0,
    1,
    2,
    3,
    5,
    10,
    16,
    20,
    30,
    60,
    64,
    90,
    99,
    100,
    128,
    200,
    256,
    300,
    365,
    400,
    500,
    512,
    1000,
    1024,
    3600,
    10_000,
    86_400,
)
"""Numbers at which options may begin or end, with what is beside each."""
NUMBERS = sorted({str(n + by) for n in BOUNDS for by in (-1, 0, 1)}, key=int)
SHARES = ("-0.1", "0.0", "0.0009", "0.001", "0.009", "0.01", "0.05", "0.5", "0.51", "0.99", "1.0", "1.01", "1.5", "1000.1", "1e3", "nan",
          "inf", "-inf", "1e400", "1_0", "999999999", "1000000000", "٣")  # fmt: skip
TEXTS = ("", " ", "a", "A b", "auto", "none", "all", "on", "off", "vllm", "text", "json", "must", "should", "may", "never", "gap", "fail",
         "regression", "ray", "process", "A_KEY", "1KEY", "a-b", "x=y", "x=", "=y", "a b=c", "x=\n", "http://h", "https://h:1/v1/", "http://h:0",
         "ftp://h/v1", "http:///v1", "http://u:p@h/v1?key=1", "http://h/#a", "http://h:99999/", "chat", "chat.id", "2026-01-01", "1d", "2w",
         "1-2", "5xx", "\ud800", "\x00", "x" * 200)  # fmt: skip
TYPED = (*NUMBERS, *SHARES, *TEXTS)
CLASSES: dict[type, dict[str, Any]] = {
    Options: {}, ParityOptions: {"base_url": "http://h"}, MigrationOptions: {"from_": "http://h", "to": "http://h"}, ExploreOptions: {},
}  # fmt: skip
"""With what each needs to be made at all."""


def made() -> Held:
    """By option, what comes of every text; and by option what is refused beside each of the others."""
    found: Held = {}
    for cls, needed in CLASSES.items():
        fields = dataclasses.fields(cls)
        for field in fields:
            values = [
                _made(cls, field, text, needed) for text in (TYPED if field.metadata["metavar"] else (True, False))
            ]
            found[f"{cls.__name__}.{field.name}"] = f"{sum('UserError' not in v for v in values)} {digest(values)}"
        for name, said in _beside(cls, needed):
            found[f"{cls.__name__}.{name}.beside"] = digest(said)
    return found


def _made(cls: type, field: dataclasses.Field, text: object, needed: dict[str, Any]) -> str:
    value = [text] if field.metadata["many"] else text
    made = outcome(lambda: getattr(cls.make(needed | {field.name: value}), field.name), UserError)
    return repr(made)


def _beside(cls: type, needed: dict[str, Any]) -> Iterator[tuple[str, list[str]]]:
    """By option, what is said of it beside each other one, both at a value that they take."""
    taken = {field.name: given for field in dataclasses.fields(cls) if (given := _taken(field)) is not None}
    said: dict[str, list[str]] = {name: [] for name in taken}
    for one, other in combinations(taken, 2):
        given = needed | {one: taken[one], other: taken[other]}
        said[one].append(repr(outcome(lambda given=given: cls.make(given), UserError)))
    yield from said.items()


def _taken(field: dataclasses.Field) -> object:
    """The last text that an option takes, and so none that it means anyway."""
    if not field.metadata["metavar"]:
        return not field.default
    for text in reversed(TYPED):
        try:
            value = field.metadata["read"](text)
        except (ValueError, UserError):
            continue
        if value != field.default:
            return [text] if field.metadata["many"] else text
    return None
