"""CONTENT: the text of an answer: the answer itself, whole, and nothing of the machinery that made it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from typing import Any

from conformance.areas.citations import DELTA, MESSAGE, SSE_GRAMMAR, STOP, issue
from conformance.areas.content.probes import SCRIPTS
from conformance.exchange import Choice, Exchange, Unreadable, find, is_a
from conformance.judge import MAY, MUST, SHOULD, Problems, check, differs
from conformance.judge.condition import request, response
from conformance.judge.conditions import asked, completion, counted, intent
from conformance.judge.mistakes import mistaken
from conformance.judge.relations import streamed_twin
from conformance.judge.shared import around, by_choice, disagree, said_by_client
from conformance.wire.jsontext import show

THOUGHTS = re.compile(r"</?think(ing)?>|\[/?THINK\]|<\|channel\|>|◁/?think▷")
"""How models mark their reasoning before a server takes it out."""
TEMPLATE = re.compile(
    r"<\|[a-z_]{3,30}\|>|<｜[^｜]{3,30}｜>|</s>\s*\Z|\[/?INST\]|<(start|end)_of_turn>|\A\s*(assistant|ASSISTANT:)\s*\n"
)
"""Marks of turns in chat templates: of Llama 3, Qwen, DeepSeek, Llama 2, Mistral and Gemma, and a role as the first line."""
REASONING = re.compile("reason|think|thought")
"""The fields, none of them documented, in which servers send a model's reasoning beside its answer."""
COPIED = 20
"""Characters of reasoning that the content does not begin with by chance."""

BEGINNING = 5
"""Characters after white space by which a text is known to repeat what the client said."""


def _hot(x: Exchange) -> bool:
    temperature = x.asked.get("temperature")
    return is_a(temperature, float) and temperature > 1


at_zero = request("at temperature 0")(lambda x: x.asked.get("temperature") == 0)
settled = completion & ~mistaken & ~request("above temperature 1")(_hot)
"""What a model says to a request with a mistake, or by chance, is no sign of what the server does to its texts."""
other_output = asked("modalities") | asked("functions") | asked("audio")


def thoughts(x: Exchange) -> dict[int, dict[str, str]]:
    """For each choice with any, its reasoning by the name of the field, joined where streamed. Raises Unreadable."""
    key = "reasoning by choice"
    if key not in x.memo:
        found: dict[int, dict[str, str]] = {}
        for index, holder in _holders(x):
            for name, text in holder.items() if isinstance(holder, dict) else ():
                if REASONING.search(name) and isinstance(text, str) and text:
                    fields = found.setdefault(index, {})
                    fields[name] = fields.get(name, "") + text
        x.memo[key] = found
    return x.memo[key]


def _holders(x: Exchange) -> list[tuple[int, Any]]:
    """(index of the choice, its message or delta)."""
    if x.streaming:
        return [(index, part.get("delta")) for _, index, part in x.deltas]
    return [(choice.index, find(x.answer, f"choices.{n}.message")) for n, choice in enumerate(x.choices)]


def spoken(x: Exchange) -> tuple[Choice, ...]:
    """The choices, where those of a stream are those asked for. Raises Unreadable."""
    if x.streaming:
        by_choice(x)
    return x.choices


def marks(x: Exchange, pattern: re.Pattern[str]) -> Problems:
    """The texts in which the pattern is found, unless the client spoke of it."""
    for choice in spoken(x):
        found = pattern.search(choice.content or "")
        if found and not said_by_client(x, found[0].strip()):
            text = around(choice.content, found.start())
            yield differs(f"the text of choice {choice.index}", text, f"no {show(found[0])} in it")


# ---------------------------------------------------------------------- nothing of the machinery


@check("content.no-thoughts", SHOULD, when=settled, source=MESSAGE, breaks="content-thoughts-inside")
def thoughts_are_not_in_the_text(x: Exchange) -> Problems:
    """The text of an answer does not hold the model's reasoning in its own marks, such as <think>.

    Users read it, parsers of JSON and code fail on it, and sent back as history it misleads the model.
    """
    yield from marks(x, THOUGHTS)


