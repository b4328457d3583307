"""Prompts to continue, by the legacy route: one, several, as tokens, echoed, with log probabilities, streamed."""

from __future__ import annotations

from typing import Any

from conformance.exchange.probe import Body, Probe

COUNTING = "One, two, three,"
DAYS = "Monday, Tuesday, Wednesday,"
NO_TOKEN = 1_000_000_000
LIMIT = 5
"""Tokens in which nothing comes to an end: the counting goes on for many more."""


def _probe(name: str, body: Body, *intent: str, **more: Any) -> Probe:
    more.setdefault("door", "http.completions")
    body = {"prompt": COUNTING, "temperature": 0, "max_tokens": LIMIT} | body
    body = {key: value for key, value in body.items() if value is not None}
    return Probe(name, body, path="/completions", intent=frozenset(intent or ("optional",)), **more)


PROBES = (
    _probe("http.completions", {}, door=None),
    _probe("completions.stream", {"stream": True, "stream_options": {"include_usage": True}}),
    _probe("completions.prompts", {"prompt": [COUNTING, DAYS]}),
    _probe("completions.default", {"max_tokens": None}, depth="normal"),
    # Several choices are asked for as they are made by default: vLLM has one answer only at temperature 0.
    _probe("completions.several", {"prompt": [COUNTING, DAYS], "n": 2, "temperature": None, "stream": True}, depth="normal"),
    _probe("completions.tokens", {"prompt": [[1, 2, 3], [4, 5]]}, depth="normal"),
    _probe("completions.bad-token", {"prompt": [NO_TOKEN, -1]}, "mistake", "bad-token", depth="normal"),
    _probe("completions.echo", {"prompt": [COUNTING, DAYS], "echo": True}, depth="normal"),
    _probe("completions.echo-logprobs", {"prompt": "\nOne, two, three,", "echo": True, "logprobs": 1}, depth="normal"),
    # Who inserts says four, five and six, and who takes no notice of the suffix goes on to seven.
    _probe("completions.suffix", {"suffix": " seven, eight, nine.", "max_tokens": 14}, depth="normal"),
    # Of all but the stop sequences as the first, so that an answer kept from that one shows.
    _probe("completions.stop", {"stop": ["five", "six"]}, depth="normal"),
    _probe("completions.best-of", {"best_of": 2, "n": 1, "temperature": None}, depth="deep"),
    _probe("completions.best-of-stream", {"best_of": 2, "temperature": None, "stream": True}, "mistake", depth="deep"),
    _probe("completions.best-of-few", {"best_of": 1, "n": 2, "temperature": None}, "mistake", depth="deep"),
    _probe("completions.settings", {"top_p": 0.9, "frequency_penalty": 0.1, "presence_penalty": 0.1, "logit_bias": {},
           "user": "conformance"}, depth="deep"),
    _probe("completions.stream-logprobs", {"logprobs": 1, "stream": True}, depth="deep"),
)  # fmt: skip
