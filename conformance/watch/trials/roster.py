"""The clients there are: a file each, read without running it, for what it needs is not installed here."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

from conformance.run.user_error import UserError
from conformance.watch.trials.scenarios import SCENARIOS

Runtime = Literal["python", "node", "programs"]
HERE = Path(__file__).parent
LIBRARIES: tuple[Runtime, ...] = ("python", "node")
ENDINGS: dict[Runtime, str] = {"python": "*.py", "node": "*.mjs", "programs": "*.py"}
_SAID = re.compile(r"^(?:#|//) (client|packages|aliases|scripts): (.+)$", re.MULTILINE)
_DOES = r"^(?:export )?(?:async )?(?:def|function|const) {0}\b|^(?:\w+ = )*{0} =|\bas {0}\b"
"""How a file declares a function of a name, in either language: also as another's second name."""
_PROMISES = re.compile(r"^(?:export const )?PROMISED = (\d+)", re.MULTILINE)


@dataclass(frozen=True)
class Client:
    """One row of the table. `offers` are the scenarios that its file has a function for."""

    name: str
    words: str
    packages: tuple[str, ...]
    aliases: tuple[str, ...]
    offers: tuple[str, ...]
    runtime: Runtime
    file: Path
    promises: int = 0
    """How often it says it asks at most, 0 where it says nothing: it takes long where it asks often."""

    @property
    def called(self) -> tuple[str, ...]:
        """What --client may call it."""
        return self.name, *self.aliases


def client(file: Path, runtime: Runtime) -> Client:
    """The client of a file. Raises ValueError where its head does not say what it is."""
    text = file.read_text("utf-8")
    said = dict(_SAID.findall(text))
    if "client" not in said or "packages" not in said:
        raise ValueError(f"{file.name} says no `client:` or no `packages:` in its head")
    promised = _PROMISES.search(text)
    does = [name for name in SCENARIOS if re.search(_DOES.format(name.replace("-", "_")), text, re.MULTILINE)]
    return Client(
        file.stem.replace("_", "-"), said["client"], tuple(re.split(r"[,\s]+", said["packages"].strip())),
        tuple(re.split(r"[,\s]+", said["aliases"].strip())) if "aliases" in said else (),
        tuple(does), runtime, file, int(promised[1]) if promised else 0,
    )  # fmt: skip


@cache
def clients() -> dict[str, Client]:
    """All of them by name: libraries of Python, then of Node, then programs."""
    found = [
        client(file, runtime)
        for runtime, ending in ENDINGS.items()
        for file in sorted((HERE / runtime).glob(ending))
        if not file.stem.startswith("worker")
    ]
    return {each.name: each for each in found}


def chosen(words: Iterable[str], known: dict[str, Client] | None = None) -> list[Client]:
    """The clients that these words name, all libraries where there is none: programs do what a model says, so that none is run unasked.
    Raises UserError."""
    known = clients() if known is None else known
    wanted = [word for given in words for word in given.split(",") if word]
    found: dict[str, Client] = {}
    for word in wanted:
        named = {name: each for name, each in known.items() if word in (*each.called, each.runtime)}
        if not named:
            raise UserError(f"no client is called {word}: there are {', '.join(known)}")
        found |= named
    return [each for name, each in known.items() if name in found or (not wanted and each.runtime in LIBRARIES)]


def required_of(words: Iterable[str], wanted: Iterable[Client], option: str) -> list[str]:
    """The names of the clients that must work, each of those that are asked (by `option`). Raises UserError."""
    required = [each.name for each in chosen(words)] if (words := [*words]) else []
    asked = {each.name for each in wanted}
    if absent := next((name for name in required if name not in asked), None):
        raise UserError(f"--require-client {absent} is none of {option}")
    return required
