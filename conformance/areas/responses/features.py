"""Whether the route of new agents is there, and what of it is optional."""

from __future__ import annotations

from typing import Any

from conformance.areas.responses.conditions import responses
from conformance.areas.responses.probes import SEALED
from conformance.areas.responses.response_reading import (
    calls,
    events,
    final,
    items,
    parts,
    read_json,
    said,
    sent_items,
    sent_tools,
)
from conformance.areas.whole_routes import UNFIT, answered_with, plain
from conformance.exchange import ABSENT, Exchange, find
from conformance.judge.condition import Condition, request
from conformance.judge.conditions import route, sent_as, streaming
from conformance.judge.features import HONOURED, Finding, feature, ignored, unseen, wrong
from conformance.judge.mistakes import mistaken
from conformance.judge.relations import probes

asking = responses & ~mistaken


@feature(
    "responses",
    words="the route /responses",
    when=route("responses") & plain & ~streaming,
    names=UNFIT,
    probes="http.responses",
    route=True,
    profile="full",
)
def _(x: Exchange) -> Finding:
    """A text is answered by a response with output."""
    return (
        answered_with(x, "output", list) if find(x.json, "object") == "response" else wrong("the object is no response")
    )


def sends(name: str, test: Any) -> Condition:
    return asking & request(name)(test)


def _included(name: str) -> Condition:
    return sends(f"that asks for {name}", lambda x: name in (x.asked.get("include") or ()))


reasons = sends("for reasoning with effort", lambda x: find(x.asked, "reasoning.effort") not in (None, ABSENT, "none"))
pictured = sends("with an image", lambda x: any("input_image" in str(find(item, "content")) for item in sent_items(x)))
mixed = sends("with tools of several types", lambda x: len({str(tool.get("type")) for tool in sent_tools(x)}) > 2)


@feature("responses_reasoning", words="reasoning by /responses", when=reasons, names=("reasoning", "effort"),
       probes=("responses.thinking", "responses.codex"), profile="full")  # fmt: skip
def _(x: Exchange) -> Finding:
    """The output has an item of reasoning; ignored, there is none."""
    return HONOURED if items(x, "reasoning") else unseen("no item of reasoning is in the output")


@feature("responses_sealed_reasoning", words="encrypted reasoning", when=_included(SEALED), names=("encrypted", "include"),
       needs="responses_reasoning", probes=("responses.thinking", "responses.codex"), profile="full")  # fmt: skip
def _(x: Exchange) -> Finding | None:
    """Items of reasoning have encrypted_content; ignored, they have none."""
    thoughts = [item for _, item in items(x, "reasoning")]
    if not thoughts:
        return None
    return (
        HONOURED
        if all(item.get("encrypted_content") for item in thoughts)
        else ignored("reasoning comes without encrypted_content")
    )


@feature("responses_custom_tools", words="custom tools by /responses",
       when=sends("that forces a custom tool", lambda x: find(x.asked, "tool_choice.type") == "custom"),
       names=("custom", "tool"), probes="responses.custom", profile="full")  # fmt: skip
def _(x: Exchange) -> Finding:
    """The custom tool is called; ignored, there is text."""
    kinds = [item.get("type") for _, item in calls(x)]
    return HONOURED if "custom_tool_call" in kinds else ignored("no call of the custom tool")


@feature("responses_allowed_tools", words="allowed tools by /responses",
       when=sends("with allowed_tools", lambda x: find(x.asked, "tool_choice.type") == "allowed_tools"),
       names=("allowed_tools", "tool_choice"), probes="responses.allowed", profile="full")  # fmt: skip
def _(x: Exchange) -> Finding:
    """A call of an allowed tool comes; ignored, another or none."""
    allowed = [find(tool, "name") for tool in find(x.asked, "tool_choice.tools")]
    return (
        HONOURED
        if calls(x) and all(call.get("name") in allowed for _, call in calls(x))
        else ignored("no allowed tool is called")
    )


@feature("responses_json_schema", words="JSON schema by /responses",
       when=sends("for a schema", lambda x: find(x.asked, "text.format.type") == "json_schema"), names=("format", "schema"),
       probes=("responses.schema", "structured.responses"), profile="full")  # fmt: skip
def _(x: Exchange) -> Finding:
    """The text is an object with the properties of the schema; ignored, it is prose."""
    wanted, value = find(x.asked, "text.format.schema.properties"), read_json(said(x))
    fits = isinstance(value, dict) and isinstance(wanted, dict) and set(value) == set(wanted)
    return HONOURED if fits else ignored("the text is no such object")


@feature("responses_json_mode", words="JSON mode by /responses",
       when=sends("for JSON", lambda x: find(x.asked, "text.format.type") == "json_object"), names=("format", "json"),
       probes="responses.json", profile="full")  # fmt: skip
def _(x: Exchange) -> Finding:
    """The text is a JSON object; ignored, it is prose."""
    return HONOURED if isinstance(read_json(said(x)), dict) else ignored("the text is no JSON object")


@feature("responses_logprobs", words="log probabilities by /responses", when=_included("message.output_text.logprobs"),
       names=("logprobs", "include"), probes="responses.logprobs", profile="full")  # fmt: skip
def _(x: Exchange) -> Finding | None:
    """The text has log probabilities; ignored, it has none."""
    found = [part.get("logprobs") for _, part in parts(x)]
    return None if not found else HONOURED if all(found) else ignored("the text has no logprobs")


@feature("responses_image_input", words="images by /responses", when=pictured,
         names=("image", "content type", "multimodal", "vision"), beside=sent_as("responses.hello"),
         together=probes("responses.hello", "responses.image"),
         probes=("responses.hello", "responses.image"), profile="full")  # fmt: skip
def _(bare: Exchange, x: Exchange) -> Finding:
    """An image costs more tokens than the text alone; ignored, it costs the same."""
    one, other = (find(final(each)[1], "usage.input_tokens") for each in (bare, x))
    costs = isinstance(one, int) and isinstance(other, int) and other > one
    return HONOURED if costs else ignored("the image costs no tokens")


@feature("responses_mixed_tools", words="the mix of tools that Codex sends", when=mixed,
         names=("tool", "web_search", "custom"), probes="responses.codex", profile="full")  # fmt: skip
def _(x: Exchange) -> Finding:
    """A request as Codex sends it, with functions, custom and hosted tools, is answered by a whole stream."""
    whole = any(event.type == "response.completed" for event in events(x)) if x.streaming else bool(items(x))
    return HONOURED if whole else wrong("the stream does not come to its end")
