"""Lies about the headers of a request: offers that take its body away, and clients that are locked out."""

from __future__ import annotations

import gzip
from dataclasses import replace

from conformance.reference.lies import lets, says
from conformance.reference.replies import Call, Reply, pretty
from conformance.reference.rewriting import turn_down


def _refused(reply: Reply, status: int, message: str) -> Reply:
    return replace(turn_down(reply, message), status=status)


@lets(
    "h2c-body-lost",
    link=("https://github.com/vllm-project/vllm/issues/57203", "https://github.com/Kludex/uvicorn/issues/2722"),
    bugs="h2c-upgrade-body-lost",
)
def _(call: Call) -> Call:
    """A request that offers HTTP/2 loses its body."""
    return replace(call, body=b"", json=None) if call.header("upgrade") == "h2c" else call


@says("h2c-refused", link="https://github.com/Soju06/codex-lb/issues/1757")
def _(call: Call, reply: Reply) -> Reply:
    """A request that offers HTTP/2 is refused."""
    return _refused(reply, 400, "Invalid HTTP request received.") if call.header("upgrade") == "h2c" else reply


@says("http2-refused")
def _(call: Call, reply: Reply) -> Reply:
    """A request over HTTP/2 is refused."""
    return _refused(reply, 505, "HTTP Version Not Supported") if call.line.http2 else reply


@says("http2-large-refused", link="https://github.com/router-for-me/CLIProxyAPI/issues/6063")
def _(call: Call, reply: Reply) -> Reply:
    """A request over HTTP/2 is refused where its body is larger than the first window."""
    large = call.line.http2 and len(call.body) > 65_535
    return _refused(reply, 400, "Invalid HTTP request received.") if large else reply


@says("accept-absent-406")
def _(call: Call, reply: Reply) -> Reply:
    """A request without Accept is refused with 406."""
    bare = call.method == "POST" and not call.header("accept") and not call.header("upgrade")
    return _refused(reply, 406, "Not acceptable.") if bare else reply


@says("gzip-unsaid")
def _(call: Call, reply: Reply) -> Reply:
    """An answer is compressed for a client that says nothing of codings."""
    if (
        reply.chunks is not None
        or call.header("upgrade")
        or any(k.lower() == "accept-encoding" for k, _ in call.headers)
    ):
        return reply
    return replace(reply, body=gzip.compress(pretty(reply.body), mtime=0)).with_headers(content_encoding="gzip")


@says("accept-any-406", link="https://github.com/decolua/9router/issues/2458")
def _(call: Call, reply: Reply) -> Reply:
    """A request with Accept: */* is refused with 406."""
    return _refused(reply, 406, "Not acceptable.") if call.header("accept") == "*/*" else reply


@says(
    "accept-stream-406",
    link=("https://github.com/kapitan-ai/orchard/issues/257", "https://github.com/1Panel-dev/MaxKB/issues/2956"),
)
def _(call: Call, reply: Reply) -> Reply:
    """A request with Accept: text/event-stream is refused with 406."""
    return _refused(reply, 406, "No supported media type.") if call.header("accept") == "text/event-stream" else reply


@lets("accept-decides-stream", link="https://github.com/diegosouzapw/OmniRoute/issues/6740")
def _(call: Call) -> Call:
    """Accept: text/event-stream makes a stream of a plain answer."""
    return call.asking(stream=True) if call.header("accept") == "text/event-stream" else call


@says("close-refused")
def _(call: Call, reply: Reply) -> Reply:
    """A request that wants its connection closed gets that alone."""
    return replace(reply, ending="none") if call.header("connection") == "close" else reply


@says("coding-list-refused")
def _(call: Call, reply: Reply) -> Reply:
    """Weights in an Accept-Encoding are not understood."""
    return _refused(reply, 406, "Unknown coding.") if "q=0" in call.header("accept-encoding") else reply


@says("coding-empty-refused")
def _(call: Call, reply: Reply) -> Reply:
    """An empty Accept-Encoding is refused."""
    empty = any(name.lower() == "accept-encoding" and not value for name, value in call.headers)
    return _refused(reply, 400, "Empty header.") if empty else reply


@says(
    "sdk-agent-blocked",
    link=(
        "https://github.com/movieclaw/movieclaw/pull/18",
        "https://github.com/craft-ai-agents/craft-agents-oss/issues/650",
    ),
)
def _(call: Call, reply: Reply) -> Reply:
    """A firewall takes the Python SDK for a robot."""
    return _refused(reply, 403, "Your request was blocked.") if "OpenAI/Python" in call.header("user-agent") else reply


@says(
    "stainless-blocked",
    link=("https://github.com/AstrBotDevs/AstrBot/issues/8531", "https://github.com/diegosouzapw/OmniRoute/pull/4820"),
)
def _(call: Call, reply: Reply) -> Reply:
    """Requests with X-Stainless headers of the Python SDK are blocked."""
    return _refused(reply, 403, "Your request was blocked.") if call.header("x-stainless-async") else reply


@says("node-agent-blocked", link="https://github.com/craft-ai-agents/craft-agents-oss/issues/650")
def _(call: Call, reply: Reply) -> Reply:
    """A firewall takes the Node SDK for a robot."""
    return _refused(reply, 403, "Your request was blocked.") if "OpenAI/JS" in call.header("user-agent") else reply


@says("header-added-refused")
def _(call: Call, reply: Reply) -> Reply:
    """An OpenAI-Beta is refused, for nothing is in beta here."""
    return _refused(reply, 400, "Unknown beta.") if call.header("openai-beta") else reply


@says(
    "agent-absent-blocked",
    link=("https://github.com/ultraworkers/claw-code/issues/3060", "https://github.com/lessweb/deepcode-cli/pull/273"),
)
def _(call: Call, reply: Reply) -> Reply:
    """A firewall takes who names no User-Agent for a robot."""
    return reply if call.header("user-agent") else _refused(reply, 403, "Bots are not permitted on this server.")


@lets("header-lower-case-unseen", link="https://github.com/spec-first/connexion/issues/824")
def _(call: Call) -> Call:
    """The key is looked for under Authorization, letter by letter."""
    lower = any(name == "authorization" for name, _ in call.headers) and not call.header("sec-fetch-mode")
    return call.with_headers(authorization=None) if lower else call


@says("header-twice-refused")
def _(call: Call, reply: Reply) -> Reply:
    """A header that comes in two lines is refused."""
    names = [name.lower() for name, _ in call.headers]
    return _refused(reply, 400, "Duplicate header.") if len(set(names)) < len(names) else reply


@says("header-long-refused")
def _(call: Call, reply: Reply) -> Reply:
    """A header of eight thousand bytes is refused with 431."""
    long = any(len(value) > 4096 for _, value in call.headers)
    return _refused(reply, 431, "Request header fields too large.") if long else reply


@says("query-404")
def _(call: Call, reply: Reply) -> Reply:
    """The path of a chat completion with a query is no route."""
    return _refused(reply, 404, "Not found.") if call.query and call.path.endswith("/chat/completions") else reply
