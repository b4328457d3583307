"""What `--same-model` tells apart, measured on real vLLM servers: `nox -s power`. Prints a table; fails where a figure is missed.

One server of the tiny model is the baseline, one more of the same weights is what must not be told from it, and others serve
its variants (fixtures/models/variants.py). Sampling and the context are changed in the requests, as a server would change them
by itself. Each is asked more often than a test asks (benchmarks/pools.py). Then every trial draws from the pools what one test asks,
without putting back, so that a trial is as a run would be; trials of one pair of servers share their pools and are not
independent of each other.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from itertools import combinations
from pathlib import Path

import numpy as np

from benchmarks import pools
from benchmarks.pools import EVERY, PLANS, TEXTS, Pool
from conformance.parity.same_model import samples
from conformance.parity.same_model.permutation import permute
from conformance.parity.same_model.ruling import LOGPROBS, NUCLEUS, Plan
from conformance.reference.vllm import serve
from conformance.send.target import Target

ALPHA = 0.01
TRIALS = 200
MODEL = Path(__file__).parent.parent / "fixtures" / "models" / "tiny"
BASELINE, TWIN = "baseline", "same weights"
LEAST = {
    ("logprobs", "4-bit"): 0.95,
    ("logprobs", "step"): 0.95,
    ("logprobs", "system-dropped"): 0.95,
    ("logprobs", "template"): 0.95,
    ("logprobs", "seed"): 0.95,
    ("text", "4-bit"): 0.9,
    ("text", "seed"): 0.9,
    ("text", "temperature 1.1"): 0.9,
    ("text", "system-dropped"): 0.9,
}
"""Shares of trials that must see the change."""
MOST = 0.02
"""False alarms."""
CHANGES = {
    "temperature 1.1": (pools.hotter, TEXTS),
    "top_p ignored": (pools.without_top_p, (NUCLEUS,)),
    "context halved": (pools.halved, EVERY),
}
"""What is done to requests, and which questions can show it; the other answers are those of the same weights."""
SERVERS = ("4-bit", "8-bit", "seed", "step", "template", "system-dropped", "system-added")
"""The variants that are served."""


def collect(folder: Path, python: str) -> dict[str, Pool]:
    """The pool of every server, one after the other."""
    wanted = {BASELINE: {BASELINE: (pools.unchanged, EVERY), **CHANGES}}
    wanted |= {name: {name: (pools.unchanged, EVERY)} for name in (TWIN, *SERVERS)}
    found: dict[str, Pool] = {}
    for server, asked in wanted.items():
        model = MODEL if server in (BASELINE, TWIN) else folder / server
        with serve(model, python=python) as running:
            for name, (change, kinds) in asked.items():
                began = time.perf_counter()
                found[name] = pools.pool(Target(running.base_url, running.model, running.key), kinds, change)
                print(f"{name}: {time.perf_counter() - began:.0f} s", flush=True)
    return found


def detected(plan: Plan, target: Pool, other: Pool, baseline: Pool) -> tuple[float, int]:
    """The share of trials in which the target's answers are told from the baseline's, and how many answers a trial takes.
    Answers that the target was not asked for are drawn from `other`, of the same weights."""
    seen = size = 0
    for trial in range(TRIALS):
        generator = np.random.default_rng(trial)
        strata, size = [], 0
        for kind, (prompts, number) in plan.items():
            mine, theirs = (target if kind in target else other)[kind], baseline[kind]
            for id in (prompt.id for prompt in prompts):
                strata.append(
                    samples.stratum(kind, _drawn(mine[id], number, generator), _drawn(theirs[id], number, generator))
                )
                size += 2 * number
        seen += permute(strata, seed=trial).p_value < ALPHA
    return seen / TRIALS, size


def _drawn(answers: Sequence[object], number: int, generator: np.random.Generator) -> list[object]:
    return [answers[n] for n in generator.choice(len(answers), number, replace=False)]


def noise(pool: Pool) -> float:
    """How far the logprobs of one token in one context lie apart at most: what the batch's other requests do to them."""
    tables = (samples.logprobs_table(answers) for answers in pool[LOGPROBS].values())
    return max(float(np.abs(a - b).max()) for table in tables for a, b in combinations(table, 2))


def table(found: dict[str, Pool]) -> int:
    """Print what is told apart, and return how many figures are missed."""
    missed, sizes = 0, {}
    print(f"\nalpha {ALPHA:g}, {TRIALS} trials\n\n| change | by logprobs | by text |\n|---|---|---|")
    for name in (TWIN, *SERVERS, *CHANGES):
        row = [f"{name} (false alarms; at most {MOST:.0%})" if name == TWIN else name]
        for method, plan in PLANS.items():
            if not set(plan) & set(found[name]):
                row.append("-")
                continue
            share, sizes[method] = detected(plan, found[name], found[TWIN], found[BASELINE])
            least = LEAST.get((method, name), 0.0)
            good = share <= MOST if name == TWIN else share >= least
            missed += not good
            row.append(f"{share:.1%}{f' (to reach: {least:.0%})' if least else ''}{'' if good else ' MISSED'}")
        print(f"| {' | '.join(row)} |", flush=True)
    print(
        f"\nof both sides together, a trial takes {sizes['logprobs']} output tokens by logprobs, {sizes['text']} completions by text"
    )
    most = max(noise(found[name]) for name in (BASELINE, TWIN))
    print(f"logprobs of one and the same server differ by {most:.1g} nats at most; the test ignores {samples.FLOOR:g}")
    return missed


def main(variants: str, python: str) -> int:
    began = time.perf_counter()
    missed = table(collect(Path(variants), python))
    print(f"{time.perf_counter() - began:.0f} s in all")
    return 1 if missed else 0


if __name__ == "__main__":
    raise SystemExit(main(*sys.argv[1:]))
