"""TOOL: the arguments of a streamed call, which come in pieces, and the finish reason, which comes after them."""

from __future__ import annotations

from itertools import pairwise

from conformance.areas.citations import TOOL_CALL_CHUNK, issue, node, python
from conformance.areas.tools.calls import finished, parsed, settled
from conformance.areas.tools.deltas import DELTAS, HELPER, STREAM, body, by_call, fragments, is_text, tool_deltas
from conformance.exchange import ABSENT, Exchange
from conformance.judge import MAY, MUST, SHOULD, Problems, check, differs
from conformance.wire.jsontext import NotJSON


@check("tool.head-arguments", MAY, when=tool_deltas, source=TOOL_CALL_CHUNK, breaks="tool-delta-whole-call",
       covers="TOOL-029")  # fmt: skip
def head_has_no_arguments_yet(x: Exchange) -> Problems:
    """The first fragment of a call has no text of the arguments: it says who is called, and the text follows in pieces.

    Servers that send a call whole, once it is generated, let users wait and proxies time out on long arguments.
    """
    for (path, head), *_ in by_call(x).values():
        if is_text(body(head, "arguments")):
            yield differs(f"{path}.function.arguments", body(head, "arguments"), '""')


# No MUST: openai-python and openai-node bear it. All 145 recorded heads of OpenAI have it.
@check("tool.head-piece", SHOULD, when=tool_deltas,
       source=(TOOL_CALL_CHUNK, issue("moeru-ai/xsai", 235), "https://github.com/openai-php/client/pull/623"),
       breaks=("tool-head-without-arguments", "tool-stream-without-arguments"), covers="TOOL-029")  # fmt: skip
def head_has_the_key_for_arguments(x: Exchange) -> Problems:
    """The first fragment of a call has its `function.arguments`, be they "".

    Clients add the pieces to what the first one says: "undefined{...", which is no JSON; typed ones refuse the chunk.
    """
    for (path, head), *_ in by_call(x).values():
        if body(head, "arguments") is ABSENT:
            yield differs(f"{path}.function.arguments", ABSENT, '""')


@check("tool.piece", MUST, when=tool_deltas, source=(TOOL_CALL_CHUNK, node(STREAM, 651)), breaks="tool-delta-piece-object",
       covers="TOOL-029")  # fmt: skip
def piece_is_a_string(x: Exchange) -> Problems:
    """A piece of `function.arguments` is a string.

    openai-node joins an object to "[object Object]", openai-python keeps the first and loses the rest, or raises.
    """
    for _, _, path, fragment in fragments(x):
        piece = body(fragment, "arguments")
        if piece is not ABSENT and piece is not None and not isinstance(piece, str):
            yield differs(f"{path}.function.arguments", piece, "a string")


@check("tool.piece-null", SHOULD, when=tool_deltas,
       source=(TOOL_CALL_CHUNK, "https://github.com/lidge-jun/opencodex/pull/1754"), breaks="tool-delta-piece-null",
       covers="TOOL-029")  # fmt: skip
def piece_is_never_null(x: Exchange) -> Problems:
    """`function.arguments` is left out or empty where a fragment brings no text, never null.

    Both SDKs bear it; strict JSON readers refuse the chunk and drop the call.
    """
    for _, _, path, fragment in fragments(x):
        if body(fragment, "arguments") is None:
            yield differs(f"{path}.function.arguments", None, 'a string, "" for none')


@check("tool.pieces-sent", MUST, when=tool_deltas & finished,
       source=(TOOL_CALL_CHUNK, python("openai/lib/_parsing/_completions.py", 197), "https://github.com/vllm-project/vllm/issues/28806"),
       breaks="tool-stream-without-arguments", covers="TOOL-029")  # fmt: skip
def arguments_are_sent(x: Exchange) -> Problems:
    """A streamed call that was not cut short sends its arguments, be they "{}".

    openai-python ends with None and openai-node with "": neither is JSON, and strict parsing raises.
    """
    whole = {choice.index for choice in x.choices if settled(choice)}
    for (choice, _), group in by_call(x).items():
        if choice in whole and not any(isinstance(body(fragment, "arguments"), str) for _, fragment in group):
            yield f"{group[0][0]} function.arguments is absent from every fragment, expected a JSON text in pieces"


@check("tool.pieces-new", MUST, when=tool_deltas, source=(TOOL_CALL_CHUNK, python(DELTAS, 34), node(STREAM, 651)),
       breaks="tool-delta-cumulative", covers="TOOL-029")  # fmt: skip
def pieces_are_increments(x: Exchange) -> Problems:
    """A piece of the arguments holds what is new, not all of the text so far.

    Clients join the pieces: {"city": becomes {"city"{"city":"Paris"}.
    """
    for group in by_call(x).values():
        pieces = [(path, body(fragment, "arguments")) for path, fragment in group]
        texts = [(path, piece) for path, piece in pieces if is_text(piece)]
        try:
            parsed("".join(piece for _, piece in texts))
        except NotJSON:
            growing = [new.startswith(old) for (_, old), (_, new) in pairwise(texts)]
            if growing and all(growing):
                yield differs(f"{texts[1][0]}.function.arguments", texts[1][1], "only what follows the pieces before")


@check("tool.finish-last", MUST, when=tool_deltas, source=(TOOL_CALL_CHUNK, python(HELPER, 610), node(STREAM, 318)),
       breaks="tool-delta-after-finish", covers="TOOL-032")  # fmt: skip
def finish_follows_the_fragments(x: Exchange) -> Problems:
    """No fragment of a call follows the chunk with the finish_reason of its choice.

    Both SDKs' helpers fire "arguments done" at the finish_reason; agents run the call with what they have by then.
    """
    ended = {index: n for n, index, part in reversed(x.deltas) if part.get("finish_reason")}
    for n, choice, path, fragment in fragments(x):
        if n > ended.get(choice, n):
            yield differs(path, fragment, f"nothing after the finish_reason in chunk {ended[choice]}")
