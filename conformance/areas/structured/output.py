"""STRUCT: what is written in JSON mode and under a strict JSON Schema is bare JSON that fits, in chat and in Responses."""

from __future__ import annotations

import string
from collections.abc import Callable, Iterator
from typing import Any

from conformance.areas.citations import (
    JSON_MODE,
    JSON_SCHEMA,
    NODE_LENGTH,
    NODE_PARSES,
    PARSES_LENGTH,
    PYTHON_PARSES,
    PYTHON_PARTIAL,
    REQUEST,
    RESPONSES_SCHEMA,
    SAYS_ORDER,
    STRUCTURED_OUTPUTS,
)
from conformance.exchange import Exchange, Unreadable, find, need
from conformance.judge import MUST, SHOULD, Problems, check, differs, given
from conformance.judge.condition import request, response
from conformance.judge.conditions import (
    at_limit,
    chat_stream,
    completion,
    headers_known,
    offers_tools,
    ok,
    post,
    route,
    streaming,
)
from conformance.wire import jsontext
from conformance.wire.jsontext import NotJSON

Written = tuple[str, str]
"""Where a text stands in the answer, and the text."""

_FENCE, _WORD = "```", string.ascii_letters


def asked_form(x: Exchange) -> str | None:
    """The type of the response format that the request asks for; None where it names none."""
    kind = find(x.asked, "text.format.type" if x.route == "responses" else "response_format.type")
    return kind if isinstance(kind, str) else None


def asked_schema(x: Exchange) -> dict | None:
    """The schema that the answer must fit: that of a strict format; None where the request has none."""
    named = find(x.asked, "text.format" if x.route == "responses" else "response_format.json_schema")
    schema = find(named, "schema")
    strict = asked_form(x) == "json_schema" and find(named, "strict") is True
    return schema if strict and isinstance(schema, dict) else None


def texts(x: Exchange) -> list[Written]:
    """The texts that came to their own end: neither cut nor refused, and no calls. Raises Unreadable."""
    if x.route == "responses":
        return list(_outputs(x))
    ended = [c for c in x.choices if c.finish_reason == "stop" and not (c.tool_calls or c.refusal)]
    return [(f"content of choice {choice.index}", choice.content or "") for choice in ended]


def _outputs(x: Exchange) -> Iterator[Written]:
    for n, item in enumerate(need(x.answer, "output", list) if x.answer.get("status") == "completed" else ()):
        parts = find(item, "content")
        for m, part in enumerate(parts if isinstance(parts, list) else ()):
            if find(part, "type") == "output_text":
                yield f"output.{n}.content.{m}.text", need(part, "text", str)


def bare(text: str) -> str:
    """The JSON text within a Markdown fence or within prose; the text itself where it is JSON, or holds none."""
    fenced = text.split(_FENCE, 2)[1].lstrip(_WORD) if text.count(_FENCE) > 1 else ""
    first = min((at for mark in "{[" if (at := text.find(mark)) >= 0), default=len(text))
    within = text[first : max(map(text.rfind, "}]")) + 1]
    return next((each.strip() for each in (text, fenced, within) if parsed(each) is not NotJSON), text.strip())


def parsed(text: str) -> Any:
    """The JSON value of a text; the class NotJSON where it is none."""
    try:
        return jsontext.parse(text.encode("utf-8", "surrogatepass"))
    except NotJSON:
        return NotJSON


def values(x: Exchange) -> list[tuple[str, Any]]:
    """The JSON values of the texts, fences and prose left aside. Raises Unreadable where a text holds none: a check says so."""
    found = [(where, parsed(bare(text))) for where, text in texts(x)]
    for where, value in found:
        if value is NotJSON:
            raise Unreadable(f"{where} is no JSON, expected a JSON text")
    return found


