"""How to mend a handler: a file of docs/fixes/ for each kind of mistake, with a snippet in Python, JavaScript and Go.

A file says under `checks` which ids it is for, as patterns; of those that fit, the one that says most letters counts. The text before
the first snippet is Markdown.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).parent.parent / "fixes"
LANGUAGES = {"python": "FastAPI", "javascript": "Express", "go": "Go"}
"""What a snippet is written in, and the name of its tab."""
_FENCE = re.compile(r"^```(\w+)\n(.*?)\n```$", re.DOTALL | re.MULTILINE)


@dataclass(frozen=True)
class Fix:
    """How one kind of mistake is mended. `snippets` are (name of the tab, language, code)."""

    name: str
    title: str
    checks: tuple[str, ...]
    text: str
    snippets: tuple[tuple[str, str, str], ...]


@cache
def fixes() -> tuple[Fix, ...]:
    """Every kind of mistake that has a file."""
    return tuple(_read(path) for path in sorted(FOLDER.glob("*.md")))


def _read(path: Path) -> Fix:
    head, _, body = path.read_text("utf-8").partition("\n\n")
    title, _, patterns = head.removeprefix("# ").partition("\nchecks: ")
    blocks = dict(_FENCE.findall(body))
    snippets = tuple((name, language, blocks[language]) for language, name in LANGUAGES.items() if language in blocks)
    return Fix(path.stem, title, tuple(patterns.split()), _FENCE.split(body)[0].strip(), snippets)


def fix_of(id: str) -> Fix | None:
    """The kind of mistake that a check finds; None where a handler could not mend it in some lines."""
    fitting = [
        (len(pattern.replace("*", "")), fix) for fix in fixes() for pattern in fix.checks if fnmatchcase(id, pattern)
    ]
    return max(fitting, key=lambda pair: pair[0])[1] if fitting else None
