"""The page of one check: what is required and why, who breaks, a good and a bad answer, how to ask, how to mend, how to decline."""

from __future__ import annotations

import json
from typing import Any

from conformance.areas.catalogue import area_of, lies
from conformance.cli.explain import QUIET, STAGED
from conformance.judge.verdicts import Check
from docs.made.answers import answers
from docs.made.declining import declining
from docs.made.facts import Judged, explanations, judged
from docs.made.fixes import fix_of
from docs.made.words import prose, source, thread

WEIGHT = {
    "must": "A MUST is red: the specification requires it, or an official SDK breaks without it.",
    "should": "A SHOULD is a warning, red with `--fail-on should`: OpenAI does it, and clients that people use rely on it.",
    "may": "A MAY is never red by itself: it is documented and optional.",
}
HIDDEN = "{ data-search-exclude }"
"""Of sections that the site's search leaves out, for many pages have the same words there."""
FEW = 4
"""Probes that are named."""


def path(id: str) -> str:
    """Where the page of a check stands in the site, as Markdown."""
    return f"checks/{id}.md"


def page(check: Check) -> str:
    """The page of a check, as Markdown."""
    about, facts = explanations()[check.id], judged()[check.id]
    parts = [
        f"---\ntitle: {json.dumps(check.id)}\ndescription: {json.dumps(check.requirement)}\nhide: [navigation]\n---",
        f"# `{check.id}` {{ #{check.id} }}",
        f"**{check.level.upper()}** {prose(check.requirement)}",
        _place(check, facts),
        f"## Why, and who breaks\n\n{_why(check, about)}",
        f"## A good and a bad answer {HIDDEN}\n\n{_example(about)}",
        f"## Ask for it yourself {HIDDEN}\n\n{_asking(about)}",
        _mending(check),
        f"## How to decline it {HIDDEN}\n\n{how}" if (how := declining(facts)) else "",
        f"## How servers get it wrong\n\n{_wrongs(check)}",
        f"## Where it is from {HIDDEN}\n\n{_from(check, about)}",
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _place(check: Check, facts: Judged) -> str:
    area = area_of(check)
    said = [f"Area [{area}](../areas/{area}.md)"]
    if facts.endpoints:
        named = ", ".join(f"[{name}](../endpoints/{name}.md)" for name in facts.endpoints)
        said.append(f"endpoint{'s' * (len(facts.endpoints) > 1)} {named}")
    if facts.features:
        named = ", ".join(f"[`{name}`](../features.md#{name})" for name in facts.features)
        said.append(f"feature{'s' * (len(facts.features) > 1)} {named}")
    return " · ".join(said)


def _why(check: Check, about: dict[str, Any]) -> str:
    rows = "".join(
        f"| {sdk} | {prose('; '.join(lines) or QUIET)} |\n"
        for sdk, lines in sorted(about["sdks"].items(), reverse=True)
    )
    rows += "".join(
        f"| {client} | {prose('; '.join(lines[:FEW]))} |\n" for client, lines in sorted(about["clients"].items())
    )
    table = f"| client | of such answers |\n| --- | --- |\n{rows}" if rows else ""
    level = f"{WEIGHT[check.level]} [Levels](../levels.md) says where they come from."
    reason = f"Why a {check.level.upper()} here: {prose(about['level_reason'])}" if about["level_reason"] else ""
    return "\n\n".join(part for part in (prose(check.impact), table, level, reason) if part)


def _example(about: dict[str, Any]) -> str:
    shown = about["example"]
    told = (
        f"The reference server to the request `{shown['exchange']}`, honest and lying. The lie: {prose(shown['says'])}"
    )
    seen = f"What the check says of it: {prose(shown['seen'])}." if shown["seen"] else ""
    return "\n\n".join(part for part in (told, answers(shown["difference"]), seen) if part)


def _asking(about: dict[str, Any]) -> str:
    provoked = ", ".join(f"`{name}`" for name in about["provoked_by"][:FEW])
    more = f" and {len(about['provoked_by']) - FEW} more" if len(about["provoked_by"]) > FEW else ""
    said = (
        prose(STAGED) if about["staged"] else f"Of the suite's requests {provoked}{more} bring it about. One of them:"
    )
    judge = f"openai-conformance run --base-url http://localhost:8000/v1 --only {about['id']}"
    return f"{said}\n\n```console\n{about['curl']}\n```\n\nAnd this check alone, with all that it needs:\n\n```console\n{judge}\n```"


def _mending(check: Check) -> str:
    fix = fix_of(check.id)
    if fix is None:
        return ""
    tabs = "\n\n".join(
        f'=== "{name}"\n\n' + "\n".join(f"    {line}".rstrip() for line in f"```{kind}\n{code}\n```".split("\n"))
        for name, kind, code in fix.snippets
    )
    return f"## How to mend it: {prose(fix.title)} {HIDDEN}\n\n{fix.text}\n\n{tabs}"


def _wrongs(check: Check) -> str:
    told = [lies()[name] for name in check.breaks if name in lies()]
    lines = []
    for lie in told:
        seen = f" Seen at {', '.join(thread(link) for link in lie.links)}." if lie.links else ""
        lines.append(f"- {prose(lie.says)} (`{lie.name}`){seen}")
    return (
        "\n".join(lines)
        + "\n\nThe reference server tells each of these lies, and the check is proven by failing on it."
    )


def _from(check: Check, about: dict[str, Any]) -> str:
    lines = [f"- {source(each)}" for each in check.source]
    lines += [f"- Requirement [{id}](../requirements.md#{id}): {prose(text)}" for id, text in about["answers"].items()]
    module = check.law.__module__.replace(".", "/")
    lines += [f"- The law itself: `{module}.py`, `{check.law.__name__}`"]
    return f"Judges {prose(about['when'])}.\n\n" + "\n".join(lines)
