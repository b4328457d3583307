"""CHAT: the same request streamed and not streamed gives the same answer, as far as sampling allows.

Models may answer differently each time, so nothing is compared that is the model's choice, but for texts at temperature 0,
and those as SHOULD.
"""

from __future__ import annotations

from conformance.areas.citations import CHUNK, COMPLETION, REQUEST
from conformance.exchange import Choice, Exchange, is_a, need
from conformance.judge import MUST, SHOULD, Problems, check, differs
from conformance.judge.conditions import choices_asked, completion, greedy
from conformance.judge.relations import streamed_twin
from conformance.judge.shared import disagree, same_texts


def whole_text(choice: Choice) -> str:
    """The text, without what is left of a last character in which the limit fell: servers differ there."""
    return (choice.content or "").rstrip("\ufffd" if choice.finish_reason == "length" else "")


@check("chat.same-choices", MUST, together=streamed_twin, when=completion, source=REQUEST, covers="CHAT-007",
       breaks=("chat-stream-one-choice", "chat-n-ignored", "chat-choice-doubled"))  # fmt: skip
def same_number_of_choices(plain: Exchange, streamed: Exchange) -> Problems:
    """There are as many choices streamed as not streamed.

    A server that ignores `n` when it streams gives one answer where several were asked for.
    """
    counts = {"plain": len(plain.choices), "streamed": len(streamed.choices)}
    if counts["plain"] != counts["streamed"]:
        for mode, count in counts.items():
            if count != choices_asked(plain):
                yield differs(f"the number of choices {mode}", count, f"{choices_asked(plain)}, as asked for")


# Even OpenAI's models are not quite deterministic at temperature 0 (1 of 10 recorded pairs differs): no MUST.
@check("chat.same-text", SHOULD, together=streamed_twin, when=completion & greedy, source=(COMPLETION, CHUNK),
       breaks=("chat-stream-loses-text", "stream-token-by-token", "structured-dropped-streamed",
               "chat-stream-stop-ignored", "stream-words-glued", "stream-line-ends-lost"))  # fmt: skip
def same_text(plain: Exchange, streamed: Exchange) -> Problems:
    """At temperature 0 the text is the same streamed and not streamed.

    Where chunks are lost, doubled or cut inside a character, only the comparison shows it.
    """
    for one, other in same_texts(plain, streamed):
        if whole_text(one) != whole_text(other):
            yield disagree(f"the text of choice {one.index}", one.content, other.content)


@check("chat.same-model", SHOULD, together=streamed_twin, when=completion, source=(COMPLETION, CHUNK),
       breaks="chat-stream-other-model", covers="CHAT-005")  # fmt: skip
def same_model(plain: Exchange, streamed: Exchange) -> Problems:
    """`model` is the same streamed and not streamed.

    One application has two entries in every table of costs, or the stream is served by something else.
    """
    named = [name for chunk in streamed.chunks if is_a(name := chunk.get("model"), str) and name]
    if named and named[0] != need(plain.answer, "model", str):
        yield disagree("model", plain.answer["model"], named[0])
