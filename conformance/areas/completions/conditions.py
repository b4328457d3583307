"""What the laws of legacy completions ask: which prompts were sent, how many choices are owed, and which answers can be compared."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any

from conformance.exchange import Exchange, Unreadable, is_a, need
from conformance.judge.condition import Condition, request
from conformance.judge.conditions import choices_asked, greedy, looked_at, ok, post, route, status, streaming
from conformance.judge.registry import differs
from conformance.judge.shared import as_inputs, in_vocabulary
from conformance.judge.verdicts import Relation

LIMIT = 16
"""Tokens of a choice where the request says nothing of it."""

legacy = route("completions") & post
made = legacy & ok
plain = made & ~streaming
stream = made & streaming
heard = legacy & looked_at & ~status(401, 403)
"""Answered for what was asked, not for the key or a limit."""


def prompts(x: Exchange) -> list[Any]:
    """The prompts of a request: a text or a list of tokens is one, any other list as many as it holds."""
    return as_inputs(x.asked.get("prompt"))


def owed(x: Exchange) -> int:
    """How many choices the request asks for: `n` for each prompt."""
    return len(prompts(x)) * choices_asked(x)


def most(x: Exchange) -> int:
    """The most tokens that may be made: of all choices and, with best_of, of those that were not chosen."""
    tried = x.asked.get("best_of")
    return most_each(x) * len(prompts(x)) * max(choices_asked(x), tried if is_a(tried, int) else 1)


def most_each(x: Exchange) -> int:
    """The most tokens of a choice."""
    limit = x.asked.get("max_tokens")
    return limit if is_a(limit, int) and limit >= 0 else LIMIT


@request("with several prompts, and nothing that may be refused beside them")
def several_prompts(x: Exchange) -> bool:
    odd = any(x.asked.get(name) for name in ("echo", "suffix", "best_of", "logprobs"))
    return not odd and len(found := prompts(x)) > 1 and all(isinstance(each, str) for each in found)


@request("with tokens in place of texts, all of them of a vocabulary")
def of_tokens(x: Exchange) -> bool:
    return in_vocabulary(prompts(x))


@request("for a number of logprobs")
def numbered(x: Exchange) -> bool:
    return is_a(x.asked.get("logprobs"), int) and 0 <= x.asked["logprobs"] <= 5


@request("that echoes prompts which are texts")
def echoed(x: Exchange) -> bool:
    return x.asked.get("echo") is True and all(isinstance(each, str) and each for each in prompts(x))


# ---------------------------------------------------------------------- choices


def parts(x: Exchange) -> Iterator[tuple[str, dict[str, Any]]]:
    """(path, choice) of every choice of a plain answer, or of every chunk. Raises Unreadable."""
    bodies = [(f"chunk {n}.", chunk) for n, chunk in enumerate(x.chunks)] if x.streaming else [("", x.answer)]
    for where, body in bodies:
        for n, choice in enumerate(need(body, "choices", list)):
            if not isinstance(choice, dict):
                raise Unreadable(differs(f"{where}choices.{n}", choice, "an object"))
            yield f"{where}choices.{n}", choice


def texts(x: Exchange) -> dict[int, str]:
    """The text of each choice, by its index. Raises Unreadable."""
    found: dict[int, str] = {}
    for _, choice in parts(x):
        index = need(choice, "index", int)
        found[index] = found.get(index, "") + need(choice, "text", str)
    if not found:
        raise Unreadable("choices is [], expected at least one choice")
    return found


# ---------------------------------------------------------------------- which belong together


def _asked(x: Exchange, *apart: str) -> str:
    """What was asked, some parameters apart."""
    body = {name: value for name, value in x.asked.items() if name not in apart and value is not None}
    return json.dumps([x.url, body], sort_keys=True)


def _beside_a_prompt(form: Condition, exchanges: Sequence[Exchange]) -> Iterator[tuple[Exchange, Exchange]]:
    """(one prompt that was continued, another form of request to the same model), no mistake among them."""
    first: dict[Any, Exchange] = {}
    for x in exchanges:
        if plain(x) is True and isinstance(x.asked.get("prompt"), str):
            first.setdefault((x.url, x.asked.get("model")), x)
    for x in exchanges:
        sound = legacy(x) is True and not x.intent & {"mistake", "edge"} and form(x) is True
        if sound and (served := first.get((x.url, x.asked.get("model")))) is not None:
            yield served, x


def _twins(exchanges: Sequence[Exchange]) -> Iterator[tuple[Exchange, Exchange]]:
    """(plain, streamed) of the same request at temperature 0."""
    before = {_asked(x, "stream", "stream_options"): x for x in exchanges if plain(x) is True and greedy(x)}
    for x in exchanges:
        if stream(x) is True and (one := before.get(_asked(x, "stream", "stream_options"))) is not None:
            yield one, x


def _longer(exchanges: Sequence[Exchange]) -> Iterator[tuple[Exchange, Exchange]]:
    """(with a limit, with a higher one) of the same request at temperature 0."""
    groups: dict[str, list[Exchange]] = {}
    for x in exchanges:
        if plain(x) is True and greedy(x) and len(prompts(x)) == 1:
            groups.setdefault(_asked(x, "max_tokens"), []).append(x)
    for group in groups.values():
        ordered = sorted(group, key=most)
        yield from ((one, ordered[-1]) for one in ordered[:-1] if most(one) < most(ordered[-1]))


def beside_a_prompt(form: Condition) -> Relation:
    return Relation(f"legacy request {form.name}, to a model that continues a prompt", partial(_beside_a_prompt, form))


twins = Relation("legacy request at temperature 0, plain and streamed", _twins)
"""(plain, streamed)"""
longer = Relation("legacy request at temperature 0 under two limits", _longer)
"""(the lower, the higher)"""
