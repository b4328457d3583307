"""The examples of the documents: fenced blocks by language, and command lines; tests and ci_check.py try them."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

from tests.support.checkout import ROOT

PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]


def blocks(page: Path, language: str) -> list[str]:
    """What stands in the fenced blocks of a language."""
    return re.findall(rf"^```{language}\n(.*?)^```$", page.read_text("utf-8"), re.M | re.S)


def commands(page: Path) -> list[list[str]]:
    """The words after every `openai-conformance` that begins a line of code, comments left out; with a colon it is what one says."""
    found = re.findall(r"^(?:    |\$ )(?:\S*/)?openai-conformance\b(?!:)(.*)$", page.read_text("utf-8"), re.M)
    return [shlex.split(words, comments=True) for words in found]
