"""Laws on whether a request goes on: once, to the same route, with the headers that it needs and without the client's key."""

from __future__ import annotations

from urllib.parse import urlsplit

from conformance.areas.citations import CHAT_PATH, MODEL_LIST, OVERVIEW, REQUEST, rfc
from conformance.exchange import ABSENT
from conformance.gateway.changes import changes
from conformance.gateway.keys_seen import OTHER_KEY, leaks, told
from conformance.gateway.laws import about, edited, law, reached, sends
from conformance.gateway.pair import Pair, asked_of
from conformance.judge import MUST, SHOULD, Problems, differs

valid = about("request without a mistake")(
    lambda pair: (
        not pair.outer.intent & {"mistake", "staged", "optional"}
        and pair.outer.method == "POST"
        and pair.outer.ended != "left"
    )
)
stayed = reached & about("whose client stayed")(lambda pair: pair.outer.ended != "left")
looked_up = about("request for the list of models")(lambda pair: pair.outer.route == "models")
again = about("request that reached the upstream more than once")(lambda pair: len(pair.inners) > 1)
with_other_key = about("request with a key that the upstream has not")(
    lambda pair: any(OTHER_KEY in x.intent for x in pair.inners)
)


def carries(*names: str):
    """A request with any of these headers."""
    return about(f"request with the header {' or '.join(names)}")(
        lambda pair: pair.reached and any(pair.outer.sent(name) for name in names)
    )


@law("gateway.reaches", MUST, about=valid, source=CHAT_PATH, breaks="answers-itself",
     fix="Ask the upstream for every request that it can serve; a cache must be asked for.")  # fmt: skip
def request_reaches_the_upstream(pair: Pair) -> Problems:
    """A request without a mistake reaches the upstream.

    A refusal of the gateway's own is a feature lost; an answer of its own is not the model's.
    """
    if not pair.reached:
        yield differs("the number of requests upstream", 0, "1 for each of the client's")


@law("gateway.lists-upstream", SHOULD, about=looked_up, source=MODEL_LIST, breaks="lists-itself",
     fix="List the models of the upstream, or say in the known file that the gateway's own list counts.")  # fmt: skip
def list_is_the_upstreams(pair: Pair) -> Problems:
    """The list of models is asked of the upstream."""
    if not pair.reached:
        yield differs("the number of requests upstream", 0, "1 for each of the client's")


@law("gateway.once", MUST, about=reached, source=rfc(9110, "9.2.2"), breaks=("asks-twice", "falls-back", "retry-empty"),
     fix="Leave retries to the client, which knows how often it wants to pay; or make them an option that is off.")  # fmt: skip
def request_goes_on_once(pair: Pair) -> Problems:
    """One request of the client is one request upstream.

    POST is not idempotent: what the client asks once is paid once, and a retry of the gateway's multiplies those of the client.
    """
    if len(pair.inners) > 1:
        yield differs("the number of requests upstream", len(pair.inners), "1 for each of the client's")


@law("gateway.no-fallback", MUST, about=again, source=REQUEST, breaks="falls-back",
     fix="Ask no other model than the client's unless it allows that.")  # fmt: skip
def no_other_model_is_asked(pair: Pair) -> Problems:
    """Where the upstream failed, no other model is asked in its place."""
    models = [str(x.asked.get("model")) for x in pair.inners if x.request_body]
    if len(set(models)) > 1:
        yield differs("the models asked upstream", models, "one and the same")


@law("gateway.retry-same", MUST, about=again, source=rfc(9110, "9.2.2"), breaks="retry-empty",
     fix="Keep the body of a request until it is answered, and send it with each retry.")  # fmt: skip
def retry_asks_the_same(pair: Pair) -> Problems:
    """What is asked again is the same, but for the model that a fallback names."""
    first = asked_of(pair.asked)
    for x in pair.inners[1:]:
        if not x.request_body:
            yield differs("the body of a request that was asked again", ABSENT, "that of the first")
            continue
        yield from edited([c for c in changes(first, asked_of(x)) if c.place != "model"], "as it was asked first")


@law("gateway.route", MUST, about=stayed, source=CHAT_PATH, breaks="route-other",
     fix="Ask the same route with the same method.")  # fmt: skip
def route_is_kept(pair: Pair) -> Problems:
    """The upstream is asked on the route that the client asked on, with its method.

    On another route another object answers: what has to be translated loses what the other cannot say.
    """
    for what, now, was in (("the method", pair.asked.method, pair.outer.method),
                           ("the route", pair.asked.route, pair.outer.route)):  # fmt: skip
        if now != was:
            yield differs(what, now, f"{was}, as the client asked")


