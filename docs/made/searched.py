"""What the site's search knows of the checks, so that words find the same check there as in `openai-conformance explain WORDS`.

The theme's search (lunr) answers; docs/assets/search.js, which runs it, puts the checks in order by the table that is made here: how
much each check is about each word, as conformance/cli/search.py ranks it.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from pathlib import Path
from typing import Any

from conformance.areas.catalogue import catalogue, lies
from conformance.cli.search import LEVELS, SAID, SILENT, WITNESS, others, ranked, words_of
from conformance.judge.verdicts import Check

PAGES = "checks/"
WORKER = re.compile(r"assets/javascripts/workers/(search\.\w+\.min\.js)")
"""Where the pages of the theme name its search."""
OURS = "assets/search.js"
TABLE = "search/checks.json"


def write(site: Path) -> None:
    """Change the index that was built, and write the table of the checks beside it."""
    path = site / "search" / "search_index.json"
    index = json.loads(path.read_text("utf-8"))
    rest = [entry for entry in index["docs"] if not entry["location"].startswith(PAGES)]
    index["docs"] = [*map(entry, catalogue().values()), *rest]
    path.write_text(_json(index), "utf-8")
    (site / TABLE).write_text(_json(table()), "utf-8")
    [theirs] = (site / "assets" / "javascripts" / "workers").glob("search.*.min.js")
    ours = site / OURS
    ours.write_text(ours.read_text("utf-8").replace("search.theme.js", f"javascripts/workers/{theirs.name}"), "utf-8")


def entry(check: Check) -> dict[str, Any]:
    """The one entry of a check's page: its id and requirement, what breaks, how servers get it wrong."""
    said = " ".join(lies()[name].says for name in check.breaks if name in lies())
    title = f"{check.id}: {check.requirement}".replace("`", "")
    return {"location": f"{PAGES}{check.id}.html", "title": title, "text": f"{check.impact} {said}".replace("`", "")}


def table() -> dict[str, Any]:
    """The checks, and of each word those that are about it: numbers of checks and how much, one after the other. Words of one stem
    share theirs."""
    checks = list(catalogue().values())
    places = {check.id: place for place, check in enumerate(checks)}
    held = Counter(word for check in checks for word in words_of(check))
    shared: dict[tuple[float, ...], int] = {}
    words = {}
    for word, found in ranked(checks, sorted(held)).items():
        about = tuple(number for id, rank in found.items() for number in (places[id], round(rank, 2)))
        words[word] = shared.setdefault(about, len(shared))
    return {
        "ids": [check.id for check in checks],
        "factors": [LEVELS[check.level] * (0.5 if check.area == WITNESS else 1) for check in checks],
        "others": [others(check) for check in checks],
        "words": words,
        "about": list(shared),
        "said": SAID,
        "silent": sorted(SILENT),
    }


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
