"""Lies about images and sound: parts left out as if they had not been sent."""

from __future__ import annotations

from collections.abc import Callable

from conformance.reference.lies import lets, says
from conformance.reference.replies import Call, Json, Reply
from conformance.reference.rewriting import is_error, messages, turn_down


def _drops(test: Callable[[Json], object]) -> Callable[[Call], Call]:
    def drop(call: Call) -> Call:
        kept = [
            {**m, "content": [part for part in m["content"] if not test(part)]}
            if isinstance(m.get("content"), list)
            else m
            for m in messages(call)
        ]
        return call.asking(messages=kept) if kept != messages(call) else call

    return drop


def _url(part: Json) -> str:
    return part["image_url"]["url"] if part.get("type") == "image_url" else ""


for _name, _what, _test, _link in (
    ("content-image-dropped", "An image", lambda part: len(_url(part)) > 50,
     "https://github.com/sgl-project/sglang/pull/21762"),
    ("content-image-url-dropped", "An image that is a URL", lambda part: _url(part).startswith("https:"), ()),
    ("content-audio-dropped", "Sound", lambda part: part.get("type") == "input_audio", ()),
):  # fmt: skip
    _lie = _drops(_test)
    _lie.__doc__ = f"{_what} is left out of the conversation."
    lets(_name, link=_link)(_lie)


@says(
    "content-image-url-unsaid", link="https://github.com/ollama/ollama/issues/6753", bugs="multimodal-http-url-rejected"
)
def _(call: Call, reply: Reply) -> Reply:
    """A URL is refused as if the image were no good."""
    if not is_error(reply) or reply.body["error"]["code"] != "invalid_image_url":
        return reply
    return turn_down(reply, "invalid image input", None, "invalid_value")
