"""CHAT: the same request streamed and not streamed gives the same answer, as far as sampling allows.

Models may answer differently each time, so nothing is compared that is the model's choice, but for texts at temperature 0,
and those as SHOULD.
"""

from __future__ import annotations

from conformance.areas.citations import CHUNK, COMPLETION, REQUEST
from conformance.exchange import Choice, Exchange, is_a, need
from conformance.judge import MUST, SHOULD, Problems, check, differs
from conformance.judge.conditions import completion, greedy
from conformance.judge.relations import streamed_twin
from conformance.judge.shared import same_texts
from conformance.wire.jsontext import show


def whole_text(choice: Choice) -> str:
    """The text, without what is left of a last character in which the limit fell: servers differ there."""
    return (choice.content or "").rstrip("\ufffd" if choice.finish_reason == "length" else "")


@check("chat.same-choices", MUST, together=streamed_twin, when=completion, source=REQUEST, covers="CHAT-007",
       breaks=("chat-stream-one-choice", "chat-n-ignored", "chat-choice-doubled"))  # fmt: skip
def same_number_of_choices(plain: Exchange, streamed: Exchange) -> Problems:
    """There are as many choices streamed as not streamed.

    A server that ignores `n` when it streams gives one answer where several were asked for.
    """
    counts = (len(plain.choices), len(streamed.choices))
    if counts[0] != counts[1]:
        yield differs("the number of streamed choices", counts[1], f"{counts[0]} as plain")


# Even OpenAI's models are not quite deterministic at temperature 0 (1 of 10 recorded pairs differs): no MUST.
@check("chat.same-text", SHOULD, together=streamed_twin, when=completion & greedy, source=(COMPLETION, CHUNK),
       breaks=("chat-stream-loses-text", "stream-token-by-token", "structured-dropped-streamed",
               "chat-stream-stop-ignored"))  # fmt: skip
def same_text(plain: Exchange, streamed: Exchange) -> Problems:
    """At temperature 0 the text is the same streamed and not streamed.

    Where chunks are lost, doubled or cut inside a character, only the comparison shows it.
    """
    for one, other in same_texts(plain, streamed):
        if whole_text(one) != whole_text(other):
            yield differs(f"the streamed text of choice {one.index}", other.content, f"{show(one.content)} as plain")


@check("chat.same-model", SHOULD, together=streamed_twin, when=completion, source=(COMPLETION, CHUNK),
       breaks="chat-stream-other-model", covers="CHAT-005")  # fmt: skip
def same_model(plain: Exchange, streamed: Exchange) -> Problems:
    """`model` is the same streamed and not streamed.

    One application has two entries in every table of costs, or the stream is served by something else.
    """
    named = [name for chunk in streamed.chunks if is_a(name := chunk.get("model"), str) and name]
    if named and named[0] != need(plain.answer, "model", str):
        yield differs("the streamed model", named[0], f"{show(plain.answer['model'])} as plain")
