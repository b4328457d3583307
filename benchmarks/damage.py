"""Damaged answers through all that reads one: judge, features, budget, official client. `nox -s damage -- [N] [SEED] [ROUTE...]`.

Each is an honest answer with one to three damages, drawn by the seed and its number, so that one alone can be tried again. ROUTEs
(exchange/documented.py) leave out the answers of all others. Fails where anything raises, or is broken by a fault of ours.
"""

from __future__ import annotations

import random
import sys
import traceback
from collections.abc import Iterator
from contextlib import ExitStack
from functools import cache
from multiprocessing import get_context

from conformance.areas.catalogue import catalogue, features
from conformance.clients import losses, outcomes
from conformance.clients.replay import GIVE_UPS, Client
from conformance.exchange import Exchange, NotRecorded
from conformance.judge.decider import OURS, Decider
from conformance.judge.judge import Judge
from conformance.send.budget import Budget
from tests.support import damage
from tests.whole.test_damage import COMPANIONS, HONEST

MANY, TOGETHER = 50_000, 3
PORTION = 100
"""Damaged answers that one process takes at once, in clients of its own."""
SHOWN = 10


@cache
def _damages(n: int) -> list[damage.Damage]:
    return damage.all_damages(HONEST[n])


@cache
def _answers(routes: tuple[str, ...]) -> list[int]:
    return [n for n, x in enumerate(HONEST) if not routes or x.route in routes]


def drawn(seed: int, number: int, routes: tuple[str, ...] = ()) -> Exchange:
    """The damaged answer of this number, to a request of one of these routes, or of any."""
    draw = random.Random(f"{seed}:{number}")
    n = draw.choice(_answers(routes))
    x = draw.choice(_damages(n))()
    for _ in range(draw.randrange(TOGETHER)):
        x = draw.choice(damage.all_damages(x))()
    return x


def faults(x: Exchange, client: Client) -> Iterator[str]:
    """What breaks on this answer; all that raises is let through."""
    budget, decider, court = Budget(), Decider(features().values()), Judge(catalogue().values())
    budget.settle(x, 0)
    decider.add(x)
    for finding in decider.finish():
        if finding.why.startswith(OURS):
            yield f"feature {finding.feature.name}: {finding.why}"
    try:
        outcomes.remember(x, client.outcomes(x))
    except NotRecorded:
        outcomes.remember(x, ())
    losses.breaks(x)
    for each in (*COMPANIONS[x.id], x):
        court.add(each)
    for verdict in court.finish():
        if verdict.outcome == "broken":
            yield f"{verdict.check.id}: {verdict.reason}"


def portion(given: tuple[int, tuple[str, ...], int, int]) -> list[tuple[int, str]]:
    """(number, what broke) of some in a row."""
    seed, routes, first, last = given
    amiss: list[tuple[int, str]] = []
    with ExitStack() as stack:
        client = stack.enter_context(Client())
        for number in range(first, last):
            try:
                amiss += [(number, fault) for fault in faults(drawn(seed, number, routes), client)]
            except Exception:
                amiss.append((number, traceback.format_exc(limit=-3)))
            if client._given_up >= GIVE_UPS:  # it would try nothing more
                client = stack.enter_context(Client())
    return amiss


def main(many: int = MANY, seed: int = 1, *routes: str) -> int:
    if missing := [route for route in routes if not _answers((route,))]:
        sys.exit(f"no answer of the reference is of the route {missing[0]}")
    portions = [(seed, routes, first, min(first + PORTION, many)) for first in range(0, many, PORTION)]
    amiss: list[tuple[int, str]] = []
    with get_context("fork").Pool() as pool:
        for done, found in enumerate(pool.imap_unordered(portion, portions), 1):
            amiss += found
            for number, fault in found if len(amiss) <= SHOWN else ():
                print(f"\nnumber {number} of seed {seed}, {drawn(seed, number, routes).id}:\n{fault}", flush=True)
            if done % 50 == 0 or done == len(portions):
                print(
                    f"{done * PORTION:,} of {many:,}: {len({number for number, _ in amiss})} with a fault", flush=True
                )
    print(f"{many:,} damaged answers of seed {seed}: {len({number for number, _ in amiss})} with a fault (to reach: 0)")
    return 1 if amiss else 0


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:3]), *sys.argv[3:]))
