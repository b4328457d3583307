"""openai-node in a process of its own, replaying an answer at a time (replay.mjs), its outcomes in the words of openai-python."""

from __future__ import annotations

import base64
import json
import re
import subprocess
from pathlib import Path
from typing import Any

from conformance.clients.outcomes import Outcome, Refused
from conformance.clients.replay import custom_tools, functions, replayable
from conformance.exchange import Exchange, Unreadable
from conformance.exchange.assembly import Choice, ToolCall, assemble

UNDONE = ("content-encoding", "transfer-encoding", "content-length", "connection")


class Node:
    """`node = Node(folder)`, where the folder holds the package as `npm install openai` leaves it."""

    def __init__(self, folder: Path) -> None:
        script = Path(__file__).with_name("replay.mjs").read_text("utf-8")
        (folder / "replay.mjs").write_text(script, "utf-8")  # there its import finds the package
        self._process = subprocess.Popen(["node", "replay.mjs"], cwd=folder, text=True, stdin=-1, stdout=-1)
        self.version = json.loads((folder / "node_modules" / "openai" / "package.json").read_text("utf-8"))["version"]

    def outcomes(self, x: Exchange) -> tuple[Outcome, ...]:
        if not replayable(x):
            return ()
        asked = {
            "status": x.status,
            "headers": [list(pair) for pair in x.headers if pair[0].lower() not in UNDONE],
            "body": base64.b64encode(x.body).decode(),
            "route": x.route,
            "method": x.method,
            "words": x.asked.get("response_format"),
            "encoding": x.asked.get("encoding_format"),
            "streaming": x.streaming,
            "ended": x.ended,
            "tools": functions(x),
            "custom": custom_tools(x),
        }
        self._process.stdin.write(json.dumps(asked) + "\n")
        self._process.stdin.flush()
        answered = json.loads(self._process.stdout.readline())
        return tuple(_outcome(each) for each in answered["answers"])

    def close(self) -> None:
        self._process.stdin.close()
        self._process.wait(10)


def _outcome(seen: dict[str, Any]) -> Outcome:
    if seen.get("refused") is not None:
        if seen["raised"] == "openai.APIError" and seen["refused"]["status"]:
            seen["raised"] = "openai.APIStatusError"
        seen["said"] = re.sub(r"^(\d{3}) status code \(no body\)$", r"Error code: \1", seen["said"])
        seen["refused"] = Refused(**seen["refused"])
    if (parts := seen.pop("parts", None)) is not None:
        try:
            seen["choices"] = assemble([tuple(part) for part in parts])
        except Unreadable:
            seen["choices"] = None
    elif seen.get("choices") is not None:
        seen["choices"] = tuple(map(_choice, seen["choices"]))
    for name in ("roles", "ids", "parsed"):
        seen[name] = tuple(seen.get(name, ()))
    return Outcome(**seen)


def _choice(value: dict[str, Any]) -> Choice:
    calls = tuple(ToolCall(**_whole(call, ToolCall)) for call in value["tool_calls"])
    return Choice(**_whole(value, Choice) | {"tool_calls": calls})


def _whole(value: dict[str, Any], kind: type) -> dict[str, Any]:
    """undefined is not sent over: None stands for it."""
    return {name: value.get(name) for name in kind.__dataclass_fields__}
