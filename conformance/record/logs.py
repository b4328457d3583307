"""Which log of a gateway a file is, told by what is in it, and its entries, one by one. It must not judge or read a row (see the
module of each format)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, BinaryIO

from conformance.record import flows, litellm_log, mapped, otel, parquet, stored, tap
from conformance.record.entries import Entry, LeftOut, attempted
from conformance.record.jsonarray import Broken, names
from conformance.record.jsonlines import LOOKED_AT, any_values, value_of
from conformance.record.mapping import Mapping, recognised

LITELLM, TAP, STORED, OTEL, FLOWS, MAPPED, PARQUET = (
    "LiteLLM log", "Envoy tap", "stored completions", "OpenTelemetry log", "mitmproxy flows", "mapped log", "mapped Parquet",
)  # fmt: skip
KINDS = (LITELLM, TAP, STORED, OTEL, FLOWS, MAPPED, PARQUET)


def kind_of(head: bytes, path: Path, given: Mapping | None = None) -> tuple[str, Mapping | None] | None:
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


def entries(kind: str, path: Path, file: BinaryIO, by: Mapping | None = None) -> Iterator[Entry | LeftOut]:
    """Every entry of a file of this kind, in its order; LeftOut where one cannot be read. Raises Broken, OSError."""
    if kind == TAP:
        return tap.entries(file)
    if kind == FLOWS:
        return flows.entries(file)
    if kind == PARQUET and by:
        return _each(kind, parquet.rows(path, _columns(by)), by)
    return _each(kind, _listed(any_values(file)) if kind == STORED else any_values(file), by)


def _each(kind: str, found: Iterator[Any], by: Mapping | None) -> Iterator[Entry | LeftOut]:
    read: Callable[[Any], Entry] = (
        (lambda row: mapped.entry(row, by))
        if by
        else {LITELLM: litellm_log.entry, STORED: stored.entry}.get(kind, otel.entry)
    )
    for value in found:
        if isinstance(value, LeftOut):
            yield value
        elif kind == OTEL:
            yield from _records(value)
        else:
            yield attempted(read, value, "a call as these logs have them")


def _records(value: Any) -> Iterator[Entry | LeftOut]:
    wanted = "an event as OpenTelemetry writes it"
    try:
        for record in otel.records(value):
            yield attempted(otel.entry, record, wanted)
    except (AttributeError, TypeError, LookupError) as error:
        yield LeftOut(f"not {wanted} ({type(error).__name__})")


def _listed(found: Iterator[Any]) -> Iterator[Any]:
    """Each completion of the pages of a list, or each that stands alone."""
    for value in found:
        if isinstance(value, dict) and isinstance(value.get("data"), list):
            yield from value["data"]
        else:
            yield value


def _columns(by: Mapping) -> set[str]:
    """The names at the top of a row in which anything is looked for, with what stands below them."""
    places = [place for each in by.columns.values() for place in each] + list(by.only)
    return {*places, *(place.partition(".")[0] for place in places)}
