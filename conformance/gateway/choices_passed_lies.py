"""Lies about the choices of a plain answer."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from conformance.reference.lying_gateway import Passed, answers, edit_answer
from conformance.reference.replies import Call

Json = dict[str, Any]


def _each(passed: Passed, change: Callable[[Json], object]) -> Passed:
    """Every choice changed in place."""
    return edit_answer(passed, lambda body: [change(choice) for choice in body.get("choices", ())])


def _message(passed: Passed, change: Callable[[Json], object]) -> Passed:
    return _each(passed, lambda choice: change(choice["message"]) if "message" in choice else None)


def _calls(passed: Passed, change: Callable[[Json], object]) -> Passed:
    return _message(passed, lambda message: [change(call) for call in message.get("tool_calls") or ()])


@answers("choice-lost")
def _(call: Call, passed: Passed) -> Passed:
    """Only the first choice is handed on."""

    def cut(body: Json) -> None:
        if "choices" in body:
            body["choices"] = body["choices"][:1]

    return edit_answer(passed, cut)


@answers("choices-renumbered")
def _(call: Call, passed: Passed) -> Passed:
    """Every choice has the index 0."""
    return _each(passed, lambda choice: choice.update(index=0))


@answers("answer-trimmed")
def _(call: Call, passed: Passed) -> Passed:
    """Blanks at the ends of the model's text are taken away."""
    return _message(passed, lambda each: each.update(content=each["content"].strip()) if each["content"] else None)


@answers("refusal-emptied")
def _(call: Call, passed: Passed) -> Passed:
    """The words of a refusal are left out."""
    return _message(passed, lambda each: each.update(refusal="") if each["refusal"] else None)


@answers("role-model")
def _(call: Call, passed: Passed) -> Passed:
    """The role is model, as elsewhere."""
    return _message(passed, lambda each: each.update(role="model"))


@answers("finish-stop")
def _(call: Call, passed: Passed) -> Passed:
    """Every reason for the end is stop."""
    return _each(passed, lambda choice: choice.update(finish_reason="stop"))


@answers("call-lost")
def _(call: Call, passed: Passed) -> Passed:
    """Only the first call is handed on."""

    def cut(each: Json) -> None:
        if each.get("tool_calls"):
            each["tool_calls"] = each["tool_calls"][:1]

    return _message(passed, cut)


@answers("call-renamed")
def _(call: Call, passed: Passed) -> Passed:
    """The name of a called tool gets its kind before it."""
    return _calls(passed, lambda each: each["function"].update(name=f"functions.{each['function']['name']}"))


@answers("call-arguments-parsed")
def _(call: Call, passed: Passed) -> Passed:
    """Arguments are parsed and written anew."""
    return _calls(
        passed, lambda each: each["function"].update(arguments=json.dumps(json.loads(each["function"]["arguments"])))
    )


@answers("call-id-made-up")
def _(call: Call, passed: Passed) -> Passed:
    """Calls get ids of the gateway's."""
    return _calls(passed, lambda each: each.update(id="call_gateway"))


@answers("logprobs-thinned")
def _(call: Call, passed: Passed) -> Passed:
    """The alternatives of each token are left out."""

    def thin(choice: Json) -> None:
        for token in (choice.get("logprobs") or {}).get("content") or ():
            token["top_logprobs"] = []

    return _each(passed, thin)


@answers("choices-emptied")
def _(call: Call, passed: Passed) -> Passed:
    """The one choice of an answer is left out."""
    return edit_answer(passed, lambda body: body.update(choices=[]) if len(body.get("choices", ())) == 1 else None)


@answers("refusal-blank")
def _(call: Call, passed: Passed) -> Passed:
    """A refusal that is null is a blank."""
    return _message(passed, lambda each: each.update(refusal="") if each["refusal"] is None else None)


@answers("logprobs-blank")
def _(call: Call, passed: Passed) -> Passed:
    """Log probabilities that are null are an object."""
    return _each(passed, lambda choice: choice.update(logprobs={}) if choice.get("logprobs", 0) is None else None)


@answers("long-answer-cut")
def _(call: Call, passed: Passed) -> Passed:
    """Texts of the model are cut after 64 KiB."""
    return _message(passed, lambda each: each.update(content=each["content"][:65_536]) if each["content"] else None)