@law("gateway.query", SHOULD, about=about("request with a query")(lambda pair: pair.reached and "?" in pair.outer.url),
     source=rfc(9110, "7.7"), breaks="query-lost", fix="Pass the query on as it is.")  # fmt: skip
def query_is_kept(pair: Pair) -> Problems:
    """The query of the URL reaches the upstream as it is."""
    was, now = urlsplit(pair.outer.url).query, urlsplit(pair.asked.url).query
    if now != was:
        yield differs("the query", now or ABSENT, f"{was}, as the client sent it")


@law("gateway.asks-json", MUST, about=about("request with a body")(lambda pair: pair.reached and pair.outer.request_body),
     source=REQUEST, breaks="type-lost", fix="Send application/json with a JSON body, and a form as one.")  # fmt: skip
def content_type_is_kept(pair: Pair) -> Problems:
    """The body reaches the upstream with its Content-Type."""
    was, now = ((x.sent("content-type") or "").partition(";")[0].strip().lower() for x in (pair.outer, pair.asked))
    if now != was:
        yield differs("content-type", pair.asked.sent("content-type") or ABSENT, was)


@law("gateway.key-kept-back", MUST, about=with_other_key, source=OVERVIEW, breaks="key-passed-on",
     fix="Take the client's key out of what goes on, wherever it stands.")  # fmt: skip
def clients_key_stays(pair: Pair) -> Problems:
    """The client's key of the gateway goes no further.

    Whoever reads the upstream's log could spend at the gateway.
    """
    for place in leaks(pair.inners):
        yield differs(place, "the client's key", "no key of the gateway's clients upstream")


@law("gateway.upstream-key-kept", MUST, about=with_other_key, source=OVERVIEW, breaks="upstream-key-told",
     fix="Hand on no header that the gateway sent upstream, and no text of its own requests.")  # fmt: skip
def upstreams_key_stays(pair: Pair) -> Problems:
    """The upstream's key is not told to a client.

    Who has it asks the provider in the gateway's name, past its limits and its bill.
    """
    for place in told(pair.outer):
        yield differs(place, "the upstream's key", "no key of the upstream for a client")


@law("gateway.header-unknown", SHOULD, about=carries("x-conformance-note"), source=rfc(9110, "5.1"), breaks="header-unknown-lost",
     fix="Pass on headers that the gateway does not know.")  # fmt: skip
def unknown_header_is_kept(pair: Pair) -> Problems:
    """A header that nobody knows reaches the upstream."""
    yield from _header(pair, "x-conformance-note")


@law("gateway.header-account", SHOULD, about=carries("openai-organization", "openai-project"), source=OVERVIEW,
     breaks="header-account-lost", fix="Pass OpenAI-Organization and OpenAI-Project on.")  # fmt: skip
def account_headers_are_kept(pair: Pair) -> Problems:
    """OpenAI-Organization and OpenAI-Project reach the upstream.

    They say who pays.
    """
    for name in ("openai-organization", "openai-project"):
        yield from _header(pair, name)


@law("gateway.header-ids", SHOULD, about=carries("x-client-request-id", "idempotency-key"), source=OVERVIEW,
     breaks="header-ids-lost", fix="Pass X-Client-Request-Id and Idempotency-Key on.")  # fmt: skip
def id_headers_are_kept(pair: Pair) -> Problems:
    """X-Client-Request-Id and Idempotency-Key reach the upstream.

    By the former a provider finds a request, by the latter it knows a retry.
    """
    for name in ("x-client-request-id", "idempotency-key"):
        yield from _header(pair, name)


@law("gateway.model", MUST, about=sends("model"), source=REQUEST, breaks="model-renamed",
     fix="Pass the name on; where it is an alias on purpose, list this law in the known file.")  # fmt: skip
def model_is_kept(pair: Pair) -> Problems:
    """The upstream is asked for the model that the client named."""
    was, now = pair.outer.asked.get("model"), pair.asked.asked.get("model", ABSENT)
    if now != was:
        yield differs("model", now, f"{was}, as the client sent it")


def _header(pair: Pair, name: str) -> Problems:
    was, now = pair.outer.sent(name), pair.asked.sent(name)
    if was and now != was:
        yield differs(name, now or ABSENT, f"{was}, as the client sent it")
