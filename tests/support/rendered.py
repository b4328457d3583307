"""What the reports say of three recorded runs, held as text that is reviewed when it changes. `nox -s rendered` writes it again.

The runs are in `tests/report/recorded/*.jsonl.gz`: of a reference that tells several lies, of an earlier and more honest one, and of golden
prompts. `python -m tests.support.rendered --runs` makes them anew, which changes every text; reports read nothing else.
"""

from __future__ import annotations

import gzip
import io
import json
import os
import re
import sys
import tempfile
from collections import Counter
from collections.abc import Callable
from functools import reduce
from html.parser import HTMLParser
from pathlib import Path

from rich.console import Console

from conformance.areas.catalogue import lies
from conformance.parity.parity_options import ParityOptions
from conformance.parity.session import conduct
from conformance.reference.lies import Lie
from conformance.report.badge import write_badge
from conformance.report.comparison import write_comparison
from conformance.report.html import write_html
from conformance.report.junit import write_junit
from conformance.report.operators import write_operators
from conformance.report.parity_summary import show_parity
from conformance.report.production import Production
from conformance.report.production_said import show_production
from conformance.report.summary import show_summary
from conformance.run.run_file import Run, read
from conformance.send.embedded import Reference
from tests.support import production

FOLDER = Path(__file__).resolve().parents[1] / "report" / "recorded"
TOLD = (
    "finish-stop-at-limit",
    "content-leading-space",
    "chunk-without-id",
    "tool-arguments-half",
    "json-key-twice",
    "param-refuses-store",
)
"""The lies of the recorded run."""
ASKED = ("chat", "stream", "finish", "tool", "content.trimmed", "http.keys-once", "param.store", "param.seed", "usage")
CHANCE = re.compile(r"127\.0\.0\.1:\d+|\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d)?( UTC|Z)?")
"""What another clock or port would change, where reports say when they were made."""
BLOCKS = {
    "p",
    "li",
    "tr",
    "div",
    "section",
    "details",
    "summary",
    "pre",
    "h1",
    "h2",
    "h3",
    "h4",
    "dt",
    "dd",
    "header",
    "footer",
    "svg",
}


def combined(names: tuple[str, ...]) -> Lie:
    """One lie that tells all of these."""
    told = [lies()[name] for name in names]

    def reply(call, answer):
        return reduce(lambda said, lie: lie.reply(call, said) if lie.reply else said, told, answer)

    def wire(call, pieces):
        return reduce(lambda sent, lie: lie.wire(call, sent) if lie.wire else sent, told, pieces)

    def ask(call):
        return reduce(lambda asked, lie: lie.ask(asked) if lie.ask else asked, told, call)

    return Lie("several", "Several lies at once.", ask=ask, reply=reply, wire=wire)


def make_runs() -> None:
    """Record the three runs over sockets."""
    only = [word for each in ASKED for word in ("--only", each)]
    with tempfile.TemporaryDirectory() as folder, Reference() as honest:
        with Reference(lie=combined(TOLD[1:3])) as server:
            _run(server, folder, "run", *only, "--sdk", "on")
            _keep(folder, "earlier")
        with Reference(lie=combined(TOLD)) as server:
            _run(server, folder, "run", *only, "--sdk", "on", "--require", "tools")
            _keep(folder, "checks")
        os.environ["BASELINE_API_KEY"] = honest.key
        with Reference(lie=combined(("finish-stop-at-limit", "tool-arguments-half"))) as server:
            _run(server, folder, "parity", "--baseline", honest.base_url)
            _keep(folder, "parity")


def _run(server: Reference, folder: str, *arguments: str) -> None:
    from conformance.cli.main import main

    os.environ["OPENAI_API_KEY"] = server.key
    try:
        main([*arguments, "--report", folder, "--base-url", server.base_url])
    except SystemExit as ended:
        print(arguments[0], "ended with", ended.code)


def _keep(folder: str, name: str) -> None:
    """The run, but of what passes and is the same only every twentieth."""
    records = [json.loads(line) for line in (Path(folder) / "run.jsonl").read_bytes().splitlines()]
    dull = ("pass", "not-exercised", "supported", "undecided", "same")
    kept, passed = [], Counter()
    for record in records:
        kind = record["type"]
        if str(record.get("outcome") or record.get("decision")) in dull:
            passed[kind] += 1
            if passed[kind] % 20 != 1:
                continue
        kept.append(record)
    shown = {"preflight.target", "preflight.baseline"}
    for record in kept:
        shown |= {id for problem in record.get("problems", ()) for id in problem["exchanges"][:2]}
        shown |= {
            id for side in ("target", "baseline") if record["type"] == "golden" for id in record[side]["exchanges"]
        }
    shown = {id for group in shown for id in group.split(" + ")}
    kept = [r for r in kept if r["type"] not in ("exchange", "sdk") or r.get("id", r.get("exchange")) in shown]
    header = kept[0]
    header["options"]["report"] = "out"
    if "golden" in header:
        prompts = {record["prompt"] for record in kept if record["type"] == "golden"}
        header["golden"] = [prompt for prompt in header["golden"] if prompt["id"] in prompts]
    text = "".join(json.dumps(record) + "\n" for record in kept)
    (FOLDER / f"{name}.jsonl.gz").write_bytes(gzip.compress(text.encode(), mtime=0))
    if "golden" in header:
        (FOLDER / f"{name}.jsonl.gz").write_bytes(gzip.compress(judged_again(name), mtime=0))


