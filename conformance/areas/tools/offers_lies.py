"""Lies about requests with tools, which are turned down."""

from __future__ import annotations

from collections.abc import Callable

from conformance.reference.lies import says
from conformance.reference.replies import Call, Json, Reply
from conformance.reference.rewriting import each_delta, refuses, sent, turn_down, without_tools


def _refuses(test: Callable[[Call], bool], message: str) -> Callable[[Call, Reply], Reply]:
    chat = lambda call: call.path.endswith("/chat/completions")  # noqa: E731
    return lambda call, reply: without_tools(call, reply, message, "tools") if chat(call) and test(call) else reply


@says("tool-choice-auto-refused")
def _(call: Call, reply: Reply) -> Reply:
    """tool_choice auto is refused."""
    if sent(call, "tool_choice") != "auto":
        return reply
    return without_tools(call, reply, "The tool choice auto needs a parser for tool calls to be set.", "tool_choice")


@says("tool-choice-none-refused")
def _(call: Call, reply: Reply) -> Reply:
    """tool_choice none is refused."""
    if sent(call, "tool_choice") != "none":
        return reply
    return without_tools(call, reply, "Only auto is supported.", "tool_choice")


@says(
    "tool-none-alone-refused",
    link="https://github.com/vllm-project/vllm/issues/9426",
    bugs="tool-choice-none-without-tools",
)
def _(call: Call, reply: Reply) -> Reply:
    """tool_choice none is refused where no tools are offered."""
    if sent(call, "tool_choice") != "none" or sent(call, "tools"):
        return reply
    return turn_down(reply, "When using tool_choice, tools must be set.", "tool_choice")


@says("tool-choice-required-refused")
def _(call: Call, reply: Reply) -> Reply:
    """tool_choice required is refused."""
    if sent(call, "tool_choice") != "required":
        return reply
    return without_tools(call, reply, "Only auto and none are supported.", "tool_choice")


@says("tool-parallel-refused")
def _(call: Call, reply: Reply) -> Reply:
    """parallel_tool_calls is refused."""
    if sent(call, "parallel_tool_calls") is None:
        return reply
    return without_tools(call, reply, "Extra inputs are not permitted.", "parallel_tool_calls")


@says("tool-schema-refused")
def _(call: Call, reply: Reply) -> Reply:
    """Parameters with $ref cannot be turned into a grammar."""
    return without_tools(call, reply, "Unsupported schema: $ref.", "tools") if b'"$ref"' in call.body else reply


@says(
    "tool-name-long-refused",
    link=("https://github.com/tadata-org/fastapi_mcp/issues/161", "https://github.com/packit/ai-workflows/pull/619"),
)
def _(call: Call, reply: Reply) -> Reply:
    """A tool name of more than 60 characters is refused."""
    long = any(len(tool.get("function", {}).get("name", "")) > 60 for tool in sent(call, "tools") or ())
    return without_tools(call, reply, "Invalid tools[0].function.name: string too long.", "tools") if long else reply


def _functions(call: Call) -> list[Json]:
    tools = sent(call, "tools")
    return [tool["function"] for tool in tools if "function" in tool] if isinstance(tools, list) else []


for _name, _says, _test, _message, _links in (
    ("tool-many-refused", "More than 64 tools are refused.", lambda call: len(_functions(call)) > 64,
     "Too many tools: at most 64 are supported.", ()),
    ("tool-underscore-refused", "A tool name that begins with an underscore is refused.",
     lambda call: any(function.get("name", "").startswith("_") for function in _functions(call)),
     "Tool name must start with a letter", "https://github.com/IBM/mcp-context-forge/issues/2528"),
    ("tool-keywords-refused", "A schema with a text of at most 2,000 characters is refused.", lambda call: b'"maxLength"' in call.body,
     "Failed to initialize samplers: failed to parse grammar",
     ("https://github.com/unslothai/unsloth/pull/9923", "https://github.com/lidge-jun/opencodex/issues/2135")),
    ("tool-strict-null-refused", "strict: null is refused.",
     lambda call: any(function.get("strict", 0) is None for function in _functions(call)),
     "strict: Input should be a valid boolean", ()),
):  # fmt: skip
    _lie = _refuses(_test, _message)
    _lie.__doc__ = _says
    says(_name, link=_links)(_lie)


@says(
    "tool-delta-content-null",
    link="https://github.com/vllm-project/vllm-ascend/issues/14501",
    bugs="tool-delta-content-null",
)
def _(call: Call, reply: Reply) -> Reply:
    """Deltas with a further piece of a call have null for content."""
    later = lambda delta: {"content": None, **delta} if delta.get("tool_calls") and "role" not in delta else delta  # noqa: E731
    return each_delta(reply, later)


says("tools-refused")(refuses("tools"))


@says(
    "tool-strict-refused",
    link=(
        "https://github.com/OpenRouterTeam/openrouter-examples/issues/71",
        "https://github.com/earendil-works/pi/pull/1173",
        "https://github.com/OpenCoworkAI/open-cowork/issues/232",
    ),
    bugs="tool-strict-field-rejected",
)
def _(call: Call, reply: Reply) -> Reply:
    """The field strict of a function is unknown (where its parameters are chosen from)."""
    if b"city-K17" not in call.body:
        return reply
    return without_tools(call, reply, "unknown field: strict", "tools[0].function.strict")