def held_against(x: Exchange, law: Callable[[dict, Any], Iterator[tuple[str, Any, str]]]) -> Problems:
    """What a law of judge/given.py finds in the values; Unreadable where the schema of the request is of no use."""
    for where, value in values(x):
        try:
            for path, seen, wanted in law(asked_schema(x), value):
                yield differs(f"{path} in the {where}" if path else where, seen, f"{wanted} (by its schema)")
        except given.Useless as reason:
            raise Unreadable(f"the schema of the request cannot be used: {reason}") from None


def unfit(x: Exchange) -> Problems:
    """The texts that are no bare JSON text; where all are, what does not fit the strict schema, if there is one."""
    wrong = [(where, text) for where, text in texts(x) if parsed(text) is NotJSON]
    for where, text in wrong:
        yield differs(where, text, "a JSON text alone")
    if not wrong and asked_schema(x) is not None:
        yield from held_against(x, given.problems)


json_mode = request("in JSON mode")(lambda x: asked_form(x) == "json_object")
strict_schema = request("with a strict JSON Schema")(lambda x: given.usable(asked_schema(x)))
formed = json_mode | strict_schema
wrote = response("that wrote a text to its end")(texts)
cut = response("that used up its limit")(lambda x: at_limit(x) is True)
alone = completion & formed & ~offers_tools & ~cut & wrote
in_responses = route("responses") & post & ok & ~streaming & strict_schema & ~offers_tools & wrote


@check("structured.json", MUST, when=alone, source=(JSON_MODE, JSON_SCHEMA, PYTHON_PARSES, NODE_PARSES),
       breaks=("structured-format-dropped", "structured-dropped-streamed", "structured-refusal-as-text"),
       covers=("STRUCT-002", "STRUCT-015", "STRUCT-018"))  # fmt: skip
def text_is_json(x: Exchange) -> Problems:
    """In JSON mode and under a strict schema, a text that ended by itself is a JSON text.

    parse() of the Python SDK raises a ValidationError of pydantic, that of Node a SyntaxError: neither is an error of the SDK.
    """
    for where, text in texts(x):
        if parsed(bare(text)) is NotJSON:
            yield differs(where, text, "a JSON text")


@check("structured.bare", MUST, when=alone, source=(STRUCTURED_OUTPUTS, PYTHON_PARSES, NODE_PARSES, PYTHON_PARTIAL),
       breaks=("structured-fence", "structured-prose"), covers="STRUCT-003")  # fmt: skip
def json_stands_alone(x: Exchange) -> Problems:
    """The JSON text stands alone: no Markdown fence, no reasoning, no prose before or after it.

    JSON.parse and model_validate_json fail; the Python stream helper raises ValueError at the first chunk.
    """
    for where, text in texts(x):
        if bare(text) != text.strip():
            yield differs(where, text, "the JSON text alone")


@check("structured.object", MUST, when=alone & json_mode, source=(JSON_MODE, REQUEST), breaks="structured-array",
       covers="STRUCT-002")  # fmt: skip
def json_mode_gives_an_object(x: Exchange) -> Problems:
    """JSON mode gives a JSON object, no array, string or number.

    Clients look for keys in it.
    """
    for where, value in values(x):
        if not isinstance(value, dict):
            yield differs(where, value, "a JSON object")


@check("structured.schema", MUST, when=alone & strict_schema, source=(JSON_SCHEMA, STRUCTURED_OUTPUTS, PYTHON_PARSES),
       covers=("STRUCT-001", "STRUCT-009", "STRUCT-010", "STRUCT-013", "STRUCT-015"),
       breaks=("structured-schema-as-mode", "structured-null-left-out", "structured-extra-key", "structured-enum-open",
               "structured-keywords-ignored", "structured-numbers-quoted", "structured-fail-open", "utf8-read-as-latin1"))  # fmt: skip
def value_fits_the_schema(x: Exchange) -> Problems:
    """Under a strict schema, the value fits it: types, enums, required keys (null where there is nothing), patterns and bounds.

    That is what strict is for: applications index into the value without looking, and parse() raises a ValidationError.
    """
    yield from held_against(x, given.problems)


