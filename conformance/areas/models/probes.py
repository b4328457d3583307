"""The list of models, one model, and one that does not exist."""

from conformance.areas.questions import LIST
from conformance.exchange.probe import UNKNOWN_MODEL, Probe

PROBES = (
    LIST,
    # Also asked for without any content coding, and with the header name in capitals, as some proxies rewrite it.
    Probe("models.one", method="GET", path="/models/{model}", headers=(("Accept-Encoding", "identity"),),
          intent=frozenset({"capital-header"})),
    # Also sent with the scheme in lower case, which RFC 9110 section 11.1 calls the same.
    Probe("models.unknown", method="GET", path=f"/models/{UNKNOWN_MODEL}",
          intent=frozenset({"unknown-model", "lowercase-scheme"})),
    Probe("models.no-key", method="GET", path="/models", key="none", intent=frozenset({"no-key"})),
)  # fmt: skip
