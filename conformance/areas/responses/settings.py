"""RESP: what was asked for stands in the response: settings as they were sent, and formats as they were wanted."""

from __future__ import annotations

from functools import cache
from typing import Any

from conformance.areas.citations import RESPONSES_SCHEMA, STRUCTURED_OUTPUTS
from conformance.areas.responses.conditions import ended, finished, has_part, holds, served
from conformance.areas.responses.response_calls import own_tools
from conformance.areas.responses.response_reading import final, items, parsed, said, sent_tools
from conformance.areas.responses.sources import FUNCTION_TOOL, PROPERTIES, RESPONSE, RESPONSE_REQUEST
from conformance.exchange import Exchange, find
from conformance.judge import MUST, SHOULD, Problems, check, differs
from conformance.judge.condition import Condition, request
from conformance.judge.conditions import asked
from conformance.judge.given import Useless, problems
from conformance.wire.jsontext import NotJSON, show

KEPT = ("max_output_tokens", "parallel_tool_calls", "previous_response_id", "prompt_cache_key", "store", "temperature", "top_p",
        "truncation", "user")  # fmt: skip
"""Settings that a response repeats as they were sent: in all genuine answers."""


@request("that sets what a response repeats")
def sets_something(x: Exchange) -> bool:
    return any(x.asked.get(name) is not None for name in KEPT)


def _echo(x: Exchange, name: str, wanted: Any) -> Problems:
    path, response = final(x)
    if (seen := find(response, name)) != wanted:
        yield differs(f"{path}{name}", seen, f"{show(wanted, 60)}, as it was asked for")


# SHOULD: nothing is lost where a setting is obeyed and not repeated.
@check("response.settings", SHOULD, when=served & sets_something, source=(RESPONSE, RESPONSE_REQUEST),
       breaks=("response-settings-defaults", "state-keeps-all", "tool-parallel-dropped", "tool-parallel-ignored",
               "state-chain-ignored", "state-chain-unsaid", "state-unknown-continued"),
       covers="RESP-001")  # fmt: skip
def settings_are_repeated(x: Exchange) -> Problems:
    """Settings of the request stand in the response as they were sent.

    Tools that log or repeat a response take the defaults for what was asked.
    """
    for name in KEPT:
        if x.asked.get(name) is not None:
            yield from _echo(x, name, x.asked[name])


@check("response.metadata", MUST, when=served & asked("metadata"), source=(RESPONSE, RESPONSE_REQUEST), breaks="response-metadata-lost",
       covers="RESP-001")  # fmt: skip
def metadata_come_back(x: Exchange) -> Problems:
    """`metadata` come back as they were sent.

    Applications find their own record by them.
    """
    yield from _echo(x, "metadata", x.asked["metadata"])


@check("response.instructions", SHOULD, when=served & asked("instructions"), source=RESPONSE, breaks="response-instructions-lost",
       covers="RESP-001")  # fmt: skip
def instructions_are_repeated(x: Exchange) -> Problems:
    """`instructions` stand in the response as they were sent."""
    yield from _echo(x, "instructions", x.asked["instructions"])


@check("response.tool-choice", SHOULD, when=served & asked("tool_choice"), source=PROPERTIES,
       breaks=("response-tool-choice-lost", "tool-choice-auto-forces", "tool-stream-without-calls", "tool-choice-custom-ignored",
               "tool-choice-none-ignored", "tool-choice-auto-ignored", "tool-choice-required-ignored", "tool-allowed-ignored"),
       covers="RESP-014")  # fmt: skip
def tool_choice_is_repeated(x: Exchange) -> Problems:
    """`tool_choice` stands in the response as it was sent."""
    yield from _echo(x, "tool_choice", x.asked["tool_choice"])


@check(
    "response.tools",
    SHOULD,
    when=served & own_tools,
    source=(PROPERTIES, FUNCTION_TOOL),
    breaks=("response-tools-lost", "flat-tool-served"),
    covers="RESP-010",
)
def tools_are_repeated(x: Exchange) -> Problems:
    """The tools of the request stand in the response, flat: type and name at the top."""
    path, response = final(x)
    tools = response.get("tools")
    seen = [(find(tool, "type"), find(tool, "name")) for tool in tools] if isinstance(tools, list) else []
    for n, tool in enumerate(sent_tools(x)):
        there = seen[n][1] if n < len(seen) and seen[n][0] == tool.get("type") else None
        if there != tool.get("name"):
            yield differs(f"{path}tools.{n}.name", there, f"{show(tool.get('name'))}, as it was sent")
            break


@cache
def form(*kinds: str) -> Condition:
    return request(f"for the text format {' or '.join(kinds)}")(lambda x: find(x.asked, "text.format.type") in kinds)


@check("response.format", SHOULD, when=served & form("json_schema", "json_object", "text"), source=RESPONSES_SCHEMA,
       breaks=("response-format-lost", "structured-responses-ignored"), covers="RESP-001")  # fmt: skip
def the_format_is_repeated(x: Exchange) -> Problems:
    """`text.format` has the type that was asked for."""
    yield from _echo(x, "text.format.type", find(x.asked, "text.format.type"))


wrote = served & ended("completed") & has_part("output_text") & ~holds("function_call", "custom_tool_call")


def _whole_text(x: Exchange) -> str | None:
    """The text where the answer is one message; searches and programs of the server's own may write several."""
    messages = items(x, "message")
    return said(x) if len(messages) == 1 else None


@check("response.format-json", MUST, when=wrote & form("json_schema", "json_object"),
       source=(RESPONSES_SCHEMA, STRUCTURED_OUTPUTS, "https://github.com/lmstudio-ai/lmstudio-bug-tracker/issues/2403"),
       breaks=("response-json-fenced", "structured-responses-ignored"), covers="RESP-003")  # fmt: skip
def the_text_is_json(x: Exchange) -> Problems:
    """With a JSON format the text is one JSON text and nothing else, plain and streamed.

    responses.parse() raises at a fence around it, and at prose.
    """
    if (text := _whole_text(x)) is not None:
        try:
            parsed(text)
        except NotJSON as reason:
            yield differs("the text", text, f"a JSON text ({reason})")


@check("response.format-schema", MUST, when=wrote & form("json_schema"), source=(RESPONSES_SCHEMA, STRUCTURED_OUTPUTS),
       breaks="response-schema-ignored", covers="RESP-003")  # fmt: skip
def the_text_fits_the_schema(x: Exchange) -> Problems:
    """With a strict schema the text fits it, plain and streamed.

    Applications read the members without a look.
    """
    text, schema = _whole_text(x), find(x.asked, "text.format.schema")
    if text is None or find(x.asked, "text.format.strict") is not True or not isinstance(schema, dict):
        return
    try:
        for place, seen, wanted in problems(schema, parsed(text)):
            yield differs(f"the text at {place or 'its top'}", seen, f"{wanted} of the schema")
            break
    except (Useless, NotJSON):
        return


@check("response.finished-once", SHOULD, when=served & finished & request("that does not ask for background mode")(lambda x:
       not x.asked.get("background")), source=RESPONSE, breaks="response-background-unasked", covers="RESP-001")  # fmt: skip
def background_is_said_only_where_asked(x: Exchange) -> Problems:
    """`background` is not true where nobody asked for it."""
    path, response = final(x)
    if response.get("background") is True:
        yield differs(f"{path}background", True, "false")
