"""Lies of servers whose clients get in each other's way."""

from __future__ import annotations

import re
from dataclasses import replace

from conformance.reference.lies import lets, says
from conformance.reference.replies import Call, Reply
from conformance.reference.rewriting import crash, last_text, messages

STAGE = "x-conformance-stage"
PLAIN = {"model", "messages", "temperature", "max_completion_tokens"}
"""What a request holds that asks for nothing in particular."""


_MARKED = re.compile("exactly.*: [a-z]+-[0-9]{4}-[a-z]+-[a-z]{4}")
STRANGERS = "amber-2535-curlew-prcc"


@says(
    "left-server-dead",
    link=("https://github.com/sgl-project/sglang/issues/39216", "https://github.com/sgl-project/sglang/issues/17031"),
    bugs="disconnect-kills-server",
)
def _(call: Call, reply: Reply) -> Reply:
    """Once a client went away in mid-answer, nobody gets an answer any more."""
    return replace(reply, ending="none") if call.line.left and not call.header(STAGE) else reply


@says("left-server-fails")
def _(call: Call, reply: Reply) -> Reply:
    """Once a client went away in mid-answer, every plain greeting fails with 500."""
    greeted = "hello" in last_text(call) and set(call.json) == PLAIN and not call.header(STAGE)
    return crash(reply) if call.line.left and greeted else reply


@lets(
    "answers-crossed",
    link=(
        "https://github.com/ml-explore/mlx-lm/issues/965",
        "https://github.com/inferencerlabs/inferencer-feedback/issues/127",
        "https://github.com/jundot/omlx/issues/1941",
    ),
    bugs="concurrent-cross-talk",
)
def _(call: Call) -> Call:
    """Of two requests at the same moment the later is answered as the earlier."""
    other = call.line.beside[0].json if call.line.beside else None
    return call.asking(messages=other["messages"]) if call.json and other and "messages" in other else call


@lets("answers-of-strangers")
def _(call: Call) -> Call:
    """A streamed request to repeat a mark is answered as one that another user sent long before."""
    if not call.streaming or not _MARKED.search(last_text(call)):
        return call
    return call.asking(
        messages=[{"role": "user", "content": f"Repeat exactly this line and nothing else: {STRANGERS}"}]
    )


FIRST, SECOND, EARLIER = "indigo-7823-curlew-jxdd", "jasper-5742-fulmar-cvsn", "kelp-3661-gannet-qrcg"


def _ruled(call: Call) -> bool:
    """The second request that begins with the long prompt."""
    return len(messages(call)) == 2 and SECOND in last_text(call)


@lets(
    "prefix-of-another",
    link=(
        "https://github.com/nicedreamzapp/claude-code-local/issues/46",
        "https://github.com/peonist-ai/halogen-flash-server/issues/65",
    ),
)
def _(call: Call) -> Call:
    """A long prompt that begins as another did is answered as that was."""
    if not _ruled(call):
        return call
    rules, question = messages(call)
    return call.asking(messages=[rules, {**question, "content": question["content"].replace(SECOND, FIRST)}])


@lets(
    "prefix-garbled",
    link=("https://github.com/jundot/omlx/issues/2255", "https://github.com/tenstorrent/vllm/issues/415"),
)
def _(call: Call) -> Call:
    """What is kept of a long prompt is kept wrongly: who begins as it did gets nothing but exclamation marks."""
    return call.asking(logit_bias={"0": 100}) if _ruled(call) else call


@lets("answers-by-last-message")
def _(call: Call) -> Call:
    """Answers are kept by the last message, whatever was said before it."""
    asked = messages(call)
    if len(asked) != 3 or not str(asked[-1].get("content")).startswith("Say it again, and"):
        return call
    return call.asking(messages=[asked[0], {**asked[1], "content": EARLIER}, asked[2]])
