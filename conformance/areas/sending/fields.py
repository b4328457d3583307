"""SENDING: the headers and the URL of a request - offers, what is accepted, the clients' own, how names are written."""

from __future__ import annotations

from conformance.areas.citations import node, python, rfc
from conformance.areas.sending.conditions import as_usual, not_too_busy, way
from conformance.exchange import Exchange
from conformance.judge import MUST, SHOULD, Problems, check, header_differs
from conformance.judge.conditions import answered, headers_known, intent
from conformance.judge.relations import accepted

JDK = "https://github.com/openjdk/jdk/blob/0183e96/src/java.net.http/share/classes/jdk/internal/net/http/Http2ClientImpl.java"
EPP = "https://github.com/kubernetes-sigs/gateway-api-inference-extension/issues/2993"
PROXY_API = "https://github.com/router-for-me/CLIProxyAPI/issues/6063"
LARGE = accepted("sending.http2", "sending.http2-large")
ACCEPTS_JSON = "https://github.com/openai/openai-node/pull/1978"
"""A maintainer of OpenAI on the Accept of its SDKs: the API asks for none in particular."""


# ---------------------------------------------------------------------- what is offered and accepted


@check("sending.h2c", MUST, together=way("h2c"), when=not_too_busy, source=(rfc(9110, "7.8"), JDK),
       breaks=("h2c-body-lost", "h2c-refused"), covers="SEND-004")  # fmt: skip
def offers_of_http2_are_ignored(usual: Exchange, x: Exchange) -> Problems:
    """A request that offers to go on in HTTP/2 (Upgrade: h2c) is served as without the offer.

    The JDK's HttpClient offers it with the first request to every plain http address: no stock client of Java or Kotlin
    (Spring AI, LangChain4j, Ktor) gets an answer.
    """
    yield from as_usual(usual, x, "that offers HTTP/2 (Upgrade: h2c)")


@check("sending.http2", MUST, together=way("http2"), when=not_too_busy, source=(rfc(9113, "3.2"), EPP), breaks="http2-refused",
       covers="SEND-004")  # fmt: skip
def http2_is_served(usual: Exchange, x: Exchange) -> Problems:
    """A request over HTTP/2 is served as one over HTTP/1.1, where the server offers it in TLS (ALPN h2).

    Go's, Java's (OkHttp, of openai-java, and the JDK's) and Rust's clients take it wherever it is offered, and so do gateways.
    """
    yield from as_usual(usual, x, "over HTTP/2")


@check("sending.http2-large", MUST, together=LARGE, when=not_too_busy, source=(rfc(9113, "6.9"), PROXY_API),
       breaks="http2-large-refused", covers="SEND-004")  # fmt: skip
def http2_takes_more_than_a_window(usual: Exchange, x: Exchange) -> Problems:
    """A request over HTTP/2 with a body larger than the first window (64 KiB) is served: a few long messages, or one picture, are.

    Where the window is not opened again, clients wait until they give up; others are told of a protocol error.
    """
    yield from as_usual(usual, x, "of 200 kB over HTTP/2")


@check("sending.bare", MUST, together=way("bare"), when=not_too_busy, source=rfc(9110, "12.5.1"), breaks="accept-absent-406",
       covers="SEND-005")  # fmt: skip
def nothing_need_be_accepted(usual: Exchange, x: Exchange) -> Problems:
    """A request without Accept and Accept-Encoding is served: to say nothing is to take anything.

    Java's and Go's own HTTP clients send no Accept.
    """
    yield from as_usual(usual, x, "without Accept and Accept-Encoding")


# MUST, though RFC 9110 section 12.5.3 leaves it open: who says nothing mostly cannot undo any coding.
@check("sending.coding-unasked", MUST, when=intent("bare") & answered & headers_known, source=rfc(9110, "12.5.3"),
       breaks="gzip-unsaid", covers="SEND-006")  # fmt: skip
def codings_are_not_used_unasked(x: Exchange) -> Problems:
    """The answer to a request without Accept-Encoding is not compressed.

    curl and Java's HttpClient undo no coding that they have not asked for: they hand out the compressed bytes.
    """
    if (x.header("content-encoding") or "identity").lower() != "identity":
        yield header_differs(x, "Content-Encoding", "none, for the request has no Accept-Encoding")


@check("sending.accept-any", MUST, together=way("accept-any"), when=not_too_busy, source=(rfc(9110, "12.5.1"), ACCEPTS_JSON),
       breaks="accept-any-406", covers="SEND-005")  # fmt: skip
def anything_may_be_accepted(usual: Exchange, x: Exchange) -> Problems:
    """A request with Accept: */* is served as one with application/json.

    curl, fetch, python-requests, axios and Rust's reqwest send it.
    """
    yield from as_usual(usual, x, "with Accept: */*")


# SHOULD: clients send it with streams mostly, where some servers take nothing else.
@check("sending.accept-stream", SHOULD, together=way("accept-stream"), when=not_too_busy, source=ACCEPTS_JSON,
       breaks=("accept-stream-406", "accept-decides-stream"), covers="SEND-005")  # fmt: skip
def accept_decides_nothing(usual: Exchange, x: Exchange) -> Problems:
    """Accept: text/event-stream changes nothing: `stream` alone decides whether the answer is streamed.

    Event source libraries (OkHttp, go-openai) send it with every stream, gateways with every request.
    """
    yield from as_usual(usual, x, "with Accept: text/event-stream")


@check("sending.coding-none", SHOULD, together=way("coding-none"), when=not_too_busy, source=rfc(9110, "12.5.3"),
       breaks="coding-list-refused", covers="SEND-006")  # fmt: skip