def judged_again(name: str) -> bytes:
    """The run file that a replay of a parity run makes."""
    with tempfile.TemporaryDirectory() as folder:
        options = {"replay": str(FOLDER / f"{name}.jsonl.gz"), "report": folder}
        conduct(ParityOptions.make(options), options)
        return (
            (Path(folder) / "run.jsonl")
            .read_bytes()
            .replace(folder.encode(), b"out")
            .replace(f"{FOLDER}/".encode(), b"")
        )


def run(name: str) -> Run:
    return read(FOLDER / f"{name}.jsonl.gz")


def production_run() -> Run:
    """Traffic that was made, of five days and three models."""
    with tempfile.TemporaryDirectory() as folder:
        return read(production.run_file(Path(folder) / "run.jsonl"))


# ---------------------------------------------------------------------- the views


class _Text(HTMLParser):
    """The text of a page, a line a block, with what attributes say and what pictures are drawn of."""

    def __init__(self) -> None:
        super().__init__()
        self.lines, self.line, self.hidden, self.drawn = [], "", False, 0

    def handle_starttag(self, tag, attributes):
        self.hidden = tag in ("style", "script")
        self.drawn += tag == "svg"
        if tag in BLOCKS:
            self._end()
        shown = (
            attributes
            if self.drawn
            else [(n, v) for n, v in attributes if n in ("title", "aria-label", "open", "id", "href")]
        )
        self.line += "".join(f" {name}={value}" for name, value in shown if not str(value).startswith("data:"))

    def handle_endtag(self, tag):
        self.hidden = False
        self.drawn -= tag == "svg"
        if tag in BLOCKS:
            self._end()
        elif tag in ("td", "th"):
            self.line += " |"

    def handle_data(self, data):
        if not self.hidden:
            self.line += f" {data}" if data.strip() else ""

    def _end(self) -> None:
        if self.line.strip():
            self.lines.append(" ".join(self.line.split()))
        self.line = ""


def page(write: Callable[[Path], None]) -> str:
    """The text of a page that is written to a file."""
    with tempfile.TemporaryDirectory() as folder:
        write(Path(folder) / "index.html")
        parser = _Text()
        parser.feed((Path(folder) / "index.html").read_text("utf-8"))
    return "\n".join(parser.lines) + "\n"


def written(write: Callable[[Path], None]) -> str:
    with tempfile.TemporaryDirectory() as folder:
        write(Path(folder) / "file")
        return (Path(folder) / "file").read_text("utf-8")


def printed(show: Callable[[Console], None]) -> str:
    console = Console(file=io.StringIO(), width=80, color_system=None)
    show(console)
    return console.file.getvalue()


VIEWS: dict[str, Callable[[], str]] = {
    "checks.txt": lambda: printed(lambda c: show_summary(run("checks"), "out/index.html", c)),
    "checks-verbose.txt": lambda: printed(lambda c: show_summary(run("checks"), "out/index.html", c, verbose=True)),
    "checks-quiet.txt": lambda: printed(lambda c: show_summary(run("checks"), "out/index.html", c, quiet=True)),
    "earlier.txt": lambda: printed(lambda c: show_summary(run("earlier"), "out/index.html", c)),
    "checks-page.txt": lambda: page(
        lambda path: write_html(run("checks"), path, baseline=run("earlier"), parity=[run("parity")])
    ),
    "comparison-page.txt": lambda: page(
        lambda path: write_comparison([FOLDER / f"{name}.jsonl.gz" for name in ("earlier", "checks")], path)
    ),
    "checks.junit.xml": lambda: written(lambda path: write_junit(run("checks"), path)),
    "checks.badge.svg": lambda: written(lambda path: write_badge(run("checks"), path)),
    "operators.txt": lambda: printed(lambda c: show_production(production_run(), "out/operators.html", c)),
    "operators-page.txt": lambda: page(lambda path: write_operators(Production(production_run()), path)),
    "parity.txt": lambda: printed(lambda c: show_parity(run("parity"), "out/index.html", c)),
}


def made(name: str) -> str:
    """A view as it is now."""
    return CHANCE.sub("…", VIEWS[name]())


def recorded(name: str) -> str:
    return (FOLDER / name).read_text("utf-8")


def main(arguments: list[str]) -> None:
    FOLDER.mkdir(exist_ok=True)
    if "--runs" in arguments:
        make_runs()
    for name in VIEWS:
        (FOLDER / name).write_text(made(name), "utf-8")
    from tests.support import variants  # which takes the views from here

    variants.write()


if __name__ == "__main__":
    main(sys.argv[1:])
