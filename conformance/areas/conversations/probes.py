"""One conversation from its beginning to its end: what is noted of it, its items, two responses in it, and what is refused."""

from __future__ import annotations

from typing import Any

from conformance.areas.conversations.conditions import WORD, conversation_of, item_of, made_id
from conformance.areas.questions import COUNT, HELLO, LIMIT
from conformance.exchange import Exchange, find
from conformance.exchange.probe import TIDYING, Body, Probe, user
from conformance.judge.final_response import response_id

DOOR = "conversation.created"
NOBODY = "conv_conformance_no_such_conversation"
QUESTION = "Which word did I ask you to remember? Answer with the word alone."
TOLD = [
    {"type": "message", **user(f"Please remember the word {WORD}. I will ask you for it.")[0]},
    {"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": "I will remember it."}]},
]
ADDED = [
    {"type": "message", **user([{"type": "input_text", "text": text}])[0]} for text in ("Thank you.", "Say hello.")
]
NOTED = {"topic": "conformance"}
NOTED_ANEW = {"topic": "conformance again", "step": "2"}
MANY = [{"type": "message", **user(f"Note {n}.")[0]} for n in range(21)]
"""One more than may be added at a time."""


def _made(earlier: Exchange | None) -> str | None:
    """The conversation that was made, as a step of a path."""
    return made_id(earlier) if earlier is not None else None


def _same(earlier: Exchange | None) -> str | None:
    """The conversation that a served request was about."""
    return conversation_of(earlier) if earlier is not None and earlier.ok else None


def _asking(given: str, *, whole: bool = False, **more: Any) -> Any:
    """A question in the conversation that an earlier request was about: named by its id, or by an object that holds it."""

    def ask(earlier: Exchange | None) -> Body | None:
        id = (made_id(earlier) or conversation_of(earlier)) if earlier is not None and earlier.ok else None
        return id and {
            "conversation": {"id": id} if whole else id,
            "input": given,
            "temperature": 0,
            "max_output_tokens": LIMIT,
            **more,
        }

    return ask


def _both(earlier: Exchange | None) -> Body | None:
    """A question that continues a response and is in that response's conversation as well."""
    id = response_id(earlier) if earlier is not None else None
    if not id or earlier is None:
        return None
    return {
        "conversation": conversation_of(earlier),
        "previous_response_id": id,
        "input": HELLO,
        "max_output_tokens": LIMIT,
    }


def _next_page(earlier: Exchange | None) -> tuple[str, str] | None:
    """The conversation, and the last item of a page that says that there are more."""
    if earlier is None or not earlier.ok or find(earlier.json, "has_more") is not True:
        return None
    last, id = find(earlier.json, "last_id"), conversation_of(earlier)
    return (id, last) if id and isinstance(last, str) and last else None


def _first_item(earlier: Exchange | None) -> tuple[str, str] | None:
    """The conversation, and the first item of the list that was answered about it."""
    if earlier is None or not earlier.ok or earlier.not_json is not None:
        return None
    item, id = find(earlier.json, "data.0.id"), conversation_of(earlier)
    return (id, item) if id and isinstance(item, str) and item else None


def _same_item(earlier: Exchange | None) -> tuple[str, str] | None:
    """The item that a served request was about."""
    return item_of(earlier) if earlier is not None and earlier.ok else None


def _probe(name: str, path: str, body: Body | None = None, method: str = "POST", *intents: str, **more: Any) -> Probe:
    intent = frozenset({*({"optional"} if "mistake" not in intents else ()), *intents})
    depth, door = more.pop("depth", "normal"), more.pop("door", DOOR)
    return Probe(
        f"conversation.{name}", body, method, path, omit=("model",), intent=intent, depth=depth, door=door, **more
    )


def _turn(name: str, after: str, build: Any, *intents: str, depth: Any = "normal") -> Probe:
    """A response in a conversation."""
    intent = frozenset({*({"optional"} if "mistake" not in intents else ()), *intents})
    return Probe(f"conversation.{name}", {}, path="/responses", after=f"conversation.{after}", build=build, intent=intent,
                 task="responses", door=DOOR, depth=depth)  # fmt: skip


_ONE = "/conversations/{built}"
_ITEMS, _ITEM = f"{_ONE}/items", f"{_ONE}/items/{{built}}"

PROBES = (
    _probe("created", "/conversations", {"metadata": NOTED, "items": TOLD}, door="http.responses", depth="quick"),
    _turn("asked", "created", _asking(QUESTION), "asked-back"),
    _turn("streamed", "asked", _asking(QUESTION, whole=True, stream=True), "asked-back"),
    _probe("listed", f"{_ITEMS}?limit=3&order=asc&include[]=message.output_text.logprobs", None, "GET",
           after="conversation.streamed", build=_same),
    _probe("listed-next", f"{_ITEMS}?limit=3&order=asc&after={{built}}", None, "GET", after="conversation.listed", build=_next_page),
    _probe("added", f"{_ITEMS}?include[]=message.input_image.image_url", {"items": ADDED}, after="conversation.listed", build=_same),
    _probe("newest", f"{_ITEMS}?limit=2", None, "GET", after="conversation.added", build=_same),
    _probe("item", f"{_ITEM}?include[]=message.input_image.image_url", None, "GET", after="conversation.newest", build=_first_item),
    _probe("item-deleted", _ITEM, None, "DELETE", after="conversation.item", build=_same_item),
    _probe("item-gone", _ITEM, None, "GET", "gone", after="conversation.item-deleted", build=_same_item),
    _probe("updated", _ONE, {"metadata": NOTED_ANEW}, after="conversation.created", build=_made),
    _probe("fetched", _ONE, None, "GET", after="conversation.updated", build=_same),
    _turn("both", "streamed", _both, "mistake", "both"),
    Probe("conversation.lost", {"conversation": NOBODY, "input": HELLO, "max_output_tokens": LIMIT}, path="/responses", door=DOOR,
          intent=frozenset({"mistake", "lost-conversation"}), task="responses", depth="normal"),
    _probe("many", "/conversations", {"items": MANY}, "POST", "mistake", "many-items", depth="deep"),
    _turn("behind", "item-deleted", _asking(COUNT, background=True), "busy", depth="deep"),
    _turn("meanwhile", "behind", _asking(HELLO), "meanwhile", depth="deep"),
    _probe("deleted", _ONE, None, "DELETE", TIDYING, after="conversation.created", build=_made, last=True),
    _probe("gone", _ONE, None, "GET", "gone", after="conversation.deleted", build=_same, last=True),
)  # fmt: skip
