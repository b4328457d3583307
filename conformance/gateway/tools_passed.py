"""Laws on tools, the choice among them, and the form of an answer: what the model sees is what the client wrote."""

from __future__ import annotations

from conformance.areas.citations import FUNCTION, JSON_SCHEMA, STRUCTURED_OUTPUTS, TOOL_CHOICE
from conformance.gateway.laws import asked, law, sends
from conformance.gateway.pair import Pair
from conformance.judge import MUST, SHOULD, Problems

with_tools = sends("tools", "functions")


@law("gateway.tools-kept", MUST, about=with_tools, source=FUNCTION, breaks=("tool-lost", "custom-tool-lost"),
     fix="Pass on every tool, in its place.")  # fmt: skip
def every_tool_is_kept(pair: Pair) -> Problems:
    """Every tool reaches the upstream, and no other."""
    yield from asked(pair, "tools")


@law("gateway.tool-name", MUST, about=with_tools, source=FUNCTION, breaks="tool-renamed",
     fix="Pass names of tools on as they are.")  # fmt: skip
def tool_keeps_its_name(pair: Pair) -> Problems:
    """A tool keeps its name."""
    yield from asked(pair, "tool-name")


@law("gateway.tool-description", MUST, about=with_tools, source=FUNCTION, breaks="description-cut",
     fix="Cut no description.")  # fmt: skip
def tool_keeps_its_description(pair: Pair) -> Problems:
    """A tool keeps its description, by which the model chooses it."""
    yield from asked(pair, "tool-description")


@law("gateway.schema", MUST, about=with_tools, source=FUNCTION, breaks="schema-cleaned",
     fix="Pass schemas on as they are; the upstream refuses what it cannot do.")  # fmt: skip
def parameters_of_a_tool_are_kept(pair: Pair) -> Problems:
    """The schema of a tool's parameters is kept, every keyword of it.

    What is taken away is not held to, and the call does not fit.
    """
    yield from asked(pair, "schema")


@law("gateway.schema-order", SHOULD, about=sends("tools", "response_format"), source=STRUCTURED_OUTPUTS, breaks="schema-sorted",
     fix="Keep the order of members in schemas.")  # fmt: skip
def members_of_a_schema_keep_their_order(pair: Pair) -> Problems:
    """The members of a schema reach the upstream in their order.

    Structured answers are written in it: with the answer before the reasoning there is no reasoning.
    """
    yield from asked(pair, "schema-order")


@law("gateway.tool-members", MUST, about=with_tools, source=FUNCTION, breaks="strict-dropped",
     fix="Pass on all members of a tool.")  # fmt: skip
def other_members_of_a_tool_are_kept(pair: Pair) -> Problems:
    """The other members of a tool, such as `strict`, are kept."""
    yield from asked(pair, "tool-members")


@law("gateway.tool-choice", MUST, about=sends("tool_choice"), source=TOOL_CHOICE, breaks="choice-loosened",
     fix="Pass tool_choice on as it is.")  # fmt: skip
def choice_of_tool_is_kept(pair: Pair) -> Problems:
    """`tool_choice` reaches the upstream as the client set it."""
    yield from asked(pair, "tool_choice")


@law("gateway.response-format", MUST, about=sends("response_format", "text"), source=JSON_SCHEMA, breaks=("form-loosened", "form-lost"),
     fix="Pass response_format on as it is.")  # fmt: skip
def form_of_the_answer_is_kept(pair: Pair) -> Problems:
    """`response_format`, and `text` of /responses, reach the upstream as the client set them, the schema included."""
    yield from asked(pair, "response_format")