@check("content.no-template", SHOULD, when=settled, source=(MESSAGE, issue("ollama/ollama", 4524)),
       breaks="content-template-inside")  # fmt: skip
def template_is_not_in_the_text(x: Exchange) -> Problems:
    """The text of an answer does not hold the marks of a chat template: tokens that end a turn, or the role that begins one.

    It is shown to users, and a client that cuts at nothing goes on reading turns that the model invented.
    """
    yield from marks(x, TEMPLATE)


# None of 1,298 recorded texts of OpenAI begins so.
@check("content.trimmed", SHOULD, when=settled, source=MESSAGE, breaks="content-leading-space")
def text_does_not_begin_with_space(x: Exchange) -> Problems:
    """The text of an answer does not begin with white space.

    It is what is left of the template or of the first token; comparisons and JSON prefixes fail on it.
    """
    for choice in spoken(x):
        text = choice.content or ""
        if text[:1].isspace() and not said_by_client(x, text[: len(text) - len(text.lstrip()) + BEGINNING]):
            yield differs(f"the text of choice {choice.index}", text, "no white space at its beginning")


@check("content.reasoning-apart", SHOULD, when=settled & response("with reasoning beside the text")(thoughts), source=MESSAGE,
       breaks="content-thoughts-copied")  # fmt: skip
def reasoning_is_not_copied(x: Exchange) -> Problems:
    """Reasoning that is sent in a field of its own is not in the content once more.

    It is shown twice, and paid for again with every turn that sends it back.
    """
    for choice in spoken(x):
        for name, text in thoughts(x).get(choice.index, {}).items():
            if len(text) >= COPIED and (choice.content or "").lstrip().startswith(text.strip()[: 4 * COPIED]):
                yield differs(f"the text of choice {choice.index}", choice.content, f"the answer without its {name}")


@check("content.reasoning-same", SHOULD, together=streamed_twin, when=completion & at_zero,
       source=issue("BerriAI/litellm", 20246), breaks="content-thoughts-renamed")  # fmt: skip
def reasoning_has_one_name(plain: Exchange, streamed: Exchange) -> Problems:
    """Reasoning comes in the same field streamed as not streamed.

    Gateways and interfaces read the one they know, and lose the other without a word.
    """
    names = [sorted({name for fields in thoughts(x).values() for name in fields}) for x in (plain, streamed)]
    # A model may think the one time and not the other; the usage says so.
    silent = [x for x, sent in zip((plain, streamed), names, strict=True) if not sent and not _thought(x)]
    if names[0] != names[1] and not silent:
        yield disagree("the list of fields with reasoning", names[0], names[1])


def _thought(x: Exchange) -> bool:
    """Whether the usage says that the model reasoned."""
    count = find(x.usage, "completion_tokens_details.reasoning_tokens") if counted(x) else 0
    return is_a(count, int) and count > 0


# ---------------------------------------------------------------------- the answer, whole


# None of 1,298 recorded texts of OpenAI is empty at a natural end, refusals apart. A stop sequence may leave nothing.
@check("content.not-empty", SHOULD, when=settled & ~asked("stop") & ~other_output,
       source=(MESSAGE, "https://github.com/modelship-ai/modelship/pull/130"),
       breaks="content-answer-trapped")  # fmt: skip
def answer_is_not_empty(x: Exchange) -> Problems:
    """An answer that came to its natural end holds text, calls or a refusal.

    Where all of it went into the reasoning, users see an empty bubble and agents stop with nothing done.
    """
    for choice in spoken(x):
        if choice.finish_reason == "stop" and not (
            choice.tool_calls or choice.refusal or (choice.content or "").strip()
        ):
            yield differs(f"the text of choice {choice.index}", choice.content, "an answer, or another finish_reason")


