"""SENDING: the body of a request - in chunks, in portions, after leave was asked for."""

from __future__ import annotations

from conformance.areas.citations import rfc
from conformance.areas.sending.conditions import as_usual, not_too_busy, way
from conformance.exchange import Exchange
from conformance.judge import MUST, SHOULD, Problems, check

PAYLOAD = "https://developers.openai.com/api/docs/guides/images-vision"
DOTNET = "https://github.com/dotnet/runtime/issues/49357"


# OpenAI stands behind a gateway that reads chunks; RFC 9112 section 6.3 lets a server ask for a length, and yet a MUST: who cannot
# send one is locked out.
@check("sending.chunked", MUST, together=way("chunked"), when=not_too_busy, source=(rfc(9112, "7.1"), DOTNET),
       breaks=("chunked-body-lost", "chunked-411"), covers="SEND-001")  # fmt: skip
def chunked_bodies_are_read(usual: Exchange, x: Exchange) -> Problems:
    """A request body may come in chunks (Transfer-Encoding: chunked) instead of with its length.

    .NET's PostAsJsonAsync, fetch with a stream and some proxies always send it so: each of their requests comes without a body.
    """
    yield from as_usual(usual, x, "whose body comes in chunks")


@check("sending.portions", MUST, together=way("portions"), when=not_too_busy, source=(rfc(9112, "6.3"), rfc(9293, "3.8")),
       breaks="body-first-portion-alone", covers="SEND-002")  # fmt: skip
def bodies_are_read_to_their_end(usual: Exchange, x: Exchange) -> Problems:
    """A request body is as long as its Content-Length says, in however many portions the network brings it.

    Many clients send headers and body apart, and any network splits a long conversation: a server that reads once gets half a JSON text.
    """
    yield from as_usual(usual, x, "whose body comes in three portions")


# SHOULD: how much is let through, each server says for itself; OpenAI takes 50 MB.
@check("sending.large", SHOULD, together=way("large"), when=not_too_busy, source=(PAYLOAD, rfc(9110, "15.5.14")),
       breaks="large-body-413", covers="SEND-011")  # fmt: skip
def large_bodies_are_read(usual: Exchange, x: Exchange) -> Problems:
    """A request of three megabytes is served.

    One photo in base64, or an agent's history, is as long: everything works until somebody pastes a screenshot.
    """
    yield from as_usual(usual, x, "with three megabytes of white space in its body")


# SHOULD: curl and PHP send it with bodies of a megabyte and more alone, .NET where it is told to.
@check("sending.expect", SHOULD, together=way("expect"), when=not_too_busy,
       source=(rfc(9110, "10.1.1"), "https://everything.curl.dev/http/post/expect100.html"), breaks="expect-417",
       covers="SEND-003")  # fmt: skip
def expectations_are_met(usual: Exchange, x: Exchange) -> Problems:
    """A request with Expect: 100-continue is served, whether or not 100 is said before.

    curl sends it with long bodies: images and long conversations are refused, short ones are not.
    """
    yield from as_usual(usual, x, "with Expect: 100-continue")
