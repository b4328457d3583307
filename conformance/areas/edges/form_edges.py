"""A request for each edge of each plain field of a form: beyond its bounds, or a text that stands for no value of its type.

In a form every value is a text, so that "0.5" is a number there; what is within all bounds the areas ask themselves.
"""

from __future__ import annotations

from collections.abc import Iterator

from conformance.areas.edges.extremes import STEP, Kind
from conformance.areas.parameter_table import Parameter, Route, forms
from conformance.exchange import Exchange, find
from conformance.exchange.probe import TIDYING, Probe, form_probe
from conformance.wire.multipart import Field

BESIDE = {"stream": "true", "response_format": "verbose_json", "expires_after[anchor]": "created_at"}
WORD = "conformance"
"""No number, no boolean, and no word that a field may have."""


def texts(row: Parameter) -> Iterator[tuple[str, str, Kind]]:
    """(word, text, kind) of each edge of a field."""
    (kind,) = row.types
    if kind in STEP:
        for word, outward in (("minimum", -STEP[kind]), ("maximum", STEP[kind])):
            yield f"beyond-{word}", f"{row.schema[word] + outward:.12g}", "beyond"
    yield "word", WORD, "beyond" if kind == "string" else "mistyped"


def asking(row: Parameter, text: str) -> list[Field]:
    """The fields of a form in which one has this text."""
    of: Route = row.of
    return of.fields({**of.asked, **({row.beside: BESIDE[row.beside]} if row.beside else {}), row.name: text})


def _made(served: Exchange | None) -> str | None:
    """The id of what was made, though it should have been refused."""
    id = find(served.json, "id") if served is not None and served.ok and served.not_json is None else None
    return id if isinstance(id, str) and id else None


def _probes() -> Iterator[Probe]:
    for row in forms():
        for word, text, kind in texts(row):
            name = "-".join(part for part in row.name.replace("[", " ").replace("]", " ").split())
            sent = {key: value for key, value in row.of.sent.items() if key != "path"}
            id = f"edges.{row.route}-{name}-{word}"
            yield form_probe(
                id, row.of.path, asking(row, text), depth="deep", intent=frozenset({"edge", "odd-value", kind}), **sent
            )
            if row.of.undone:
                yield Probe(f"{id}-deleted", method="DELETE", path=row.of.undone, after=id, build=_made, door=row.of.door, last=True,
                            depth="deep", intent=frozenset({"optional", TIDYING}))  # fmt: skip


FORMS = tuple(_probes())
