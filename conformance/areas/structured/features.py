"""Features of the form of the output: JSON, schemas, log probabilities."""

from __future__ import annotations

from typing import Any

from conformance.exchange import Choice, Exchange, find
from conformance.judge.condition import Condition, request
from conformance.judge.features import HONOURED, Finding, feature, ignored, unclear, unseen, wrong
from conformance.judge.given import Useless, problems
from conformance.judge.refusals import asking
from conformance.wire.jsontext import NotJSON, parse, show


def form(kind: str) -> Condition:
    return request(f"for the response_format {kind}")(lambda x: find(x.asked, "response_format.type") == kind)


def written(x: Exchange) -> list[Choice]:
    """The choices that are a whole text: not cut, filtered, refused, nor calls. Raises Unreadable."""
    return [
        c
        for c in x.choices
        if c.finish_reason == "stop" and not c.refusal and not c.tool_calls and c.content is not None
    ]


def _json(text: str) -> Any:
    """The value of a JSON text. Raises NotJSON."""
    return parse(text.encode("utf-8", "surrogatepass"))


@feature("json_object", words="JSON mode", when=asking & form("json_object"), names=("response_format", "json"), profile="chat",
         probes=("structured.object", "structured.prose"))  # fmt: skip
def _(x: Exchange) -> Finding:
    """The text is one JSON object and nothing else, be it asked for in prose; ignored, it is prose or has a fence around it."""
    for choice in written(x):
        try:
            value = _json(choice.content)
        except NotJSON:
            return ignored(f"the text is {show(choice.content, 60)}")
        if not isinstance(value, dict):
            return wrong(f"the text is {show(value, 60)}, no object")
    return HONOURED if written(x) else unclear("no text ended by itself")


@feature("json_schema", words="JSON schemas",
         names=("response_format", "json_schema", "schema"), probes="structured.nested", profile="agents",
         when=asking & form("json_schema") & request("that is strict")(
             lambda x: find(x.asked, "response_format.json_schema.strict") is True))  # fmt: skip
def _(x: Exchange) -> Finding | None:
    """The text fits a schema that nobody would guess; ignored, it is prose, or JSON of the model's own making."""
    schema = find(x.asked, "response_format.json_schema.schema")
    try:
        for choice in written(x):
            if misfit := next(problems(schema, _json(choice.content)), None):
                path, seen, wanted = misfit
                return ignored(f"{path or 'the whole'} is {show(seen, 60)}, the schema wants {wanted}")
    except NotJSON:
        # Beside tools, gpt-4o has written its object twice over: another answer may outweigh that.
        kind = unseen if choice.content.lstrip()[:1] in ("{", "[") else ignored
        return kind(f"the text is {show(choice.content, 60)}")
    except Useless:
        return None
    return HONOURED if written(x) else unclear("no text ended by itself")
