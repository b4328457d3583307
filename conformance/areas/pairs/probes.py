"""Features asked for together: every pair of those that the endpoint takes alone, some thirteen in each request.

Which it takes alone, all requests before tell; what was refused alone, or never asked for, is left out.
"""

from __future__ import annotations

from collections.abc import Sequence

from conformance.areas.pairs.covering import Row, rows, whole
from conformance.areas.pairs.factors import FACTORS, NEEDS, alone, body_of, fits
from conformance.exchange import Exchange
from conformance.exchange.probe import EARLIER, Body, Probe
from conformance.judge.refusals import TURNED_DOWN

WIDTH = 13
"""Features in one request: with more, fewer requests would do, and a refusal would tell less."""
ROWS = rows(FACTORS, NEEDS, fits, WIDTH)


def supported(earlier: Sequence[Exchange]) -> frozenset[str]:
    """The features that some request asked for and was served, none was refused for by name, with all that they need."""
    chats = alone(earlier)
    served = {name for x, names in chats if x.ok for name in names}
    refused = {name for x, names in chats if x.status in TURNED_DOWN for name in names if FACTORS[name].named(x)}
    return frozenset(name for name in served if not refused & whole([name], NEEDS) and whole([name], NEEDS) <= served)


def planned(row: Row, earlier: Sequence[Exchange] | None) -> Body | None:
    """The request for a row, as far as its features are supported; None where no pair is left of it."""
    names = row if earlier is None else row & supported(earlier)
    return body_of(names) if len(names) > 1 else None


PROBES = tuple(
    Probe(
        f"pairs.{n:02}",
        {},
        after=EARLIER,
        build=lambda earlier, row=row: planned(row, earlier),
        intent=frozenset({"pairs"}),
        depth="normal",
    )
    for n, row in enumerate(ROWS)
)
