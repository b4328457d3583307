"""Features of what a message may hold beside text."""

from __future__ import annotations

from conformance.exchange import Exchange, find, is_a
from conformance.judge.condition import Condition, request
from conformance.judge.conditions import sent_as
from conformance.judge.features import HONOURED, Finding, feature, ignored, unclear
from conformance.judge.refusals import asking, sent_messages
from conformance.judge.relations import probes


def with_part(kind: str) -> Condition:
    """A message of the request holds a part of this kind, with its data, not the address of it."""

    def holds(x: Exchange) -> bool:
        parts = [
            part for message in sent_messages(x) if is_a(content := find(message, "content"), list) for part in content
        ]
        urls = [find(part, f"{kind}.url") for part in parts if find(part, "type") == kind]
        return any(not isinstance(url, str) or url.startswith("data:") for url in urls)

    return request(f"with a part of type {kind}")(holds)


def _read(bare: Exchange, x: Exchange, what: str) -> Finding:
    """More tokens than without it; where it was left out, as many."""
    if not bare.ok:
        return unclear(f"there is no answer without the {what} to compare with")
    more = find(x.usage, "prompt_tokens"), find(bare.usage, "prompt_tokens")
    if not all(is_a(count, int) for count in more):
        return unclear("no count of the prompt's tokens")
    return HONOURED if more[0] > more[1] else ignored(f"the prompt costs no token more than without the {what}")


@feature(
    "image_input", words="images", names=("image", "content type", "multimodal", "multi-modal", "vision"), profile="full",
    probes=("chat.hello", "surface.image"), when=asking & with_part("image_url"), beside=sent_as("chat.hello"),
    together=probes("chat.hello", "surface.image"),
)  # fmt: skip
def _(bare: Exchange, x: Exchange) -> Finding:
    """A message with an image costs more tokens than its text alone; ignored, it costs the same."""
    return _read(bare, x, "image")


@feature(
    "audio_input", words="sound", names=("audio", "content type", "multimodal", "multi-modal"), probes=("chat.hello", "surface.audio"),
    when=asking & with_part("input_audio"), beside=sent_as("chat.hello"), together=probes("chat.hello", "surface.audio"),
)  # fmt: skip
def _(bare: Exchange, x: Exchange) -> Finding:
    """A message with sound costs more tokens than its text alone; ignored, it costs the same."""
    return _read(bare, x, "sound")
