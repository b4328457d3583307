"""Laws on the parameters of a request: each reaches the upstream under its name, with its value, as it was written."""

from __future__ import annotations

from conformance.areas.citations import REQUEST, STREAM_OPTIONS, rfc
from conformance.exchange import ABSENT
from conformance.gateway.changes import said
from conformance.gateway.laws import about, asked, edited, law, sends
from conformance.gateway.pair import Pair
from conformance.judge import MUST, SHOULD, Problems, differs

with_body = about("request with a JSON body")(lambda pair: pair.reached and pair.outer.asked)
with_null = about("request with a null")(lambda pair: pair.reached and b": null" in pair.outer.request_body)
with_numbers = about("request with a number")(
    lambda pair: pair.reached and any(isinstance(each, int | float) for each in pair.outer.asked.values())
)


@law("gateway.stream", MUST, about=with_body, source=REQUEST, breaks="stream-unset",
     fix="Ask for a stream where, and only where, the client does.")  # fmt: skip
def stream_is_kept(pair: Pair) -> Problems:
    """`stream` reaches the upstream as the client set it; false, null and absent are one.

    Where it is not asked for a stream, the first token waits for the last.
    """
    none = (ABSENT, None, False)
    yield from edited(
        [c for c in pair.asked_changes("stream") if c.was not in none or c.now not in none], "as the client sent it"
    )


@law("gateway.stream-options", MUST, about=sends("stream_options"), source=STREAM_OPTIONS, breaks="stream-options-lost",
     fix="Pass stream_options on as they are.")  # fmt: skip
def stream_options_are_kept(pair: Pair) -> Problems:
    """`stream_options` reach the upstream as the client set them.

    Without include_usage there is no count of tokens in a stream, and who bills by it bills nothing.
    """
    yield from asked(pair, "stream_options")


def _renamed(pair: Pair) -> dict[str, str]:
    """Members that are gone, by what has their value now."""
    added = {said(change.now): change.place for change in pair.asked_changes("added")}
    return {c.place: added[said(c.was)] for c in pair.asked_changes("dropped") if said(c.was) in added}


@law("gateway.parameter-kept", MUST, about=with_body, source=REQUEST, breaks="parameter-dropped",
     fix="Pass on every parameter; refuse by its name what cannot be passed on.")  # fmt: skip
def parameter_reaches_the_upstream(pair: Pair) -> Problems:
    """No parameter is left out.

    The client gets an answer to another question, and no word about it.
    """
    renamed = _renamed(pair)
    yield from (problem for change in pair.asked_changes("dropped") if change.place not in renamed
                for problem in [differs(change.place, ABSENT, f"{said(change.was)}, as the client sent it")])  # fmt: skip


@law("gateway.parameter-name", MUST, about=with_body, source=REQUEST, breaks="parameter-renamed",
     fix="Pass parameters on under the names that the client used.")  # fmt: skip
def parameter_keeps_its_name(pair: Pair) -> Problems:
    """No parameter is renamed.

    max_tokens for max_completion_tokens is refused by some models, and not looked at by others.
    """
    for was, now in _renamed(pair).items():
        yield differs("the name of a parameter", now, f"{was}, as the client sent it")


@law("gateway.parameter-added", MUST, about=with_body, source=REQUEST,
     breaks=("parameter-added", "parameter-renamed-beside", "tools-injected", "choice-added", "stream-options-elsewhere"),
     fix="Add nothing to a request that the client did not ask for.")  # fmt: skip
def nothing_is_added(pair: Pair) -> Problems:
    """No parameter is added.

    A default of the gateway's takes the place of the upstream's. The options of a chat stream are none that /responses has.
    """
    renamed = set(_renamed(pair).values())
    options = [c for c in pair.asked_changes("stream_options") if c.added and pair.outer.route == "responses"]
    for change in [*pair.asked_changes("added"), *options]:
        if change.place not in renamed:
            yield differs(change.place, change.now, "nothing, for the client sent none")


@law("gateway.parameter-type", MUST, about=with_body, source=REQUEST, breaks="parameter-retyped",
     fix="Pass values on without turning them into another type.")  # fmt: skip
def parameter_keeps_its_type(pair: Pair) -> Problems:
    """No parameter becomes one of another type.

    "5" for 5 is refused upstream; 5 for "5" hides a mistake of the client's.
    """
    yield from asked(pair, "type")


@law("gateway.parameter-value", MUST, about=with_body, source=REQUEST, breaks="parameter-clamped",
     fix="Pass values on as they are; the upstream knows its bounds.")  # fmt: skip
def parameter_keeps_its_value(pair: Pair) -> Problems:
    """No parameter gets another value."""
    yield from asked(pair, "value")


@law("gateway.parameter-null", SHOULD, about=with_null, source=REQUEST, breaks="nulls-dropped",
     fix="Pass null on: it is a value that the client chose.")  # fmt: skip
def null_reaches_the_upstream(pair: Pair) -> Problems:
    """A parameter that is null reaches the upstream, and so does a null in a message."""
    yield from asked(pair, "null")


@law("gateway.parameter-zero", MUST, about=with_body, source=REQUEST, breaks="zeros-dropped",
     fix="Tell a value that is zero, false or empty from one that is not there.")  # fmt: skip
def zero_reaches_the_upstream(pair: Pair) -> Problems:
    """A parameter that is 0, false or empty is not taken for one that is absent.

    Where temperature 0 is left out the model draws at 1.
    """
    yield from asked(pair, "zero")


@law("gateway.parameter-unknown", SHOULD, about=sends("x_conformance"), source=REQUEST, breaks="unknown-dropped",
     fix="Pass on members that the gateway does not know: the upstream may, and refuses what it does not.")  # fmt: skip
def unknown_parameter_reaches_the_upstream(pair: Pair) -> Problems:
    """A parameter that the gateway does not know reaches the upstream.

    Every new parameter of the API is one at first.
    """
    yield from asked(pair, "unknown")


@law("gateway.number-written", SHOULD, about=with_numbers, source=rfc(8259, "6"), breaks="numbers-written-anew",
     fix="Keep the text of a number, or its type: 7 is not 7.0 to every parser.")  # fmt: skip
def number_stays_as_written(pair: Pair) -> Problems:
    """A number goes on as it was written.

    7.0 is no integer to servers in Go, Java and Rust.
    """
    yield from asked(pair, "written")


@law("gateway.number-exact", MUST, about=sends("seed"), source=rfc(8259, "6"), breaks="numbers-rounded",
     fix="Read numbers without passing them through a float.")  # fmt: skip
def number_is_not_rounded(pair: Pair) -> Problems:
    """A whole number beyond 2**53 is not rounded.

    Another seed gives another answer.
    """
    yield from asked(pair, "exact")
