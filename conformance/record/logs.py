"""Which log of a gateway a file is, told by what is in it, and its entries, one by one. It must not judge or read a row (see the
module of each format)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, BinaryIO, TypeVar

from conformance.record import flows, litellm_log, mapped, otel, parquet, stored, tap
from conformance.record.entries import Entry, LeftOut, Name, attempted
from conformance.record.jsonarray import Broken, names
from conformance.record.jsonlines import LOOKED_AT, named_values, value_of
from conformance.record.mapping import Mapping, recognised
from conformance.record.remote import Remote

LITELLM, TAP, STORED, OTEL, FLOWS, MAPPED, PARQUET = (
    "LiteLLM log", "Envoy tap", "stored completions", "OpenTelemetry log", "mitmproxy flows", "mapped log", "mapped Parquet",
)  # fmt: skip
KINDS = (LITELLM, TAP, STORED, OTEL, FLOWS, MAPPED, PARQUET)
LINES = frozenset((LITELLM, STORED, OTEL, MAPPED))
"""Kinds that, where they have a value a line, can be read from any of them."""


T = TypeVar("T")


def kind_of(head: bytes, path: Path | Remote, given: Mapping | None = None) -> tuple[str, Mapping | None] | None:
    """Which log a file is by its beginning, and by what it is read where a mapping does; None for another file. Raises Broken where
    it is one that cannot be read."""
    if head.startswith(parquet.MAGIC):
        by = given or recognised(parquet.names(path))
        if by is None:
            raise Broken("its columns are of no log that is known: --mapping says what they hold")
        return PARQUET, by
    if flows.FIRST.match(head):
        return FLOWS, None
    if given is not None and head[:1] in (b"{", b"["):
        return MAPPED, given
    return next((found for there in _tops(head) if (found := _told(there, head))), None)


def _tops(head: bytes) -> Iterator[set[str]]:
    """The names at the top of the values at the beginning of a file."""
    if head.startswith(b"["):
        yield set(names(head, "item"))
    elif head.startswith(b"{"):
        yield set(names(head))
    for line in head.split(b"\n", LOOKED_AT)[:LOOKED_AT]:
        if line.startswith(b"{") and isinstance(value := value_of(line), dict):
            yield set(value)


def _told(there: set[str], head: bytes) -> tuple[str, Mapping | None] | None:
    if there & tap.NAMES:
        return TAP, None
    if there >= litellm_log.NAMES:
        return LITELLM, None
    if there & otel.WRAPPED.keys() or (there >= {"attributes"} and b'"gen_ai.' in head):
        return OTEL, None
    if b'"chat.completion"' in head and there >= {"object"} and there & {"choices", "data"}:
        return STORED, None
    by = recognised(there)
    return (MAPPED, by) if by else None


Named = Iterator[tuple[Name, Entry | LeftOut]]


def entries(
    kind: str, path: Path | Remote, file: BinaryIO, by: Mapping | None = None, span: tuple[int, int | None] = (0, None)
) -> Named:
    """Every entry of a file of this kind, in its order, with its name; LeftOut where one cannot be read. `span`: of the lines alone
    that begin between these bytes, where a file of this kind has a value a line. Raises Broken, OSError."""
    if kind in (TAP, FLOWS):
        return enumerate(tap.entries(file) if kind == TAP else flows.entries(file))
    if kind == PARQUET and by:
        return _each(kind, enumerate(parquet.rows(path, _columns(by))), by)
    return _each(kind, named_values(file, *span), by)


def _each(kind: str, found: Iterator[tuple[Name, Any]], by: Mapping | None) -> Named:
    read: Callable[[Any], Entry] = (
        (lambda row: mapped.entry(row, by))
        if by
        else {LITELLM: litellm_log.entry, STORED: stored.entry}.get(kind, otel.entry)
    )
    for name, value in _apart(found) if kind == STORED else found:
        if isinstance(value, LeftOut):
            yield name, value
        elif kind == OTEL:
            yield from _inner(name, _records(value))
        else:
            yield name, attempted(read, value, "a call as these logs have them")


def _records(value: Any) -> Iterator[Entry | LeftOut]:
    wanted = "an event as OpenTelemetry writes it"
    try:
        for record in otel.records(value):
            yield attempted(otel.entry, record, wanted)
    except (AttributeError, TypeError, LookupError) as error:
        yield LeftOut(f"not {wanted} ({type(error).__name__})")


def _apart(found: Iterator[tuple[Name, Any]]) -> Iterator[tuple[Name, Any]]:
    """Each completion of the pages of a list, or each that stands alone."""
    for name, value in found:
        if isinstance(value, dict) and isinstance(value.get("data"), list):
            yield from _inner(name, value["data"])
        else:
            yield name, value


def _inner(name: Name, values: Iterable[T]) -> Iterator[tuple[Name, T]]:
    """What is together in one value of a file, each after the first by its number in it."""
    for number, value in enumerate(values):
        yield f"{name}.{number}" if number else name, value


def _columns(by: Mapping) -> set[str]:
    """The names at the top of a row in which anything is looked for, with what stands below them."""
    places = [place for each in by.columns.values() for place in each] + list(by.only)
    return {*places, *(place.partition(".")[0] for place in places)}
