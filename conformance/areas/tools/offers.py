"""TOOL: what an endpoint that takes tools takes with them: the words of tool_choice, the switch, schemas of every kind.

A refusal is a warning here, not a failure, for the table of features says that it is refused: all but that of "auto", which only says what
is so without it.
"""

from __future__ import annotations

from conformance.areas.citations import (
    FUNCTION,
    FUNCTION_CALLING,
    PARALLEL_CALLS,
    REQUEST,
    STRUCTURED_OUTPUTS,
    TOOL_CALL_CHUNK,
    TOOL_CHOICE,
    issue,
    parameter,
)
from conformance.exchange import Exchange
from conformance.judge import MAY, MUST, SHOULD, Problems, check, differs
from conformance.judge.blame import carries, carrying
from conformance.judge.condition import request
from conformance.judge.conditions import offers_tools, tool_choice, tool_stream
from conformance.judge.mistakes import too_long
from conformance.judge.refusals import judged, not_taken
from conformance.judge.relations import accepted
from conformance.judge.verdicts import Relation

none_alone = request("with tool_choice none and no tools")(
    lambda x: x.asked.get("tool_choice") == "none" and not x.asked.get("tools")
)
one_call = request("with one call at most")(lambda x: x.asked.get("parallel_tool_calls") is False)


def _taken(x: Exchange, what: str) -> Problems:
    """The one problem of a refusal; that a server fails is said elsewhere."""
    if 400 <= x.status < 500:
        yield differs("status", x.status, f"200: {what}")


@check("tool.auto-accepted", MUST, when=judged, together=accepted("tools.auto", "tools.small-talk"),
       source=(TOOL_CHOICE, issue("vllm-project/vllm", 9986)), breaks="tool-choice-auto-refused", covers="TOOL-008")  # fmt: skip
def auto_is_accepted(_: Exchange, chosen: Exchange) -> Problems:
    """An endpoint that takes tools takes tool_choice "auto", which is what it does without being told.

    The AI SDK, openai-node's runner, LlamaIndex, Pydantic AI and smolagents always say it, and can call no tool at all.
    """
    yield from _taken(chosen, 'tool_choice "auto" is accepted')


@check("tool.none-accepted", SHOULD, when=judged, together=accepted("tools.auto", "tools.none", tool_choice("none")), source=TOOL_CHOICE,
       breaks="tool-choice-none-refused", covers="TOOL-007")  # fmt: skip
def none_is_accepted(_: Exchange, chosen: Exchange) -> Problems:
    """An endpoint that takes tools takes tool_choice "none".

    Agents say it in their last turn, so that an answer in words comes.
    """
    yield from _taken(chosen, 'tool_choice "none" is accepted')


@check("tool.none-alone", SHOULD, together=carrying(none_alone), source=(TOOL_CHOICE, issue("vllm-project/vllm", 9426)),
       breaks="tool-none-alone-refused", covers="TOOL-014")  # fmt: skip
def none_is_accepted_without_tools(x: Exchange) -> Problems:
    """tool_choice "none" is accepted where no tools are offered: the specification calls it the default there.

    Semantic Kernel sends it with every such request.
    """
    yield from _taken(x, 'tool_choice "none" is accepted without tools')


@check("tool.required-accepted", SHOULD, when=judged, together=accepted("tools.auto", "tools.required", tool_choice("required")),
       source=TOOL_CHOICE,
       breaks="tool-choice-required-refused", covers="TOOL-009")  # fmt: skip
def required_is_accepted(_: Exchange, chosen: Exchange) -> Problems:
    """An endpoint that takes tools takes tool_choice "required".

    Frameworks that get structured output by way of a tool need it.
    """
    yield from _taken(chosen, 'tool_choice "required" is accepted')


@check("tool.parallel-accepted", SHOULD, when=judged, together=accepted("tools.auto", "tools.single", one_call), source=PARALLEL_CALLS,
       breaks="tool-parallel-refused", covers="TOOL-016")  # fmt: skip
def switch_is_accepted(_: Exchange, single: Exchange) -> Problems:
    """An endpoint that takes tools takes `parallel_tool_calls: false`.

    Frameworks send it with every request that has tools.
    """
    yield from _taken(single, "parallel_tool_calls is accepted")


@check("tool.schema-accepted", SHOULD, when=judged, together=accepted("tools.named", "tools.typed", carries("a schema with $ref")),
       source=FUNCTION,
       breaks="tool-schema-refused")  # fmt: skip
def schemas_are_accepted(_: Exchange, typed: Exchange) -> Problems:
    """A function may have parameters of any kind: nested, listed, chosen from, of several types, defined elsewhere.

    Tools made from typed code have `$ref` and `anyOf` in them; servers that turn schemas into grammars fail on these.
    """
    yield from _taken(typed, "a schema with $ref, anyOf, enum, arrays and objects is accepted")


