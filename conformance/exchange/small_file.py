"""Files of the user's that a person wrote: options, known deviations, prompts, prices. Recorded traffic is record/packed.py's."""

from __future__ import annotations

import errno
import os
import re
import stat
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

MOST = 16 * 1024 * 1024
"""Bytes: several times OpenAI's own document, the largest that anybody names."""
MOST_TOML, PARTS = 1024 * 1024, 100
"""Bytes of a TOML file, ten times a list of all checks with a reason each, and parts of a key."""
TOKEN = re.compile(
    r'''"""(?:\\.|[^\\])*?"{3,5}|'{3}.*?'{3,5}|"(?:\\.|[^"\\\n])*"|'[^'\n]*'|#[^\n]*|[\[\]\n]''', re.DOTALL
)
"""What may open or close something in TOML: strings, comments, brackets, and the ends of lines between them."""
_LONG_KEY = re.compile(rf"(?<![\w-])(?:[\w-]++[ \t]*+\.[ \t]*+){{{PARTS}}}")


def regular(path: str | Path) -> None:
    """Raises OSError for what is neither a file nor a folder, for nobody knows when a pipe or a device ends."""
    mode = os.stat(path).st_mode
    if not stat.S_ISREG(mode) and not stat.S_ISDIR(mode):
        raise OSError(errno.EINVAL, "no regular file")


def content(path: str | Path, most: int = MOST) -> bytes:
    """All of a file of at most so many bytes. Raises OSError."""
    regular(path)
    with Path(path).open("rb") as file:
        data = file.read(most + 1)
    if len(data) > most:
        raise OSError(errno.EFBIG, f"it is longer than {most:,} bytes")
    return data


def toml(path: str | Path) -> tuple[str, dict[str, Any]]:
    """The text of a TOML file, and what it holds. Raises OSError; ValueError for what is no TOML, UnicodeDecodeError among them."""
    text = content(path, MOST_TOML).decode("utf-8").replace("\r\n", "\n")
    if _LONG_KEY.search(TOKEN.sub(_named, text)):  # tomllib takes a minute for a key of 20,000 parts
        raise ValueError(f"a key has more than {PARTS} parts")
    try:
        values = tomllib.loads(text)
    except RecursionError:
        raise ValueError("nested too deeply") from None
    if any(not -(2**63) <= number < 2**63 for number in _integers(values)):
        raise ValueError("it holds an integer of more than 64 bits")
    return text, values


def _named(token: re.Match[str]) -> str:
    """A string may be a part of a key, and what is in it, or in a comment, is none."""
    return "s" if token[0][0] in "\"'" else "" if token[0][0] == "#" else token[0]


def _integers(value: Any) -> Iterator[int]:
    """All in it, by a stack: dotted keys nest as deep as they are long."""
    left = [value]
    while left:
        each = left.pop()
        if isinstance(each, dict | list):
            left += each.values() if isinstance(each, dict) else each
        elif isinstance(each, int):
            yield each
