"""A toy tokenizer: fixed, reversible, and with tokens that end inside a character, as real ones have."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache

_PIECES = re.compile(r" ?[A-Za-z]{1,6}| ?[0-9]{1,3}| ?[^A-Za-z0-9\s]|\s", re.DOTALL)


def encode(text: str) -> list[bytes]:
    """The tokens of a text. Characters of three and more bytes take two tokens."""
    tokens = []
    for piece in _PIECES.findall(text):
        raw = piece.encode("utf-8", "surrogatepass")
        tokens += [raw[:-2], raw[-2:]] if len(raw) > 2 and not piece.isascii() else [raw]
    return tokens


@lru_cache(maxsize=256)
def count(text: str) -> int:
    """How many tokens a text takes; remembered, because the over-long prompt comes again and again."""
    return len(encode(text))


def pieces(tokens: Iterable[bytes]) -> Iterator[str]:
    """The text of the tokens in portions that never split a character; an unfinished last character is dropped."""
    held = b""
    for token in tokens:
        held += token
        try:
            text = held.decode("utf-8")
        except UnicodeDecodeError:
            continue
        held = b""
        yield text


def decode(tokens: Iterable[bytes]) -> str:
    return "".join(pieces(tokens))
