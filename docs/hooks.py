"""Makes the pages of the site that follow from the code or stand at the top of the repository, and says the order of all pages.

The catalogue is made from the checks themselves, so it is never behind them. README.md, CONTRIBUTING.md and ARCHITECTURE.md are
pages as they are; only their links are turned to where the site has their aims. It must not hold words that a page should say.
"""

from __future__ import annotations

import re
import sys
from collections import defaultdict
from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from conformance.areas.catalogue import catalogue, features  # noqa: E402
from conformance.areas.requirements import answered_by, requirements  # noqa: E402
from conformance.judge.verdicts import Check  # noqa: E402
from conformance.report.rows import LEVELS, link  # noqa: E402

TOP = {"index.md": "README.md", "adding.md": "CONTRIBUTING.md", "architecture.md": "ARCHITECTURE.md"}
"""Pages that are a file at the top of the repository."""
ORDER = {
    "index.md": "openai-conformance",
    "using.md": "Using it",
    "report.md": "Reading the report",
    "explore.md": "Exploring",
    "ci.md": "In CI",
    "api.md": "From Python, and beside one's own tests",
    "levels.md": "Levels, and where they come from",
    "endpoints/embeddings.md": "Embeddings",
    "endpoints/completions.md": "Legacy completions",
    "endpoints/moderations.md": "Moderations",
    "endpoints/speech.md": "Speech",
    "endpoints/transcriptions.md": "Transcriptions and translations",
    "endpoints/images.md": "Images",
    "endpoints/files.md": "Files and batches",
    "catalogue.md": "All checks",
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


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    docs = ROOT / "docs"
    there = {path.relative_to(docs).as_posix() for path in docs.rglob("*.md")} | {*TOP, *MADE}
    config.nav = [{title: name} for name, title in ORDER.items() if name in there]
    return config


def on_files(files: Files, config: MkDocsConfig) -> Files:
    pages = {name: make() for name, make in MADE.items()}
    pages |= {name: at_home((ROOT / top).read_text("utf-8")) for name, top in TOP.items()}
    for name, text in pages.items():
        files.append(File.generated(config, name, content=text))
    return files


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


def all_checks() -> str:
    areas: dict[str, list[Check]] = defaultdict(list)
    for check in catalogue().values():
        areas[check.area].append(check)
    numbers = {level: sum(check.level == level for check in catalogue().values()) for level in LEVELS}
    parts = [
        "# All checks",
        f"{len(catalogue())} checks: " + ", ".join(f"{n} {level.upper()}" for level, n in numbers.items()) + ". "
        "`openai-conformance explain ID` shows one with a good and a bad answer, what each official SDK makes of it, and curl.",
        " · ".join(f"[{area}](#area-{area}) {len(checks)}" for area, checks in areas.items()),
    ]
    for area, checks in areas.items():
        parts.append(f"## {area} {{ #area-{area} }}")
        parts += [one_check(check) for check in checks]
    return "\n\n".join(parts) + "\n"


def one_check(check: Check) -> str:
    when = f"{check.together.name}, each {check.when.name}" if check.together else f"exchanges {check.when.name}"
    lines = [f"**{check.level.upper()}** {prose(check.requirement)}"]
    lines += [f"Breaks: {prose(check.impact)}"] if check.impact else []
    facts = [f"Judges {prose(when)}."]
    facts += ["Source: " + ", ".join(source(each) for each in check.source) + "."] if check.source else []
    facts += (
        ["Requirements: " + ", ".join(f"[{id}](requirements.md#{id})" for id in check.covers) + "."]
        if check.covers
        else []
    )
    facts += ["Proven by: " + ", ".join(f"`{lie}`" for lie in check.breaks) + "."]
    return "\n\n".join([f"### `{check.id}` {{ #{check.id} }}", *lines, " ".join(facts)])


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
        checks = ", ".join(f"[`{id}`](catalogue.md#{id})" for id in answers[each.id])
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


def source(text: str) -> str:
    address, words = link(text)
    shown = address.removeprefix("https://").partition("#")[0].rsplit("/", 1)[-1] or address
    return f"[{prose(words.strip('()') or shown)}]({address})" if address else prose(text)


def prose(text: str) -> str:
    """Our own words as Markdown: code stays code, and nothing else is markup."""
    parts = re.split(r"(`[^`]*`)", text)
    return "".join(p if p.startswith("`") else re.sub(r"([\\*_\[\]<>|#])", r"\\\1", p) for p in parts).replace(
        "\n", " "
    )


MADE = {"catalogue.md": all_checks, "features.md": all_features, "requirements.md": all_requirements}
