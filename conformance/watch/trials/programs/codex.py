"""Codex, OpenAI's coding agent, run without a terminal; it asks the Responses API, streamed."""
# client: Codex
# packages: @openai/codex@0.171.0
# aliases: @openai/codex

import json
import shutil
from pathlib import Path

CONFIG = """model_provider = "endpoint"
model = {model}
[model_providers.endpoint]
name = "endpoint"
base_url = {base_url}
env_key = "ENDPOINT_KEY"
wire_api = "responses"
http_headers = {{ {headers} }}
[analytics]
enabled = false
"""


class CodexError(Exception):
    """What it says when a turn failed; `status` where the message tells it."""


def _run(ask):
    headers = ", ".join(f"{json.dumps(name)} = {json.dumps(value)}" for name, value in ask.headers.items())
    config = CONFIG.format(model=json.dumps(ask.model), base_url=json.dumps(ask.base_url), headers=headers)
    start = Path(ask.folder, "node_modules", "@openai", "codex", "bin", "codex.js")
    command = [shutil.which("node") or "node", str(start), "exec", "--json", "--skip-git-repo-check", "--ephemeral"]
    ran = ask.program(
        [*command, "--sandbox", "danger-full-access", ask.prompt],
        {".codex/config.toml": config},
        {"ENDPOINT_KEY": ask.key},
    )
    failed = [event["error"]["message"] for event in ran.events if event["type"] == "turn.failed"]
    if failed or ran.code:
        raise CodexError((failed or [ran.err])[-1])
    return ran


def _said(ran):
    items = [event["item"] for event in ran.events if event["type"] == "item.completed"]
    used = [event["usage"] for event in ran.events if event["type"] == "turn.completed"][-1]
    texts = [item["text"] for item in items if item["type"] == "agent_message"]
    return {"text": texts[-1], "usage": {"input": used["input_tokens"], "output": used["output_tokens"]}}


def plain(ask):
    return _said(_run(ask))


def file(ask):
    ran = _run(ask)
    return {**_said(ran), **ask.made(ran)}


unknown_model = wrong_key = rate_limit = plain
cut_stream = responses_stream = plain
