"""Which parameters must be pinned: those that requests leave to the server, and whose defaults differ between two servers.

Three things tell of a default: what a server says of it (an answer of /responses names its parameters), whether answers to one and the
same request vary (temperature), and where an answer ends that was given no limit. `ask` asks; `differences` is pure.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

from conformance.exchange import ABSENT, Exchange, Unreadable, find
from conformance.parity.answers import Answer
from conformance.parity.asking import PINNED, Side, name
from conformance.parity.prompt import Prompt
from conformance.record.run_lines import Record
from conformance.wire.jsontext import show

PROMPTS, TIMES = 6, 3
"""Prompts that are asked as a client sends them, and how often of each side."""
PREFIX = "as-sent."
ECHO = "echo"
ECHOED = {
    "temperature": "temperature", "top_p": "top_p", "presence_penalty": "presence_penalty", "frequency_penalty": "frequency_penalty",
    "parallel_tool_calls": "parallel_tool_calls", "store": "store", "reasoning.effort": "reasoning_effort",
    "text.verbosity": "verbosity", "service_tier": "service_tier",
}  # fmt: skip
"""Members of a response by the parameter of a chat completion."""
LIMITS = ("max_completion_tokens", "max_tokens")
VARIES = 0.5
"""The share of prompts by which two servers' answers vary otherwise, from which on that is no chance."""


async def ask(prompts: Sequence[Prompt], sides: Sequence[Side]) -> None:
    """Some prompts as a client sends them, nothing pinned, and one request that tells of defaults; of all sides at once."""
    chosen = sorted(prompts, key=lambda p: not p.uncertain)[:PROMPTS]

    async def one(side: Side) -> None:
        asked = [
            (name(side.side, PREFIX + p.id, n), {"stream": False, **p.request})
            for n in range(1, TIMES + 1)
            for p in chosen
        ]
        await side.ask([(name(side.side, ECHO), {"input": "Say OK.", "max_output_tokens": 16})], "/responses")
        await side.ask(asked)

    await asyncio.gather(*map(one, sides))


def unpinned(prompts: Sequence[Prompt]) -> set[str]:
    """Parameters that some prompt leaves to the server."""
    wanted = {*PINNED, *ECHOED.values()}
    left = {each for p in prompts for each in wanted if each not in p.request}
    return left | ({LIMITS[0]} if any(not any(n in p.request for n in LIMITS) for p in prompts) else set())


def differences(prompts: Sequence[Prompt], answers: Mapping[tuple[str, str], list[Exchange]]) -> Record:
    """`differ`: (parameter, at the baseline, at the target), of those that some prompt leaves out; `seen`: what there was to go by."""
    left, differ, seen = unpinned(prompts), [], []
    echoes = [_echo(answers.get((side, ECHO), [])) for side in ("baseline", "target")]
    if all(each is not None for each in echoes):
        told = [(to, *(find(each, member) for each in echoes)) for member, to in ECHOED.items()]
        named = [row for row in told if ABSENT not in row[1:]]
        seen.append(f"both say {len(named)} defaults in their answers of /responses")
        differ += [(to, show(was, 40), show(now, 40)) for to, was, now in named if was != now and to in left]
    asked = _asked(prompts, answers)
    if asked:
        seen.append(f"{len(asked)} prompts were asked {TIMES} times as they are")
        differ += [row for row in (_varying(asked), _ending(asked)) if row and row[0] in left]
    once = {row[0]: row for row in reversed(differ)}
    return {"differ": [list(row) for row in once.values()], "seen": seen, "left": sorted(left)}


Sides = tuple[list[Answer], list[Answer]]
"""The usable answers of the baseline and of the target to one prompt."""


def _asked(prompts: Sequence[Prompt], answers: Mapping[tuple[str, str], list[Exchange]]) -> list[tuple[Prompt, Sides]]:
    found = []
    for p in prompts:
        sides = tuple(
            [a for a in (Answer(p, x) for x in answers.get((side, PREFIX + p.id), ())) if a.usable]
            for side in ("baseline", "target")
        )
        if all(len(side) == TIMES for side in sides):
            found.append((p, sides))
    return found


def _varying(asked: Sequence[tuple[Prompt, Sides]]) -> tuple[str, str, str] | None:
    """The temperature, where the answers of one side vary and those of the other do not."""
    free = [sides for p, sides in asked if "temperature" not in p.request]
    vary = [sum(len({a.text for a in sides[n]}) > 1 for sides in free) for n in (0, 1)]
    if len(free) < 3 or abs(vary[0] - vary[1]) <= VARIES * len(free):
        return None
    return ("temperature", *(f"answers vary on {number} of {len(free)} prompts" for number in vary))


def _ending(asked: Sequence[tuple[Prompt, Sides]]) -> tuple[str, str, str] | None:
    """The limit of an answer, where one side alone cuts answers that were given none."""
    for p, sides in asked:
        if any(each in p.request for each in LIMITS):
            continue
        cut = [[a for a in side if "length" in (a.finish_reason or "")] for side in sides]
        if len(cut[0]) != len(cut[1]) and not min(map(len, cut)) and max(map(len, cut)) == TIMES:
            said = [
                f"{p.id} is cut after {answers[0].counted('completion_tokens')} tokens"
                if answers
                else f"{p.id} is not cut"
                for answers in cut
            ]
            return (LIMITS[0], *said)
    return None


def _echo(xs: Sequence[Exchange]) -> Any:
    try:
        return next((x.json for x in xs if x.ok and x.ended == "complete" and isinstance(x.json, dict)), None)
    except Unreadable:
        return None
