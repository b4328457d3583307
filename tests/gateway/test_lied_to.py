"""What a gateway does with the lies of its upstream: one that changes nothing passes each on, others heal, say so, and make worse."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from functools import cache

import pytest

from conformance.gateway.lie_cells import UNSEEN
from conformance.gateway.lie_kinds import KINDS, wanted
from conformance.gateway.lied_to import HONEST, cost, tell
from conformance.gateway.provoking import provoked
from conformance.gateway.without_sockets import lied_through
from conformance.reference.lying_gateway import GatewayLie, Passed, edit_answer, edit_events
from conformance.reference.replies import compact
from conformance.run.user_error import UserError


@cache
def plan(text: str):
    return [provoked(kind, lie) for kind, lie in wanted(text)]


def told(gateway: GatewayLie | None, text: str):
    """By lie, the line of what such a gateway does with it."""

    async def ask(request, id, lie):
        return lied_through(request, id, gateway, lie)

    found = asyncio.run(tell(plan(text), ask))
    return {line["lie"]: line for line in found.lines}


def error(status: int, message: str) -> tuple[bytes, ...]:
    return (compact({"error": {"message": message, "type": "server_error", "param": None, "code": None}}),)


# ---------------------------------------------------------------------- a gateway that changes nothing


def test_every_lie_that_is_chosen_is_told_by_a_request_and_passed_on_by_a_gateway_that_changes_nothing():
    lines = told(None, "some")
    assert set(lines) == {name for names in KINDS.values() for name in names}
    assert {name: (line["state"], line["why"]) for name, line in lines.items() if line["state"] != "passes on"} == {}
    assert all(line["checks"] or name.endswith(("hangs", "stalls")) for name, line in lines.items())


def test_what_it_takes_is_known_before():
    lies, asked = cost(plan("some"))
    assert lies == sum(map(len, KINDS.values()))
    assert asked < 2.2 * lies


def test_lies_that_were_not_asked_about_have_a_line_that_says_why():
    asked = []

    async def ask(request, id, lie):
        asked.append(id)
        return lied_through(request, id, None, lie)

    over = lambda: "it took too long" if any(not id.startswith(HONEST) for id in asked) else None  # noqa: E731
    lines = asyncio.run(tell(plan("some"), ask, over)).lines
    assert len(lines) == len(plan("some"))
    assert {line["state"] for line in lines[1:]} == {UNSEEN}
    assert {line["why"] for line in lines[1:]} == {"not asked: it took too long"}


# ---------------------------------------------------------------------- gateways that do something about it


def _writes_done(call, passed):
    """It ends every stream with [DONE]."""
    if not passed.streams or passed.pieces[-1].startswith(b"data: [DONE]"):
        return passed
    return replace(passed, pieces=(*passed.pieces, b"data: [DONE]\n\n"))


def _says_the_role(call, passed):
    def say(choice):
        choice.get("message", {}).setdefault("role", "assistant")

    return edit_answer(passed, lambda body: [say(choice) for choice in body.get("choices") or ()])


def _is_typed(call, passed):
    """It parses answers into types of its own, and answers 502 where that fails."""
    import json

    if passed.streams or passed.status != 200:
        return passed
    try:
        json.loads(b"".join(passed.pieces))["choices"][0]["message"]
    except (ValueError, KeyError, IndexError):
        return Passed(
            502, (("content-type", "application/json"),), error(502, "The upstream's answer is no completion.")
        )
    return passed


def _fails(call, passed):
    """The same without care: 500, a page."""
    typed = _is_typed(call, passed)
    page = (b"<h1>Internal Server Error</h1>",)
    return Passed(500, (("content-type", "text/html"),), page) if typed.status == 502 else typed


def _hangs(call, passed):
    typed = _is_typed(call, passed)
    return replace(typed, ending="silent") if typed.status == 502 else typed


def _closes(call, passed):
    typed = _is_typed(call, passed)
    return replace(typed, ending="none") if typed.status == 502 else typed


def _gives_a_status(call, passed):
    """An error that came with 200 gets the status of one."""
    return replace(passed, status=500) if b'"error": {' in b"".join(passed.pieces) else passed


def _writes_arguments(call, passed):
    """It writes arguments that are no text as one, spaced its own way."""
    import json

    def write(body):
        for choice in body.get("choices") or ():
            for each in choice["message"].get("tool_calls") or ():
                if not isinstance(each["function"]["arguments"], str):
                    each["function"]["arguments"] = json.dumps(each["function"]["arguments"], indent=1)

    return edit_answer(passed, write)


def _page_as_text(call, passed):
    """What is no JSON becomes an answer without a word."""
    typed = _is_typed(call, passed)
    choice = {
        "index": 0,
        "message": {"role": "assistant", "content": None, "refusal": None},
        "logprobs": None,
        "finish_reason": "stop",
    }
    body = {"id": "chatcmpl-1", "object": "chat.completion", "created": 1, "model": "m", "choices": [choice]}
    return Passed(200, (("content-type", "application/json"),), (compact(body),)) if typed.status == 502 else typed


def _leaves_out(call, passed):
    """It leaves out every event without an id, with what it says."""
    return edit_events(passed, lambda n, chunk: "id" in chunk)


@pytest.mark.parametrize(
    ("answer", "lie", "state", "why"),
    [
        (_writes_done, "stream-without-done", "heals", "stream.done passes at the client's end"),
        (_says_the_role, "chat-without-role", "heals", "chat.role passes at the client's end"),
        (_is_typed, "chat-without-choices", "says so", "the client gets 502 and an error object"),
        (_is_typed, "chat-body-half", "says so", "the client gets 502 and an error object"),
        (_fails, "chat-body-half", "worse", "the client gets 500 without an error object, the upstream answered 200"),
        (_hangs, "chat-body-half", "worse", "the client waits for an end that does not come"),
        (_closes, "chat-body-half", "worse", "the client gets no answer"),
        (_gives_a_status, "chat-error-with-200", "says so", "the client gets 500 and an error object"),
        (_writes_arguments, "tool-arguments-an-object", "heals", "tool.arguments passes at the client's end"),
        (_page_as_text, "chat-body-page", "worse", "the text of choice 0 is missing, as if the answer were whole"),
        (_leaves_out, "chunk-without-id", "worse", "the text of choice 0 is missing, as if the answer were whole"),
    ],
)  # fmt: skip
def test_what_a_gateway_does_with_a_lie_is_told_from_both_its_ends(answer, lie, state, why):
    lines = told(GatewayLie("test", "It does something about it.", answer=answer), lie)
    assert lines[lie]["state"] == state, lines[lie]
    assert why in lines[lie]["why"]
    assert f"{lie}/" in lines[lie]["exchanges"][0]


def test_a_fault_that_the_upstream_has_not_is_worse():
    def two_ends(call, passed):
        """It makes an end of its own where the upstream has none, in the wrong place."""
        end = passed.pieces[-1:]
        return replace(passed, pieces=(*passed.pieces[:-2], *end, *passed.pieces[-2:-1])) if passed.streams else passed

    def only_where_roles_lack(call, passed):
        return passed if b'"role"' in b"".join(passed.pieces) else two_ends(call, passed)

    line = told(GatewayLie("test", "A fault.", answer=only_where_roles_lack), "stream-without-role")[
        "stream-without-role"
    ]
    assert (line["state"], "at the client's end alone" in line["why"]) == ("worse", True), line


def test_what_the_gateway_breaks_by_itself_is_no_answer_to_a_lie():
    def without_done(call, passed):
        return (
            replace(passed, pieces=tuple(p for p in passed.pieces if b"[DONE]" not in p)) if passed.streams else passed
        )

    line = told(GatewayLie("test", "It loses the end.", answer=without_done), "stream-without-done")[
        "stream-without-done"
    ]
    assert (line["state"], line["why"]) == ("unclear", "stream.done fails without the lie, too")


def test_what_the_gateway_loses_without_the_lie_too_is_not_held_against_it():
    def without_thoughts(call, passed):
        return edit_events(
            passed, lambda n, chunk: [part["delta"].pop("reasoning_content", None) for part in chunk.get("choices", ())]
        )

    line = told(GatewayLie("test", "It loses thoughts.", answer=without_thoughts), "stream-cumulative")[
        "stream-cumulative"
    ]
    assert line["state"] == "passes on", line


def test_a_lie_that_the_gateway_does_not_ask_for_is_not_seen():
    def never_streams(call, onward):
        from conformance.reference.lying_gateway import edit

        return edit(onward, lambda body: body.pop("stream", None))

    line = told(GatewayLie("test", "It asks for no stream.", ask=never_streams), "stream-without-done")[
        "stream-without-done"
    ]
    assert line["state"] == "not seen"


def test_a_gateway_that_falls_over_is_asked_no_more():
    dead = []

    def falls(onward, upstream):
        passed = upstream(onward)
        if b"[DONE]" not in b"".join(passed.pieces) and passed.streams:
            dead.append(True)
        return replace(passed, ending="none") if dead else passed

    lines = told(
        GatewayLie("test", "It falls over.", way=falls), "chunk-without-id,stream-without-done,stream-done-twice"
    )
    assert [lines[name]["state"] for name in lines] == ["passes on", "worse", "not seen"]
    assert lines["stream-without-done"]["why"] == "the gateway serves nothing from then on"
    assert lines["stream-done-twice"]["why"] == "the gateway is gone since stream-without-done"


# ---------------------------------------------------------------------- what --lies takes


def test_lies_are_chosen_by_number_and_by_name():
    assert [kind for kind, _ in wanted("9")] == list(KINDS)
    assert [lie.name for _, lie in wanted("embeddings-missing,chat-body-half")] == [
        "embeddings-missing",
        "chat-body-half",
    ]
    assert len(wanted("all")) > 1_000
    with pytest.raises(UserError, match="'no-such', which is no lie of the reference"):
        wanted("no-such")
