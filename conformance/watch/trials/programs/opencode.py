"""OpenCode, a coding agent, run without a terminal; it asks for chat completions, streamed, by the AI SDK."""
# client: OpenCode
# packages: opencode-ai@1.18.33
# aliases: opencode-ai

import json
from pathlib import Path


class OpenCodeError(Exception):
    """The error that it tells last."""


def _run(ask):
    options = {"baseURL": ask.base_url, "apiKey": "{env:ENDPOINT_KEY}", "headers": ask.headers}
    provider = {"npm": "@ai-sdk/openai-compatible", "name": "endpoint", "options": options, "models": {ask.model: {}}}
    config = {
        "provider": {"endpoint": provider}, "autoupdate": False, "share": "disabled", "permission": {"*": "allow"},
        "agent": {"title": {"disable": True}},
    }  # fmt: skip
    start = sorted(Path(ask.folder, "node_modules").glob("opencode-*/bin/opencode*"))
    start = [each for each in start if "opencode-ai" not in each.parts]
    ran = ask.program(
        [str(start[0]), "run", "--format", "json", "--model", f"endpoint/{ask.model}", ask.prompt],
        {".config/opencode/opencode.json": json.dumps(config)},
        {"ENDPOINT_KEY": ask.key, "OPENCODE_DISABLE_AUTOUPDATE": "1", "OPENCODE_DISABLE_MODELS_FETCH": "1"},
    )
    failed = [event["error"] for event in ran.events if event["type"] == "error"]
    if failed or ran.code:
        raise OpenCodeError(f"{failed[-1]['name']}: {failed[-1]['data']['message']}" if failed else ran.err)
    return ran


def _said(ran):
    texts = [event["part"]["text"] for event in ran.events if event["type"] == "text"]
    used = [event["part"]["tokens"] for event in ran.events if event["type"] == "step_finish"][-1]
    return {"text": texts[-1], "usage": {"input": used["input"], "output": used["output"], "total": used["total"]}}


def plain(ask):
    return _said(_run(ask))


def file(ask):
    ran = _run(ask)
    return {**_said(ran), **ask.made(ran)}


unknown_model = wrong_key = rate_limit = plain
stream = usage = plain


def cut_stream(ask):
    return {"not_offered": "it begins such a stream anew for longer than a trial lasts"}
