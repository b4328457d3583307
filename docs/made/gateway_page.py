"""The laws over both ends of a gateway: a section each, with what it wants and why, which lies of a gateway break it, how to mend it."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from html import escape

from conformance.gateway.laws import TOPICS, fix_of, laws, lies
from conformance.judge.verdicts import Check
from conformance.report.rows import LEVELS
from docs.made.words import html, prose, source

PATH = "gateway-laws.md"


def page() -> str:
    """The page, as Markdown."""
    found = list(laws().values())
    numbers = ", ".join(f"{sum(law.level == level for law in found)} {level.upper()}" for level in LEVELS)
    about = (
        f"{len(found)} laws: {numbers}. Each holds of a request as the client sends it and as the upstream gets it, and of both answers; "
        "a gateway that changes nothing passes them all, and each is proven by a gateway that tells one small lie. "
        "[How they are judged](gateway.md). "
        "`openai-conformance explain ID` says the same in the terminal, with what is seen then."
    )
    topics = [_topic(topic, [law for law in found if law.law.__module__.endswith(f".{topic}")]) for topic in TOPICS]
    return "\n\n".join(["---\nhide: [toc]\n---", "# The laws over both ends of a gateway", about, *topics]) + "\n"


def _topic(topic: str, found: list[Check]) -> str:
    module = importlib.import_module(f"conformance.gateway.{topic}")
    words = (module.__doc__ or "").strip().partition("\n")[0]
    table = "\n".join(_row(law) for law in found)
    head = "<thead><tr><th>law</th><th>level</th><th>requirement</th></tr></thead>"
    box = f'<div class="wide" tabindex="0" role="region" aria-label="{escape(words)}">'
    return f'## {prose(words)}\n\n{box}\n<table class="checks">{head}\n<tbody>\n{table}\n</tbody></table>\n</div>'


def _row(law: Check) -> str:
    said = "".join(f"<dt>{name}</dt><dd>{words}</dd>" for name, words in _said(law))
    more = f"<details><summary>{html(law.requirement)}</summary><dl>{said}</dl></details>"
    return f'<tr id="{law.id}"><td><code>{law.id}</code></td><td>{law.level.upper()}</td><td>{more}</td></tr>'


def _said(law: Check) -> Iterator[tuple[str, str]]:
    if law.impact:
        yield "why", html(law.impact)
    yield "about", html(law.together.name if law.together else law.when.name)
    for name in law.breaks:
        yield "broken by", f"{html(lies()[name].says)} <small><code>{name}</code></small>"
    yield "to mend", html(fix_of(law.id))
    yield "from", ", ".join(_link(each) for each in law.source)


def _link(text: str) -> str:
    """A source as a link in HTML."""
    words, _, rest = source(text).removeprefix("[").rpartition("](")
    return f'<a href="{escape(rest.removesuffix(")"))}">{escape(words)}</a>' if words else escape(text)
