"""Our own words, and what servers said, as Markdown and HTML that hold no other markup."""

from __future__ import annotations

import re
from html import escape

from conformance.report.rows import link


def prose(text: str) -> str:
    """Our own words as Markdown: code stays code, and nothing else is markup."""
    parts = re.split(r"(`[^`]*`)", text)
    escaped = (p if p.startswith("`") else re.sub(r"([\\*_\[\]<>|#])", r"\\\1", p) for p in parts)
    return "".join(escaped).replace("\n", " ")


def source(text: str) -> str:
    """A source as a link, by its own words or the end of its address; words alone where it is none."""
    address, words = link(text)
    shown = address.removeprefix("https://").partition("#")[0].rsplit("/", 1)[-1] or address
    return f"[{prose(words.strip('()') or shown)}]({address})" if address else prose(text)


def thread(address: str) -> str:
    """A public report as a link, by its owner, repository and number where it is an issue."""
    found = re.fullmatch(r"https://github\.com/([^/]+/[^/]+)/(?:issues|pull|discussions)/(\d+)(?:#.*)?", address)
    shown = f"{found[1]}#{found[2]}" if found else address.removeprefix("https://")
    return f"[{prose(shown)}]({address})"


def html(text: str) -> str:
    """Anything as text of HTML, its code marks as code."""
    parts = re.split(r"`([^`]*)`", escape(text))
    return "".join(f"<code>{part}</code>" if n % 2 else part for n, part in enumerate(parts))
