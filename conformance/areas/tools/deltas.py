"""TOOL: calls on the wire of a stream: the fragments of a call, which index they carry, what only the first of them says."""

from __future__ import annotations

from typing import Any

from conformance.areas.citations import TOOL_CALL_CHUNK, node, python
from conformance.exchange import ABSENT, Exchange, find, need, remembered
from conformance.judge import MUST, SHOULD, Problems, check, differs
from conformance.judge.condition import response
from conformance.judge.conditions import chat_stream, may_call
from conformance.judge.objects import OBJECTS, misfits

DELTAS = "openai/lib/streaming/_deltas.py"
HELPER = "openai/lib/streaming/chat/_completions.py"
STREAM = "lib/ChatCompletionStream.ts"

Fragments = list[tuple[str, dict[str, Any]]]


@response("whose deltas carry tool calls")
def carries_fragments(x: Exchange) -> bool:
    return next(OBJECTS["tool-call-delta"](x), None) is not None


tool_deltas = chat_stream & may_call & carries_fragments


@remembered
def fragments(x: Exchange) -> list[tuple[int, int, str, dict[str, Any]]]:
    """(position of the chunk, index of the choice, path, fragment) of every fragment of a call, in order. Raises Unreadable."""
    found = []
    for n, choice, part in x.deltas:
        sent = need(part, "delta", dict).get("tool_calls") or []
        for m, fragment in enumerate(need({"tool_calls": sent}, "tool_calls", list)):
            need(fragment, "index", int)
            found.append((n, choice, f"chunk {n} tool_calls.{m}", fragment))
    return found


def by_call(x: Exchange) -> dict[tuple[int, int], Fragments]:
    """The (path, fragment) of each call, by the index of its choice and its own. Raises Unreadable."""
    groups: dict[tuple[int, int], Fragments] = {}
    for _, choice, path, fragment in fragments(x):
        groups.setdefault((choice, fragment["index"]), []).append((path, fragment))
    return groups


@response("whose tool calls come in several fragments")
def carries_further(x: Exchange) -> bool:
    return any(len(group) > 1 for group in by_call(x).values())


further_deltas = chat_stream & may_call & carries_further


def body(fragment: dict[str, Any], key: str) -> Any:
    """A member of the fragment's `function` (the input of a custom tool is its `arguments`), ABSENT where there is none."""
    if "custom" in fragment and "function" not in fragment:
        return find(fragment, "custom.input" if key == "arguments" else f"custom.{key}")
    return find(fragment, f"function.{key}")


def is_text(value: Any) -> bool:
    return isinstance(value, str) and value != ""


# ---------------------------------------------------------------------- the index


@check("tool.delta-index", MUST, when=tool_deltas,
       source=(TOOL_CALL_CHUNK, python(DELTAS, 59), node(STREAM, 643), "https://github.com/openai/openai-python/issues/2806"),
       breaks="tool-delta-without-index", covers="TOOL-022")  # fmt: skip
def fragment_has_an_index(x: Exchange) -> Problems:
    """Every element of `delta.tool_calls` has an integer `index`.

    openai-python's stream helper raises; openai-node's ends with no tool calls at all: the call vanishes in silence.
    """
    yield from misfits(x, "tool-call-delta", "index")


@check("tool.delta-from-zero", MUST, when=tool_deltas,
       source=(TOOL_CALL_CHUNK, python(HELPER, 447), "https://github.com/pipecat-ai/pipecat/pull/5342"),
       breaks="tool-delta-from-one", covers="TOOL-023")  # fmt: skip
def first_call_has_index_zero(x: Exchange) -> Problems:
    """The first call of a choice has index 0.

    openai-python's stream helper raises IndexError, openai-node's "Cannot read properties of undefined".
    """
    seen: set[int] = set()
    for _, choice, path, fragment in fragments(x):
        if choice not in seen and fragment["index"] != 0:
            yield differs(f"{path}.index", fragment["index"], "0 for the first call")
        seen.add(choice)


@check("tool.delta-consecutive", MUST, when=tool_deltas, source=(TOOL_CALL_CHUNK, python(DELTAS, 65), python(HELPER, 447)),
       breaks="tool-delta-gap", covers="TOOL-023")  # fmt: skip
def calls_are_counted_one_by_one(x: Exchange) -> Problems:
    """Each further call of a choice has the index that follows the last one.

    openai-python's stream helper keeps calls in a list and raises IndexError at a gap.
    """
    last: dict[int, int] = {}
    for _, choice, path, fragment in fragments(x):
        index, before = fragment["index"], last.setdefault(choice, fragment["index"])
        if index > before + 1:
            yield differs(f"{path}.index", index, f"{before} or {before + 1}")
        last[choice] = max(index, before)


