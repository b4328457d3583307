"""Makes the pages of the site that follow from the code or stand at the top of the repository, and says the order of all pages.

Catalogue, pages of checks and what search knows of them are made from the checks themselves (docs/made), so they are never behind
them. README.md, CONTRIBUTING.md and ARCHITECTURE.md are pages as they are; only their links are turned to where the site has their
aims. It must not hold words that a page should say.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from conformance.areas.catalogue import catalogue, features  # noqa: E402
from conformance.areas.requirements import answered_by, requirements  # noqa: E402
from conformance.exchange.documented import ENDPOINTS  # noqa: E402
from docs.made import area_pages, catalogue_page, check_page, gateway_page, searched  # noqa: E402
from docs.made.words import prose  # noqa: E402

TOP = {"index.md": "README.md", "adding.md": "CONTRIBUTING.md", "architecture.md": "ARCHITECTURE.md"}
"""Pages that are a file at the top of the repository."""
ORDER = {
    "index.md": "openai-conformance",
    "using.md": "Using it",
    "report.md": "Reading the report",
    "recordings.md": "Recordings and logs",
    "explore.md": "Exploring",
    "watch.md": "Watching a program",
    "clients.md": "Real clients",
    "gateway.md": "Gateways",
    "gateway-laws.md": "Laws over both ends of a gateway",
    "load.md": "Under load",
    "cold.md": "The cold path",
    "scale.md": "Any size",
    "operators.md": "What production says",
    "ci.md": "In CI",
    "api.md": "From Python, and beside one's own tests",
    "levels.md": "Levels, and where they come from",
    "catalogue.md": "All checks",
    "areas": "Areas",
    "endpoints": "Endpoints",
    "features.md": "Optional features",
    "requirements.md": "Requirements",
    "servers.md": "Real servers",
    "soundness.md": "Soundness",
    "parity.md": "Parity and its statistics",
    "golden.md": "Golden prompts",
    "migrating.md": "Migrating",
    "gpu.md": "On a GPU",
    "stability.md": "What stays as it is",
    "adding.md": "Adding a check",
    "architecture.md": "Architecture",
}
"""The pages, and folders that hold some, in the order of the site; what is not named here follows."""


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    docs = ROOT / "docs"
    there = {path.relative_to(docs).as_posix() for path in docs.rglob("*.md")} | {
        *TOP,
        *MADE,
        *map(area_pages.path, area_pages.areas()),
    }
    pages = [name for name in there if name.partition("/")[0] != "fixes"]
    named = {"areas": area_pages.areas(), "endpoints": (*ENDPOINTS, "state")}

    def entry(name: str, title: str) -> dict[str, object]:
        if name.endswith(".md"):
            return {title: name}
        return {title: [path for each in ("index", *named[name]) if (path := f"{name}/{each}.md") in pages]}

    unnamed = sorted(name for name in pages if name not in ORDER and "/" not in name)
    config.nav = [*(entry(name, title) for name, title in ORDER.items() if name in pages or name in named), *unnamed]
    return config


def on_files(files: Files, config: MkDocsConfig) -> Files:
    pages = {name: make() for name, make in MADE.items()}
    pages |= {check_page.path(check.id): check_page.page(check) for check in catalogue().values()}
    pages |= {name: at_home((ROOT / top).read_text("utf-8")) for name, top in TOP.items()}
    written = {file.src_uri for file in files}
    pages |= {
        page: f"# {area.capitalize()}\n"
        for area in area_pages.areas()
        if (page := area_pages.path(area)) not in written
    }
    for name, text in pages.items():
        files.append(File.generated(config, name, content=text))
    return files


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """A page with what follows from the code under what is written; what only the repository holds is named, not linked."""
    folder, _, name = page.file.src_uri.removesuffix(".md").rpartition("/")
    made = {"areas": (area_pages.areas(), area_pages.of_area), "endpoints": (ENDPOINTS, area_pages.of_endpoint)}
    names, make = made.get(folder, ((), None))
    added = make(name) if name in names else ""
    return re.sub(r"\[([^\]]*)\]\(\.\./(?:conformance|fixtures|golden)/[^)]*\)", r"\1", markdown) + f"\n\n{added}"


def on_post_build(config: MkDocsConfig) -> None:
    """Give the site's search what finds the page of a check."""
    searched.write(Path(config.site_dir))


def on_post_page(output: str, page: Page, config: MkDocsConfig) -> str:
    """A page whose search is run by ours, and has a name for who cannot see it."""
    return searched.WORKER.sub(searched.OURS, output).replace('role="dialog"', 'role="dialog" aria-label="Search"', 1)


def at_home(text: str) -> str:
    """A text of the repository's top with its links turned: to pages of the site, and to words where the site has no such page."""
    homes = {top: page for page, top in TOP.items()}

    def turned(found: re.Match[str]) -> str:
        words, aim = found.group(1), found.group(2)
        path, _, anchor = aim.partition("#")
        page = homes.get(path) or (path.removeprefix("docs/") if path.startswith("docs/") else None)
        if re.match(r"[a-z]+:|#", aim):
            return found.group(0)
        return f"{words}({page}{'#' if anchor else ''}{anchor})" if page else words.strip("![]")

    return re.sub(r"(!?\[[^\]]*\])\(([^)\s]+)\)", turned, text)


# ---------------------------------------------------------------------- pages made from the code


def all_features() -> str:
    rows = [
        f"| `{each.name}` {{ #{each.name} }} | {each.profile or ''} | {prose(each.what)} |"
        for each in features().values()
    ]
    rows = [row.replace(f" {{ #{name} }}", f'<a id="{name}"></a>') for row, name in zip(rows, features(), strict=True)]
    about = (
        "Of each optional feature a run says what the endpoint does with it: **supported**, **refused** (a clear 4xx that names it), "
        "**ignored** (accepted, no effect seen), **broken** (accepted and wrong, or 5xx), **absent** (no such route or header) or "
        "**undecided**. `--require` and `--profile` make anything but supported red."
    )
    head = "| feature | profile | honoured, and ignored |\n| --- | --- | --- |"
    return f"# Optional features\n\n{about}\n\n{head}\n" + "\n".join(rows) + "\n"


def all_requirements() -> str:
    answers = answered_by(list(catalogue().values()))
    rows = []
    for each in requirements().values():
        checks = ", ".join(f"[`{id}`](checks/{id}.md)" for id in answers[each.id])
        answer = checks or f"not seen from outside: {prose(each.unseen or '')}"
        rows.append(f'| <a id="{each.id}"></a>{each.id} | {each.level.upper()} | {prose(each.text)} | {answer} |')
    about = (
        f"{len(rows)} requirements of the API, each with the checks that answer it, or why a black box cannot see it."
    )
    return (
        f"# Requirements\n\n{about}\n\n| id | level | requirement | answered by |\n| --- | --- | --- | --- |\n"
        + "\n".join(rows)
        + "\n"
    )


MADE = {
    "catalogue.md": catalogue_page.page,
    "features.md": all_features,
    gateway_page.PATH: gateway_page.page,
    "requirements.md": all_requirements,
}
