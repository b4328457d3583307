"""An endpoint asked when it is cold, beside a run: every answer, the refusals too, goes to the judge, and each round into the footer."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from conformance.exchange import Exchange
from conformance.run.book import Book
from conformance.run.live import opened
from conformance.run.options import Options
from conformance.send.cold_asking import LONGEST, Round
from conformance.send.cold_round import round_of, told
from conformance.send.limits import Limits
from conformance.send.preflight import preflight


@dataclass
class Cooling:
    """What to do: let the endpoint go cold (`idle`), so often; the seconds within which the first token must come. And what came of it."""

    idle: Callable[[], None]
    times: int = 1
    max_cold: float | None = None
    longest: float = LONGEST
    """Seconds after which a round asks no more, unless `max_cold` is longer."""
    rounds: list[Round] = field(default_factory=list)

    @property
    def slow(self) -> bool:
        """A first token came too late, by --max-cold."""
        return any(self.max_cold and each.first and each.first > self.max_cold for each in self.rounds)

    @property
    def code(self) -> int:
        """The exit code: 0 where both SDKs get their answers in time."""
        verdicts = {verdict for each in self.rounds for verdict, _ in each.sdks.values()}
        verdicts |= {"untold" for each in self.rounds if each.first is None}
        return 1 if "no" in verdicts or self.slow else 3 if "untold" in verdicts else 0


def take_in(options: Options, cooling: Cooling, book: Book) -> dict[str, Any]:
    """Ask, round by round, and take all that comes into the book; what the footer says of it. Raises CannotJudge."""
    asked = 0
    with opened(options.base_url, options.header, options.api_key_env) as target, asyncio.Runner() as runner:
        waited: list[Exchange] = []
        checking = preflight(
            target, options.model, Limits(), key_env=options.api_key_env, wait=options.wait, on_refusal=waited.append
        )
        model, first = runner.run(checking)
        target = replace(target, model=model)
        about = {"base_url": target.redactor.url(target.base_url), "model": model, "asked_by": "cold"}
        book.open(about, target.redactor)
        for x in (*waited[:1], first):
            book.take_recorded(x)
        for n in range(cooling.times):
            cooling.idle()
            found = runner.run(round_of(target, f"{n + 1}", max(cooling.longest, cooling.max_cold or 0.0)))
            cooling.rounds.append(found)
            exchanges = [each.x for each in found.tries] + ([found.warm] if found.warm else [])
            asked += len(exchanges)
            for x in exchanges:
                book.take_recorded(x)
                book.keep(x)
        book.end_of_recording()
    rounds = [each.record for each in cooling.rounds]
    return {
        "exchanges": asked + 1,
        "cold": {"max_cold": cooling.max_cold, "exit_code": cooling.code, "rounds": rounds},
        "exit_code": cooling.code,
        "remarks": remarks(cooling),
    }


def remarks(cooling: Cooling) -> list[str]:
    """A line for each round, and one for each SDK that does not get its answer."""
    said = []
    for n, each in enumerate(cooling.rounds, 1):
        said.append(f"Cold, round {n}: {told(each)}")
        said += [f"Round {n}: {name} {why}" for name, (verdict, why) in each.sdks.items() if verdict != "yes"]
        if cooling.max_cold and each.first is not None and each.first > cooling.max_cold:
            said.append(f"Round {n}: the first token came after {each.first:.1f} s, --max-cold is {cooling.max_cold:g}")
    return said
