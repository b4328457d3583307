"""Pools of real answers for `nox -s power`: what one server answers to the questions of `--same-model`, asked many times.

It must not test anything. The questions are those of parity/same_model/ruling.py, with numbers that go on.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Mapping
from typing import Any

from conformance.exchange import Exchange
from conformance.parity import prompts as golden
from conformance.parity.answers import Answer
from conformance.parity.asking import TARGET, Side
from conformance.parity.prompt import Prompt
from conformance.parity.same_model import ruling
from conformance.send.allowance import Allowance
from conformance.send.limits import Limits
from conformance.send.sender import client
from conformance.send.target import Target

TIMES = 3
"""Answers to each prompt beside what one trial draws of them."""
PROMPTS = golden.load()
PLANS = {"logprobs": ruling.plan_logprobs(PROMPTS), "text": ruling.plan_texts(PROMPTS)}
"""What one trial asks, by method."""
TEXTS, EVERY = PLANS["text"], PLANS["logprobs"] | PLANS["text"]
"""The kinds of questions by text, and all."""
CONCURRENCY = 16
Pool = dict[str, dict[str, list[Any]]]
"""By kind of question and prompt: top logprobs or texts."""
Body = dict[str, Any]
Change = Callable[[Body], Mapping[str, Any]]
"""What is done to a request, as another server would do it by itself."""


def unchanged(asked: Body) -> Mapping[str, Any]:
    return asked


def hotter(asked: Body) -> Mapping[str, Any]:
    """A server that samples at a tenth more than the temperature asked for."""
    return asked | {"temperature": 1.1 * asked["temperature"]}


def without_top_p(asked: Body) -> Mapping[str, Any]:
    """A server that ignores top_p."""
    return asked | {"top_p": 1}


def halved(asked: Body) -> Mapping[str, Any]:
    """A server that keeps the later half of what is in the context, in words."""
    total = sum(len(_words(message)) for message in asked["messages"])
    left, kept = total - total // 2, []
    for message in reversed(asked["messages"]):
        words = _words(message)[-left:] if left > 0 else []
        left -= len(words)
        kept += [message | {"content": " ".join(words)}] if words else []
    return asked | {"messages": kept[::-1]}


def _words(message: Mapping[str, Any]) -> list[str]:
    return str(message["content"]).split(" ")


def pool(target: Target, kinds: Collection[str], change: Change = unchanged) -> Pool:
    """The answers of one server, asked as a test asks, round by round. Raises SystemExit where one is not usable."""
    return asyncio.run(_pool(target, kinds, change))


async def _pool(target: Target, kinds: Collection[str], change: Change) -> Pool:
    found: Pool = {}
    async with client(target.base_url) as http:
        side = Side(TARGET, target, Allowance(Limits()), http, concurrency=CONCURRENCY, take=lambda x: None)
        for kind, (prompts, repeats) in EVERY.items():
            if kind not in kinds:
                continue
            answers: dict[str, list[Any]] = {prompt.id: [] for prompt in prompts}
            asked = [pair for n in range(1, TIMES * repeats + 1) for pair in ruling.rounds(kind, prompts, n)]
            sent = [ruling.question(TARGET, kind, prompt, n) for prompt, n in asked]
            back = await side.ask([(id, change(body)) for id, body in sent])
            for (prompt, _), x in zip(asked, back, strict=True):
                answers[prompt.id].append(_read(kind, prompt, x))
            found[kind] = answers
    return found


def _read(kind: str, prompt: Prompt, x: Exchange) -> Any:
    answer = Answer(prompt, x)
    value = (ruling.logprobs(answer) if kind == ruling.LOGPROBS else answer.text or "") if answer.usable else None
    if value is None:
        raise SystemExit(f"{x.id} gave no usable answer: {answer.failure or 'no logprobs'}")
    return value