@check("tool.name-accepted", SHOULD, when=judged, together=accepted("tools.named", "tools.long-name", carries("a long tool name")),
       source=(FUNCTION, issue("tadata-org/fastapi_mcp", 161)), breaks="tool-name-long-refused")  # fmt: skip
def long_names_are_accepted(_: Exchange, long: Exchange) -> Problems:
    """The name of a function may have 64 characters: letters of both cases, digits, which may come first, underscores and dashes.

    Clients of MCP make such names of that of the server and that of its tool.
    """
    yield from _taken(long, "a tool name of 64 letters, digits, underscores and dashes is accepted")


many = judged & ~too_long


def _of_many(part: str) -> Relation:
    """The request with as many tools as there may be, where it is refused for none but this part of it."""
    return accepted("tools.named", "tools.many", carries(part))


@check("tool.many-accepted", SHOULD, when=many, together=_of_many("many tools"),
       source=(parameter(414), issue("vishalmysore/Tools4AI", 16)), breaks="tool-many-refused")  # fmt: skip
def many_tools_are_accepted(_: Exchange, x: Exchange) -> Problems:
    """As many as 128 functions are accepted.

    Clients that are connected to several servers of MCP offer all that these have.
    """
    yield from _taken(x, "128 functions are accepted")


@check("tool.underscore-accepted", SHOULD, when=many, together=_of_many("a tool name that begins with _"),
       source=(FUNCTION, issue("IBM/mcp-context-forge", 2528)),
       breaks="tool-underscore-refused")  # fmt: skip
def names_may_begin_with_an_underscore(_: Exchange, x: Exchange) -> Problems:
    """The name of a function may begin with an underscore, for it is made of letters, digits, underscores and dashes in any order.

    Private functions of Python and tools of some servers of MCP are named so.
    """
    yield from _taken(x, "a name that begins with an underscore is accepted")


@check("tool.keywords-accepted", SHOULD, when=many, together=_of_many("a generated schema"), source=(FUNCTION, FUNCTION_CALLING),
       breaks="tool-keywords-refused")  # fmt: skip
def generated_schemas_are_accepted(_: Exchange, x: Exchange) -> Problems:
    """The parameters of a function may use all of JSON Schema, unless it is strict: const, oneOf, allOf, formats, bounds, defaults, titles.

    pydantic, zod and servers of MCP write them: a tool that cannot be offered takes all others with it.
    """
    yield from _taken(x, "const, oneOf, allOf, pattern, format, bounds, default and title are accepted")


@check(
    "tool.strict-null",
    SHOULD,
    when=many,
    together=_of_many("strict: null"),
    source=FUNCTION,
    breaks="tool-strict-null-refused",
)
def strict_may_be_null(_: Exchange, x: Exchange) -> Problems:
    """`strict` of a function may be null, which is its default.

    Typed clients write all members of a tool, those that are not set as null.
    """
    yield from _taken(x, "strict: null is accepted")


# MAY: OpenAI sends null in the first delta only (86 of 145 recorded heads), and clients that test for null see no text.
@check("tool.delta-content", MAY, when=tool_stream, source=(TOOL_CALL_CHUNK, issue("vllm-project/vllm-ascend", 14501)),
       breaks="tool-delta-content-null", covers="STREAM-019")  # fmt: skip
def later_fragments_have_no_content(x: Exchange) -> Problems:
    """A delta with a further fragment of a call has no `content`, not even null.

    Parsers that take the presence of the key for text end the call there.
    """
    begun = set()
    for n, index, part in x.deltas:
        delta = part.get("delta")
        if index in begun and isinstance(delta, dict) and delta.get("tool_calls") and "content" in delta:
            yield differs(f"content of choice {index} in chunk {n}", delta["content"], "no such key")
        begun.add(index)


@check("tool.accepted", SHOULD, together=carrying(offers_tools), source=(REQUEST, parameter(414), FUNCTION_CALLING),
       breaks="tools-refused")  # fmt: skip
def takes_tools(x: Exchange) -> Problems:
    """`tools` is accepted.

    Agents send it with every request, needed or not.
    """
    yield from not_taken(x, "tools is accepted")


@check("tool.strict-accepted", SHOULD, when=judged, together=accepted("tools.auto", "tools.strict", carries("strict tools")),
       source=(FUNCTION, STRUCTURED_OUTPUTS), breaks="tool-strict-refused")  # fmt: skip
def strict_is_accepted(_: Exchange, strict: Exchange) -> Problems:
    """An endpoint that takes tools takes functions with `strict`.

    Helpers of the SDKs that make tools from typed code always say it: refused, none of their tools can be used.
    """
    yield from _taken(strict, "a function with strict is accepted")
