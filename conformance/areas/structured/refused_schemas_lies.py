"""Lies about schemas: good ones turned down, and bad ones taken."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from conformance.areas.structured.output_lies import capital, reading
from conformance.reference.lies import lets, says
from conformance.reference.replies import Call, Reply
from conformance.reference.rewriting import error, form, is_error, schema, turn_down


def _refuses(test: Callable[[Call], Any], message: str, text: str) -> Callable[[Call, Reply], Reply]:
    def lie(call: Call, reply: Reply) -> Reply:
        return turn_down(reply, message, "response_format") if reply.status == 200 and test(call) else reply

    lie.__doc__ = text
    return lie


says("structured-refuses-text", link="https://github.com/lmstudio-ai/lmstudio-bug-tracker/issues/189")(
    _refuses(lambda call: form(call).get("type") == "text", "'response_format.type' must be 'json_schema'",
             "The response_format of text is turned down.")
)  # fmt: skip


says("structured-refuses-mode", link="https://github.com/Blaizzy/mlx-vlm/issues/1171")(
    _refuses(lambda call: form(call).get("type") == "json_object", "Unsupported response_format type: 'json_object'",
             "JSON mode is turned down.")
)  # fmt: skip


says("structured-refuses-references")(
    _refuses(lambda call: schema(call).get("properties", {}).get("lines"), "Unsupported schema: $ref",
             "Schemas that define a part elsewhere are turned down, but for those that refer to themselves.")
)  # fmt: skip


@says("structured-refuses-elsewhere")
def _(call: Call, reply: Reply) -> Reply:
    """Schemas that define a part elsewhere are turned down on /responses."""
    there = call.path.endswith("/responses") and b'"$defs"' in call.body and not is_error(reply)
    return turn_down(reply, "Unsupported schema: $ref", "text.format.schema") if there else reply


says("structured-refuses-recursion")(
    _refuses(lambda call: schema(call).get("properties", {}).get("next"), "Recursive schemas are not supported",
             "Recursive schemas are turned down.")
)  # fmt: skip


says("structured-refuses-keywords", link="https://github.com/ollama/ollama/issues/8185")(
    _refuses(lambda call: schema(call).get("properties", {}).get("code"), "invalid JSON schema in format",
             "Schemas with a pattern are turned down.")
)  # fmt: skip


says("structured-refuses-tools", link="https://github.com/Simpleyyt/ai-manus/issues/101", bugs="tools-plus-json-rejected")(
    _refuses(lambda call: form(call) and (call.json or {}).get("tools"),
             "Function calling with a response mime type of application/json is unsupported",
             "Tools beside a response_format are turned down.")
)  # fmt: skip


_TEXT = {"type": "string"}


lets("structured-optional-taken")(
    reading(lambda asked: asked.get("required") == ["capital"] and "country" in asked["properties"],
             capital(capital=_TEXT, country=_TEXT), "A strict schema may leave properties open.")
)  # fmt: skip


lets("structured-root-taken")(
    reading(lambda asked: "anyOf" in asked, capital(capital=_TEXT), "A strict schema may be a union at its root.")
)


lets("structured-foreign-taken")(
    reading(lambda asked: "allOf" in str(asked), capital(capital=_TEXT), "A strict schema may have allOf.")
)


@lets("structured-name-free")
def _(call: Call) -> Call:
    """The name of a schema may be anything."""
    named = form(call).get("json_schema")
    return call.asking(response_format={**form(call), "json_schema": {**named, "name": "any"}}) if named else call


@says("structured-name-unnamed")
def _(call: Call, reply: Reply) -> Reply:
    """The refusal of a name does not say where it stands."""
    return error(reply, param=None) if " " in str(form(call).get("json_schema", {}).get("name")) else reply
