"""Requests over connections that carried others, clients that go away, and marked requests at the same moment."""

from conformance.areas.questions import COUNTED, ENDLESS, GREETING, WITH_USAGE, repeating
from conformance.exchange.probe import Body, Depth, Manner, Probe, user
from conformance.judge.marks import mark

MARKS = [mark(number) for number in range(12)]
"""No two of them share a word or a number, and no model says one by itself."""
RULES = " ".join(
    f"Rule {n}: an answer is short and exact, and has no word in it that was not asked for." for n in range(1, 65)
)
"""Some 1,300 tokens: more than the blocks in which servers keep what a prompt begins with."""
AGAIN = "Say it again, and nothing else."
IDLE = 3.3
"""Seconds of silence: no server's limit, which are 2, 5 and more whole seconds."""


def _again(name: str, over: str, body: Body = GREETING.body, *, depth: Depth = "normal", idle: float = 0.0) -> Probe:
    """The intent tells it from the others, so that no law of what was answered takes two of them for the same request."""
    intent = frozenset({"over-kept", name})
    return Probe(f"connection.{name}", body, depth=depth, intent=intent, manner=Manner(over=over, idle=idle))


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


def _ruled(n: int, mark: str, after: str | None = None) -> Probe:
    """A long prompt that differs in its end alone."""
    body = repeating(mark)
    messages = [{"role": "system", "content": RULES}, *body["messages"]]
    return Probe(
        f"connection.ruled-{n}", {**body, "messages": messages}, after=after, intent=frozenset({"ruled"}), depth="deep"
    )


def _said_again(n: int, mark: str) -> Probe:
    """A conversation that ends as another does, about another mark."""
    body = repeating(mark)
    messages = [*body["messages"], {"role": "assistant", "content": mark}, *user(AGAIN)]
    return Probe(
        f"connection.again-{n}", {**body, "messages": messages}, intent=frozenset({"said-again"}), depth="normal"
    )


PROBES = (
    _again("after-stream", "chat.count+stream", {**COUNTED, "stream": True, **WITH_USAGE}),
    _again("after-refusal", "http.unknown-route"),
    _again("after-plain", "models.one", depth="deep"),
    _again("after-wrong-key", "mistakes.wrong-key", depth="deep"),
    _again("after-half-json", "mistakes.half-json", depth="deep"),
    _again("after-silence", "chat.order", depth="deep", idle=IDLE),
    *(_marked(mark, "three", "normal", **({"stream": True} if n == 2 else {})) for n, mark in enumerate(MARKS[:3])),
    *(_marked(mark, "eight", "deep", **({"stream": True} if n % 2 else {})) for n, mark in enumerate(MARKS[:8])),
    _ruled(1, MARKS[8]),
    _ruled(2, MARKS[9], after="connection.ruled-1"),
    _said_again(1, MARKS[10]),
    _said_again(2, MARKS[11]),
    _left("left-waiting", max_completion_tokens=64),
    _left("left-waiting-stream", "deep", stream=True, max_completion_tokens=64),
    # As many as small servers have places for.
    *(_left(f"left-{n}", "deep", midway=True, stream=True, max_completion_tokens=64) for n in range(1, 5)),
    _left("left", midway=True, stream=True),
    Probe("connection.after-left", GREETING.body, after="connection.left", intent=frozenset({"after-left"}), depth="normal"),
)  # fmt: skip
