"""Responses that are kept: fetched, continued, listed, cancelled and deleted, and conversations that are counted and compacted."""

from __future__ import annotations

from typing import Any

from conformance.areas.questions import COUNT, HELLO, LIMIT
from conformance.areas.state.conditions import WORD, named_in
from conformance.exchange import Exchange, Unreadable, find
from conformance.exchange.probe import Body, Probe, user
from conformance.judge.final_response import response_id

DOOR = "http.responses"
QUESTION = "Which word did I ask you to remember? Answer with the word alone."
TOLD = [
    *user(f"Please remember the word {WORD}. I will ask you for it."),
    {"role": "assistant", "content": "I will remember it."},
    *user("Thank you. Say hello."),
]
"""Three items, so that two fill a page and one is left for the next."""
NOBODY = "resp_conformance_no_such_response"
NOTE = {"type": "custom", "name": "write_note", "description": "Write a note to the user."}
NOTED = [
    *user("Write a note that says hello."),
    {"type": "custom_tool_call", "call_id": "call_conformance0002", "name": "write_note", "input": "hello"},
    {"type": "custom_tool_call_output", "call_id": "call_conformance0002", "output": "written"},
]
UNFINISHED = ("queued", "in_progress")


def _id(earlier: Exchange | None) -> str | None:
    return response_id(earlier) if earlier is not None else None


def _named(earlier: Exchange | None) -> str | None:
    """The id that the earlier request had in its path, where that was served."""
    return named_in(earlier) if earlier is not None and earlier.ok else None


def _where_kept(body: Body) -> Any:
    """The body, where the earlier answer shows that responses are kept."""
    return lambda earlier: body if earlier is not None and earlier.ok else None


def _continuing(earlier: Exchange | None) -> Body | None:
    id = _id(earlier)
    return id and {"previous_response_id": id, "input": QUESTION, "max_output_tokens": LIMIT}


def _referring(earlier: Exchange | None) -> Body | None:
    """A conversation that begins with what is kept, named by the ids of its items."""
    output = find(earlier.json, "output") if earlier is not None and earlier.ok else None
    ids = [find(item, "id") for item in output] if isinstance(output, list) else []
    named = [{"type": "item_reference", "id": id} for id in ids if isinstance(id, str)]
    return {"input": [*named, *user(QUESTION)], "max_output_tokens": LIMIT} if named else None


def _chained(name: str, **more: Any) -> Any:
    """The same question about a response that was made before."""

    def ask(earlier: Exchange | None) -> Body | None:
        id = _id(earlier)
        return id and {name: id, **more}

    return ask


def _next_page(earlier: Exchange | None) -> tuple[str, str] | None:
    """The response, and the last item of a page that says that there are more."""
    if earlier is None or not earlier.ok or find(earlier.json, "has_more") is not True:
        return None
    last = find(earlier.json, "last_id")
    return (named_in(earlier), last) if isinstance(last, str) and last else None


def _going_on(earlier: Exchange | None) -> Body | None:
    """What a compacted conversation is good for: the next question."""
    output = find(earlier.json, "output") if earlier is not None and earlier.ok else None
    return {"input": [*output, *user(QUESTION)], "max_output_tokens": LIMIT} if isinstance(output, list) else None


def _until_done(x: Exchange) -> Body | None:
    try:
        return {} if x.ok and find(x.json, "status") in UNFINISHED else None
    except Unreadable:
        return None


def _probe(name: str, body: Body | None = None, path: str = "/responses", *intents: str, **more: Any) -> Probe:
    depth = more.pop("depth", "normal")
    intent = frozenset({"optional", *intents})
    return Probe(f"state.{name}", body, path=path, intent=intent, task="responses", door=DOOR, depth=depth, **more)


_BY_ID = "/responses/{built}"
_ITEMS = f"{_BY_ID}/input_items?order=asc&limit=2"

