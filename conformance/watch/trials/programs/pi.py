"""Pi, a small coding agent, run without a terminal; it asks for chat completions, streamed."""
# client: Pi
# packages: @mariozechner/pi-coding-agent@0.73.1
# aliases: @mariozechner/pi-coding-agent

import json
import shutil
from pathlib import Path


class PiError(Exception):
    """What it says of an answer that is none."""


def _run(ask):
    provider = {
        "baseUrl": ask.base_url, "api": "openai-completions", "apiKey": "ENDPOINT_KEY", "headers": ask.headers,
        "models": [{"id": ask.model}],
    }  # fmt: skip
    files = {".pi/agent/models.json": json.dumps({"providers": {"endpoint": provider}})}
    start = Path(ask.folder, "node_modules", "@mariozechner", "pi-coding-agent", "dist", "cli.js")
    command = [shutil.which("node") or "node", str(start), "--print", "--mode", "json", "--no-session"]
    ran = ask.program(
        [*command, "--provider", "endpoint", "--model", ask.model, ask.prompt],
        files, {"ENDPOINT_KEY": ask.key, "PI_OFFLINE": "1"},
    )  # fmt: skip
    answers = [event["message"] for event in ran.events if event["type"] == "message_end"]
    answers = [message for message in answers if message["role"] == "assistant"]
    if not answers:
        raise PiError(ran.err)
    if answers[-1]["stopReason"] in ("error", "aborted"):
        raise PiError(answers[-1].get("errorMessage") or answers[-1]["stopReason"])
    return ran, answers[-1]


def _said(answer):
    used = answer["usage"]
    text = "".join(part["text"] for part in answer["content"] if part["type"] == "text")
    return {"text": text, "usage": {"input": used["input"], "output": used["output"], "total": used["totalTokens"]}}


def plain(ask):
    return _said(_run(ask)[1])


def file(ask):
    ran, answer = _run(ask)
    return {**_said(answer), **ask.made(ran)}


unknown_model = wrong_key = rate_limit = plain
stream = usage = cut_stream = plain
