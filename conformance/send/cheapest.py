"""The cheapest request there is, sent again and again until a rate limit turns one away.

Sent only where the user asks for it (`--burst`, `--limited-key-env`), so it is not among `probes()`.
"""

from __future__ import annotations

from conformance.areas.questions import STAGE_HEADER
from conformance.exchange.probe import Headers, Probe, user
from conformance.send.requests import Request, requests

HI = "Hi."

STAGED: Headers = ((STAGE_HEADER, "limit"),)
"""Asks a server that can stage situations for a limit to run into."""


def cheap(name: str, model: str, *intent: str, stream: bool = False, headers: Headers = ()) -> Request:
    """One request for one token."""
    body = {"messages": user(HI), "max_completion_tokens": 1, **({"stream": True} if stream else {})}
    probe = Probe(f"{name}+stream" if stream else name, body, headers=headers, intent=frozenset(intent))
    return requests(probe, model)[0]
