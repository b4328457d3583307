"""What the honest reference finds in texts and images: words of a short list, and in images nothing."""

from __future__ import annotations

import re
from typing import Any

from conformance.areas.parameter_table import schemas
from conformance.reference.bounds import check_bounds
from conformance.reference.refusal import Refusal
from conformance.reference.replies import Call, Json, Reply
from conformance.reference.respond import Server
from conformance.reference.routes import route

WORDS: dict[str, str] = {
    "harassment": r"idiot|loser|kill you",
    "harassment/threatening": r"kill you|hurt you",
    "hate": r"inferior race",
    "hate/threatening": r"exterminate them",
    "illicit": r"counterfeit|launder",
    "illicit/violent": r"build a bomb",
    "self-harm": r"cut myself|kill myself",
    "self-harm/intent": r"kill myself",
    "self-harm/instructions": r"how to cut yourself",
    "sexual": r"explicit sex",
    "sexual/minors": r"explicit child",
    "violence": r"kill|murder|bomb",
    "violence/graphic": r"guts|gore",
}
"""What is looked for, category by category."""
SEEN = ("self-harm", "self-harm/intent", "self-harm/instructions", "sexual", "violence", "violence/graphic")
"""The categories that are applied to images, too."""
CLEAR, HINT = 0.98, 0.0003
"""The scores of what is found, and of what is not."""


@route("POST", r"/moderations")
def moderations(server: Server, call: Call) -> Reply:
    """A result for each text, or one for all parts together."""
    asked = (
        server.read(call, "moderation")
        if (call.json or {}).get("model")
        else server.read(_named(server, call), "moderation")
    )
    if asked.get("input") is None:
        raise Refusal(400, "Missing required parameter: 'input'.", param="input", code="missing_required_parameter")
    check_bounds(asked, schemas("moderations"))
    given = asked["input"] if isinstance(asked["input"], list) else [asked["input"]]
    if not given:
        raise Refusal(400, "Invalid 'input': empty array.", param="input", code="empty_array")
    if all(isinstance(each, str) for each in given):
        results = [_result(text, {"text"}) for text in given]
    else:
        results = [
            _result(" ".join(map(_text, given)), {"image" if each["type"] == "image_url" else "text" for each in given})
        ]
    return Reply(200, (), {"id": f"modr-{server.hash('other', 29)}", "model": asked["model"], "results": results})


def _named(server: Server, call: Call) -> Call:
    """The same with the model that is meant where none is named."""
    return call.asking(model=server.models["moderation"]) if call.json is not None else call


def _text(part: Any) -> str:
    """The text of a part, none of an image. Raises Refusal."""
    kind = part.get("type") if isinstance(part, dict) else None
    if kind == "text" and isinstance(part.get("text"), str):
        return part["text"]
    if kind == "image_url" and str(part["image_url"]["url"]).startswith(("data:image/", "https://", "http://")):
        return ""
    raise Refusal(
        400,
        "Invalid 'input': expected texts, or parts of type 'text' or 'image_url'.",
        param="input",
        code="invalid_type",
    )


def _result(text: str, kinds: set[str]) -> Json:
    found = {
        name: "text" in kinds and re.search(words, text, re.IGNORECASE) is not None for name, words in WORDS.items()
    }
    applied = {name: sorted(kinds if name in SEEN else kinds & {"text"}, reverse=True) for name in WORDS}
    return {
        "flagged": any(found.values()),
        "categories": found,
        "category_scores": {name: CLEAR if hit else HINT for name, hit in found.items()},
        "category_applied_input_types": applied,
    }
