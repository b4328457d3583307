"""STRUCT: which response formats and schemas are accepted, and which are refused because OpenAI refuses them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from conformance.areas.citations import (
    JSON_SCHEMA,
    SAYS_FOREIGN,
    SAYS_NO_ROOT,
    SAYS_OPTIONAL,
    STRUCTURED_OUTPUTS,
    TEXT_FORMAT,
)
from conformance.areas.structured.output import asked_form, asked_schema
from conformance.exchange import ABSENT, Exchange, find
from conformance.judge import MUST, SHOULD, Problems, check, differs
from conformance.judge.blame import carrying
from conformance.judge.condition import request
from conformance.judge.conditions import anything, route, status
from conformance.judge.mistakes import BUSY, DENIED, examined, in_chat, refused
from conformance.judge.refusals import accepted, param_names_none
from conformance.judge.refusals import not_taken as turned_down
from conformance.judge.relations import accepted as where_accepted

_NAME = re.compile(r"[a-zA-Z0-9_-]{1,64}")
FOREIGN = ("allOf", "not", "if", "then", "else", "dependentRequired", "dependentSchemas")
"""The keywords that strict mode does not have (guide to structured outputs, "Supported schemas")."""


def subschemas(schema: Any) -> Iterator[dict]:
    """A schema and those within it, at the places where strict mode has any."""
    if isinstance(schema, dict):
        yield schema
        for word in ("properties", "$defs"):
            named = schema.get(word)
            for each in named.values() if isinstance(named, dict) else ():
                yield from subschemas(each)
        union = schema.get("anyOf")
        for each in (schema.get("items"), *(union if isinstance(union, list) else ())):
            yield from subschemas(each)


def _leaves_open(schema: dict) -> bool:
    named, required = schema.get("properties"), schema.get("required", [])
    return isinstance(named, dict) and isinstance(required, list) and any(key not in required for key in named)


@in_chat("whose schema has no name, or one with other characters than letters, digits, _ and -")
def bad_name(x: Exchange) -> bool:
    name = find(x.asked, "response_format.json_schema.name")
    return asked_form(x) == "json_schema" and (name is ABSENT or (isinstance(name, str) and not _NAME.fullmatch(name)))


@in_chat("whose strict schema has a property that is not required")
def optional_property(x: Exchange) -> bool:
    return any(map(_leaves_open, subschemas(asked_schema(x))))


@in_chat("whose strict schema is no object at its root")
def no_object(x: Exchange) -> bool:
    schema = asked_schema(x)
    return schema is not None and (schema.get("type") != "object" or "anyOf" in schema)


@in_chat("whose strict schema has a keyword that strict mode does not have")
def foreign_keyword(x: Exchange) -> bool:
    return any(word in schema for schema in subschemas(asked_schema(x)) for word in FOREIGN)


asks_for_text = request("with the response_format of text")(lambda x: asked_form(x) == "text")


@check("structured.text", MUST, together=carrying(asks_for_text), source=TEXT_FORMAT,
       breaks="structured-refuses-text", covers="STRUCT-004")  # fmt: skip
def takes_the_default_format(x: Exchange) -> Problems:
    """The response_format `{"type": "text"}` is the default, and accepted.

    Clients that let their user choose among the three always send it.
    """
    yield from turned_down(x, "a response_format of text is accepted")


def _taken_too(x: Exchange, what: str) -> Problems:
    if x.status >= 400:
        yield differs("the status", x.status, f"200: {what}")


@check("structured.mode", SHOULD, together=where_accepted("structured.nested", "structured.object"), when=examined,
       source=STRUCTURED_OUTPUTS, breaks="structured-refuses-mode", covers="STRUCT-002")  # fmt: skip
def takes_json_mode(schema: Exchange, mode: Exchange) -> Problems:
    """A server that takes JSON Schemas takes JSON mode too.

    Older clients know the response_format of json_object alone.
    """
    yield from _taken_too(mode, "json_object is accepted, as json_schema is")


@check("structured.references", SHOULD, together=where_accepted("structured.cut", "structured.nested"), when=examined,
       source=STRUCTURED_OUTPUTS, breaks="structured-refuses-references")  # fmt: skip
def takes_schemas_of_typed_code(plain: Exchange, nested: Exchange) -> Problems:
    """A server that takes a plain schema takes one with $defs and $ref, anyOf with null, lists of objects, enums and several types.

    Every model made with pydantic or zod that holds another one, or may hold none, is described so.
    """
    yield from _taken_too(nested, "a schema with $ref, anyOf, enum and lists is accepted")


@check("structured.references-elsewhere", SHOULD, together=where_accepted("responses.schema", "structured.responses"),
       when=route("responses") & ~status(*DENIED, *BUSY), source=STRUCTURED_OUTPUTS, breaks="structured-refuses-elsewhere")  # fmt: skip
def responses_take_schemas_of_typed_code(plain: Exchange, nested: Exchange) -> Problems:
    """On /responses, too, a server that takes a plain schema takes one with $defs and $ref, anyOf with null, enums and several types."""
    yield from _taken_too(nested, "a schema with $ref, anyOf, enum and lists is accepted")


@check("structured.recursion", SHOULD, together=where_accepted("structured.nested", "structured.recursive"), when=examined,
       source=STRUCTURED_OUTPUTS, breaks="structured-refuses-recursion", covers="STRUCT-009")  # fmt: skip
def takes_recursive_schemas(flat: Exchange, recursive: Exchange) -> Problems:
    """A strict schema may refer to itself: `{"$ref": "#"}`.

    Trees, linked lists and user interfaces are described so.
    """
    yield from _taken_too(recursive, "a recursive schema is accepted")


@check("structured.keywords", SHOULD, together=where_accepted("structured.nested", "structured.keywords"), when=examined,
       source=STRUCTURED_OUTPUTS, breaks="structured-refuses-keywords", covers="STRUCT-010")  # fmt: skip
def takes_patterns_and_bounds(plain: Exchange, bounded: Exchange) -> Problems:
    """A strict schema may bound its values: pattern, format, minimum, maximum, minItems, maxItems, const, enum of any type.

    Models made with pydantic or zod send them along.
    """
    yield from _taken_too(bounded, "pattern, format, bounds, const and enum are accepted")


@check("structured.tools", SHOULD, together=where_accepted("structured.nested", "structured.tools", anything), when=examined,
       source=STRUCTURED_OUTPUTS, breaks="structured-refuses-tools", covers="STRUCT-017")  # fmt: skip
def takes_tools_beside_a_schema(alone: Exchange, both: Exchange) -> Problems:
    """A response_format and tools may be sent together.

    Agents that want their last word as JSON send both on every turn, and can use only one of them.
    """
    yield from _taken_too(both, "tools beside a response_format are accepted")


# ---------------------------------------------------------------------- refused


@check("structured.name-refused", SHOULD, when=bad_name & examined, source=JSON_SCHEMA, breaks="structured-name-free",
       covers="STRUCT-005")  # fmt: skip
def bad_names_are_refused(x: Exchange) -> Problems:
    """A json_schema needs a name of at most 64 letters, digits, underscores and dashes; without one it is refused.

    Names made of titles (with dots, spaces, umlauts) work until the day they meet OpenAI.
    """
    yield from accepted(x)


@check("structured.optional-refused", SHOULD, when=optional_property & examined, source=(STRUCTURED_OUTPUTS, SAYS_OPTIONAL),
       breaks="structured-optional-taken", covers="STRUCT-007")  # fmt: skip
def optional_properties_are_refused(x: Exchange) -> Problems:
    """A strict schema in which some property is not required is refused.

    The same schema fails at OpenAI, where what is optional is a union with null.
    """
    yield from accepted(x)


@check("structured.root-refused", SHOULD, when=no_object & examined, source=(STRUCTURED_OUTPUTS, SAYS_NO_ROOT),
       breaks="structured-root-taken", covers="STRUCT-008")  # fmt: skip
def roots_that_are_no_object_are_refused(x: Exchange) -> Problems:
    """A strict schema whose root is a union, or anything else than an object, is refused.

    Discriminated unions of zod and pydantic make such roots: it is better to hear of it early.
    """
    yield from accepted(x)


@check("structured.foreign-refused", SHOULD, when=foreign_keyword & examined, source=(STRUCTURED_OUTPUTS, SAYS_FOREIGN),
       breaks=("structured-foreign-taken", "structured-fail-open"), covers="STRUCT-011")  # fmt: skip
def foreign_keywords_are_refused(x: Exchange) -> Problems:
    """A strict schema with allOf, not, if, then, else, dependentRequired or dependentSchemas is refused.

    A grammar that leaves such a keyword out lets wrong values through, and nobody is told.
    """
    yield from accepted(x)


@check("structured.schema-param", SHOULD, when=(bad_name | optional_property | no_object | foreign_keyword) & refused,
       source=SAYS_OPTIONAL, breaks=("loose-schema-unnamed", "structured-name-unnamed"),
       covers=("STRUCT-005", "STRUCT-007", "STRUCT-008", "STRUCT-011"))  # fmt: skip
def refused_schemas_are_named(x: Exchange) -> Problems:
    """A refusal of a schema or of its name says "response_format" in `error.param`, or a path that begins so."""
    yield from param_names_none(x, "response_format")
