"""What is wrong with golden prompts of which one thing is changed, and the prompts that are left."""

from __future__ import annotations

import json
import random
import tempfile
from collections.abc import Iterator
from pathlib import Path

import yaml

from conformance.exchange.shipped import place
from conformance.parity.prompts import examine
from tests.support.digests import Held, digest
from tests.support.tables import changed

ROUNDS = 240
"""Files of two prompts."""


def made() -> Held:
    found = list(_prompts())
    return {"prompts": f"{sum(bool(mistakes) for _, mistakes in found)}/{len(found)} {digest(found)}"}


def _prompts() -> Iterator[tuple[object, object]]:
    every = [
        prompt
        for file in sorted(place("golden/prompts").glob("*.yaml"))
        for prompt in yaml.safe_load(file.read_text("utf-8"))
    ]
    with tempfile.TemporaryDirectory() as folder:
        for n in range(ROUNDS):
            draw = random.Random(f"golden {n}")
            these = draw.sample(every, 2)
            these = draw.choice([these, these, these, [these[0], these[0]]])
            text = "".join(f"- {line}\n" for line in map(json.dumps, these))
            if draw.random() < 0.9:
                text = f"- {changed(draw, json.dumps(these[0]).encode()).decode()}\n- {json.dumps(these[1])}\n"
            Path(folder, "a.yaml").write_text(text, "utf-8")
            found, mistakes = examine(Path(folder))
            yield found, [mistake.replace(folder, "") for mistake in mistakes]
