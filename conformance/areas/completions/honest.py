"""What the honest reference answers to prompts to continue."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from conformance.areas.parameter_table import schemas
from conformance.reference import logprobs, tokens
from conformance.reference.bounds import check_bounds
from conformance.reference.chat import FINGERPRINT
from conformance.reference.refusal import Refusal
from conformance.reference.replies import Call, Json, Reply
from conformance.reference.respond import Server
from conformance.reference.routes import route

DEFAULT = 16
"""Tokens of a choice where the request does not say."""
NUMBERS = " four, five, six, seven, eight, nine, ten, eleven, twelve, thirteen, fourteen, fifteen, sixteen."
WEEK = " Thursday, Friday, Saturday, Sunday, Monday, Tuesday, Wednesday, Thursday, Friday, Saturday."
ENDLESS = " and so on" * 20 + "."


@dataclass(frozen=True)
class Said:
    """One choice: its tokens, how many of them are the prompt's, and why it ended."""

    tokens: list[bytes]
    echoed: int
    finish: str

    @property
    def made(self) -> int:
        return len(self.tokens) - self.echoed


@route("POST", r"/completions")
def completion(server: Server, call: Call) -> Reply:
    """The continuation of each prompt, `n` times, cut at max_tokens (16 unless asked) and at what stops it."""
    asked = server.read(call)
    check_bounds(asked, schemas("completions"))
    _check(asked)
    given = _prompts(asked.get("prompt"))
    tried, n = asked.get("best_of") or 1, asked.get("n") or 1
    choices = [_say(prompt, asked) for prompt in given for _ in range(n)]
    used = sum(map(len, given)) + tokens.count(asked.get("suffix") or "")
    made = sum(choice.made for choice in choices) * max(tried, n) // n
    usage = {"prompt_tokens": used, "completion_tokens": made, "total_tokens": used + made}
    head = server.head("cmpl-")
    head = {"id": head["id"], "object": "text_completion", "created": head["created"], "model": head["model"]}
    if asked.get("stream"):
        return Reply(
            200, (("content-type", "text/event-stream"),), chunks=tuple(_chunks(head, given, n, choices, asked, usage))
        )
    parts = [
        _choice(index, choice.tokens, choice.finish, _probable(choice, given[index // n], asked, 0, len(choice.tokens)))
        for index, choice in enumerate(choices)
    ]
    mark = {"system_fingerprint": FINGERPRINT}
    return Reply(200, (), {**head, "choices": parts, "usage": usage, **mark})


def _check(asked: Json) -> None:
    tried = asked.get("best_of")
    if tried is not None and (asked.get("n") or 1) > max(tried, 1):
        message = f"You requested more choices (n: {asked['n']}) than are generated (best_of: {tried})."
        raise Refusal(400, message, param="best_of")
    if (tried or 1) > 1 and asked.get("stream"):
        raise Refusal(400, "You cannot stream with best_of: which is the best is known at the end.", param="best_of")
    if asked.get("stream_options") and not asked.get("stream"):
        raise Refusal(
            400, "The 'stream_options' parameter is only allowed when 'stream' is enabled.", param="stream_options"
        )


def _prompts(given: Any) -> list[list[bytes]]:
    """The tokens of each prompt. Raises Refusal."""
    if given is None:
        return [[]]
    several = given if isinstance(given, list) and not _is_tokens(given) else [given]
    found = []
    for each in several:
        if not isinstance(each, str) and not _is_tokens(each):
            raise Refusal(
                400,
                "Invalid type for 'prompt': expected a string, strings, or tokens.",
                param="prompt",
                code="invalid_type",
            )
        found.append(tokens.encode(each) if isinstance(each, str) else tokens.of_ids(each))
    return found


def _is_tokens(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(type(each) is int for each in value)


def _say(prompt: list[bytes], asked: Json) -> Said:
    """What comes after a prompt."""
    text = tokens.decode(prompt)
    rest = NUMBERS if "three" in text else WEEK if "Wednesday" in text else ENDLESS
    stops = asked.get("stop") or ()
    marks = [*([stops] if isinstance(stops, str) else stops), *(asked.get("suffix") or "").split()[:1]]
    ends = [rest.index(mark) for mark in marks if isinstance(mark, str) and mark and mark in rest]
    said = tokens.encode(rest[: min(ends)] if ends else rest)
    limit = DEFAULT if asked.get("max_tokens") is None else asked["max_tokens"]
    echoed = prompt if asked.get("echo") else []
    return Said([*echoed, *said[:limit]], len(echoed), "length" if len(said) > limit else "stop")


def _probable(choice: Said, prompt: list[bytes], asked: Json, start: int, end: int) -> Json | None:
    """The log probabilities of some tokens of a choice, where they are asked for. The first of a prompt has none."""
    top = asked.get("logprobs")
    if top is None:
        return None
    before = 0 if choice.echoed else len(tokens.decode(prompt))
    every = logprobs.legacy(choice.tokens, top, before)
    if choice.echoed:
        every["token_logprobs"][0] = None
        if every["top_logprobs"]:
            every["top_logprobs"][0] = None
    return {name: found and found[start:end] for name, found in every.items()}


def _choice(index: int, said: list[bytes], finish: str | None, probable: Json | None) -> Json:
    return {"text": tokens.decode(said), "index": index, "logprobs": probable, "finish_reason": finish}


def _chunks(head: Json, given: list[list[bytes]], n: int, choices: list[Said], asked: Json, usage: Json) -> list[Json]:
    """The chunks of a stream: a token each, the choices by turns, the last of each with its finish reason and no text."""
    waiting, sent = [], []
    for index, choice in enumerate(choices):
        places, start = [], 0
        for _, said in tokens.portions(choice.tokens):
            places.append((start, start + len(said)))
            start += len(said)
        steps = [
            _choice(index, choice.tokens[a:b], None, _probable(choice, given[index // n], asked, a, b))
            for a, b in places
        ]
        waiting.append([*steps, _choice(index, [], choice.finish, None)])
    while any(waiting):
        sent += [steps.pop(0) for steps in waiting if steps]
    counted = bool((asked.get("stream_options") or {}).get("include_usage"))
    chunks = [{**head, "choices": [part], **({"usage": None} if counted else {})} for part in sent]
    return [*chunks, {**head, "choices": [], "usage": usage}] if counted else chunks
