"""Lets the library clients do every scenario at the honest reference; fails where one does not work, or it takes too long.

`python -m benchmarks.clients.table [CLIENT...]`: environments are made before the time is taken.
"""

from __future__ import annotations

import sys
import tempfile
import time
from functools import partial

from conformance.cli import process
from conformance.report.trial_table import show_trials
from conformance.run.conductor import conduct
from conformance.run.options import Options
from conformance.run.run_file import read
from conformance.watch.trials.cells import BAD, UNABLE
from conformance.watch.trials.environments import prepare
from conformance.watch.trials.filling import Trials
from conformance.watch.trials.roster import chosen
from conformance.watch.trials.scenarios import SCENARIOS
from conformance.watch.trials.trying import take_in

LIMIT = 90.0
"""Seconds for all library clients."""


def main(words: list[str]) -> int:
    wanted = chosen(words)
    for each in wanted:
        prepare(each)
    with tempfile.TemporaryDirectory() as folder:
        options = Options.make({"report": folder, "asked_by": "clients"})
        trials = Trials(wanted, [*SCENARIOS.values()], told=lambda line: print(line, file=sys.stderr))
        began = time.perf_counter()
        outcome = conduct(options, source=partial(take_in, options, trials))
        took = time.perf_counter() - began
        show_trials(read(f"{folder}/run.jsonl"), process.console())
    odd = [cell for cell in trials.cells if cell.state in (*BAD, UNABLE)]
    works = sum(cell.state == "works" for cell in trials.cells)
    print(f"\n{len(wanted)} clients, {works} scenarios work, {len(odd)} do not; {took:.1f} s (at most {LIMIT:g})")
    return int(bool(odd or trials.absent or outcome.exit_code) or (not words and took > LIMIT))


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
