"""Everything that is made up: chat requests, valid ones and ones with a mistake, and the other documented routes."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from conformance.areas.questions import HELLO, LIMIT, ORIGIN
from conformance.exchange import Headers
from conformance.exchange.probe import UNKNOWN_MODEL, Body
from conformance.explore import asks, slips
from conformance.explore.made import Made
from conformance.explore.message_forms import CAPITAL, ONE_CAPITAL, SCHEMAS
from conformance.explore.sayings import NAMES, SAID, one_of

OPTIONAL = frozenset({"optional"})
HEADERS: tuple[Headers, ...] = (
    (("Content-Type", "application/json; charset=utf-8"),),
    (("X-Stainless-Lang", "js"), ("X-Stainless-Retry-Count", "1"), ("X-Stainless-Timeout", "600"), ("X-Unknown", "conformance")),
    (("Origin", ORIGIN),), (("X-Client-Request-Id", "a" * 512),), (("Accept-Encoding", "identity"),), (("Accept", "*/*"),),
    (("Accept", "text/event-stream"),), (("OpenAI-Beta", "assistants=v2"),), (("Idempotency-Key", "stainless-1"),),
)  # fmt: skip
"""What clients send beside, of which a server takes notice or not."""


@st.composite
def embeddings(draw: st.DrawFn) -> Made:
    body: Body = {"input": draw(SAID | st.lists(SAID, min_size=1, max_size=5))}
    body |= draw(st.sampled_from(({}, {"encoding_format": "float"}, {"encoding_format": "base64"}, {"user": "ada"})))
    return Made(body, "/embeddings", intent=OPTIONAL)


@st.composite
def completions(draw: st.DrawFn) -> Made:
    body: Body = {"prompt": draw(st.just("One, two, three,") | SAID), "max_tokens": draw(st.integers(1, 16))}
    body |= draw(st.sampled_from(({}, {"temperature": 0}, {"logprobs": 2}, {"logprobs": 0}, {"logprobs": 5})))
    return Made(body, "/completions", intent=OPTIONAL)


@st.composite
def responses(draw: st.DrawFn) -> Made:
    body: Body = {"input": draw(SAID), "max_output_tokens": draw(st.integers(16, 400))}
    if draw(st.booleans()):
        form = {"type": "json_schema", "name": draw(NAMES), "strict": True, "schema": draw(SCHEMAS)}
        body |= {"text": {"format": form}, "max_output_tokens": 400}
    return Made(body, "/responses", intent=OPTIONAL)


OTHERS = (
    Made(None, "/models", "GET"),
    Made(None, "/models/{model}", "GET"),
    Made(None, f"/models/{UNKNOWN_MODEL}", "GET", intent=frozenset({"unknown-model"})),
    Made(None, "/embeddings", "GET", intent=frozenset({"mistake", "wrong-method"})),
    Made({"messages": []}, "/conformance-no-such-route", intent=frozenset({"mistake", "unknown-route"})),
    Made({"input": HELLO}, "/embeddings", intent=OPTIONAL),
    Made({"input": [HELLO, "b"], "encoding_format": "base64"}, "/embeddings", intent=OPTIONAL),
    *(Made({"prompt": "One, two, three,", "max_tokens": 5, "temperature": 0, **more}, "/completions", intent=OPTIONAL)
      for more in ({}, {"logprobs": 0}, {"logprobs": 2})),
    Made({"input": CAPITAL, "max_output_tokens": LIMIT}, "/responses", intent=OPTIONAL),
    Made({"input": CAPITAL, "max_output_tokens": LIMIT,
          "text": {"format": {"type": "json_schema", **ONE_CAPITAL["json_schema"]}}}, "/responses", intent=OPTIONAL),
)  # fmt: skip
"""Simple requests to the other routes."""


def _with(made: Made, headers: Headers) -> Made:
    return replace(made, headers=headers)


ALONE = (*asks.ALONE, *slips.ALONE, *OTHERS, *(_with(asks.ALONE[0], headers) for headers in HEADERS))
"""Each thing by itself: what most often shows a fault, and shows it best. The simplest come first."""
MADE: SearchStrategy[Made] = st.builds(
    _with,
    st.one_of(asks.chats(), asks.chats(), asks.chats(), asks.chats(), slips.MISTAKEN,
              st.one_of(one_of(OTHERS), embeddings(), completions(), responses())),
    st.just(()) | one_of(HEADERS),
)  # fmt: skip
"""Any example: several things together."""
