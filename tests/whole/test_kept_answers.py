"""What a cache keeps must be told apart by all that a request asks: each parameter whose effect shows is asked for beside a request that
differs in it alone, so that an answer kept from that one fails the check that looks at the effect."""

from __future__ import annotations

import pytest

from tests.support.proving import honest

SHOWS = {
    "chat": ("stream", "logprobs", "parallel_tool_calls", "seed", "stop", "tool_choice"),
    "completions": ("echo", "logprobs", "max_tokens", "stop"),
    "embeddings": ("dimensions", "encoding_format"),
    "responses": ("previous_response_id", "stream", "tool_choice"),
}
UNUSUAL = {"edge", "staged", "mistake"}


def asked(route):
    return [x for x in honest().values() if x.route == route and x.method == "POST" and not x.intent & UNUSUAL]


@pytest.mark.parametrize(("route", "name"), [(route, name) for route, names in SHOWS.items() for name in names])
def test_a_parameter_is_asked_for_beside_a_request_that_differs_in_it_alone(route, name):
    rest = [({key: value for key, value in x.asked.items() if key != name}, x.asked.get(name)) for x in asked(route)]
    alone = [(one, other) for one, value in rest for other, another in rest if one == other and value != another]
    assert alone, "an answer kept without this parameter in its key would not show"
