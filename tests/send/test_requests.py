"""What is sent for a probe: names in a path as the SDKs write them."""

from __future__ import annotations

import pytest
from openai._utils import path_template

from conformance.exchange.probe import Probe
from conformance.send.requests import built, requests

NAMES = [
    "org/name",
    "ft:gpt-4o:acme::id",
    "two words",
    "a+b",
    "100%",
    "née",
    "what?#",
    "a&b=c;d,e",
    "~user/.hidden",
    "[x]{y}",
]


@pytest.mark.parametrize("name", NAMES)
def test_a_name_in_a_path_is_quoted_as_the_sdk_quotes_it(name):
    (asked,) = requests(Probe("a", method="GET", path="/models/{model}"), name)
    (made,) = requests(Probe("a", method="GET", path="/models/{built}", build=lambda x: name), "model")
    assert asked.path == built(made, "model", None).path == path_template("/models/{model}", model=name)


def test_each_place_in_a_path_gets_its_part():
    probe = Probe(
        "a", method="GET", path="/responses/{built}/input_items?after={built}", build=lambda x: ("resp_1", "a/b")
    )
    (asked,) = requests(probe, "m")
    assert built(asked, "m", None).path == "/responses/resp_1/input_items?after=a%2Fb"