PROBES = (
    _probe("fetched", None, _BY_ID, method="GET", after=DOOR, build=_id, depth="quick"),
    _probe("first", {"input": TOLD, "max_output_tokens": LIMIT}, "/responses", "remember",
           streamed={"instructions": "Be kind."}),
    _probe("second", {}, "/responses", "remember", after="state.first", build=_continuing, streamed={}),
    _probe("lost", {"input": QUESTION, "previous_response_id": NOBODY, "max_output_tokens": LIMIT}, "/responses", "lost"),
    _probe("counted", {"input": TOLD}, "/responses/input_tokens"),
    _probe("listed", None, _ITEMS, method="GET", after="state.first", build=_id),
    _probe("listed-next", None, f"{_ITEMS}&after={{built}}", method="GET", after="state.listed", build=_next_page),
    _probe("referred", {}, after="state.fetched", build=_referring),
    _probe("referred-lost", {"input": [{"type": "item_reference", "id": "msg_conformance_no_such_item"}, *user(HELLO)],
           "max_output_tokens": LIMIT}, "/responses", "mistake"),
    _probe("unstored", {}, after="state.fetched",
           build=_where_kept({"input": HELLO, "store": False, "max_output_tokens": LIMIT})),
    _probe("unstored-fetched", None, _BY_ID, method="GET", after="state.unstored", build=_id),
    _probe("deleted", None, _BY_ID, method="DELETE", after="state.second", build=_id),
    _probe("gone", None, _BY_ID, method="GET", after="state.deleted", build=_named),
    _probe("finished-cancelled", None, f"{_BY_ID}/cancel", after="state.fetched", build=_named, depth="deep"),
    _probe("background", {}, after="state.fetched", depth="deep", streamed={},
           build=_where_kept({"input": HELLO, "background": True, "max_output_tokens": LIMIT})),
    _probe("settled", None, f"{_BY_ID}?include[]=message.output_text.logprobs", method="GET", after="state.background", build=_id,
           onward=_until_done, depth="deep"),
    _probe("resumed", None, f"{_BY_ID}?stream=true&starting_after=3&include_obfuscation=false", method="GET",
           after="state.background+stream", build=_id, depth="deep"),
    _probe("background-long", {}, after="state.fetched", depth="deep",
           build=_where_kept({"input": COUNT, "background": True, "max_output_tokens": LIMIT})),
    _probe("calls-listed", None, f"{_BY_ID}/input_items?order=asc&limit=20", method="GET", after="responses.bare-items", build=_id,
           depth="deep"),
    _probe("image-listed", None, f"{_BY_ID}/input_items?order=asc&include[]=message.input_image.image_url", method="GET",
           after="responses.image", build=_id, depth="deep"),
    _probe("noted", {"input": NOTED, "tools": [NOTE], "safety_identifier": "conformance", "max_output_tokens": LIMIT}, depth="deep"),
    _probe("noted-listed", None, f"{_BY_ID}/input_items?order=asc", method="GET", after="state.noted", build=_id, depth="deep"),
    _probe("cancelled", None, f"{_BY_ID}/cancel", after="state.background-long", build=_id, depth="deep"),
    _probe("counted-settings", {"input": HELLO, "instructions": "You answer in one word.", "truncation": "disabled",
           "parallel_tool_calls": False, "text": {"format": {"type": "text"}}}, "/responses/input_tokens", depth="deep"),
    _probe("counted-tools", {"input": HELLO, "tools": [NOTE], "tool_choice": "auto", "reasoning": {"effort": "low"}},
           "/responses/input_tokens", depth="deep"),
    _probe("counted-chain", {}, "/responses/input_tokens", after="state.first", depth="deep",
           build=_chained("previous_response_id", input=QUESTION)),
    _probe("compacted", {"input": TOLD, "instructions": "Be kind.", "prompt_cache_key": "conformance-0001", "service_tier": "auto"},
           "/responses/compact", depth="deep"),
    _probe("compacted-chain", {}, "/responses/compact", after="state.first", build=_chained("previous_response_id"), depth="deep"),
    _probe("after-compacted", {}, after="state.compacted", build=_going_on, depth="deep"),
)  # fmt: skip
