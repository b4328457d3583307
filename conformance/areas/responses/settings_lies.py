"""Lies about what a response repeats, and about the form of its text."""

from __future__ import annotations

from conformance.reference.replies import Json
from conformance.reference.rewriting_responses import each_part, in_both


def setting(**changes: object):
    return lambda value: {**value, **changes}


def _formed(change):
    """Of responses in a JSON format."""
    return lambda response: change(response) if response["text"]["format"]["type"] != "text" else response


in_both("response-settings-defaults", "A response repeats the defaults, whatever was sent.",
        setting(temperature=1.0, top_p=1.0, store=True, parallel_tool_calls=True, user=None))  # fmt: skip
in_both("response-metadata-lost", "`metadata` come back empty.", setting(metadata={}))
in_both("response-instructions-lost", "`instructions` are not repeated.", setting(instructions=None))
in_both("response-tool-choice-lost", 'tool_choice is always said to be "auto".', setting(tool_choice="auto"))
in_both("response-tools-lost", "The tools are not repeated.", setting(tools=[]))
in_both(
    "response-format-lost",
    'The format is always said to be "text".',
    lambda r: {**r, "text": {"format": {"type": "plain"}}},
)
in_both("response-json-fenced", "JSON comes within a fence.", _formed(each_part(lambda part: {
        **part, "text": f"```json\n{part['text']}\n```"})),
        link="https://github.com/lmstudio-ai/lmstudio-bug-tracker/issues/2403", bugs="responses-structured-ignored")  # fmt: skip


def _other(part: Json) -> Json:
    return {**part, "text": '{"answer": "Paris"}'}


in_both("response-schema-ignored", "The text is JSON of another form than the schema's.", _formed(each_part(_other)))
in_both("response-background-unasked", "Every response says that it ran in the background.", setting(background=True))
