"""What is made of golden prompts' answers that differ in one thing: lines, times, totals, gates, bills, the exit code."""

from __future__ import annotations

import random
from collections import defaultdict
from dataclasses import replace
from typing import Any

from conformance.exchange import Exchange
from conformance.parity import prices
from conformance.parity.closing import close, prompt_from
from conformance.parity.parity_options import ParityOptions
from conformance.parity.prompt import Must
from tests.support import rendered
from tests.support.digests import Held, digest
from tests.support.tables import altered

ROUNDS = 60
PRICES = {side: {"input": 0.5 + n, "output": 2.0 - n} for n, side in enumerate(prices.SIDES)} | {"currency": "EUR"}


class _Kept:
    """What would be written of a run."""

    def __init__(self) -> None:
        self.lines: list[tuple[str, Any]] = []

    def line(self, record: dict[str, Any]) -> None:
        self.lines.append((f"{record['type']}.{record.get('prompt') or record.get('side') or ''}", record))

    def footer(self, record: dict[str, Any]) -> None:
        self.lines += [(f"footer.{name}", value) for name, value in record.items()]


def made() -> Held:
    """By line of the run file and part of its footer, what it was in each round."""
    run, found = rendered.run("parity"), defaultdict(list)
    prompts = [prompt_from(record) for record in run.header["golden"]]
    asked = [x for x in run.exchanges if "#" in x.id]
    for n in range(ROUNDS):
        draw, kept = random.Random(f"parity {n}"), _Kept()
        header = run.header | draw.choice([{}, {"prices": PRICES}])
        header |= draw.choice([{}, {}, {"baseline": header["baseline"] | {"kind": "none"}}])
        header |= draw.choice([{}, {"target": header["target"] | {"model": header["baseline"].get("model")}}])
        these = [replace(p, must=_must(draw, p.must), compare=_compare(draw, p.compare)) for p in prompts]
        answers = [_answer(draw, x) for x in asked if draw.random() > 0.02]
        code = close(kept, these, answers, _options(draw), header, {}, [])
        for name, value in [*kept.lines, ("exit_code", code)]:
            found[name].append(value)
    return {
        name: f"{len({str(value) for value in values})}/{len(values)} {digest(values)}"
        for name, values in found.items()
    }


def _answer(draw: random.Random, x: Exchange) -> Exchange:
    """Mostly the same answer, a little later."""
    slower = draw.choice([0.5, 1.0, 1.0, 2.0])
    x = replace(x, memo={}, arrivals=tuple((round(at * slower, 6), size) for at, size in x.arrivals))
    return altered(draw, x) if draw.random() < 0.25 else x


def _must(draw: random.Random, must: Must) -> Must:
    """What is asked of an answer, sometimes something else."""
    other = {
        "contains": ("Paris", "no such words"), "finish_reason": ("length", "stop"), "json": True, "calls": ("get_weather",),
    }  # fmt: skip
    name = draw.choice(list(other))
    return replace(must, **{name: other[name]}) if draw.random() < 0.2 else must


def _compare(draw: random.Random, names: tuple[str, ...]) -> tuple[str, ...]:
    return names if draw.random() < 0.7 else ("text", "tokens", "json", "tool_calls", "logprobs")


def _options(draw: random.Random) -> ParityOptions:
    """Gates at bounds that some rounds meet."""
    shares = (None, "0", "0.5", "0.9", "1")
    return ParityOptions.make(
        {
            "base_url": "http://x/v1",
            "max_gap": draw.choice(["0", "1", "2", "6"]),
            "min_tool_success": draw.choice(shares),
            "min_schema_valid": draw.choice(shares),
            "max_ttft_p95": draw.choice([None, "0.9", "1.5"]),
            "max_tokens_ratio": draw.choice([None, "0.9", "1", "1.1"]),
            **draw.choice([{}, {"prices": "p.toml", "monthly_requests": draw.choice(["1", "1000000"])}]),
        }
    )
