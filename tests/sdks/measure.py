"""Measures what both official SDKs do with every lie of the reference, and writes it to conformance/explanations/sdks.toml.

`python -m tests.sdks.measure FOLDER`: the folder holds openai-node, as `npm install openai` leaves it. With --check it writes nothing and
fails where the file says something else. It must not judge: the checks that name a lie say which of its answers to look at.
"""

from __future__ import annotations

import argparse
import base64
import json
import re
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import conformance
from conformance import sdk
from conformance.assembly import Choice, ToolCall, assemble
from conformance.exchange import Exchange, Unreadable
from conformance.reference.defects import Defect, defects
from conformance.sdk import losses
from conformance.sdk.replay import Client, custom_tools, functions, replayable
from tests import proving

FILE = Path(conformance.__file__).parent / "explanations" / "sdks.toml"
HEAD = """\
# What both official SDKs make of each lie of the reference, on the answers that fail the checks which name it; an empty list: they notice
# nothing and lose nothing, so whatever comes of it comes up in the application. Measured: `nox -s sdks` writes this file.

"""
ANSWERS = 6
"""Answers of one lie that are replayed."""


class Node:
    """openai-node in a process of its own, an answer at a time."""

    def __init__(self, folder: Path) -> None:
        script = Path(__file__).with_name("replay.mjs").read_text("utf-8")
        (folder / "replay.mjs").write_text(script, "utf-8")  # there its import finds the package
        self._process = subprocess.Popen(["node", "replay.mjs"], cwd=folder, text=True, stdin=-1, stdout=-1)
        self.version = ""

    def outcomes(self, x: Exchange) -> tuple[sdk.Outcome, ...]:
        if not replayable(x):
            return ()
        asked = {
            "status": x.status, "headers": [list(pair) for pair in x.headers if pair[0].lower() not in _UNDONE],
            "body": base64.b64encode(x.body).decode(), "route": x.route, "streaming": x.streaming, "ended": x.ended,
            "tools": functions(x), "custom": custom_tools(x),
        }  # fmt: skip
        self._process.stdin.write(json.dumps(asked) + "\n")
        self._process.stdin.flush()
        answered = json.loads(self._process.stdout.readline())
        self.version = answered["version"]
        return tuple(_outcome(each) for each in answered["answers"])

    def close(self) -> None:
        self._process.stdin.close()
        self._process.wait(10)


_UNDONE = ("content-encoding", "transfer-encoding", "content-length", "connection")


def _outcome(seen: dict[str, Any]) -> sdk.Outcome:
    """An outcome of openai-node, in the words of openai-python where they mean the same."""
    parts = seen.pop("parts", None)
    if seen.get("refused") is not None:
        if seen["raised"] == "openai.APIError" and seen["refused"]["status"]:
            seen["raised"] = "openai.APIStatusError"
        seen["said"] = re.sub(r"^(\d{3}) status code \(no body\)$", r"Error code: \1", seen["said"])
        seen["refused"] = sdk.Refused(**seen["refused"])
    if parts is not None:
        try:
            seen["choices"] = assemble([tuple(part) for part in parts])
        except Unreadable:
            seen["choices"] = None
    elif seen.get("choices") is not None:
        seen["choices"] = tuple(
            Choice(
                **{
                    **_whole(choice, Choice),
                    "tool_calls": tuple(ToolCall(**_whole(call, ToolCall)) for call in choice["tool_calls"]),
                }
            )
            for choice in seen["choices"]
        )
    return sdk.Outcome(
        **{
            **seen,
            "roles": tuple(seen.get("roles", ())),
            "ids": tuple(seen.get("ids", ())),
            "parsed": tuple(seen.get("parsed", ())),
        }
    )


def _whole(value: dict[str, Any], kind: type) -> dict[str, Any]:
    """undefined is not sent over: None stands for it."""
    return {name: value.get(name) for name in kind.__dataclass_fields__}


def failing(defect: Defect) -> list[Exchange]:
    """The first answers of a lying reference in which a check that names the lie sees it."""
    lying = {x.id: x for x in proving.lying(defect) if x is not proving.honest().get(x.id)}
    named = [verdict for verdict in proving.verdicts(defect) if verdict.check.id in proving.named(defect.name)]
    ids = dict.fromkeys(id for v in named for group, _ in v.problems for joined in group for id in joined.split(" + "))
    return [lying[id] for id in ids if id in lying][:ANSWERS]


def said(x: Exchange, found: Iterable[sdk.Outcome], node: bool) -> list[str]:
    sdk.remember(x, tuple(found))
    lines = losses.breaks(x)
    x.memo.pop(sdk.OUTCOMES)
    lines = [re.sub(r"^\d+ of \d+ chunks", "chunks", re.sub("async ", "", line)) for line in lines]
    return [line.replace("create(stream=True)", "create({stream: true})") if node else line for line in lines]


def measured(folder: Path) -> str:
    """The content of the file."""
    node, rows = Node(folder), []
    with Client() as client:
        for name, defect in defects().items():
            answers = failing(defect)
            python = dict.fromkeys(line for x in answers for line in said(x, client.outcomes(x), False))
            other = dict.fromkeys(line for x in answers for line in said(x, node.outcomes(x), True))
            rows.append(f"[{name}]\npython = {json.dumps(list(python))}\nnode = {json.dumps(list(other))}\n")
            print(rows[-1], file=sys.stderr)
    node.close()
    versions = f'[versions]\npython = "{client.name}"\nnode = "openai-node {node.version}"\n'
    return HEAD + "\n".join([versions, *rows])


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--check", action="store_true")
    options = parser.parse_args()
    now = measured(options.folder)
    if options.check:
        return int(now != FILE.read_text("utf-8"))
    FILE.parent.mkdir(exist_ok=True)
    FILE.write_text(now, "utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
