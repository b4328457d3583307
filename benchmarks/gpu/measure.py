"""Starts vLLM on a GPU, records its answers to the checks and the golden set, and measures its speed: `nox -s gpu`.

Runs as it stands on a machine that has only what benchmarks/gpu/pack.py brought. What it finds becomes a baseline,
OUT/vllm-VERSION-CARD, with figures.json beside the answers.
"""

from __future__ import annotations

import asyncio
import json
import math
import os
import platform
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
import httpx

from conformance.cli.process import prepare
from conformance.exchange.shipped import place
from conformance.reference.vllm import NotServing, Server, serve
from conformance.reference.vllm_here import gpus

TOKENS = 256
"""Output tokens of every request that speed is measured with."""
LEVELS = (1, 8, 64)
"""Requests in flight at once."""
ROUNDS = 4
"""Requests of each place in flight."""
PROMPT = "Count from one to one hundred."
FLAGS = ("--max-num-seqs=64",)


@dataclass
class Answer:
    """Seconds to the first token, and tokens."""

    first: float
    tokens: int


async def ask(client: httpx.AsyncClient, model: str) -> Answer:
    """One streamed answer of TOKENS tokens, whatever the model would have said."""
    body = {
        "model": model, "messages": [{"role": "user", "content": PROMPT}], "max_tokens": TOKENS, "ignore_eos": True,
        "temperature": 1.0, "stream": True, "stream_options": {"include_usage": True},
    }  # fmt: skip
    began = time.perf_counter()
    first, tokens = 0.0, 0
    async with client.stream("POST", "chat/completions", json=body) as answer:
        answer.raise_for_status()
        async for line in answer.aiter_lines():
            if line.startswith("data: {"):
                chunk = json.loads(line.removeprefix("data: "))
                if not first and any(choice["delta"].get("content") for choice in chunk["choices"]):
                    first = time.perf_counter() - began
                tokens = (chunk.get("usage") or {}).get("completion_tokens", tokens)
    if tokens != TOKENS:
        raise click.ClickException(f"a request for {TOKENS} tokens gave {tokens}")
    return Answer(first, tokens)


async def speed(server: Server, level: int) -> dict[str, float]:
    """Tokens a second of all streams together, and times to the first token, with `level` requests in flight."""
    places = asyncio.Semaphore(level)
    headers = {"Authorization": f"Bearer {server.key}"}
    limits = httpx.Limits(max_connections=level)
    async with httpx.AsyncClient(
        base_url=server.base_url, headers=headers, limits=limits, timeout=120, trust_env=False
    ) as client:

        async def one() -> Answer:
            async with places:
                return await ask(client, server.model)

        await asyncio.gather(*(one() for _ in range(level)))  # warm
        began = time.perf_counter()
        answers = await asyncio.gather(*(one() for _ in range(level * ROUNDS)))
        took = time.perf_counter() - began
    firsts = sorted(answer.first for answer in answers)
    return {
        "in flight": level,
        "tokens/s": round(sum(answer.tokens for answer in answers) / took, 1),
        "first token p50 ms": round(1000 * firsts[math.ceil(0.5 * len(firsts)) - 1], 2),
        "first token p95 ms": round(1000 * firsts[math.ceil(0.95 * len(firsts)) - 1], 2),
    }


def folder(out: Path, server: Server) -> Path:
    card = server.device.removeprefix("NVIDIA ").split()[0].lower()
    return out / f"vllm-{server.version or 'unknown'}-{card}"


def record(server: Server, into: Path) -> float:
    """Seconds that it took to ask and record everything, by benchmarks/baseline.py, whose output goes through."""
    began = time.perf_counter()
    own = os.environ | {"OPENAI_BASE_URL": server.base_url, "OPENAI_API_KEY": server.key, "NO_COLOR": "1"}
    done = subprocess.run([sys.executable, "-m", "benchmarks.baseline", str(into)], env=own)
    if done.returncode:
        raise click.ClickException(f"recording ended with exit code {done.returncode}")
    return time.perf_counter() - began


@click.command()
@click.option("--python", default=sys.executable, metavar="PATH", help="The Python that has vLLM.  [this one]")
@click.option("--out", default="golden/baselines", metavar="DIR", type=click.Path(path_type=Path))
@click.option("--cpu", is_flag=True, help="Go on without a GPU, to try the way.")
@click.option("--vllm-flag", "flags", multiple=True, metavar="FLAG", help="A flag of `vllm serve`; it wins over ours.")
def main(python: str, out: Path, cpu: bool, flags: Sequence[str]) -> None:
    """Judge vLLM on this machine's GPU, and measure it."""
    if not gpus() and not cpu:
        raise click.ClickException("no NVIDIA GPU is here (nvidia-smi lists none): nothing was run")
    prepare()
    began = time.perf_counter()
    try:
        with serve(place("fixtures/models/tiny"), python=python, flags=(*FLAGS, *flags)) as server:
            figures: dict[str, Any] = {
                "machine": f"{server.device}, {os.cpu_count()} CPU cores, Python {platform.python_version()}",
                "vLLM": server.version,
                "flags": [*FLAGS, *flags],
                "seconds to start": round(time.perf_counter() - began, 1),
            }
            into = folder(out, server)
            figures["seconds to record"] = round(record(server, into), 1)
            figures["speed"] = [asyncio.run(speed(server, level)) for level in LEVELS]
    except NotServing as error:
        click.echo(error.last_lines, err=True)
        raise click.ClickException(str(error)) from None
    told = json.dumps(figures, indent=2)
    (into / "figures.json").write_text(told + "\n")
    click.echo(told)


if __name__ == "__main__":
    main()
