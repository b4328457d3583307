"""PARAM: what the parameters of a chat request may be: documented values are accepted, at their bounds and as null.

A clear refusal of an optional parameter is a warning here, not a failure: the table of features says that it is refused.
"""

from __future__ import annotations

from conformance.areas.citations import REQUEST, STREAM_OPTIONS, oas, parameter
from conformance.areas.params.probes import NULLABLE, UNSET
from conformance.exchange import ABSENT, Exchange, find, is_a
from conformance.judge import MAY, MUST, SHOULD, Problems, check, differs
from conformance.judge.blame import carrying
from conformance.judge.condition import Condition, request, response
from conformance.judge.conditions import asked, chat_request, intent
from conformance.judge.refusals import TURNED_DOWN, not_taken, plain_sense
from conformance.judge.verdicts import Relation

PROPERTIES = oas("ModelResponseProperties", 44539)


def accepts(name: str) -> Relation:
    """Requests that set this, taken, or turned down for it."""
    return carrying(asked(name))


def all_null(names: tuple[str, ...]) -> Condition:
    return request(f"with null for {names[0]} and others")(lambda x: all(x.asked.get(n, 0) is None for n in names))


at_zero = request("at temperature 0")(lambda x: x.asked.get("temperature") == 0)
above_one = request("at a temperature above 1")(lambda x: is_a(t := x.asked.get("temperature"), float) and t > 1)
unpadded = request("that says whether to obfuscate")(
    lambda x: find(x.asked, "stream_options.include_obfuscation") is not ABSENT
)


_PARTS = ("role", "content", "tool", "image", "audio", "context")
"""What messages hold, and what they fill, beside the names of parameters."""


@check("param.refusal-names", SHOULD, when=chat_request & (intent("parameters") | intent("optional") | plain_sense)
       & response("taken, or turned down as a client's mistake")(lambda x: x.ok or x.status in TURNED_DOWN),
       source=REQUEST, breaks="param-refusal-unnamed")  # fmt: skip
def refusals_name_the_parameter(x: Exchange) -> Problems:
    """A refusal of a valid request says which parameter, or what in the messages, it does not take.

    Clients drop the parameter that is named and try again; without a name they can only give up.
    """
    said = x.body.decode("utf-8", "replace")
    if 400 <= x.status < 500 and not any(name in said for name in (*_PARTS, *x.asked) if name != "model"):
        yield differs(
            "error.message", find(x.json, "error.message") if x.not_json is None else said, "the parameter's name"
        )


# ---------------------------------------------------------------------- sampling


@check("param.temperature-zero", MUST, together=carrying(at_zero), source=(PROPERTIES, parameter(393)),
       breaks="param-refuses-temperature-zero", covers="PARAM-008")  # fmt: skip
def takes_temperature_zero(x: Exchange) -> Problems:
    """A `temperature` of 0 is accepted.

    Every client that wants the same answer twice sends it: evaluations, extraction, code. A bound that excludes 0 stops them all.
    """
    yield from not_taken(x, "temperature 0 is accepted")


# The specification allows up to 2; servers of models that know 0 to 1 only refuse more, and say so. Hence no MUST.
@check("param.temperature-two", SHOULD, together=carrying(above_one), source=(PROPERTIES, parameter(393)),
       breaks="param-refuses-temperature-two", covers="PARAM-001")  # fmt: skip
def takes_temperature_two(x: Exchange) -> Problems:
    """A `temperature` of up to 2 is accepted.

    Settings above 1, common in writing tools, fail on the day the provider is changed.
    """
    yield from not_taken(x, "temperature 2 is accepted")


@check("param.top-p", SHOULD, together=accepts("top_p"), source=(PROPERTIES, parameter(431)), breaks="param-refuses-top-p",
       covers="PARAM-002")  # fmt: skip
def takes_top_p_one(x: Exchange) -> Problems:
    """A `top_p` of 1 is accepted.

    It is the default, and what clients send that write out every setting.
    """
    yield from not_taken(x, "top_p 1 is accepted")


@check("param.penalties", SHOULD, together=carrying(asked("presence_penalty") & asked("frequency_penalty")),
       source=(REQUEST, parameter(257), parameter(141)), breaks=("param-refuses-penalties", "param-refusal-unnamed"),
       covers="PARAM-003")  # fmt: skip
def takes_penalties(x: Exchange) -> Problems:
    """Penalties from -2 to 2 are accepted.

    Chat interfaces send both with every request, most often as 0.
    """
    yield from not_taken(x, "penalties from -2 to 2 are accepted")


@check("param.logit-bias", SHOULD, together=accepts("logit_bias"), source=(REQUEST, parameter(171)),
       breaks="param-refuses-logit-bias", covers="PARAM-006")  # fmt: skip
def takes_a_logit_bias(x: Exchange) -> Problems:
    """A `logit_bias` from -100 to 100 is accepted.

    Classifiers use it to allow their labels and nothing else.
    """
    yield from not_taken(x, "a logit_bias of 100 is accepted")


