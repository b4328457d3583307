"""RESP: whatever a response repeats of its request has its documented type: settings, tools, the form of the text."""

from __future__ import annotations

from conformance.areas.responses.conditions import served
from conformance.areas.responses.response_reading import final
from conformance.areas.responses.sources import (
    FORMAT,
    FUNCTION_TOOL,
    PROPERTIES,
    REASONING_SETTING,
    RESPONSE,
    TEXT_SETTING,
    TOOL_FORMAT,
)
from conformance.exchange import Exchange, find
from conformance.judge import MUST, Problems, check
from conformance.judge.condition import Condition, response
from conformance.judge.objects import misfits

SETTINGS = ("completed_at", "max_output_tokens", "max_tool_calls", "previous_response_id", "prompt_cache_key", "reasoning",
            "safety_identifier", "service_tier", "store", "text", "top_logprobs", "truncation", "user")  # fmt: skip


def _says(path: str, kind: type) -> Condition:
    return response(f"that says {path}")(lambda x: isinstance(find(final(x)[1], path), kind))


@response("that repeats tools")
def has_tools(x: Exchange) -> bool:
    tools = final(x)[1].get("tools")
    return isinstance(tools, list) and bool(tools)


@response("that repeats the format of a custom tool")
def has_tool_format(x: Exchange) -> bool:
    tools = final(x)[1].get("tools")
    return isinstance(tools, list) and any(
        find(tool, "type") == "custom" and isinstance(find(tool, "format"), dict) for tool in tools
    )


@check("response.settings-typed", MUST, when=served, source=(RESPONSE, PROPERTIES),
       breaks="response-completed-at-date", covers="RESP-001")  # fmt: skip
def settings_have_their_types(x: Exchange) -> Problems:
    """A setting that a response repeats has its documented type, or is null: times are numbers, names are strings.

    Typed clients (Go, Java, Rust, C#) refuse the whole response for one of them.
    """
    yield from misfits(x, "response", *SETTINGS)


@check(
    "response.background-typed",
    MUST,
    when=served,
    source=RESPONSE,
    breaks="response-background-text",
    covers="RESP-001",
)
def background_is_a_boolean(x: Exchange) -> Problems:
    """`background`, where a response has it, is a boolean."""
    yield from misfits(x, "response", "background")


@check("response.tools-typed", MUST, when=served & has_tools, source=(PROPERTIES, FUNCTION_TOOL), breaks="response-tool-schema-text",
       covers="RESP-010")  # fmt: skip
def tools_have_their_types(x: Exchange) -> Problems:
    """A tool that a response repeats has its members as they were sent: `parameters` an object, `strict` a boolean, names strings.

    Who logs a response, or sends it on, reads the tools from there; typed clients refuse it for a schema as a string.
    """
    yield from misfits(x, "response-tool")
    yield from misfits(x, "response-tool", "type", "name", "description", "parameters", "strict", "format")


@check("response.tool-format", MUST, when=served & has_tool_format, source=(PROPERTIES, TOOL_FORMAT), breaks="response-tool-format-renamed",
       covers="RESP-010")  # fmt: skip
def formats_of_custom_tools_have_their_types(x: Exchange) -> Problems:
    """The `format` of a custom tool is of type "text", or a "grammar" with its syntax and its definition."""
    yield from misfits(x, "response-tool-format", "type", "syntax", "definition")


@check("response.format-typed", MUST, when=served & _says("text.format", dict), source=(TEXT_SETTING, FORMAT),
       breaks=("response-format-schema-text", "response-format-lost", "response-verbosity-number"), covers="RESP-001")  # fmt: skip
def the_format_has_its_types(x: Exchange) -> Problems:
    """`text` says the format, of a documented type with its name, its schema as an object and `strict`, and the verbosity.

    Typed clients refuse the whole response for a schema as a string.
    """
    yield from misfits(x, "response-text-setting", "format", "verbosity")
    yield from misfits(x, "response-format", "type", "name", "schema", "strict", "description")


@check("response.reasoning-typed", MUST, when=served & _says("reasoning", dict), source=(RESPONSE, REASONING_SETTING),
       breaks="response-effort-number", covers="RESP-001")  # fmt: skip
def reasoning_settings_have_their_types(x: Exchange) -> Problems:
    """`reasoning` says effort, summary and the like as words, or null."""
    yield from misfits(x, "response-reasoning-setting", "effort", "summary", "generate_summary", "context", "mode")
