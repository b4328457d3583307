"""What the honest reference answers to a prompt to continue."""

from __future__ import annotations

from conformance.areas.parameter_table import schemas
from conformance.reference import logprobs, tokens
from conformance.reference.bounds import check_bounds
from conformance.reference.replies import Call, Reply
from conformance.reference.respond import Server
from conformance.reference.routes import route


@route("POST", r"/completions")
def completion(server: Server, call: Call) -> Reply:
    """The continuation of a prompt, cut at max_tokens (16 unless asked)."""
    asked = server.read(call)
    check_bounds(asked, schemas("completions"))
    produced = tokens.encode(" four, five, six, seven, eight, nine, ten.")
    limit = 16 if asked.get("max_tokens") is None else asked["max_tokens"]
    text, finish = tokens.decode(produced[:limit]), "length" if len(produced) > limit else "stop"
    used, made = tokens.count(str(asked.get("prompt"))), min(limit, len(produced))
    top = asked.get("logprobs")
    probable = None if top is None else logprobs.legacy(produced[:limit], top, len(str(asked.get("prompt"))))
    head = server.head("cmpl-")
    body = {
        "id": head["id"],
        "object": "text_completion",
        "created": head["created"],
        "model": head["model"],
        "choices": [{"text": text, "index": 0, "logprobs": probable, "finish_reason": finish}],
        "usage": {"prompt_tokens": used, "completion_tokens": made, "total_tokens": used + made},
    }
    return Reply(200, (), body)
