"""Lies about values at the edges: those that make the server fail, bounds that are turned down, and values that are let through."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from conformance.reference.lies import lets, says
from conformance.reference.replies import Call, Reply
from conformance.reference.rewriting import crash, is_error, sent, turn_down

BROWSER_INTEGERS = 2**53
_WARM = b'name="temperature"\r\n\r\nconformance'


def _fails(test: Callable[[Call], Any]) -> Callable[[Call, Reply], Reply]:
    return lambda call, reply: crash(reply) if call.json and test(call) else reply


def _big_seed(call: Call) -> bool:
    seed = sent(call, "seed")
    return isinstance(seed, int) and BROWSER_INTEGERS < abs(seed) < 2**63


def _null_tool(call: Call) -> bool:
    tools = sent(call, "tools")
    return isinstance(tools, list) and None in tools


for _name, _says, _test, _link in (
    ("edge-seed-500", "A seed of more than 53 bits makes the server fail.", _big_seed,
     "https://github.com/pollinations/pollinations/pull/12338"),
    ("edge-empty-500", "An empty stop sequence makes the server fail.", lambda call: sent(call, "stop") in ("", [""]),
     "https://github.com/mlc-ai/mlc-llm/pull/2070"),
    ("edge-inner-null-500", "A null among the tools makes the server fail.", _null_tool, ()),
    ("edge-mistyped-500", "A number where there should be a text makes the server fail on the routes beside chat.",
     lambda call: isinstance(sent(call, "input"), int) and not call.path.endswith("/responses"), ()),
):  # fmt: skip
    _lie = _fails(_test)
    _lie.__doc__ = _says
    says(_name, link=_link)(_lie)


@says("edge-bound-refused", link=("https://github.com/huggingface/text-generation-inference/issues/2222",
                                  "https://github.com/microsoft/TaskWeaver/issues/231"))  # fmt: skip
def _(call: Call, reply: Reply) -> Reply:
    """A top_p of 0 is turned down."""
    zero = sent(call, "top_p") == 0 and not is_error(reply)
    return turn_down(reply, "top_p must be in (0, 1], got 0.0.", "top_p") if zero else reply


@says("edge-null-refused")
def _(call: Call, reply: Reply) -> Reply:
    """A verbosity of null is turned down."""
    null = call.json and "verbosity" in call.json and call.json["verbosity"] is None and not is_error(reply)
    return turn_down(reply, "verbosity: Input should be 'low', 'medium' or 'high'", "verbosity") if null else reply


@lets("edge-unknown-value-served")
def _(call: Call) -> Call:
    """A verbosity that there is none of is ignored."""
    return call.asking(verbosity=None) if sent(call, "verbosity") == "conformance" else call


@lets("edge-other-route-served")
def _(call: Call) -> Call:
    """Dimensions of 0 are taken for no wish."""
    return call.asking(dimensions=None) if sent(call, "dimensions") == 0 else call


@lets("edge-text-for-true")
def _(call: Call) -> Call:
    """The text "true" is taken for true."""
    return call.asking(store=True) if sent(call, "store") == "true" else call


@lets("edge-form-word-served")
def _(call: Call) -> Call:
    """A temperature of sound that is no number is taken for none."""
    heard = call.path.startswith("/v1/audio/trans")
    return replace(call, body=call.body.replace(_WARM, _WARM.replace(b"conformance", b"0"))) if heard else call


@lets("edge-form-bound-served")
def _(call: Call) -> Call:
    """A file is kept for as long as there is room."""
    return replace(call, body=call.body.replace(b"2592001", b"2592000")) if call.path == "/v1/files" else call
