"""Checks the built site, as `nox -s docs` does: every inner link and anchor leads somewhere, every check has its page,
every check, feature and requirement its anchor, and no page fetches anything from elsewhere."""

from __future__ import annotations

import sys
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

from conformance.areas.catalogue import catalogue, features
from conformance.areas.requirements import requirements

FETCHING = {
    "script": "src",
    "img": "src",
    "iframe": "src",
    "source": "src",
    "video": "src",
    "audio": "src",
    "link": "href",
}
LINKS_ALONE = {"canonical", "prev", "next", "alternate", "edit"}
"""Kinds of <link> that nothing is fetched for."""


class Page(HTMLParser):
    """The anchors of a page, where it links to, and what it fetches."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.anchors: set[str] = set()
        self.links: list[str] = []
        self.fetched: list[str] = []
        self.feed(path.read_text("utf-8"))

    def handle_starttag(self, tag: str, pairs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in pairs}
        self.anchors |= {found[name] for name in ("id", "name") if name in found}
        if tag == "a" and "href" in found:
            self.links.append(found["href"])
        aim = found.get(FETCHING.get(tag, ""))
        if aim and not (tag == "link" and found.get("rel") in LINKS_ALONE):
            self.fetched.append(aim)


def wrong(site: Path) -> list[str]:
    """What is wrong with the site, a line each."""
    pages = {path.resolve(): Page(path) for path in site.rglob("*.html")}
    found = []
    for path, page in pages.items():
        name = path.relative_to(site.resolve())
        for aim in page.links + page.fetched:
            parts = urlsplit(aim)
            if parts.scheme or parts.netloc:
                continue
            # 404.html is served at any address, so its links begin at the top.
            base = site.resolve() if name.name == "404.html" else path.parent
            there = (base / unquote(parts.path).lstrip("/")).resolve() if parts.path else path
            there = there / "index.html" if there.is_dir() else there
            if not there.exists():
                found.append(f"{name}: {aim} leads nowhere")
            elif parts.fragment and there in pages and unquote(parts.fragment) not in pages[there].anchors:
                found.append(f"{name}: {aim} has no such anchor")
        found += [f"{name}: fetches {aim}" for aim in page.fetched if urlsplit(aim).netloc]
    for file, ids in (("catalogue", catalogue()), ("features", features()), ("requirements", requirements())):
        lacking = set(ids) - pages[(site / f"{file}.html").resolve()].anchors
        found += [f"{file}.html: no anchor {id}" for id in sorted(lacking)]
    found += [f"checks/{id}.html is not there" for id in catalogue() if not (site / "checks" / f"{id}.html").is_file()]
    for sheet in [*site.rglob("*.css")]:
        found += [f"{sheet.name}: fetches from elsewhere"] if "url(http" in sheet.read_text("utf-8") else []
    return found


if __name__ == "__main__":
    lines = wrong(Path(sys.argv[1]))
    print("\n".join(lines) or "every link and anchor leads somewhere, and nothing is fetched from elsewhere")
    sys.exit(bool(lines))
