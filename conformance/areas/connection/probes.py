"""Requests over connections that carried others, clients that go away, and marked requests at the same moment."""

from conformance.areas.questions import COUNTED, ENDLESS, GREETING, WITH_USAGE, repeating
from conformance.exchange.probe import Body, Depth, Manner, Probe
from conformance.judge.marks import mark

MARKS = [mark(number) for number in range(8)]
"""No two of them share a word or a number, and no model says one by itself."""
IDLE = 3.3
"""Seconds of silence: no server's limit, which are 2, 5 and more whole seconds."""


def _again(name: str, over: str, body: Body = GREETING.body, *, depth: Depth = "normal", idle: float = 0.0) -> Probe:
    return Probe(
        f"connection.{name}", body, depth=depth, intent=frozenset({"over-kept"}), manner=Manner(over=over, idle=idle)
    )


def _left(name: str, depth: Depth = "normal", *, midway: bool = False, **body: object) -> Probe:
    manner = Manner(leaves="midway" if midway else "waiting")
    return Probe(f"connection.{name}", {**ENDLESS, **body}, depth=depth, intent=frozenset({"leaves"}), manner=manner)


def _marked(mark: str, beside: str, depth: Depth, **body: object) -> Probe:
    name = f"connection.{beside}-{mark.partition('-')[0]}"
    return Probe(
        name,
        {**repeating(mark), **body},
        depth=depth,
        intent=frozenset({"marked", beside}),
        manner=Manner(beside=beside),
    )


PROBES = (
    _again("after-stream", "chat.count+stream", {**COUNTED, "stream": True, **WITH_USAGE}),
    _again("after-refusal", "http.unknown-route"),
    _again("after-plain", "models.one", depth="deep"),
    _again("after-wrong-key", "mistakes.wrong-key", depth="deep"),
    _again("after-half-json", "mistakes.half-json", depth="deep"),
    _again("after-silence", "chat.order", depth="deep", idle=IDLE),
    *(_marked(mark, "three", "normal", **({"stream": True} if n == 2 else {})) for n, mark in enumerate(MARKS[:3])),
    *(_marked(mark, "eight", "deep", **({"stream": True} if n % 2 else {})) for n, mark in enumerate(MARKS)),
    _left("left-waiting", max_completion_tokens=64),
    _left("left-waiting-stream", "deep", stream=True, max_completion_tokens=64),
    # As many as small servers have places for.
    *(_left(f"left-{n}", "deep", midway=True, stream=True, max_completion_tokens=64) for n in range(1, 5)),
    _left("left", midway=True, stream=True),
    Probe("connection.after-left", GREETING.body, after="connection.left", intent=frozenset({"after-left"}), depth="normal"),
)  # fmt: skip