def _opens_another(head: dict[str, Any], fragment: dict[str, Any]) -> bool:
    """A fragment with a new id and a name: the head of another call under the same index."""
    return is_text(fragment.get("id")) and fragment["id"] != head.get("id") and is_text(body(fragment, "name"))


@check("tool.delta-own-index", MUST, when=tool_deltas, source=(TOOL_CALL_CHUNK, python(DELTAS, 34), node(STREAM, 651)),
       breaks="tool-delta-one-index", covers="TOOL-024")  # fmt: skip
def each_call_has_its_index(x: Exchange) -> Problems:
    """Two calls of a choice have different indexes.

    Under one index openai-python glues ids, names and arguments together; openai-node keeps one id and the glued arguments.
    """
    for (_, head), *rest in by_call(x).values():
        for path, fragment in rest:
            if _opens_another(head, fragment):
                yield differs(f"{path}.index", fragment["index"], f"an index of its own for call {fragment['id']}")


@check("tool.delta-in-turn", SHOULD, when=tool_deltas, source=(python(HELPER, 626), node(STREAM, 327)),
       breaks="tool-delta-interleaved", covers="TOOL-030")  # fmt: skip
def calls_come_one_after_the_other(x: Exchange) -> Problems:
    """The fragments of a call come in one go: when the next call has begun, no more of the last one follows.

    Both SDKs' helpers fire "arguments done" when the index changes: interleaved calls are run with half of their arguments.
    """
    last: dict[int, int] = {}
    for _, choice, path, fragment in fragments(x):
        if fragment["index"] < last.get(choice, fragment["index"]):
            yield differs(f"{path}.index", fragment["index"], f"{last[choice]}, as call {last[choice]} has begun")
        last[choice] = max(fragment["index"], last.get(choice, 0))


# ---------------------------------------------------------------------- the first fragment


@check("tool.head-id", MUST, when=tool_deltas, source=(TOOL_CALL_CHUNK, node(STREAM, 812)),
       breaks="tool-head-without-id", covers="TOOL-025")  # fmt: skip
def head_has_an_id(x: Exchange) -> Problems:
    """The first fragment of a call has its `id`, a non-empty string.

    openai-python hands on None, openai-node makes one up that the server does not know.
    """
    for (path, head), *_ in by_call(x).values():
        if not is_text(head.get("id")):
            yield differs(f"{path}.id", head.get("id", ABSENT), "a non-empty string")


@check("tool.head-type", MUST, when=tool_deltas, source=(TOOL_CALL_CHUNK, node(STREAM, 372), python(HELPER, 449)),
       breaks="tool-head-without-type", covers="TOOL-025")  # fmt: skip
def head_has_a_type(x: Exchange) -> Problems:
    """The first fragment of a call has its `type`, "function" or "custom".

    openai-node's stream helper throws "tool call snapshot missing `type`"; openai-python's fires no tool events.
    """
    for (path, head), *_ in by_call(x).values():
        if head.get("type") not in ("function", "custom"):
            yield differs(f"{path}.type", head.get("type", ABSENT), '"function" or "custom"')


@check("tool.head-name", MUST, when=tool_deltas, source=(TOOL_CALL_CHUNK, node(STREAM, 648)),
       breaks=("tool-head-without-name", "tool-head-name-empty"), covers="TOOL-025")  # fmt: skip
def head_has_a_name(x: Exchange) -> Problems:
    """The first fragment of a call has its `function.name`, a non-empty string.

    The helpers end with the name None or "": no client knows what to run.
    """
    for (path, head), *_ in by_call(x).values():
        if not is_text(body(head, "name")):
            yield differs(f"{path}.function.name", body(head, "name"), "a non-empty string")


# ---------------------------------------------------------------------- the further fragments


@check("tool.later-id", MUST, when=further_deltas, source=(TOOL_CALL_CHUNK, python(DELTAS, 34)),
       breaks="tool-delta-id-again", covers="TOOL-026")  # fmt: skip
def id_comes_once(x: Exchange) -> Problems:
    """A call's id comes with its first fragment only.

    openai-python's stream helper joins what it gets: "call_1call_1call_1", which the next request is refused for.
    """
    for (_, head), *rest in by_call(x).values():
        for path, fragment in rest:
            if is_text(fragment.get("id")) and fragment["id"] == head.get("id"):
                yield differs(f"{path}.id", fragment["id"], "no id after the first fragment")


