"""The catalogue: every check in one table, which filters by area, level, endpoint, feature and words (docs/assets/catalogue.js)."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

from conformance.areas.catalogue import area_of, catalogue
from conformance.judge.verdicts import Check
from conformance.report.rows import LEVELS
from docs.made.facts import judged
from docs.made.words import html


def page() -> str:
    """The catalogue, as Markdown."""
    checks = list(catalogue().values())
    numbers = ", ".join(f"{sum(c.level == level for c in checks)} {level.upper()}" for level in LEVELS)
    return "\n\n".join(
        [
            "---\nsearch:\n  exclude: true\nhide: [toc]\n---",
            "# All checks",
            f"{len(checks)} checks: {numbers}. Each has a page: why, who breaks, a good and a bad answer, curl, how to mend it. "
            "`openai-conformance explain ID` says the same in the terminal.",
            _form(checks),
            table(checks),
            '<script src="assets/catalogue.js"></script>',
        ]
    )


def _form(checks: Iterable[Check]) -> str:
    facts = judged()
    choices = {
        "area": dict.fromkeys(area_of(check) for check in checks),
        "level": LEVELS,
        "endpoint": dict.fromkeys(name for check in checks for name in facts[check.id].endpoints),
        "feature": sorted({name for check in checks for name in facts[check.id].features}),
    }
    fields = "".join(_select(name, values) for name, values in choices.items())
    words = '<label>words <input type="search" name="words" placeholder="tool call index"></label>'
    return (
        f'<form class="filters" id="filters" hidden>{fields}{words}<button type="reset">all</button>'
        '<output aria-live="polite"></output></form>'
    )


def _select(name: str, values: Iterable[str]) -> str:
    options = "".join(f'<option value="{value}">{value}</option>' for value in values)
    return f'<label>{name} <select name="{name}"><option value="">any</option>{options}</select></label>'


def table(checks: Iterable[Check], up: str = "") -> str:
    """Checks as a table, for a page that is `up` from the top."""
    rows = "\n".join(_row(check, up) for check in checks)
    head = "<thead><tr><th>check</th><th>level</th><th>requirement</th></tr></thead>"
    box = '<div class="wide" tabindex="0" role="region" aria-label="checks">'
    return f'{box}\n<table class="checks">{head}\n<tbody>\n{rows}\n</tbody></table>\n</div>'


def _row(check: Check, up: str) -> str:
    facts = judged()[check.id]
    said = {
        "area": area_of(check),
        "level": check.level,
        "endpoint": " ".join(facts.endpoints),
        "feature": " ".join(facts.features),
    }
    data = "".join(f' data-{name}="{escape(value)}"' for name, value in said.items())
    link = f'<a href="{up}checks/{check.id}.html"><code>{check.id}</code></a>'
    return f'<tr id="{check.id}"{data}><td>{link}</td><td>{check.level.upper()}</td><td>{html(check.requirement)}</td></tr>'
