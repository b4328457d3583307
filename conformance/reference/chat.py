"""Turns what the script says into a chat completion: cuts it at limits and stop sequences, counts tokens, makes chunks.

It must not decide what is said (script.py) nor what is refused (rules.py).
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from conformance.reference import logprobs, tokens
from conformance.reference.rules import CONTEXT, Refusal, prompt_tokens
from conformance.reference.script import Said, named, say

Json = dict[str, Any]

FINGERPRINT = "fp_conformance"
MOST = 200_000
"""Tokens of all choices of an answer, each with its alternatives."""
_CALL_COST = 2
_PENALTY = 20
"""A token whose frequency penalty has come to this much is not said again."""
"""Tokens that a call takes beside its arguments."""


@dataclass(frozen=True)
class Turn:
    """One choice as generated: its tokens (of the text, or of the arguments of each call), its end, and what they cost."""

    text: list[bytes] | None
    calls: tuple[tuple[str, str, str, list[bytes]], ...]
    finish: str
    cost: int


@dataclass(frozen=True)
class Completion:
    """A finished generation, from which a plain body or the chunks of a stream are made."""

    asked: Json
    id: str
    created: int
    model: str
    turns: tuple[Turn, ...]

    # ------------------------------------------------------------------ plain

    def body(self) -> Json:
        return {
            "id": self.id,
            "object": "chat.completion",
            "created": self.created,
            "model": self.model,
            "choices": [self._choice(n, turn) for n, turn in enumerate(self.turns)],
            "usage": self.usage(),
            "service_tier": "default",
            "system_fingerprint": FINGERPRINT,
        }

    def _choice(self, index: int, turn: Turn) -> Json:
        text = None if turn.text is None else tokens.decode(turn.text)
        message: Json = {"role": "assistant", "content": text, "refusal": None, "annotations": []}
        calls = [_call(*call) for call in turn.calls]
        if calls and self.asked.get("functions"):
            message["function_call"] = calls[0]["function"]
        elif calls:
            message["tool_calls"] = calls
        return {"index": index, "message": message, "logprobs": self._logprobs(turn.text), "finish_reason": turn.finish}

    def _logprobs(self, said: list[bytes] | None, start: int = 0) -> Json | None:
        """The log probabilities of some tokens of a text, where the request asks for them."""
        if said is None or not self.asked.get("logprobs"):
            return None
        return {"content": logprobs.entries(said, self.asked.get("top_logprobs") or 0, start), "refusal": None}

    def usage(self) -> Json:
        prompt, completion = prompt_tokens(self.asked), sum(turn.cost for turn in self.turns)
        accepted = sum(_predicted(self.asked, turn.text or []) for turn in self.turns)
        return {
            "prompt_tokens": prompt,
            "completion_tokens": completion,
            "total_tokens": prompt + completion,
            "prompt_tokens_details": {"cached_tokens": 0, "audio_tokens": 0},
            "completion_tokens_details": {
                "reasoning_tokens": 0,
                "audio_tokens": 0,
                "accepted_prediction_tokens": accepted,
                "rejected_prediction_tokens": 0,
            },
        }

    # ------------------------------------------------------------------ streamed

    def chunks(self) -> tuple[Json, ...]:
        """The chunks of the stream: choices interleaved, the finish reasons, the usage chunk if asked for."""
        options = self.asked.get("stream_options") or {}
        waiting = [self._deltas(turn) for turn in self.turns]
        parts: list[tuple[int, Json, Json | None, str | None]] = []
        while any(waiting):
            for index, deltas in enumerate(waiting):
                if deltas:
                    parts.append((index, *deltas.pop(0), None if deltas else self.turns[index].finish))
        chunks = [
            self._chunk([{"index": index, "delta": delta, "logprobs": probable, "finish_reason": finish}])
            for index, delta, probable, finish in parts
        ]
        if options.get("include_usage"):
            chunks = [{**chunk, "usage": None} for chunk in chunks] + [{**self._chunk([]), "usage": self.usage()}]
        if options.get("include_obfuscation", True):
            chunks = [{**chunk, "obfuscation": "x" * (n % 7)} for n, chunk in enumerate(chunks)]
        return tuple(chunks)

    def _chunk(self, choices: list[Json]) -> Json:
        return {
            "id": self.id,
            "object": "chat.completion.chunk",
            "created": self.created,
            "model": self.model,
            "service_tier": "default",
            "system_fingerprint": FINGERPRINT,
            "choices": choices,
        }

    def _deltas(self, turn: Turn) -> list[tuple[Json, Json | None]]:
        """(delta, log probabilities) of one choice in order, the last delta empty: it carries the finish reason."""
        if turn.calls:
            return [(delta, None) for delta in self._call_deltas(turn)]
        start, spoken = 0, [({"role": "assistant", "content": "", "refusal": None}, self._logprobs([]))]
        for text, said in tokens.portions(turn.text or []):
            if text or self.asked.get("logprobs"):
                spoken.append(({"content": text}, self._logprobs(said, start)))
            start += len(said)
        return [*spoken, ({}, None)]

    def _call_deltas(self, turn: Turn) -> list[Json]:
        if self.asked.get("functions"):
            _, _, name, arguments = turn.calls[0]
            head = {"role": "assistant", "content": None, "function_call": {"name": name, "arguments": ""}}
            return [head, *({"function_call": {"arguments": piece}} for piece in tokens.pieces(arguments)), {}]
        fragments = [part for n, call in enumerate(turn.calls) for part in _fragments(n, *call)]
        if len(turn.calls) > 1:
            return [{"role": "assistant", "content": None}, *({"tool_calls": [f]} for f in fragments), {}]
        first = {"role": "assistant", "content": None, "tool_calls": [fragments[0]], "refusal": None}
        return [first, *({"tool_calls": [f]} for f in fragments[1:]), {}]


def _call(kind: str, id: str, name: str, arguments: list[bytes]) -> Json:
    field = "input" if kind == "custom" else "arguments"
    return {"id": id, "type": kind, kind: {"name": name, field: tokens.decode(arguments)}}


def _fragments(index: int, kind: str, id: str, name: str, arguments: list[bytes]) -> Iterator[Json]:
    field = "input" if kind == "custom" else "arguments"
    yield {"index": index, "id": id, "type": kind, kind: {"name": name, field: ""}}
    for piece in tokens.pieces(arguments):
        yield {"index": index, kind: {field: piece}}


def complete(asked: Json, id: str, created: int, model: str) -> Completion:
    """Generate the answer to a valid chat request. Raises Refusal where it would be too large."""
    said = say(asked)
    room = CONTEXT - prompt_tokens(asked)
    limit = min(room, asked.get("max_completion_tokens") or room, asked.get("max_tokens") or room)
    many = asked.get("n") or 1
    first = _turn(asked, said, limit, f"{id[-12:]}0")
    size = many * first.cost * (1 + (asked.get("top_logprobs") or 0))
    if size > MOST:
        raise Refusal(400, f"The answer would hold more than {MOST:,} tokens and alternatives to them.", param="n")
    turns = (first, *(_turn(asked, said, limit, f"{id[-12:]}{n}") for n in range(1, many)))
    return Completion(asked, id, created, model, turns)


def _turn(asked: Json, said: Said, limit: int, seed: str) -> Turn:
    if said.calls:
        return _calling(asked, said, limit, seed)
    text, finish = said.content or "", "stop"
    stops = asked.get("stop") or []
    for stop in [stops] if isinstance(stops, str) else stops:
        if stop in text:
            text = text[: text.index(stop)]
    forced = (asked.get("response_format") or {}).get("type") not in (None, "text")  # a form leaves no token to choose
    produced = _penalised(tokens.encode(text), 0 if forced else asked.get("frequency_penalty") or 0)
    if len(produced) > limit:
        produced, finish = produced[:limit], "length"
    return Turn(produced, (), finish, max(1, len(produced)))


def _penalised(produced: list[bytes], penalty: float) -> list[bytes]:
    """The tokens without those that came too often before."""
    counts: dict[bytes, int] = {}
    kept = []
    for token in produced:
        if penalty <= 0 or penalty * counts.get(token, 0) < _PENALTY:
            kept.append(token)
        counts[token] = counts.get(token, 0) + 1
    return kept


def _predicted(asked: Json, said: list[bytes]) -> int:
    """How many tokens of the text begin as the prediction does."""
    prediction = asked.get("prediction") or {}
    expected = tokens.encode(prediction["content"]) if isinstance(prediction.get("content"), str) else []
    alike = (one == other for one, other in zip(expected, said, strict=False))
    return sum(itertools.takewhile(bool, alike))


def _calling(asked: Json, said: Said, limit: int, seed: str) -> Turn:
    calls, left = [], limit
    for n, (kind, name, arguments) in enumerate(said.calls):
        left -= _CALL_COST
        kept = tokens.encode(arguments)[: max(0, left)]
        cut = len(kept) < len(tokens.encode(arguments))
        calls.append((kind, f"call_{seed:0>20}{n:04d}", name, kept))
        left -= len(kept)
        if cut or (left <= 0 and n + 1 < len(said.calls)):
            return Turn(None, tuple(calls), "length", limit)
    return Turn(None, tuple(calls), _finish(asked), limit - left)


def _finish(asked: Json) -> str:
    """OpenAI says "stop" for a call that the request named, and "tool_calls" for one that the model chose."""
    if asked.get("functions"):
        return "stop" if isinstance(asked.get("function_call"), dict) else "function_call"
    choice = asked.get("tool_choice")
    return "stop" if isinstance(choice, dict) and choice["type"] != "allowed_tools" and named(choice) else "tool_calls"
