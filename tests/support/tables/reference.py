"""What the reference answers where a request has one thing changed: what it refuses, in which words, and what it makes of the rest."""

from __future__ import annotations

import random
from collections import defaultdict
from dataclasses import replace

from conformance.areas.catalogue import routes
from conformance.reference.app import parse
from conformance.reference.replies import Call, frames
from conformance.reference.respond import Server
from conformance.send.inprocess import EPOCH
from tests.support.digests import COUNTED, Held, digest, honest, text
from tests.support.tables import changed, outcome

ROUNDS, HEADERS = 6, ("authorization", "content-type", "openai-beta")
"""Changes of each request; those headers that a server looks at."""


def made() -> Held:
    """By route and status, how many requests were answered so, and all that was said."""
    server, found = Server(routes(), now=lambda: EPOCH), defaultdict(list)
    for call, _ in honest()[1]:
        route = COUNTED.sub("…", "/".join(call.path.split("/")[:4]))
        for time in range(ROUNDS if call.json else 1):
            server.served = time
            status, told = answered(server, other(random.Random(f"{call.path} {call.body} {time}"), call))
            found[f"{call.method}:{route}:{status}"].append(told)
    return {name: f"{len(told)} {digest(told)}" for name, told in found.items()}


def other(draw: random.Random, call: Call) -> Call:
    """The same request with one thing changed."""
    if draw.random() < 0.8 and call.json:
        body = changed(draw, call.body)
        return replace(call, body=body, json=parse(body))
    name = draw.choice(HEADERS)
    more = {name.replace("-", "_"): draw.choice([None, "", "Bearer x", "text/plain", "realtime=v1"])}
    return draw.choice([call.with_headers(**more), replace(call, method="PUT"), replace(call, path=f"{call.path}x")])


def answered(server: Server, call: Call) -> tuple[object, str]:
    """The status, and a digest of all that was said."""
    reply = outcome(lambda: server.respond(call), Exception)
    if isinstance(reply, tuple):
        return reply[0], digest(reply)
    return reply.status, digest(reply.headers, text(b"".join(frames(reply))), reply.ending)