@check("param.seed", SHOULD, together=accepts("seed"), source=(REQUEST, parameter(339)),
       breaks="param-refuses-seed", covers="PARAM-007")  # fmt: skip
def takes_a_seed(x: Exchange) -> Problems:
    """A `seed` is accepted.

    Evaluations set it in every request.
    """
    yield from not_taken(x, "a seed is accepted")


# ---------------------------------------------------------------------- null


@check("param.nulls", MUST, together=carrying(all_null(NULLABLE)),
       source=(REQUEST, parameter(393)), breaks="param-refuses-nulls", covers="PARAM-005")  # fmt: skip
def takes_nulls(x: Exchange) -> Problems:
    """Parameters that the specification calls nullable may be null, as if they were not there.

    Wrappers write out every setting, null where the user chose none: a type check without null refuses all their requests.
    """
    yield from not_taken(x, "null is accepted for parameters that may be null")


# The specification does not call these nullable, and accounts of what OpenAI does with null tools differ. Hence MAY.
@check("param.unset", MAY, together=carrying(all_null(UNSET)),
       source="https://github.com/plmbr/notebook-intelligence/pull/115", breaks="param-refuses-null-tools",
       covers="PARAM-005")  # fmt: skip
def takes_null_tools(x: Exchange) -> Problems:
    """`tools`, `tool_choice`, `parallel_tool_calls` and `response_format` may be null where there are none.

    Clients of typed languages that write null for what is not set fail on every request without tools.
    """
    yield from not_taken(x, "null is accepted where there are no tools")


# ---------------------------------------------------------------------- without an effect on the text


@check("param.user", SHOULD, together=accepts("user"), source=(PROPERTIES, parameter(440)), breaks="param-refuses-user",
       covers="PARAM-009")  # fmt: skip
def takes_a_user(x: Exchange) -> Problems:
    """`user` is accepted.

    Applications send it with every request, to tell abuse apart.
    """
    yield from not_taken(x, "user is accepted")


@check("param.safety-identifier", SHOULD, together=accepts("safety_identifier"), source=(PROPERTIES, parameter(329)),
       breaks="param-refuses-safety-identifier", covers="PARAM-009")  # fmt: skip
def takes_a_safety_identifier(x: Exchange) -> Problems:
    """`safety_identifier`, which takes the place of `user`, is accepted."""
    yield from not_taken(x, "safety_identifier is accepted")


@check("param.prompt-cache-key", SHOULD, together=accepts("prompt_cache_key"), source=(PROPERTIES, parameter(264)),
       breaks="param-refuses-cache-key", covers="PARAM-009")  # fmt: skip
def takes_a_prompt_cache_key(x: Exchange) -> Problems:
    """`prompt_cache_key` is accepted.

    Agents send it to be routed to where their long prompt is cached; refused, not one of their requests works.
    """
    yield from not_taken(x, "prompt_cache_key is accepted")


@check("param.metadata", SHOULD, together=accepts("metadata"), source=(PROPERTIES, parameter(207)), breaks="param-refuses-metadata",
       covers="PARAM-009")  # fmt: skip
def takes_metadata(x: Exchange) -> Problems:
    """`metadata` is accepted.

    Tracing libraries add it to the requests of the application.
    """
    yield from not_taken(x, "metadata is accepted")


@check("param.store", SHOULD, together=accepts("store"), source=(REQUEST, parameter(380)), breaks="param-refuses-store",
       covers="CHAT-029")  # fmt: skip
def takes_store(x: Exchange) -> Problems:
    """`store` is accepted, whether or not anything is stored.

    Clients that always say `store: false` out of care for their users are turned away.
    """
    yield from not_taken(x, "store is accepted")


@check("param.service-tier", MAY, together=accepts("service_tier"), source=(oas("ServiceTier", 63059), parameter(348)),
       breaks="param-refuses-tier", covers="PARAM-012")  # fmt: skip
def takes_the_default_tier(x: Exchange) -> Problems:
    """A `service_tier` of "default" is accepted."""
    yield from not_taken(x, "service_tier default is accepted")


@check(
    "param.prediction",
    MAY,
    together=accepts("prediction"),
    source=(REQUEST, parameter(248)),
    breaks="param-refuses-prediction",
)
def takes_a_prediction(x: Exchange) -> Problems:
    """A `prediction` of the answer is accepted.

    Editors send it to be faster; without it they would be slower and not broken. Most models lack it.
    """
    yield from not_taken(x, "a prediction is accepted")


@check("param.obfuscation", SHOULD, together=carrying(unpadded), source=(STREAM_OPTIONS, parameter(390)),
       breaks="param-refuses-obfuscation", covers="STREAM-040")  # fmt: skip
def takes_include_obfuscation(x: Exchange) -> Problems:
    """`stream_options.include_obfuscation` is accepted.

    Who switches the padding off to save bandwidth gets no stream at all.
    """
    yield from not_taken(x, "include_obfuscation is accepted")
