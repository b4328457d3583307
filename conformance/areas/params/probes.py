"""Parameters of a chat request: at their bounds, as null, seeded, of several stop sequences, too large, and wrong ones.

Those without an effect on the text (user, metadata and their like) travel with chat.tier. Plain only, where streaming adds nothing.
"""

from __future__ import annotations

from conformance.areas.questions import COUNT, COUNTED, DIGITS, HELLO, LIMIT, WITH_USAGE
from conformance.exchange.probe import Body, Depth, Probe, chat_probe, user

NUMBER = "Write a random number of twelve digits. Write only the number."
BOUNDED: Body = {"temperature": 2, "top_p": 1, "presence_penalty": 2, "frequency_penalty": -2, "logit_bias": {"0": 100}}
"""Each at a bound of what it may be. The bias forces one token, whichever it is: so the text is that token again and again."""
HUGE = 100_000_000
"""More tokens than any model writes."""
NULLABLE = (
    "temperature", "top_p", "n", "stream_options", "logprobs", "top_logprobs", "max_tokens", "seed",
    "logit_bias", "presence_penalty", "frequency_penalty",
)  # fmt: skip
"""Long established parameters that the specification lets be null; `stop` and `stream` are null in chat.unicode."""
UNSET = ("tools", "tool_choice", "parallel_tool_calls", "response_format")
"""What clients send as null where they have none; the specification does not say that they may."""


def _probe(name: str, *intent: str, depth: Depth = "quick", **body: object) -> Probe:
    body = {"messages": user(HELLO), "max_completion_tokens": LIMIT} | body
    return Probe(f"params.{name}", body, intent=frozenset(intent), depth=depth)


PROBES = (
    chat_probe("params.stops",
         {"messages": user(DIGITS), "stop": ["@@", "7 8 9"], "temperature": 0, "max_completion_tokens": LIMIT},
         intent={"stop-inside"}, streamed=WITH_USAGE),
    chat_probe("params.seed",
         {"messages": user(NUMBER), "seed": 42, "temperature": 1, "max_completion_tokens": LIMIT},
         intent={"seeded"}),
    # Another seed must give another number: a server that always says the same one heeds none.
    Probe("params.seed-other", {"messages": user(NUMBER), "seed": 43, "temperature": 1, "max_completion_tokens": LIMIT},
          depth="normal"),
    _probe("bounds", "parameters", messages=user(COUNT), max_completion_tokens=8, **BOUNDED),
    # No comma is so likely that it stays so after 38 others, at 2 less each.
    Probe("params.penalty", COUNTED | {"frequency_penalty": 2}),
    _probe("nulls", "parameters", **dict.fromkeys(NULLABLE)),
    _probe("unset", "parameters", depth="deep", **dict.fromkeys(UNSET)),
    _probe("huge", "huge-limit", max_completion_tokens=HUGE),
    _probe("two-limits", "long-answer", depth="deep", messages=user(COUNT), max_tokens=5, max_completion_tokens=9),
    # OpenAI takes no max_completion_tokens beside a prediction.
    Probe("params.prediction",
          {"messages": user(HELLO), "prediction": {"type": "content", "content": "Hello! How can I help you today?"}},
          intent=frozenset({"optional", "parameters"})),
    _probe("top-p-above", "mistake", depth="deep", top_p=1.5, max_completion_tokens=16),
    _probe("penalty-above", "mistake", depth="deep", presence_penalty=2.5, max_completion_tokens=16),
    _probe("n-below", "mistake", depth="deep", n=0, max_completion_tokens=16),
    _probe("effort-unknown", "mistake", "unknown-effort", reasoning_effort="banana", max_completion_tokens=16),
)  # fmt: skip
