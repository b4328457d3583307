"""Lies about the fragments of calls in a stream: their index, what comes once, the pieces of the arguments, their order."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from conformance.areas.tools.calls_lies import each_fragment
from conformance.reference.lies import says
from conformance.reference.replies import Call, Json, Reply
from conformance.reference.rewriting import at_will, each_part, without


def fragments(chunk: Json) -> list[Json]:
    """The fragments of calls in a chunk."""
    return [fragment for part in chunk.get("choices", ()) for fragment in part["delta"].get("tool_calls", ())]


def _later(reply: Reply, change: Callable[[Json], Json]) -> Reply:
    """Change every fragment of a call but its first."""
    return each_fragment(reply, lambda fragment, first: fragment if first else change(fragment))


def heads(reply: Reply, change: Callable[[Json], Json]) -> Reply:
    """Change the first fragment of every call."""
    return each_fragment(reply, lambda fragment, first: change(fragment) if first else fragment)


def function_of(fragment: Json, **changes: object) -> Json:
    return {**fragment, "function": without({**fragment["function"], **changes})}


@says("tool-delta-without-index", link="https://github.com/openai/openai-python/issues/2806")
def _(call: Call, reply: Reply) -> Reply:
    """Fragments have no index."""
    return each_fragment(reply, lambda fragment, _: {**fragment, "index": ...}) if at_will(call) else reply


@says("tool-delta-from-one", link="https://github.com/pipecat-ai/pipecat/pull/5342")
def _(call: Call, reply: Reply) -> Reply:
    """Calls are counted from 1."""
    return each_fragment(reply, lambda fragment, _: {**fragment, "index": fragment["index"] + 1})


@says("tool-delta-gap")
def _(call: Call, reply: Reply) -> Reply:
    """Calls are counted by twos."""
    return each_fragment(reply, lambda fragment, _: {**fragment, "index": fragment["index"] * 2})


@says(
    "tool-delta-one-index",
    link="https://github.com/lmstudio-ai/lmstudio-bug-tracker/issues/759",
    bugs="tool-parallel-stream-broken",
)
def _(call: Call, reply: Reply) -> Reply:
    """Every call has index 0."""
    return each_fragment(reply, lambda fragment, _: {**fragment, "index": 0})


@says("tool-delta-interleaved")
def _(call: Call, reply: Reply) -> Reply:
    """All calls are opened before any gets its arguments."""
    if reply.chunks is None:
        return reply
    opening = [chunk for chunk in reply.chunks if any("id" in fragment for fragment in fragments(chunk))]
    if len(opening) < 2:
        return reply
    first = reply.chunks.index(opening[0])
    rest = [chunk for chunk in reply.chunks[first:] if chunk not in opening]
    return replace(reply, chunks=(*reply.chunks[:first], *opening, *rest))


@says("tool-head-without-id")
def _(call: Call, reply: Reply) -> Reply:
    """A streamed call has no id."""
    return heads(reply, lambda fragment: {**fragment, "id": ...})


@says("tool-head-without-type")
def _(call: Call, reply: Reply) -> Reply:
    """A streamed call has no type."""
    return heads(reply, lambda fragment: {**fragment, "type": ...}) if at_will(call) else reply


@says("tool-head-without-name")
def _(call: Call, reply: Reply) -> Reply:
    """A streamed call does not say which function."""
    return heads(reply, lambda fragment: function_of(fragment, name=...)) if at_will(call) else reply


def _again(reply: Reply, change: Callable[[Json, Json], Json]) -> Reply:
    """Change every further fragment of a function's call, given the first of that call as well."""
    heads = {f["index"]: f for chunk in reply.chunks or () for f in fragments(chunk) if "id" in f and "function" in f}
    return _later(reply, lambda f: change(f, heads[f["index"]]) if f["index"] in heads else f)


@says("tool-delta-id-again", link="https://github.com/mcowger/plexus/pull/722", bugs="tool-name-repeated-each-delta")
def _(call: Call, reply: Reply) -> Reply:
    """Every fragment repeats the id."""
    return _again(reply, lambda fragment, head: {**fragment, "id": head["id"]})


@says("tool-delta-id-changes", link="https://github.com/poolsideai/pool/issues/9", bugs="tool-id-unstable")
def _(call: Call, reply: Reply) -> Reply:
    """Further fragments have an id of their own."""
    return _again(reply, lambda fragment, head: {**fragment, "id": f"{head['id']}x"})


@says(
    "tool-delta-name-again",
    link="https://github.com/archestra-ai/archestra/pull/866",
    bugs="tool-name-repeated-each-delta",
)
def _(call: Call, reply: Reply) -> Reply:
    """Every fragment repeats the name."""
    return _again(reply, lambda fragment, head: function_of(fragment, name=head["function"]["name"]))


@says(
    "tool-delta-null-id",
    link=("https://github.com/sgl-project/sglang/pull/35542", "https://github.com/anomalyco/opencode/issues/43328"),
    bugs="tool-delta-null-id-name",
)
def _(call: Call, reply: Reply) -> Reply:
    """Further fragments have the id null."""
    return _later(reply, lambda fragment: {**fragment, "id": None})


@says(
    "tool-delta-empty-name",
    link=(
        "https://github.com/anomalyco/opencode/pull/37783",
        "https://github.com/lmstudio-ai/lmstudio-bug-tracker/issues/649",
    ),
    bugs="tool-delta-empty-name-continuation",
)
def _(call: Call, reply: Reply) -> Reply:
    """Further fragments have an empty name."""
    return _again(reply, lambda fragment, _: function_of(fragment, name=""))


@says("tool-delta-null-type", link="https://github.com/anomalyco/opencode/issues/43328", bugs="tool-delta-null-id-name")
def _(call: Call, reply: Reply) -> Reply:
    """Further fragments have the type null."""
    return _later(reply, lambda fragment: {**fragment, "type": None})


@says("tool-delta-without-function")
def _(call: Call, reply: Reply) -> Reply:
    """With every first fragment comes a second one that holds nothing but the index."""

    def doubled(part: Json) -> Json:
        sent = part["delta"].get("tool_calls", [])
        extra = [{"index": fragment["index"]} for fragment in sent if "id" in fragment]
        return {**part, "delta": {**part["delta"], "tool_calls": [*sent, *extra]}} if extra else part

    return each_part(reply, doubled)


@says("tool-head-name-empty", link="https://github.com/gsd-build/gsd-2/issues/4647", bugs="tool-name-empty")
def _(call: Call, reply: Reply) -> Reply:
    """The name of a streamed call is an empty text."""
    return heads(reply, lambda fragment: function_of(fragment, name="")) if at_will(call) else reply


@says(
    "tool-delta-type-again",
    link=("https://github.com/ag2ai/ag2/pull/2451", "https://github.com/SillyTavern/SillyTavern/pull/5811"),
)
def _(call: Call, reply: Reply) -> Reply:
    """Every fragment repeats the type."""
    return _later(reply, lambda fragment: {**fragment, "type": "function"}) if at_will(call) else reply
