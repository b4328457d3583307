"""LOGP: the log probabilities of a chat completion: their shape, and that they are those of the text, plain and streamed."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import zip_longest
from typing import Any

from conformance.areas.citations import (
    CHUNK,
    COMPLETION,
    PYTHON_LOGPROBS,
    REQUEST,
    SHOWS_LOGPROBS,
    TOKEN_LOGPROB,
    USES_LOGPROBS,
)
from conformance.exchange import Choice, Exchange, Unreadable, find, is_a, need
from conformance.judge import MUST, SHOULD, Problems, check, differs
from conformance.judge.condition import request, response
from conformance.judge.conditions import asked, chat_stream, completion, greedy
from conformance.judge.objects import OBJECTS, misfits
from conformance.judge.relations import streamed_twin
from conformance.judge.shared import apart, disagree
from conformance.wire.jsontext import show

_END = re.compile(r"\s*(<[^<>\s]{1,40}>|\[/?[A-Z_]{2,20}\])?\s*")
"""How models write the end of a turn: <|im_end|>, </s>, [/INST], or nothing at all."""

asks = request("that asks for logprobs")(lambda x: x.asked.get("logprobs") is True)
probable = completion & asks


def listed(x: Exchange) -> Iterator[tuple[int, list[Any], str]]:
    """(index of the choice, entries for the content, its text) of each choice, or of each delta of a stream. Raises Unreadable."""
    if x.streaming:
        parts = [(index, part, find(part, "delta.content")) for _, index, part in x.deltas]
    else:
        both = zip(x.choices, need(x.answer, "choices", list), strict=True)
        parts = [(choice.index, part, choice.content) for choice, part in both]
    for index, part, text in parts:
        entries = find(part, "logprobs.content")
        yield index, entries if isinstance(entries, list) else [], text if isinstance(text, str) else ""


def said(x: Exchange) -> list[tuple[Choice, list[Any]]]:
    """Each choice that is nothing but text, with all the entries for it. Raises Unreadable."""
    entries: dict[int, list[Any]] = {}
    for index, found, _ in listed(x):
        entries.setdefault(index, []).extend(found)
    texts = [choice for choice in x.choices if choice.content and not (choice.tool_calls or choice.refusal)]
    return [(choice, entries.get(choice.index, [])) for choice in texts]


def spelt(entries: Iterable[Any]) -> bytes:
    """The bytes of the tokens one after the other; the token itself where it has none. Raises Unreadable."""
    found = []
    for entry in entries:
        raw = need(entry, "bytes", list, None)
        if raw is None:
            found.append(need(entry, "token", str).encode("utf-8", "surrogatepass"))
        elif all(is_a(byte, int) and 0 <= byte < 256 for byte in raw):
            found.append(bytes(raw))
        else:
            raise Unreadable(differs("bytes", raw, "an array of integers from 0 to 255"))
    return b"".join(found)


def same(raw: bytes, text: str) -> bool:
    """Whether the bytes are those of the text; a character that the token limit cut may show as U+FFFD or not at all."""
    return raw.decode("utf-8", "replace").rstrip("\ufffd") == text.rstrip("\ufffd")


def ends_beyond(entries: list[Any], text: str) -> bool:
    """Whether the last token alone is beyond the text, and is one that ends a turn. Raises Unreadable."""
    if not entries or same(spelt(entries), text) or not _END.fullmatch(need(entries[-1], "token", str)):
        return False
    return same(spelt(entries[:-1]), text)


def some(kind: str):
    """The condition that the answer has an object of that kind (schemas.OBJECTS)."""
    return response(f"with a {kind}")(lambda x: any(True for _ in OBJECTS[kind](x)))


in_words = response("that is a text")(said)
with_entries = response("with entries for its tokens")(lambda x: any(entries for _, entries in said(x)))
shaped = probable & some("logprobs")
tokenwise = probable & some("token-logprob")


# The specification promises them, and all 24 recorded answers have them; yet it also allows null, so this is no MUST.
@check("logprobs.present", SHOULD, when=probable & in_words, source=(REQUEST, SHOWS_LOGPROBS), covers="LOGP-001",
       breaks=("logprobs-null", "logprobs-null-streamed", "logprobs-null-alone", "logprobs-legacy-shape", "logprobs-list",
               "logprobs-elsewhere"))  # fmt: skip
def says_how_probable(x: Exchange) -> Problems:
    """With `logprobs: true` there are entries for the tokens of each text, in streams too.

    Scores, guardrails and confidence displays work on None: a TypeError, or a score of nothing.
    """
    for choice, entries in said(x):
        if not entries:
            yield differs(f"logprobs.content of choice {choice.index}", entries, "an entry for each token")


@check(
    "logprobs.object",
    MUST,
    when=shaped,
    source=(COMPLETION, CHUNK, PYTHON_LOGPROBS),
    breaks="logprobs-list",
    covers="LOGP-001",
)
def logprobs_are_an_object(x: Exchange) -> Problems:
    """`logprobs` of a choice is an object or null.

    The stream helper of the Python SDK raises AttributeError on an array.
    """
    yield from misfits(x, "logprobs")


@check("logprobs.content", MUST, when=shaped, source=(COMPLETION, CHUNK), covers="LOGP-001",
       breaks=("logprobs-legacy-shape", "logprobs-elsewhere"))  # fmt: skip
def logprobs_have_content(x: Exchange) -> Problems:
    """`logprobs.content` is there, an array of entries or null: not the tokens and token_logprobs of legacy completions.

    Code that walks over it raises TypeError.
    """
    yield from misfits(x, "logprobs", "content")


# Required by the specification and sent by OpenAI; the SDKs take its absence for null, so this is no MUST.
@check(
    "logprobs.refusal",
    SHOULD,
    when=shaped,
    source=(COMPLETION, CHUNK),
    breaks="logprobs-without-refusal",
    covers="LOGP-001",
)
def logprobs_have_refusal(x: Exchange) -> Problems:
    """`logprobs.refusal` is there, an array of entries or null.

    Clients generated from the specification may fail on its absence.
    """
    yield from misfits(x, "logprobs", "refusal")


@check("logprobs.entry", MUST, when=tokenwise, source=TOKEN_LOGPROB, covers="LOGP-002",
       breaks=("logprobs-number-alone", "logprobs-token-id", "logprobs-text-number"))  # fmt: skip
def entries_have_token_and_number(x: Exchange) -> Problems:
    """Each entry is an object with the string `token` and the number `logprob`.

    Code that adds up the numbers raises; typed clients fail to parse.
    """
    yield from misfits(x, "token-logprob")
    yield from misfits(x, "token-logprob", "token", "logprob")


@check("logprobs.bytes", MUST, when=tokenwise, source=(TOKEN_LOGPROB, USES_LOGPROBS), covers="LOGP-002",
       breaks=("logprobs-without-bytes", "logprobs-bytes-text"))  # fmt: skip
def entries_have_bytes(x: Exchange) -> Problems:
    """Each entry has `bytes`: an array of integers from 0 to 255, or null.

    Characters of several tokens can be put together from them only.
    """
    yield from misfits(x, "token-logprob", "bytes")


@check("logprobs.text", MUST, when=probable & ~asked("stop") & with_entries, source=(TOKEN_LOGPROB, USES_LOGPROBS),
       covers="LOGP-003",
       breaks=("logprobs-replacement", "logprobs-loses-token", "logprobs-vocabulary", "stream-token-by-token"))  # fmt: skip
def tokens_make_the_text(x: Exchange) -> Problems:
    """The bytes of all tokens, one after the other, are the text: none is left out, none is added, none is spelt otherwise.

    Highlighting, alignment and scores of words go by the place of a token in the text.
    """
    for choice, entries in said(x):
        if entries and not same(raw := spelt(entries), choice.content) and not ends_beyond(entries, choice.content):
            _, tokens, text = apart(raw.decode("utf-8", "replace"), choice.content)
            if "\ufffd" in text and "\ufffd" not in tokens:
                yield differs(f"the text of choice {choice.index}", text, f"{show(tokens)}, which its tokens spell")
            else:
                yield differs(f"what the tokens of choice {choice.index} spell", tokens, f"{show(text)}, its text")


# No MUST: the text is whole, and who adds up the numbers is off by one token.
@check("logprobs.end-token", SHOULD, when=probable & ~asked("stop") & with_entries, source=TOKEN_LOGPROB, covers="LOGP-003",
       breaks="logprobs-end-token")  # fmt: skip
def no_entry_for_the_end(x: Exchange) -> Problems:
    """The token that ends the answer, which is not in the text, has no entry.

    A score of the answer counts a token that nobody sees.
    """
    for choice, entries in said(x):
        if ends_beyond(entries, choice.content):
            yield differs(f"the last token of choice {choice.index}", entries[-1]["token"], "the last of the text")


@check(
    "logprobs.token", SHOULD, when=tokenwise, source=TOKEN_LOGPROB, breaks="logprobs-bytes-of-other", covers="LOGP-002"
)
def bytes_spell_the_token(x: Exchange) -> Problems:
    """The `bytes` of an entry are those of its `token`, wherever that is a whole text.

    (OpenAI writes a part of a character as escapes: "\\xf0\\x9f".) Clients show the one and align by the other.
    """
    for path, entry in OBJECTS["token-logprob"](x):
        token = need(entry, "token", str)
        part = need(entry, "bytes", list, None) is None or "\\x" in token or "\ufffd" in token
        if not part and spelt([entry]) != token.encode("utf-8", "surrogatepass"):
            yield differs(f"{path}.bytes", entry["bytes"], f"the bytes of {token!r}")


@check("logprobs.streamed", MUST, when=chat_stream & asks & ~asked("stop") & with_entries, source=CHUNK, breaks="logprobs-late",
       covers="LOGP-009")  # fmt: skip
def entries_come_with_their_text(x: Exchange) -> Problems:
    """In a stream, the entries of the tokens of a delta come in the same chunk.

    Clients that show confidence while the text arrives attach it to the wrong words.
    """
    for choice, entries in said(x):
        whole = choice.content.encode("utf-8", "surrogatepass")
        if not same(spelt(entries)[: len(whole)], choice.content):
            raise Unreadable(f"the tokens of choice {choice.index} are not those of its text, expected the same")
        deltas = [(spelt(found), piece) for index, found, piece in listed(x) if index == choice.index]
        for tokens, piece in _apart(deltas):
            yield differs("the tokens of a delta", tokens.decode("utf-8", "replace"), f"{piece!r:.80}")


def _apart(deltas: list[tuple[bytes, str]]) -> Iterator[tuple[bytes, str]]:
    """The first delta whose tokens are not those of its text; a part of a character, or what ends the answer, may be left over."""
    pending, left = b"", sum(len(piece) for _, piece in deltas)
    for tokens, piece in deltas:
        pending, left, raw = pending + tokens, left - len(piece), piece.encode("utf-8", "surrogatepass")
        rest = pending[len(raw) :]
        exact = pending.startswith(raw) and (left == 0 or not rest.decode("utf-8", "ignore"))
        if piece and not exact and not same(pending, piece):
            yield pending, piece
            return
        pending = rest if piece else pending


@check("logprobs.same-streamed", SHOULD, together=streamed_twin, when=probable & greedy & with_entries, source=CHUNK,
       breaks=("logprobs-streamed-anew", "logprobs-end-token", "logprobs-loses-token"), covers="LOGP-009")  # fmt: skip
def same_entries_streamed(plain: Exchange, streamed: Exchange) -> Problems:
    """The entries of all chunks together are those of the plain answer, token by token, where the text is the same.

    Models are not quite deterministic at temperature 0, so the numbers are not compared.
    """
    texts = [(a.content, one, other) for (a, one), (b, other) in zip(said(plain), said(streamed), strict=False)
             if a.content == b.content]  # fmt: skip
    if not texts:
        raise Unreadable("the two texts are different, expected the same text twice")
    for text, one, other in texts:
        if list(map(_bytes, one)) != list(map(_bytes, other)):
            yield _parting(text, one, other)


def _bytes(entry: Any) -> bytes:
    return spelt([entry])


def _parting(text: str, *both: list[Any]) -> str:
    """The problem of two lists of tokens for one text: held against the one that does not spell it, where that is one of them."""
    aligned = list(zip_longest(*(map(_bytes, entries) for entries in both)))
    at = next(n for n, (one, other) in enumerate(aligned) if one != other)
    tokens = ["no entry" if token is None else token.decode("utf-8", "backslashreplace") for token in aligned[at]]
    wrong = [n for n in (0, 1) if not same(spelt(both[n]), text)]
    if len(wrong) == 1:
        mode, right = ("plain", "streamed")[wrong[0]], tokens[1 - wrong[0]]
        return differs(f"token {at} {mode}", tokens[wrong[0]], f"{show(right)}, as the text has it")
    return disagree(f"token {at}", *tokens)
