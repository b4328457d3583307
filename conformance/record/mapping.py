"""Where in the rows of a log the parts of a call stand: a TOML file, of the user's or one of those that come with the suite.

    path = "/v1/chat/completions"       # where no column says it; unless given, requests and answers tell
    streams = "assembled"               # or "events": what the log has of a streamed answer
    request = "partial"                 # or "whole": whether a member that is not in the request was not sent
    answer = "whole"                    # or "partial": the same of the answer
    duration_unit = "ms"                # s, ms, us, ns
    [columns]                           # dotted paths; of a list the first that is there counts
    request = "request"                 # the bodies, as text or as objects
    response = ["response", "output.body"]
    [only]                              # rows with other values are of another API
    operation = ["InvokeModel"]

It must not read rows (mapped.py). What is wrong with a file is said in one line: MappingError.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from conformance.exchange.small_file import toml
from conformance.record.logged import SECONDS
from conformance.wire.jsontext import show

COLUMNS = (
    "request", "response", "messages", "tools", "message", "status", "url", "method", "request_headers", "response_headers", "started",
    "ended", "duration", "model", "session",
)  # fmt: skip
"""What a row may hold. `messages` and `tools` are parts of a request, `message` is the one of an answer, where no bodies are kept."""
_WORDS = {"streams": ("assembled", "events"), "request": ("whole", "partial"), "answer": ("whole", "partial"),
          "duration_unit": tuple(SECONDS)}  # fmt: skip
_TEXTS = ("name", "title", "source", "path")
HERE = Path(__file__).parent / "mappings"


class MappingError(Exception):
    """The file is no mapping; one line that names it."""


@dataclass(frozen=True)
class Mapping:
    """One mapping. `columns`: by part the dotted paths, the first that is there counts; `recognise`: names at the top of a row that
    tell the log; `answers`: names one of which an answer of this API has, where the log holds those of others, too."""

    name: str
    columns: dict[str, tuple[str, ...]] = field(hash=False)
    title: str = ""
    source: str = ""
    path: str = ""
    streams: str = "assembled"
    request: str = "partial"
    answer: str = "whole"
    duration_unit: str = "s"
    recognise: frozenset[str] = frozenset()
    answers: tuple[str, ...] = ()
    only: dict[str, tuple[Any, ...]] = field(default_factory=dict, hash=False)


@cache
def shipped() -> dict[str, Mapping]:
    """Those that come with the suite, by name."""
    return {path.stem: _read(path, path.stem) for path in sorted(HERE.glob("*.toml"))}


def mapping(named: str) -> Mapping:
    """The mapping of a file, or of that name. Raises MappingError."""
    if named in shipped():
        return shipped()[named]
    path = Path(named)
    if path.suffix != ".toml" and not path.is_file():
        raise MappingError(f"there is no mapping {show(named, 60)}, expected a file or one of {', '.join(shipped())}")
    return _read(path, named)


def recognised(names: Iterable[str]) -> Mapping | None:
    """The shipped mapping that a row with these names at its top is read by; None where there is none."""
    there = set(names)
    return next((each for each in shipped().values() if each.recognise and each.recognise <= there), None)


def _read(path: Path, named: str) -> Mapping:
    try:
        _, content = toml(path)
    except (OSError, UnicodeDecodeError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise MappingError(f"the mapping {show(named, 200)} cannot be read: {show(reason, 120)}") from None
    try:
        return _mapping(path.stem, content)
    except ValueError as error:
        raise MappingError(f"the mapping {show(named, 200)}: {error}") from None


def _mapping(name: str, content: dict[str, Any]) -> Mapping:
    """Raises ValueError with what is expected."""
    values: dict[str, Any] = {"name": name}
    for key, value in content.items():
        if key in _TEXTS and isinstance(value, str):
            values[key] = value
        elif key in _WORDS:
            if value not in _WORDS[key]:
                raise ValueError(f"{key} is {show(value, 40)}, expected {' or '.join(_WORDS[key])}")
            values[key] = value
        elif key in ("recognise", "answers"):
            values[key] = (frozenset if key == "recognise" else tuple)(_paths(value, key))
        elif key == "columns" and isinstance(value, dict):
            values[key] = {part: _paths(given, f"columns.{part}") for part, given in value.items()}
        elif key == "only" and isinstance(value, dict):
            values[key] = {
                place: tuple(given if isinstance(given, list) else [given]) for place, given in value.items()
            }
        else:
            raise ValueError(f"{show(key, 40)} has no meaning here, or not as {show(value, 40)}")
    columns = values.get("columns", {})
    if odd := [part for part in columns if part not in COLUMNS]:
        raise ValueError(f"columns.{show(odd[0], 40)} has no meaning here, expected one of {', '.join(COLUMNS)}")
    if not {"response", "message"} & columns.keys():
        raise ValueError("no column holds the answer, expected columns.response or columns.message")
    return Mapping(**values)


def _paths(value: Any, place: str) -> tuple[str, ...]:
    given = value if isinstance(value, list) else [value]
    if not given or not all(isinstance(each, str) and each for each in given):
        raise ValueError(f"{place} is {show(value, 40)}, expected the name of a column, or a list of them")
    return tuple(given)
