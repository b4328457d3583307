"""What lies below the chat: methods, unknown routes, odd headers."""

from conformance.areas.questions import HELLO
from conformance.exchange.probe import Probe, user

_CHAT = {"messages": user(HELLO), "max_completion_tokens": 16}


def _probe(name: str, body: dict | None, *intent: str, **more: object) -> Probe:
    return Probe(f"http.{name}", body, intent=frozenset(intent), **more)


PROBES = (
    _probe("long-request-id", None, "long-request-id", method="GET", path="/models",
           headers=(("X-Client-Request-Id", "a" * 513),)),
    _probe("trailing-slash", _CHAT, "trailing-slash", path="/chat/completions/"),
    _probe("text-plain", _CHAT, "text-plain", headers=(("Content-Type", "text/plain"),)),
    _probe("wrong-method", None, "mistake", "wrong-method", method="GET", path="/embeddings"),
    _probe("unknown-route", _CHAT, "mistake", "unknown-route", path="/conformance-no-such-route"),
)  # fmt: skip
