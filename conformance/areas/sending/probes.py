"""One greeting, sent as clients of all kinds send it. What the answer should be is known from the usual one (chat.hello)."""

from conformance.areas.questions import GREETING
from conformance.exchange.probe import USUAL, Depth, Manner, Probe

QUERY = "api-version=1"
"""What clients made for Azure add to every path."""
LONG = 8000
"""Bytes of a header: the W3C asks that 8,192 of `baggage` go through, and many servers stop at a line of 8 KiB."""
BULK = 3_000_000
"""Bytes of white space in a body, which cost no token: beyond what servers and proxies let through by themselves (100 KB, 1 MB, 2 MB),
within what any with a limit on images does (4 MB)."""
WINDOW = 200_000
"""Bytes of white space in a body: more than the 65,535 that a server of HTTP/2 lets be sent before it says more (RFC 9113,
6.9.2)."""
OFFERS = (
    ("Connection", "Upgrade, HTTP2-Settings"),
    ("Upgrade", "h2c"),
    ("HTTP2-Settings", "AAEAAEAAAAIAAAABAAMAAABkAAQBAAAAAAUAAEAA"),
)
"""As the JDK's HttpClient sends them over plain http."""
JDK = (("User-Agent", "Java-http-client/21.0.5"),)
UNSAID = Manner(without=("accept", "accept-encoding"))
_SDK = {"Package-Version": "3.51.0", "OS": "Linux", "Arch": "x64", "Runtime-Version": "3.12.3"}
PYTHON = (
    ("User-Agent", "OpenAI/Python 3.51.0"),
    *((f"X-Stainless-{name}", value) for name, value in _SDK.items()),
    ("X-Stainless-Lang", "python"),
    ("X-Stainless-Runtime", "CPython"),
    ("X-Stainless-Async", "false"),
    ("X-Stainless-Raw-Response", "true"),
    ("x-stainless-retry-count", "0"),
    ("x-stainless-read-timeout", "600"),
)
_NODE = {**_SDK, "Package-Version": "6.49.0", "Runtime-Version": "v22.11.0"}
NODE = (
    ("User-Agent", "OpenAI/JS 6.49.0"),
    *((f"X-Stainless-{name}", value) for name, value in _NODE.items()),
    ("X-Stainless-Lang", "js"),
    ("X-Stainless-Runtime", "node"),
    ("X-Stainless-Retry-Count", "0"),
    ("X-Stainless-Timeout", "600"),
    ("X-Stainless-Helper-Method", "stream"),
    ("Accept-Language", "*"),
    ("Sec-Fetch-Mode", "cors"),
)
"""OpenAI-Organization and OpenAI-Project are left out: OpenAI refuses those that it does not know."""
ADDED = (
    ("OpenAI-Beta", "assistants=v2"),
    ("Traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"),
    ("Tracestate", "conformance=1"),
    ("Referer", "https://conformance.invalid/"),
    ("X-Title", "conformance"),
    ("Priority", "u=1, i"),
    ("X-Empty", ""),
)
"""What applications, tracing and browsers add."""
LISTS = (
    ("Accept", "application/json"), ("Accept", "text/event-stream"), ("Cache-Control", "no-cache"), ("Cache-Control", "no-store"),
    ("X-Forwarded-For", "192.0.2.1"), ("X-Forwarded-For", "192.0.2.2"),
)  # fmt: skip


def _way(
    name: str, *headers: tuple[str, str], manner: Manner = USUAL, query: str = "", normal: str | None = "plain"
) -> list[Probe]:
    """The greeting in one way, plain and streamed: at a normal depth the one of the two that is named, at more the other."""
    ways = {"plain": (name, GREETING.body), "streamed": (f"{name}+stream", {**GREETING.body, "stream": True})}
    depths: dict[str, Depth] = dict.fromkeys(ways, "deep") | {normal: "normal"}
    more = {"path": GREETING.path + query, "headers": headers, "intent": frozenset({"way", name}), "manner": manner}
    return [Probe(f"sending.{id}", body, depth=depths[which], **more) for which, (id, body) in ways.items()]


PROBES = (
    *_way("h2c", *OFFERS, *JDK, manner=UNSAID),
    *_way("http2", manner=Manner(http2=True), normal=None),
    *_way("http2-large", manner=Manner(http2=True, blanks=WINDOW), normal=None),
    *_way("bare", *JDK, manner=UNSAID),
    *_way("chunked", manner=Manner(portions=3, chunked=True)),
    *_way("portions", manner=Manner(portions=3)),
    *_way("large", manner=Manner(blanks=BULK)),
    *_way("expect", manner=Manner(expects=True)),
    *_way("charset", ("Content-Type", "application/json;charset=UTF-8")),
    *_way("accept-any", ("Accept", "*/*"), ("Connection", "keep-alive")),
    *_way("accept-stream", ("Accept", "text/event-stream"), normal=None),
    *_way("lower-case", manner=Manner(lower_case=True), normal=None),
    *_way("lists", *LISTS, normal=None),
    *_way("long", ("Baggage", f"conformance={'a' * (LONG - 12)}"), normal=None),
    *_way("query", query=f"?{QUERY}"),
    *_way("python", *PYTHON),
    *_way("node", *NODE, manner=Manner(lower_case=True), normal="streamed"),
    *_way("added", *ADDED, normal=None),
    *_way("close", ("Connection", "close")),
    *_way("no-agent", manner=Manner(without=("user-agent",)), normal=None),
    *_way("coding-none", ("Accept-Encoding", "identity, gzip;q=0, deflate;q=0"), normal=None),
    *_way("coding-empty", ("Accept-Encoding", ""), normal=None),
)  # fmt: skip