def codings_may_be_excluded(usual: Exchange, x: Exchange) -> Problems:
    """A request may rule codings out: Accept-Encoding: identity, gzip;q=0.

    Proxies that read bodies ask so.
    """
    yield from as_usual(usual, x, "with Accept-Encoding: identity, gzip;q=0")


@check("sending.coding-empty", SHOULD, together=way("coding-empty"), when=not_too_busy, source=rfc(9110, "12.5.3"),
       breaks="coding-empty-refused", covers="SEND-006")  # fmt: skip
def no_coding_may_be_accepted(usual: Exchange, x: Exchange) -> Problems:
    """A request with an empty Accept-Encoding, which asks for no coding, is served.

    HTTP libraries write it so where compression was switched off.
    """
    yield from as_usual(usual, x, "with an empty Accept-Encoding")


@check("sending.close", MUST, together=way("close"), when=not_too_busy, source=rfc(9112, "9.6"), breaks="close-refused",
       covers="SEND-010")  # fmt: skip
def connections_may_be_closed(usual: Exchange, x: Exchange) -> Problems:
    """A request that asks for its connection to be closed (Connection: close) is served first.

    node-fetch, PHP and Python's urllib send it with every request.
    """
    yield from as_usual(usual, x, "with Connection: close")


# ---------------------------------------------------------------------- the clients' own


@check("sending.python", MUST, together=way("python"), when=not_too_busy, source=python("openai/_client.py", 562),
       breaks=("sdk-agent-blocked", "stainless-blocked"), covers="SEND-007")  # fmt: skip
def the_python_sdk_is_served(usual: Exchange, x: Exchange) -> Problems:
    """A request with all that openai-python adds, its User-Agent and X-Stainless headers, is served.

    Firewalls that take the SDK for a robot answer 403 to everything it sends, while the same request by curl goes through.
    """
    yield from as_usual(usual, x, "with the headers of openai-python")


@check("sending.node", MUST, together=way("node"), when=not_too_busy, source=node("client.ts", 1171), breaks="node-agent-blocked",
       covers="SEND-007")  # fmt: skip
def the_node_sdk_is_served(usual: Exchange, x: Exchange) -> Problems:
    """A request with all that openai-node and Node's fetch add, names in lower case, is served.

    An allowlist of headers or clients locks out every application in JavaScript.
    """
    yield from as_usual(usual, x, "with the headers of openai-node")


@check("sending.added", SHOULD, together=way("added"), when=not_too_busy, source=(rfc(9110, "5.1"), rfc(9110, "16.3")),
       breaks="header-added-refused", covers="SEND-007")  # fmt: skip
def what_others_add_is_served(usual: Exchange, x: Exchange) -> Problems:
    """A request with what applications, tracing and browsers add (OpenAI-Beta, traceparent, Referer, Priority) is served.

    None of it is asked for, and all of it comes: a header that is not known means nothing.
    """
    yield from as_usual(usual, x, "with headers that applications add")


@check("sending.no-agent", SHOULD, together=way("no-agent"), when=not_too_busy, source=rfc(9110, "10.1.5"),
       breaks="agent-absent-blocked", covers="SEND-009")  # fmt: skip
def no_agent_need_be_named(usual: Exchange, x: Exchange) -> Problems:
    """A request without User-Agent is served.

    Small clients and fetch wrappers name none: a firewall before the API takes them for robots.
    """
    yield from as_usual(usual, x, "without User-Agent")


# ---------------------------------------------------------------------- how they are written


@check("sending.lower-case", MUST, together=way("lower-case"), when=not_too_busy, source=rfc(9110, "5.1"),
       breaks="header-lower-case-unseen", covers="SEND-008")  # fmt: skip
def names_may_be_in_lower_case(usual: Exchange, x: Exchange) -> Problems:
    """Header names may all be in lower case.

    Rust's hyper, Node's fetch and the Envoy proxy send them so: `authorization` is not seen, and the key is said to be missing.
    """
    yield from as_usual(usual, x, "whose header names are in lower case")


@check("sending.lists", SHOULD, together=way("lists"), when=not_too_busy, source=rfc(9110, "5.3"), breaks="header-twice-refused",
       covers="SEND-008")  # fmt: skip
def lists_may_be_in_several_lines(usual: Exchange, x: Exchange) -> Problems:
    """A header that is a list (Accept, Cache-Control, X-Forwarded-For) may come in several lines.

    Each proxy on the way adds a line of its own.
    """
    yield from as_usual(usual, x, "with lists in two header lines each")


@check("sending.long", SHOULD, together=way("long"), when=not_too_busy, source="https://www.w3.org/TR/baggage/#limits",
       breaks="header-long-refused", covers="SEND-009")  # fmt: skip
def headers_may_be_long(usual: Exchange, x: Exchange) -> Problems:
    """A request with one header of 8,000 bytes is served.

    Tracing (baggage), cookies and signed tokens grow as long: requests fail for some users alone.
    """
    yield from as_usual(usual, x, "with a header of 8,000 bytes")


# SHOULD: no recording of OpenAI has a query on this route; its SDKs offer to add one (default_query).
@check("sending.query", SHOULD, together=way("query"), when=not_too_busy,
       source=(python("openai/_client.py", 301), python("openai/lib/azure.py", 326)), breaks="query-404", covers="SEND-009")  # fmt: skip
def queries_are_ignored(usual: Exchange, x: Exchange) -> Problems:
    """A query that means nothing (?api-version=1) does not keep a route from being found.

    Clients made for Azure add it to every request, and keys of gateways come so.
    """
    yield from as_usual(usual, x, "to a path with ?api-version=1")
