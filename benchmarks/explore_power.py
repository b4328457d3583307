"""What `explore` finds, measured on the reference: `nox -s explore-power`. Prints a table; fails where a figure is missed.

On the honest reference so many made-up examples find nothing. Then lies are drawn at random from those that a made-up request can
meet: where one of the same examples, sent to the lying reference, fails a check that names the lie as its proof. That is so for
no lie that needs staging, credentials, or words that only the suite's own probes have. Each is explored anew, by another seed,
until such a check is caught.
"""

from __future__ import annotations

import random
import sys
import time
from collections.abc import Iterator
from tempfile import TemporaryDirectory

from conformance.areas.catalogue import catalogue, lies, routes
from conformance.explore.court import Court
from conformance.explore.exploration import Exploration
from conformance.explore.explore_options import ExploreOptions
from conformance.explore.hunt import Caught
from conformance.explore.made import Made
from conformance.explore.sending import Spent
from conformance.judge.verdicts import Check
from conformance.reference.lies import Lie
from conformance.reference.respond import Server
from conformance.run.witness import AREA
from conformance.send.inprocess import EPOCH, ask

HONEST, WITHIN, DRAWN = 2000, 300, 50
"""Examples on the honest reference, examples within which a lie is to be found, and lies drawn."""
SEED = 11
CHECKS = [check for check in catalogue().values() if check.area != AREA]


class Measured(Exploration):
    """An exploration of the reference in this process, which keeps what was made up."""

    def __init__(self, lie: Lie | None, examples: int, seed: int, folder: str) -> None:
        server = Server(routes(), lie=lie, now=lambda: EPOCH)
        options = ExploreOptions(examples=examples, report=folder)
        super().__init__(lambda requests: [ask(server, each) for each in requests], server.model, CHECKS, options, seed)
        self.made: list[Made] = []

    def _ask(self, made: Made) -> list:
        self.made.append(made)
        return super()._ask(made)


def named(lie: str) -> list[Check]:
    """The checks that name the lie as their proof."""
    return [check for check in CHECKS if lie in check.breaks]


def honest() -> tuple[list[Made], list[Caught]]:
    """What is made up for the honest reference, and what is found there."""
    with TemporaryDirectory() as folder:
        exploring = Measured(None, HONEST, SEED, folder)
        exploring.run()
    return exploring.made, exploring.hunt.caught


def met(lie: Lie, pool: list[Made]) -> bool:
    """Whether any of these requests, sent to the lying reference, fails a check that the lie proves."""
    server, court = Server(routes(), lie=lie, now=lambda: EPOCH), Court(named(lie.name))
    sent = ([ask(server, each) for each in made.requests(n, server.model)] for n, made in enumerate(pool))
    return any(court.failures(exchanges) for exchanges in sent)


def found(lie: Lie, seed: int) -> int | None:
    """After how many examples a check that the lie proves was caught, None where none was."""
    wanted, at = {check.id for check in named(lie.name)}, []

    def stop(caught: Caught) -> None:
        if caught.failure.check.id in wanted:
            at.append(exploring.hunt.tried)
            raise Spent("caught")

    with TemporaryDirectory() as folder:
        exploring = Measured(lie, WITHIN, seed, folder)
        exploring.hunt.on_caught = stop
        exploring.run()
    return at[0] if at else None


def drawn(pool: list[Made], most: int) -> Iterator[Lie]:
    """Lies at random, of those that the requests meet."""
    for name in random.Random(SEED).sample(sorted(lies()), len(lies())):
        if most and named(name) and met(lies()[name], pool):
            most -= 1
            yield lies()[name]


def main(most: int = DRAWN) -> int:
    began = time.perf_counter()
    pool, wrong = honest()
    print(
        f"honest reference: {len(wrong)} findings in {HONEST} examples, {time.perf_counter() - began:.0f} s", flush=True
    )
    for caught in wrong:
        print(f"    {caught.failure.check.id}: {caught.failure.message}\n    {caught.made}")
    times = {lie.name: found(lie, SEED + n + 1) for n, lie in enumerate(drawn(pool, most))}
    for name, at in times.items():
        print(f"    {name:36}{'MISSED' if at is None else f'after {at} examples'}")
    missed = sum(at is None for at in times.values())
    print(f"lies found within {WITHIN} examples: {len(times) - missed} of {len(times)}")
    print(f"{time.perf_counter() - began:.0f} s in all")
    return 1 if wrong or missed else 0


if __name__ == "__main__":
    raise SystemExit(main(*map(int, sys.argv[1:])))
