"""The mistakes that can be made on any route, asked of those beside chat: no key, a wrong one, half a JSON text, an unknown model.

What an honest server is asked here it refuses, so that it costs nothing.
"""

from __future__ import annotations

from collections.abc import Iterator

from conformance.areas.parameter_table import Route, every, forms
from conformance.exchange.probe import UNKNOWN_MODEL, Probe, form_probe

TABLES = {row.of.name: row.of for row in every() if row.route != "chat"}
FORMS = {row.of.name: row.of for row in forms() if not row.of.undone}
"""Those that leave nothing behind where a stranger is served."""
LISTS = {"files": "files.list", "batches": "files.batch-list"}
"""Lists of what users have there, by their door."""
WITH_A_MODEL = ("completions", "embeddings", "moderations", "speech")
"""Routes whose unknown model nobody else asks about."""


def _strangers(of: Route) -> Iterator[Probe]:
    """The least request that is served, without the key and with a wrong one."""
    for key, mark, depth in (("none", "no-key", "normal"), ("wrong", "wrong-key", "deep")):
        name, more = f"mistakes.{of.name}-{mark}", {"key": key, "depth": depth, "intent": frozenset({"mistake", mark})}
        if of.files:
            yield form_probe(name, fields=of.fields(of.asked), **of.sent, **more)
        else:
            yield Probe(name, of.asked, **of.sent, **more)


def _mistaken(of: Route) -> Iterator[Probe]:
    half = b'{"model": "{model}", "'
    yield Probe(
        f"mistakes.{of.name}-half-json", half, **of.sent, depth="deep", intent=frozenset({"mistake", "half-json"})
    )
    if of.name in WITH_A_MODEL:
        yield Probe(f"mistakes.{of.name}-unknown-model", {**of.asked, "model": UNKNOWN_MODEL}, **of.sent, depth="deep",
                    intent=frozenset({"mistake", "unknown-model"}))  # fmt: skip


ELSEWHERE = (
    *(probe for of in (*TABLES.values(), *FORMS.values()) for probe in _strangers(of)),
    *(probe for of in TABLES.values() for probe in _mistaken(of)),
    *(Probe(f"mistakes.{name}-no-key", method="GET", path=f"/{name}?limit=2", key="none", door=door, depth="normal",
            intent=frozenset({"mistake", "no-key"})) for name, door in LISTS.items()),
)  # fmt: skip
