"""The badge of a run: one small SVG that says whether and in what it conforms, and how many MUST checks pass. Holds nothing of the
endpoint's."""

from __future__ import annotations

from html import escape
from pathlib import Path

from conformance.report.rows import Row, counts, rows
from conformance.report.verdict import tone, verdict
from conformance.run.run_file import Run
from conformance.run.whole_file import write_whole

LABEL = "OpenAI API"
COLOURS = {"yes": "#1a7f37", "part": "#8a5a00", "no": "#b42318", "unknown": "#57606a"}
"""By tone. Under white text each has a contrast above 4.5 (WCAG 2.2, 1.4.3)."""
_WIDE, _NARROW = "mwMWABCDEFGHNOPQRSTUVXYZ&%", " .,:;'|!ijlftIr()/"


def write_badge(run: Run, path: Path) -> None:
    """Write the badge of a run."""
    word, _ = verdict(run)
    table = rows(run)
    write_whole(path, _svg(LABEL, f"{word.lower()}, {_must(table)}", COLOURS[tone(run, word)]))


def _must(table: list[Row]) -> str:
    numbers = counts(table)["must"]
    tried = sum(number for state, number in numbers.items() if state != "not-exercised")
    return f"{numbers['pass']}/{tried} MUST"


def _svg(label: str, said: str, color: str) -> str:
    left, right = _width(label) + 12, _width(said) + 12
    width = left + right
    said = escape(said)
    name = f"{label}: {said}"
    return f"""<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="20" role="img" aria-label="{name}">
<title>{name}</title>
<clipPath id="round"><rect width="{width}" height="20" rx="3"/></clipPath>
<g clip-path="url(#round)">
<rect width="{left}" height="20" fill="#333b44"/>
<rect x="{left}" width="{right}" height="20" fill="{color}"/>
</g>
<g fill="#fff" font-family="Verdana,DejaVu Sans,sans-serif" font-size="11" text-anchor="middle">
<text x="{left / 2:g}" y="14" textLength="{left - 12}">{label}</text>
<text x="{left + right / 2:g}" y="14" textLength="{right - 12}">{said}</text>
</g>
</svg>
"""


def _width(text: str) -> int:
    """About how many pixels a text takes at 11 px; textLength then makes it exact in any font."""
    return round(sum(8.5 if c in _WIDE else 4.2 if c in _NARROW else 6.9 for c in text))
