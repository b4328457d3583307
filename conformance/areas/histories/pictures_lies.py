"""Lies about several images: all but one left out, or one of their types not taken."""

from __future__ import annotations

from typing import Any

from conformance.reference.lies import lets, says
from conformance.reference.replies import Call, Reply
from conformance.reference.rewriting import is_error, messages, turn_down


def _is_image(part: Any) -> bool:
    return isinstance(part, dict) and part.get("type") == "image_url"


@lets("history-last-image-only", bugs="multi-image-last-only",
      link=("https://github.com/Blaizzy/mlx-vlm/issues/1084", "https://github.com/unslothai/unsloth/pull/9719"))  # fmt: skip
def _(call: Call) -> Call:
    """Of several images only the last is read."""
    content = messages(call)[-1].get("content") if messages(call) and isinstance(messages(call)[-1], dict) else None
    images = [part for part in content if _is_image(part)] if isinstance(content, list) else []
    if len(images) < 2:
        return call
    read = [part for part in content if not _is_image(part) or part is images[-1]]
    return call.asking(messages=[*messages(call)[:-1], {**messages(call)[-1], "content": read}])


@says("history-webp-refused")
def _(call: Call, reply: Reply) -> Reply:
    """An image that is a WebP is turned down."""
    webp = b"data:image/webp" in call.body and not is_error(reply)
    return turn_down(reply, "cannot identify image file", "messages") if webp else reply
