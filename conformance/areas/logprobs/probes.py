"""Log probabilities of tokens: with alternatives, alone, of legacy completions, and what must be refused."""

from __future__ import annotations

from conformance.areas.questions import HELLO, LIMIT, UNICODE
from conformance.exchange.probe import Probe, chat_probe, user

TOP = 3
"""Alternatives asked for at each token."""
LEGACY_TOP = 2


def _asking(text: str, **more: object) -> dict[str, object]:
    return {"messages": user(text), "temperature": 0, "max_completion_tokens": LIMIT, **more}


PROBES = (
    # Characters of several tokens: their bytes are to be joined. The response_format is the default one, which changes nothing.
    chat_probe("logprobs.top", _asking(UNICODE, logprobs=True, top_logprobs=TOP, response_format={"type": "text"}),
               intent={"natural-end", "optional"}),
    # Of all but logprobs as chat.hello, so that an answer kept from that one shows.
    chat_probe("logprobs.alone", _asking(HELLO, logprobs=True), intent={"natural-end", "optional"}),
    Probe("logprobs.completions", {"prompt": "One, two, three,", "max_tokens": 5, "temperature": 0, "logprobs": LEGACY_TOP},
          path="/completions", intent=frozenset({"optional"})),
    Probe("logprobs.completions-zero", {"prompt": "One, two, three,", "max_tokens": 5, "temperature": 0, "logprobs": 0},
          path="/completions", intent=frozenset({"optional"}), depth="deep"),
    Probe("logprobs.top-alone", _asking(HELLO, top_logprobs=TOP), intent=frozenset({"mistake"})),
    Probe("logprobs.too-many", _asking(HELLO, logprobs=True, top_logprobs=21), intent=frozenset({"mistake"}), depth="deep"),
)  # fmt: skip