# A limit may fall inside a character; nothing is said of what stands there.
@check("content.whole-characters", SHOULD, when=settled, source=(SSE_GRAMMAR, DELTA),
       breaks=("content-replaced", "stream-token-by-token", "stream-half-pairs"), covers="STREAM-013")  # fmt: skip
def characters_are_whole(x: Exchange) -> Problems:
    """The text of an answer that was not cut holds no U+FFFD, unless the request does.

    It is what is left of emoji, Chinese and rare scripts where tokens are decoded one by one.
    """
    for choice in spoken(x):
        broken = "\ufffd" in (choice.content or "") and choice.finish_reason != "length"
        if broken and not said_by_client(x, "\ufffd"):
            text = around(choice.content, choice.content.index("\ufffd"))
            yield differs(f"the text of choice {choice.index}", text, "whole characters")


@check("content.joiners", SHOULD, when=completion & intent("repeat"), source=MESSAGE, breaks="content-joiners-lost")
def joiners_are_kept(x: Exchange) -> Problems:
    """What joins and modifies characters comes back with a text that is repeated: joiners, accents and selectors.

    A family becomes four persons, Indic words fall apart, and names lose their accents.
    """
    for choice in spoken(x):
        _need_it_in(choice, bare)
        if composed(SCRIPTS) not in composed(choice.content or ""):
            yield differs(f"the text of choice {choice.index}", choice.content, f"{show(SCRIPTS)}, joiners and all")


# A model may well compose a letter and its accent by itself: no SHOULD.
@check("content.as-written", MAY, when=completion & intent("repeat"), source=MESSAGE, breaks="content-recomposed")
def code_points_are_kept(x: Exchange) -> Problems:
    """A text that is repeated comes back code point for code point, not normalised.

    What is compared with a file on disk, or signed, differs although it looks the same.
    """
    for choice in spoken(x):
        _need_it_in(choice, composed)
        if SCRIPTS not in (choice.content or ""):
            yield differs(f"the text of choice {choice.index}", choice.content, f"{show(SCRIPTS)}, not normalised")


def _need_it_in(choice: Choice, form: Callable[[str], str]) -> None:
    """Raises Unreadable where the text, in this form, is not the one that was to be repeated."""
    if form(SCRIPTS) not in form(choice.content or ""):
        raise Unreadable(f"the text is {show(choice.content)}, expected the one that was to be repeated")


def composed(text: str) -> str:
    return unicodedata.normalize("NFC", text)


def bare(text: str) -> str:
    """A text without what combines and joins: equal for two that differ in nothing else."""
    parts = unicodedata.normalize("NFD", text)
    return "".join(
        char for char in parts if unicodedata.category(char) not in ("Mn", "Me", "Cf") and not char.isspace()
    )


@check("content.ends", SHOULD, when=completion & intent("natural-end") & asked("stop"), source=(STOP, issue("ollama/ollama", 4524)),
       breaks="content-stop-replaces-end")  # fmt: skip
def stops_are_beside_the_end(x: Exchange) -> Problems:
    """Stop sequences are in addition to the model's own end: a short answer in which none occurs still ends by itself.

    Where they take its place, the model goes on into turns of its own until the limit, with every request of an agent.
    """
    for choice in spoken(x):
        if choice.finish_reason == "length" and not thoughts(x):
            yield differs(f"finish_reason of choice {choice.index}", "length", '"stop": one sentence was asked for')


@check("content.stop-in-thoughts", MUST, when=completion & intent("stop-inside"),
       source=(STOP, MESSAGE, issue("vllm-project/vllm", 38499)), breaks="content-stop-in-thoughts")  # fmt: skip
def stops_are_for_the_text(x: Exchange) -> Problems:
    """A stop sequence ends the text of an answer, not the reasoning before it.

    A question that holds the sequence, as questions do, is thought about in its words: there is no answer at all.
    """
    for choice in spoken(x):
        empty = choice.finish_reason == "stop" and not (choice.content or "").strip()
        if empty and (choice.index in thoughts(x) or _thought(x)):
            yield differs(f"the text of choice {choice.index}", choice.content, "what comes before the stop sequence")
