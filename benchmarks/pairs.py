"""How many pairs of supported features are asked for together: `python -m benchmarks.pairs [RUN]`.

RUN is a run file of any endpoint; without one the reference is asked. What the endpoint does not take alone is left out, as in a run.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence

from conformance.areas.pairs import covering
from conformance.areas.pairs.factors import FACTORS, NEEDS, asked_in, fits
from conformance.areas.pairs.probes import supported
from conformance.exchange import Exchange
from conformance.run.run_file import read
from conformance.send.inprocess import exchanges


def report(run: Sequence[Exchange]) -> Iterator[str]:
    """A line for the pairs, then one for each that was not asked for."""
    alone = supported(run)
    valid = {pair for pair in covering.pairs(alone) if fits(covering.whole(pair, NEEDS))}
    ours = [asked_in(x.asked) for x in run if "pairs" in x.intent]
    covered = set().union(*map(covering.pairs, ours))
    yield f"{len(valid & covered)} of {len(valid)} pairs of {len(alone)} supported features asked together in {len(ours)} requests"
    yield f"left out, as not supported alone: {', '.join(sorted(FACTORS.keys() - alone)) or 'none'}"
    yield from (f"not asked together: {' and '.join(sorted(pair))}" for pair in sorted(valid - covered, key=sorted))


if __name__ == "__main__":
    print("\n".join(report(read(sys.argv[1]).exchanges if sys.argv[1:] else exchanges())))
