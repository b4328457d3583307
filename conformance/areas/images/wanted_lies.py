"""Lies about what was asked for, and what it cost."""

from __future__ import annotations

from dataclasses import replace

from conformance.areas.images.generated_lies import members, of_images
from conformance.reference.lies import says
from conformance.reference.replies import Call, Json, Reply
from conformance.reference.rewriting import sent, turn_down

LOCALAI = (
    "https://github.com/mudler/LocalAI/issues/7354",
    "https://github.com/nextcloud/integration_openai/issues/290",
)


@says("images-delivery-object", link="https://github.com/nextcloud/integration_openai/issues/65",
      bugs="images-response-format-string-rejected")  # fmt: skip
def _(call: Call, reply: Reply) -> Reply:
    """response_format is read as the object that it is on chat completions."""
    if not (of_images(call, reply) and sent(call, "response_format")):
        return reply
    message = "json: cannot unmarshal string into field OpenAIRequest.response_format of type object"
    return turn_down(reply, message, "response_format")


def _usage(call: Call, reply: Reply, **changes: object) -> Reply:
    return members(call, reply, lambda answer: {"usage": {**answer["usage"], **changes}})


@says("images-usage-of-chat", link=LOCALAI, bugs="images-usage-shape")
def _(call: Call, reply: Reply) -> Reply:
    """The usage of images has the names of chat."""
    return members(call, reply, lambda _: {"usage": {"prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0}})


@says("images-usage-bare")
def _(call: Call, reply: Reply) -> Reply:
    """The usage of images has no details."""
    return members(
        call, reply, lambda answer: {"usage": {k: v for k, v in answer["usage"].items() if "details" not in k}}
    )


@says("images-usage-one-kind")
def _(call: Call, reply: Reply) -> Reply:
    """The details of the usage know no images."""
    return _usage(call, reply, input_tokens_details={"text_tokens": 9})


@says("images-usage-made-of-texts")
def _(call: Call, reply: Reply) -> Reply:
    """The details of what was made are counted in texts alone."""
    return _usage(call, reply, output_tokens_details={"text_tokens": 272})


@says("images-usage-sum")
def _(call: Call, reply: Reply) -> Reply:
    """The total is less than its parts."""
    return _usage(call, reply, total_tokens=1)


@says("images-usage-details-sum")
def _(call: Call, reply: Reply) -> Reply:
    """The details of the input are more than the input."""
    return _usage(call, reply, input_tokens_details={"text_tokens": 4000, "image_tokens": 0})


@says("images-options-of-another")
def _(call: Call, reply: Reply) -> Reply:
    """The answer names another quality than was asked for."""
    return members(call, reply, lambda _: {"quality": "high"})


@says("images-bare")
def _(call: Call, reply: Reply) -> Reply:
    """The answer has images and nothing beside them."""
    if not of_images(call, reply):
        return reply
    bare: Json = {name: reply.body[name] for name in ("created", "data")}
    return replace(reply, body=bare)
