"""What the command line says where nothing is sent: lists, explanations, what a search finds, and each mistake in an option's text."""

from __future__ import annotations

import contextlib
import io
import os
import re
import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from unittest import mock

from conformance import __version__
from conformance.areas.catalogue import catalogue
from conformance.cli import cold, gateway, init, load, matrix, reference, watch
from conformance.cli.main import main
from conformance.cli.search import ranked, search
from conformance.gateway.laws import laws
from conformance.run.options import Options
from conformance.run.user_error import UserError
from tests.support import rendered
from tests.support.digests import Held, digest
from tests.support.tables import outcome

EXPLAINED = 10
"""Checks, so that each is another one's neighbour by some."""
TEXTS = ("", "0", "1", "-1", "2", "0.5", "1.5", "5,1", "1,1", "1,2,4", "512", "513", "a", "10000000000", "1e9", "nan", ":1", "127.0.0.1:0",
         "h:65535", "h:65536", "[::1]:8", "127.0.0.1", "finish-stop-at-limit", "model-renamed", "openai-python",
         "plain", "must")  # fmt: skip
READERS: dict[str, Callable[[str], object]] = {
    "load.levels": lambda text: load._climb(text, None, None, None, Options()),
    "load.seconds": lambda text: load._climb("1", text, None, None, Options()),
    "load.requests": lambda text: load._climb("1", None, text, None, Options(budget_tokens=5)),
    "load.cut": lambda text: load._climb("1", None, None, text, Options(budget_requests=5)),
    "load.both": lambda text: load._climb("1", text, text, None, Options()),
    "cold.idle": lambda text: cold._waiting(text).args,
    "gateway.address": gateway._address,
    "gateway.lies": lambda text: [
        (each.lie.name, len(each.requests)) for each in gateway._plan(text, Options(quiet=True))
    ],
    "watch.address": watch._address,
    "reference.lie": lambda text: (told := reference._told((text,), None)) and (told.name, told.says),
    "reference.cold": lambda text: (told := reference._told((), float(text))) and (told.name, told.says),
    "matrix.clients": lambda text: matrix.asked_of([text], [], []),
    "matrix.scenario": lambda text: matrix.asked_of(["openai-python"], [text], []),
    "matrix.required": lambda text: matrix.asked_of(["openai-python"], ["plain"], [text]),
    "matrix.alone": lambda text: matrix.asked_of([], [text], [text]),
}
RUNS = ("checks", "earlier")
LISTS = (
    ["checks"], ["checks", "--json"], ["checks", "--requirements"], ["checks", "--only", "tool", "--requirements"], ["features"],
    ["features", "--json"], ["explain"], ["explain", "gateway"], ["explain", "--json", "no", "such", "words"],
    ["checks", "--only", "nothing"],
    ["run", "--dry-run"], ["run", "--dry-run", "--depth", "quick"], ["run", "--dry-run", "--only", "tool", "--budget-requests", "5"],
    ["run", "--dry-run", "--budget-tokens", "3000", "--burst", "5", "--cheap"],
    ["run", "--dry-run", "--base-url", "http://u:p@h/v1", "--quiet"],
    ["compare", "checks.gz", "earlier.gz", "--out", "a"], ["report", "checks.gz", "--out", "b"],
    ["report", "checks.gz", "--baseline", "earlier.gz",
     "--out", "c"],
    ["merge", "checks.gz", "earlier.gz", "--out", "d"], ["merge", ".", "--out", "e"], ["compare", "checks.gz", "parity.gz"],
    ["report", "nothing", "--out", "f"], ["merge", "nothing"], ["curl", "checks.gz", "nothing"], ["golden", "check", "."],
    ["judge", "checks.gz", "--report", "g"], ["judge", "nothing"],
    ["parity", "--replay", "parity.gz", "--report", "h"],
)  # fmt: skip
QUERIES = ("stop at emoji", "tool call index missing", "usage null", "done marker", "401 wrong key", "rate limit headers",
           "json schema strict",
           "streaming role first chunk", "embeddings base64", "websocket", "zzz", "a")  # fmt: skip


def made() -> Held:
    """By what was typed, the exit code and what was said."""
    found: Held = {}
    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder), _environment():
        for name in (*RUNS, "parity"):
            shutil.copy(rendered.FOLDER / f"{name}.jsonl.gz", f"{name}.gz")
        for words in _typed():
            code, out, err = _run(words)
            if "Usage:" not in err:  # what click says is click's
                found["_".join(words).replace(" ", "_")] = f"{code} {digest(_ours(out, folder), _ours(err, folder))}"
    for name, read in READERS.items():
        said = [outcome(lambda read=read, text=text: read(text), UserError, ValueError) for text in TEXTS]
        found[name] = f"{sum('UserError' in str(each) for each in said)} {digest(said)}"
    checks = list(catalogue().values())
    found["search"] = digest([[check.id for check in search(words, checks)] for words in QUERIES])
    ranks = (ranked(checks, words.split()) for words in QUERIES)
    found["ranked"] = digest([{id: sorted(terms.items()) for id, terms in each.items()} for each in ranks])
    headers = ["x-trace=1", "x-api-key=k3y-of-mine", "authorization=Bearer x"]
    told = (Options(base_url="http://h/v1", header=tuple(headers[:n]), api_key_env=f"KEY_{n}") for n in range(4))
    words = {"checks": "chat", "earlier": None}
    scoped = [
        replace(run := rendered.run(name), footer=run.footer | {"scope": {"profile": word}})
        for name, word in words.items()
    ]
    found["init"] = digest([init.told(run, options) for options in told for run in scoped])
    return found


def _typed() -> Iterator[list[str]]:
    yield from LISTS
    for id in [*list(catalogue())[:: len(catalogue()) // EXPLAINED], *list(laws())[::40]]:
        yield ["explain", id]
    yield ["explain", "--json", list(catalogue())[7]]


def _run(words: Sequence[str]) -> tuple[object, str, str]:
    out, err = io.StringIO(), io.StringIO()
    code: object = None
    with (
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
        mock.patch("sys.argv", ["openai-conformance", *words]),
    ):
        try:
            main(list(words))
        except SystemExit as end:
            code = end.code
    return code, out.getvalue(), err.getvalue()


@contextlib.contextmanager
def _environment() -> Iterator[None]:
    """No key and no address, a terminal of 80 columns, and no way out."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not re.match("OPENAI_|BASELINE_|CONFORMANCE_|GITHUB_|CI$", name)
    }
    with mock.patch.dict(os.environ, kept | {"COLUMNS": "80", "TERM": "dumb", "NO_COLOR": "1"}, clear=True):
        yield


def _ours(text: str, folder: str) -> str:
    """What a clock, a version or a folder would change is left out."""
    text = rendered.CHANCE.sub(
        "…", text.replace(str(Path(folder).resolve()), "").replace(folder, "").replace(__version__, "")
    )
    return re.sub(r"\d+(\.\d+)? m?s\b", "…", text)
