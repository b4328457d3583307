"""A toy tokenizer: fixed, reversible, and with tokens that end inside a character, as real ones have."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache

from conformance.reference.refusal import Refusal

VOCABULARY = 100_257
"""Ids that tokens may have where they are given as numbers."""
_PIECES = re.compile(r" ?[A-Za-z]{1,6}| ?[0-9]{1,3}| ?[^A-Za-z0-9\s]|\s", re.DOTALL)


def encode(text: str) -> list[bytes]:
    """The tokens of a text. Characters of three and more bytes take two tokens."""
    tokens = []
    for piece in _PIECES.findall(text):
        raw = piece.encode("utf-8", "surrogatepass")
        tokens += [raw[:-2], raw[-2:]] if len(raw) > 2 and not piece.isascii() else [raw]
    return tokens


@lru_cache(maxsize=8)
def count(text: str) -> int:
    """How many tokens a text takes; remembered, because the over-long prompt comes again and again."""
    return len(_PIECES.findall(text)) if text.isascii() else len(encode(text))


def portions(tokens: Iterable[bytes]) -> Iterator[tuple[str, list[bytes]]]:
    """(text, its tokens) in portions that never split a character; tokens of an unfinished last character have the text ""."""
    held: list[bytes] = []
    for token in tokens:
        held.append(token)
        try:
            text = b"".join(held).decode("utf-8")
        except UnicodeDecodeError:
            continue
        yield text, held
        held = []
    if held:
        yield "", held


def pieces(tokens: Iterable[bytes]) -> Iterator[str]:
    """The text of the tokens in portions that never split a character; an unfinished last character is dropped."""
    return (text for text, _ in portions(tokens) if text)


def spell(token: bytes) -> str:
    """A token as text, its bytes as \\x escapes where it ends inside a character, as OpenAI spells them."""
    return token.decode("utf-8", "backslashreplace")


def of_ids(ids: Iterable[int]) -> list[bytes]:
    """The tokens of these ids; each is a word of its own. Raises Refusal for an id that is none."""
    for id in ids:
        if not 0 <= id < VOCABULARY:
            raise Refusal(
                400,
                f"Invalid token in prompt: {id}. Minimum value is 0, maximum value is {VOCABULARY - 1} (inclusive).",
            )
    return [f" t{id:x}".encode() for id in ids]


def decode(tokens: Iterable[bytes]) -> str:
    return "".join(pieces(tokens))
