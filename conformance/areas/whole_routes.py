"""What the features of whole routes share: which requests ask for a route, and what shows that it is there."""

from __future__ import annotations

from conformance.exchange import ABSENT, Exchange, find
from conformance.judge.condition import request
from conformance.judge.conditions import intent, post
from conformance.judge.features import HONOURED, Finding, wrong
from conformance.judge.mistakes import mistaken
from conformance.wire.jsontext import show

fetched = request("sent with GET")(lambda x: x.method == "GET")
plain = post & ~mistaken & ~intent("no-key") & ~intent("wrong-key") & ~intent("edge")
UNFIT = ("support", "not allowed")
"""Words of a refusal to use this model so."""


def answered_with(x: Exchange, path: str, *wanted: type) -> Finding:
    """The answer has what the route is for."""
    found = find(x.json, path)
    return (
        HONOURED
        if isinstance(found, wanted)
        else wrong(f"{path} is {'absent' if found is ABSENT else show(found, 60)}")
    )
