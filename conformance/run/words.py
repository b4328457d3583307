"""What a run is of and what it names, in a few words; whatever an endpoint said comes out safe and short."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from conformance.run.run_file import Run
from conformance.wire.jsontext import printable, show

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


def declining(members: Sequence[str]) -> str:
    """How to decline what is ignored, by the members of requests; nothing where there are none."""
    names = [f"`{show(each, 60)[1:-1]}`" for each in members if each]
    if not names:
        return ""
    what = names[0] if len(names) == 1 else "each"
    return f"refuse {what} with a 400 that names it: refused, no failure"


def shown(text: str) -> str:
    """A text as a report may show it: without control characters, and not a megabyte of it."""
    return printable(text if len(text) <= LONGEST else f"{text[:LONGEST]} … ({len(text):,} characters)")


def asked_of(models: Mapping[str, str | None]) -> list[str]:
    """Which model answers by each endpoint beside chat, and by which none does, as one line; nothing where none was asked."""
    held: dict[str, list[str]] = {}
    for endpoint, model in models.items():
        held.setdefault(model or "", []).append(endpoint)
    lacking = held.pop("", [])
    said = [f"{', '.join(names)} by {show(model, 60)}" for model, names in held.items()]
    said += [f"nothing answers by {', '.join(lacking)}"] if lacking else []
    return [f"Beside chat: {'; '.join(said)}"] if said else []
