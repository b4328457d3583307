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