@check("tool.later-id-changed", MUST, when=further_deltas,
       source=(TOOL_CALL_CHUNK, python(DELTAS, 34), "https://github.com/poolsideai/pool/issues/9"),
       breaks="tool-delta-id-changes", covers="TOOL-026")  # fmt: skip
def id_never_changes(x: Exchange) -> Problems:
    """A call's id does not change from one fragment to the next.

    Clients that tell calls apart by id open a second one that has no name.
    """
    for (_, head), *rest in by_call(x).values():
        for path, fragment in rest:
            if is_text(fragment.get("id")) and fragment["id"] != head.get("id") and not _opens_another(head, fragment):
                yield differs(f"{path}.id", fragment["id"], "no id after the first fragment")


@check("tool.later-name", MUST, when=further_deltas, source=(TOOL_CALL_CHUNK, python(DELTAS, 34)),
       breaks="tool-delta-name-again", covers="TOOL-026")  # fmt: skip
def name_comes_once(x: Exchange) -> Problems:
    """A call's name comes with its first fragment only.

    openai-python's stream helper joins what it gets: a function "ff" that nobody offers.
    """
    for (_, head), *rest in by_call(x).values():
        for path, fragment in rest:
            if is_text(body(fragment, "name")) and not _opens_another(head, fragment):
                yield differs(f"{path}.function.name", body(fragment, "name"), "no name after the first fragment")


@check("tool.later-blank", SHOULD, when=further_deltas,
       source=("https://github.com/sgl-project/sglang/pull/35542", "https://github.com/anomalyco/opencode/pull/37783"),
       breaks=("tool-delta-null-id", "tool-delta-empty-name"), covers="TOOL-026")  # fmt: skip
def later_fragments_leave_out_id_and_name(x: Exchange) -> Problems:
    """Further fragments leave out the id and the name, rather than sending them null or empty.

    Both SDKs bear it; clients that take every key they find overwrite the call's name with nothing.
    """
    for _, *rest in by_call(x).values():
        for path, fragment in rest:
            for key, value in (("id", fragment.get("id", ABSENT)), ("function.name", body(fragment, "name"))):
                if value is None or value == "":
                    yield differs(f"{path}.{key}", value, "no such key after the first fragment")


@check("tool.later-type-null", MUST, when=further_deltas, source=(TOOL_CALL_CHUNK, python(DELTAS, 29), python(HELPER, 405)),
       breaks="tool-delta-null-type", covers="TOOL-027")  # fmt: skip
def later_type_is_never_null(x: Exchange) -> Problems:
    """No further fragment of a call has the `type` null.

    openai-python's stream helper overwrites the type with it and ends in a bare AssertionError.
    """
    for _, *rest in by_call(x).values():
        for path, fragment in rest:
            if fragment.get("type", ABSENT) is None:
                yield differs(f"{path}.type", None, "no such key after the first fragment")


# No MUST: openai-python and openai-node bear it. None of 1,353 recorded fragments of OpenAI has it.
@check("tool.later-type", SHOULD, when=further_deltas,
       source=(TOOL_CALL_CHUNK, "https://github.com/ag2ai/ag2/pull/2451", "https://github.com/SillyTavern/SillyTavern/pull/5811"),
       breaks="tool-delta-type-again", covers="TOOL-027")  # fmt: skip
def type_comes_once(x: Exchange) -> Problems:
    """A call's type comes with its first fragment only.

    Clients that join every text they get end with the type "functionfunction", and drop the call.
    """
    for (_, head), *rest in by_call(x).values():
        for path, fragment in rest:
            if is_text(fragment.get("type")) and not _opens_another(head, fragment):
                yield differs(f"{path}.type", fragment["type"], "no such key after the first fragment")


@check("tool.later-function", MUST, when=further_deltas, source=python(HELPER, 540), breaks="tool-delta-without-function",
       covers="TOOL-028")  # fmt: skip
def later_fragments_have_a_function(x: Exchange) -> Problems:
    """Every further fragment of a call has its `function` (or `custom`) object.

    openai-python's stream helper ends in a bare AssertionError.
    """
    for _, *rest in by_call(x).values():
        for path, fragment in rest:
            if not isinstance(fragment.get("function"), dict) and not isinstance(fragment.get("custom"), dict):
                yield differs(f"{path}.function", fragment.get("function", ABSENT), "an object")
