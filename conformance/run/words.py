"""What a run is of and what it names, in a few words; whatever an endpoint said comes out safe and short."""

from __future__ import annotations

from conformance.run.run_file import Run
from conformance.wire.jsontext import printable

LONGEST = 3000
"""Characters of one text that a report shows."""


def target(run: Run) -> str:
    """What was judged, in a few words."""
    about = run.header.get("target") or {}
    recordings = about.get("recordings") or []
    several_files = f"{len(recordings)} recordings: " if len(recordings) > 1 else ""
    named = several_files + several(tuple(recordings)) if recordings else None
    unknown = "no recorded traffic" if "recordings" in about else "unknown endpoint"
    where = named or about.get("replay") or about.get("base_url") or unknown
    model = about.get("model")
    return shown(f"{where}, model {model}" if model else where)


def several(ids: tuple[str, ...], shown: int = 2, count: int = 0) -> str:
    """The first ids and how many more; `count` where there are more than the ids."""
    more = max(len(ids), count) - min(shown, len(ids))
    return ", ".join(ids[:shown]) + (f" and {more} more" if more > 0 else "")


def shown(text: str) -> str:
    """A text as a report may show it: without control characters, and not a megabyte of it."""
    return printable(text if len(text) <= LONGEST else f"{text[:LONGEST]} … ({len(text):,} characters)")
