"""TEXT: texts of every kind are taken wherever they stand, and those that a schema fixes come back as they are."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from conformance.areas.citations import ERROR_CODES, REQUEST_MESSAGE, STRUCTURED_OUTPUTS, TOOL_CALL, rfc
from conformance.exchange import ABSENT, Choice, Exchange, find
from conformance.judge import MUST, SHOULD, Problems, check, differs
from conformance.judge.condition import response
from conformance.judge.conditions import chat_request, completion, greedy, intent, looked_at, reports_error, streaming
from conformance.judge.mistakes import too_long
from conformance.judge.refusals import judged
from conformance.judge.relations import streamed_twin
from conformance.judge.shared import apart
from conformance.judge.verdicts import Relation
from conformance.wire.jsontext import NotJSON, parse_text, show

texts = chat_request & intent("texts")


def fixed(x: Exchange) -> dict[str, str]:
    """The texts that the schema of the request fixes, by property: those of one value alone."""
    schemas = find(x.asked, "tools.0.function.parameters"), find(x.asked, "response_format.json_schema.schema")
    properties = next((p for s in schemas if isinstance(p := find(s, "properties"), dict)), {})
    allowed = {name: find(schema, "enum") for name, schema in properties.items()}
    return {name: one[0] for name, one in allowed.items()
            if isinstance(one, list) and len(one) == 1 and isinstance(one[0], str)}  # fmt: skip


def _object(choice: Choice) -> dict[str, Any]:
    """What the choice holds for the schema: the arguments of its call, or its text; empty where that is no object."""
    try:
        value = parse_text((choice.tool_calls[0].arguments if choice.tool_calls else choice.content) or "")
    except NotJSON:
        return {}
    return value if isinstance(value, dict) else {}


def given_back(x: Exchange) -> Iterator[tuple[str, str, Any]]:
    """(what, the text fixed, what came) of each that came back, or was meant to: what a model makes up does not begin with its name.

    A value that is no text at all was one: a model that is free to choose takes a word from the schema.
    """
    wanted = fixed(x)
    for choice in x.choices:
        came = _object(choice) if choice.finish_reason != "length" else {}
        for name, text in wanted.items():
            got = came.get(name, ABSENT)
            if got is not ABSENT and (not isinstance(got, str) or got == text or got.startswith(f"{name} ")):
                yield f"{name} of choice {choice.index}", text, got


@response("that gives a fixed text back")
def gives_back(x: Exchange) -> bool:
    return any(given_back(x))


# ---------------------------------------------------------------------- the way in


@check("text.no-failure", MUST, when=texts & looked_at, source=(rfc(8259, "7"), rfc(9110, "15.6"), ERROR_CODES),
       breaks=("text-half-500", "text-half-in-stream", "text-null-500", "text-mark-500", "too-long-500"), covers="TEXT-001")  # fmt: skip
def no_text_makes_it_fail(x: Exchange) -> Problems:
    """No text makes the server fail, wherever it stands: it is served, or refused with a status that says whose mistake it is.

    What a user pasted stays in the history: every later request of that conversation fails, and both SDKs send each three times.
    """
    if x.status >= 500:
        yield differs("status", x.status, "200, or 400")
    elif x.ok and streaming(x) and reports_error(x):
        error = next(value["error"] for _, value in x.messages if isinstance(value, dict) and value.get("error"))
        yield differs("the stream's error", error, "none: what cannot be read is refused before it is answered")


def _harmless(exchanges: Sequence[Exchange]) -> Iterator[tuple[Exchange, ...]]:
    """A history of plain words that was accepted, and each of the same form with other harmless texts, sent in the same way."""
    plain = {x.streaming: x for x in exchanges if "control" in x.intent and x.ok}
    yield from ((plain[x.streaming], x) for x in exchanges if "harmless" in x.intent and x.streaming in plain)


@check("text.accepted", MUST, when=judged & ~too_long & response("that was served or refused")(lambda x: x.status < 500),
       together=Relation("history of harmless texts, where one of plain words is served", _harmless),
       source=(REQUEST_MESSAGE, rfc(8259, "8.1")), breaks="text-emoji-refused", covers="TEXT-002")  # fmt: skip
def harmless_texts_are_accepted(_: Exchange, x: Exchange) -> Problems:
    """Text of any script is accepted as content, in parts, in the arguments of a call and as its result.

    Users write in their own language, and tools read web pages and source code: both hold what looks like markup or the end of a turn.
    """
    if not x.ok:
        yield differs("status", x.status, "200")


# ---------------------------------------------------------------------- the way back


# Where nothing binds the model to the schema, it may leave out what it takes for noise: so no MUST of one answer.
@check("text.exact", SHOULD, when=completion & intent("texts") & ~streaming & gives_back, source=(TOOL_CALL, STRUCTURED_OUTPUTS),
       breaks=("text-mark-eaten", "text-number-typed", "text-escaped", "tool-arguments-misfit",
               "utf8-read-as-latin1"), covers="TEXT-003")  # fmt: skip
def fixed_texts_come_back(x: Exchange) -> Problems:
    """A text that is the only one a schema allows comes back character for character, and as a text.

    Tools write what they are given into files, and look it up: a lost space, a decoded &amp; or 7 for "007" is another one.
    """
    for what, text, got in given_back(x):
        if got != text:
            _, seen, wanted = apart(got, text)
            yield differs(what, seen, show(wanted))


@check("text.same-streamed", MUST, when=completion & greedy & intent("texts") & gives_back, together=streamed_twin,
       source=(TOOL_CALL, STRUCTURED_OUTPUTS), covers="TEXT-003",
       breaks=("text-replaced-in-stream", "text-trimmed-in-stream", "text-typed-in-stream"))  # fmt: skip
def fixed_texts_are_the_same_streamed(plain: Exchange, streamed: Exchange) -> Problems:
    """A text that a schema fixes, and that comes back right the one way, comes back right streamed and not streamed.

    It is the server that damages it: where tokens are put together, trimmed or parsed, once for each way.
    """
    for one, other, way in ((plain, streamed, "streamed"), (streamed, plain, "plain")):
        right = {what for what, text, got in given_back(one) if got == text}
        for what, text, got in given_back(other):
            if what in right and got != text:
                _, seen, wanted = apart(got, text)
                yield differs(f"{what}, {way}", seen, f"{show(wanted)}, as the other way")
