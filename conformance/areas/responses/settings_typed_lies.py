"""Lies about the types of what a response repeats."""

from __future__ import annotations

import json

from conformance.reference.replies import Json
from conformance.reference.rewriting_responses import Change, in_both, in_plain


def _setting(**changes: object) -> Change:
    return lambda response: {**response, **changes}


def _each_tool(kind: str, change: Change) -> Change:
    """Changes the tools of that type that a response repeats."""

    def of(response: Json) -> Json:
        return {**response, "tools": [change(tool) if tool["type"] == kind else tool for tool in response["tools"]]}

    return of


def _text(change: Change) -> Change:
    return lambda response: {**response, "text": change(response["text"])}


def _schema_as_text(text: Json) -> Json:
    form = text["format"]
    return {**text, "format": {**form, "schema": json.dumps(form["schema"])}} if "schema" in form else text


in_plain(
    "response-completed-at-date", "`completed_at` is a date as a text.", _setting(completed_at="2026-01-01T00:00:00Z")
)
in_plain("response-background-text", '`background` is the word "false".', _setting(background="false"))
in_plain("response-tool-schema-text", "The schema of a function is repeated as a text.",
         _each_tool("function", lambda tool: {**tool, "parameters": json.dumps(tool["parameters"])}))  # fmt: skip
in_plain("response-tool-format-renamed", 'The format of a custom tool is of type "plain".',
         _each_tool("custom", lambda tool: {**tool, "format": {"type": "plain"}}))  # fmt: skip
in_both("response-format-schema-text", "The schema of the format is repeated as a text.", _text(_schema_as_text))
in_both("response-verbosity-number", "The verbosity is a number.", _text(lambda text: {**text, "verbosity": 2}))
in_plain("response-effort-number", "The effort of reasoning is a number.",
         lambda r: {**r, "reasoning": {**r["reasoning"], "effort": 1}})  # fmt: skip