@check("structured.formats", SHOULD, when=alone & strict_schema, source=STRUCTURED_OUTPUTS, breaks="structured-format-of-text",
       covers="STRUCT-010")  # fmt: skip
def strings_have_their_format(x: Exchange) -> Problems:
    """Under a strict schema, a string with a `format` (date, email, uuid ...) has it.

    Typed models parse it: a date of "yesterday" raises. JSON Schema itself leaves formats to the reader, so this is no MUST.
    """
    yield from held_against(x, given.wrong_formats)


# Recorders that scrub headers also sort the keys of requests, and the order of the schema is lost.
@check("structured.order", SHOULD, when=alone & strict_schema & headers_known, source=(STRUCTURED_OUTPUTS, SAYS_ORDER),
       breaks="structured-sorted", covers="STRUCT-012")  # fmt: skip
def keys_are_in_order(x: Exchange) -> Problems:
    """Under a strict schema, keys come in the order of the schema's properties.

    Schemas that put the reasoning before the answer work only so; sorted by name, the model decides before it has thought.
    """
    yield from held_against(x, given.wrong_order)


# gpt-4o, beside tools, wrote its object two times over in 2 of 39 recorded answers (December 2025): no MUST.
@check("structured.beside-tools", SHOULD, when=completion & formed & offers_tools & ~cut & wrote,
       source=(STRUCTURED_OUTPUTS, JSON_SCHEMA), breaks="structured-dropped-beside-tools", covers="STRUCT-017")  # fmt: skip
def text_beside_tools_is_json(x: Exchange) -> Problems:
    """Where tools are offered too, a text is JSON all the same, and fits its strict schema.

    Agents set both: the tools for the way, the schema for the last word.
    """
    yield from unfit(x)


@check("structured.cut", MUST, when=completion & formed & cut, source=(PARSES_LENGTH, NODE_LENGTH),
       breaks="structured-cut-stop", covers="STRUCT-014")  # fmt: skip
def cut_json_says_length(x: Exchange) -> Problems:
    """Where the token limit cut the JSON text, `finish_reason` is "length".

    parse() of both SDKs raises LengthFinishReasonError on it; with "stop" the user gets an error of the JSON parser instead.
    """
    for choice in x.choices:
        text = choice.content or ""
        begun = text.lstrip()[:1] in ("{", "[")
        if choice.finish_reason == "stop" and begun and parsed(text) is NotJSON:
            yield differs(f"finish_reason of choice {choice.index}", "stop", '"length": its JSON is cut')


@check("structured.responses", MUST, when=in_responses, source=(RESPONSES_SCHEMA, STRUCTURED_OUTPUTS), covers="STRUCT-016",
       breaks=("structured-responses-ignored", "response-json-fenced", "response-schema-ignored"))  # fmt: skip
def responses_obey_text_format(x: Exchange) -> Problems:
    """In Responses, `text.format` holds type, name, schema and strict side by side, and the text fits the schema.

    Servers that look for a nested json_schema, as in chat, answer in prose; responses.parse() raises.
    """
    yield from unfit(x)


@check("structured.refusal-alone", SHOULD, source=STRUCTURED_OUTPUTS, breaks="structured-refusal-twice", covers="STRUCT-018",
       when=chat_stream & formed & response("that refuses")(lambda x: any(choice.refusal for choice in x.choices)))  # fmt: skip
def streamed_refusal_stands_alone(x: Exchange) -> Problems:
    """A streamed refusal comes in `delta.refusal`, and `content` stays null or empty.

    The stream helpers parse any content as the JSON asked for; applications show a refusal from its own field.
    """
    for choice in x.choices:
        if choice.refusal and choice.content:
            yield differs(f"content of choice {choice.index}", choice.content, "null beside a refusal")
