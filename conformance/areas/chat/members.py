"""CHAT: a plain chat completion as a whole: its id, time, model, tier and choices."""

from __future__ import annotations

from collections.abc import Iterator

from conformance.areas.citations import COMPLETION, MODEL_COMPLETION, PARSES_CHOICES, REQUEST, SERVICE_TIER
from conformance.exchange import ABSENT, Exchange, Unreadable, find, is_a, need
from conformance.judge import MAY, MUST, SHOULD, Problems, check, differs, mistyped
from conformance.judge.condition import request
from conformance.judge.conditions import asked, chat, choices_asked, completion
from conformance.judge.mistakes import no_model
from conformance.judge.objects import misfits
from conformance.judge.relations import plain_completions
from conformance.judge.shared import places
from conformance.wire.jsontext import show

MILLISECONDS = 10**11
"""A Unix time from here on is no count of seconds (the year 5138) but of milliseconds (since 1973)."""
CLOCK_SLACK = 600.0
"""Seconds that a server's clock may be off: a choice, twice the five minutes that Kerberos allows (RFC 4120)."""

dated = request("whose time is known")(lambda x: x.started is not None)
several = request("that asks for several choices")(lambda x: choices_asked(x) > 1)
untouched = request("that leaves logprobs alone")(lambda x: not x.asked.get("logprobs"))


def tops(x: Exchange) -> Iterator[dict]:
    """The plain answer, or every chunk of a stream."""
    yield from x.chunks if x.streaming else (x.answer,)


@check("chat.body", MUST, when=chat, source=COMPLETION, breaks="chat-body-list", covers="CHAT-001")
def is_an_object(x: Exchange) -> Problems:
    """A completion is a JSON object.

    A list of one completion, as some gateways send, has no `choices` for any client.
    """
    yield from misfits(x, "completion")


@check("chat.id", MUST, when=chat, source=COMPLETION, breaks="chat-without-id", covers=("CHAT-001", "CHAT-003"))
def has_an_id(x: Exchange) -> Problems:
    """A completion has an `id`, a non-empty string.

    Both SDKs hand on None or undefined; tracing and retrieval by id break.
    """
    yield from misfits(x, "completion", "id")


# All 969 recorded plain answers of OpenAI and all 369 streams have it, search models with a UUID behind it.
@check("chat.id-form", MAY, when=completion, source=COMPLETION, breaks="chat-id-vendor", covers="CHAT-003")
def id_has_the_prefix(x: Exchange) -> Problems:
    """The `id` of a completion begins with "chatcmpl-".

    It is opaque to both SDKs; logs that mix routes tell completions from other objects by the prefix.
    """
    seen = next((id for top in tops(x) if (id := need(top, "id", str)) and not id.startswith("chatcmpl-")), None)
    if seen is not None:
        yield differs("id", seen, '"chatcmpl-" and more')


# Recordings without dates are left out: recorders replace ids and people copy recordings (94 such ids in public ones).
@check("chat.id-unique", MUST, together=plain_completions, when=dated, source=COMPLETION,
       breaks="chat-id-constant", covers="CHAT-003")  # fmt: skip
def ids_differ(*completions: Exchange) -> Problems:
    """Each completion has an `id` of its own.

    Logs and stores keyed by it overwrite each other. The same bytes again, as from a cache, are the same completion.
    """
    seen: dict[str, Exchange] = {}
    for x in completions:
        id = find(x.answer, "id")
        first = seen.setdefault(id, x) if isinstance(id, str) else x
        if first.body != x.body:
            yield differs(f"the id of {x.id}", id, f"one that {first.id} does not have")
    if not seen:
        raise Unreadable("id is absent from every completion, expected a string")


@check("chat.object", MUST, when=chat, source=COMPLETION, breaks="chat-object-text", covers=("CHAT-001", "CHAT-002"))
def object_is_chat_completion(x: Exchange) -> Problems:
    """`object` is "chat.completion".

    Clients that dispatch on it drop the answer.
    """
    yield from misfits(x, "completion", "object")


@check("chat.created", MUST, when=chat, source=(COMPLETION, MODEL_COMPLETION),
       breaks=("chat-created-float", "chat-created-text"), covers=("CHAT-001", "CHAT-004"))  # fmt: skip
def created_is_an_integer(x: Exchange) -> Problems:
    """`created` is an integer.

    The Python and Node SDKs hand on 1700000000.5 or "1700000000" as they are; clients of typed languages fail to parse it.
    """
    yield from mistyped(x.answer, "created", int)


@check(
    "chat.created-seconds", MUST, when=chat, source=COMPLETION, breaks="chat-created-milliseconds", covers="CHAT-004"
)
def created_is_in_seconds(x: Exchange) -> Problems:
    """`created` counts seconds, not milliseconds.

    Dates of the year 55000 in logs; sorting by time across providers breaks.
    """
    created = need(x.answer, "created", float)
    if not 0 <= created < MILLISECONDS:
        yield differs("created", created, "seconds since 1970")


@check(
    "chat.created-now", SHOULD, when=completion & dated, source=COMPLETION, covers="CHAT-004",
    breaks=("chat-created-long-ago", "chunk-created-long-ago"),
)  # fmt: skip
def created_is_now(x: Exchange) -> Problems:
    """`created` is the time of the answer.

    A constant or the start of the server makes logs and retention rules wrong. A wrong clock breaks no client: no MUST.
    """
    created = need(x.chunks[0] if x.streaming else x.answer, "created", float)
    took = x.arrivals[-1][0] if x.arrivals else 0.0
    if 0 <= created < MILLISECONDS and not -CLOCK_SLACK <= created - x.started <= took + CLOCK_SLACK:
        yield differs("created", created, f"about {x.started:.0f}, the time of the request")


@check(
    "chat.model",
    MUST,
    when=chat & ~no_model,
    source=COMPLETION,
    breaks="chat-without-model",
    covers=("CHAT-001", "CHAT-005"),
)
def names_the_model(x: Exchange) -> Problems:
    """`model` is a non-empty string.

    Cost tables and traces that look the model up find nothing.
    """
    yield from misfits(x, "completion", "model")


@check(
    "chat.model-asked", MAY, when=chat & asked("model"), source=COMPLETION,
    breaks=("chat-model-other", "unknown-model-served"), covers="CHAT-005",
)  # fmt: skip
def model_is_the_one_asked_for(x: Exchange) -> Problems:
    """`model` is the model asked for or a version of it: it begins with that name, an organisation before it apart.

    Price tables and allow-lists go by it. Aliases and deployments are legitimate, so this is a hint and no rule: OpenAI
    itself answered one retired preview model under another name.
    """
    wanted, served = (str(name).rpartition("/")[2].lower() for name in (x.asked["model"], need(x.answer, "model", str)))
    if not served.startswith(wanted):
        yield differs("model", need(x.answer, "model", str), f"{show(x.asked['model'])} or a version of it")


@check("chat.choices", MUST, when=chat, source=(COMPLETION, PARSES_CHOICES),
       breaks=("chat-without-choices", "chat-choices-empty"), covers=("CHAT-001", "CHAT-006"))  # fmt: skip
def has_choices(x: Exchange) -> Problems:
    """`choices` is an array of at least one choice.

    Absent, both SDKs return an object whose choices is None or undefined; empty, choices[0] raises in the caller.
    """
    yield from misfits(x, "completion", "choices")


@check("chat.one-choice", MUST, when=chat & ~several, source=(COMPLETION, REQUEST), breaks="chat-choice-doubled",
       covers="CHAT-006")  # fmt: skip
def one_choice_unless_asked(x: Exchange) -> Problems:
    """There is exactly one choice where `n` is not set.

    The others are paid for and never read.
    """
    count = len(places(x))
    if count > 1:
        yield differs("the number of choices", count, "1")


@check("chat.n", MUST, when=chat & several, source=REQUEST, breaks="chat-n-ignored", covers="CHAT-007")
def as_many_choices_as_asked(x: Exchange) -> Problems:
    """There are as many choices as `n` asks for.

    A server that ignores `n` answers with one; samplers and votes over several work on one without noticing.
    """
    count = len(places(x))
    if count != choices_asked(x):
        yield differs("the number of choices", count, str(choices_asked(x)))


@check("chat.choice", MUST, when=chat, source=COMPLETION, breaks="chat-choice-text", covers="CHAT-008")
def choices_are_objects(x: Exchange) -> Problems:
    """Each choice is an object.

    choices[0].message raises.
    """
    yield from misfits(x, "choice")


@check("chat.index", MUST, when=chat, source=COMPLETION, breaks=("chat-without-index", "chat-index-text"),
       covers=("CHAT-008", "CHAT-009"))  # fmt: skip
def index_is_an_integer(x: Exchange) -> Problems:
    """`index` of each choice is an integer.

    Absent, the SDKs hand on None or undefined, and strict clients fail.
    """
    for path in places(x):
        yield from mistyped(x.answer, f"{path}.index", int)


@check("chat.indexes", MUST, when=chat, source=COMPLETION, breaks=("chat-indexes-zero", "chat-indexes-from-one"),
       covers="CHAT-007")  # fmt: skip
def indexes_count_from_zero(x: Exchange) -> Problems:
    """The choices have the indexes 0, 1, 2 and so on, each once.

    Clients that sort or address by index mix the choices up or lose one.
    """
    indexes = sorted(choice.index for choice in x.choices)
    if indexes != list(range(len(indexes))):
        yield differs("the indexes of the choices", indexes, show(list(range(len(indexes)))))


# That the key is there is not asked for: the specification requires it, OpenAI's reasoning, audio and search models omit it.
@check("chat.logprobs-unasked", SHOULD, when=chat & untouched, source=COMPLETION, breaks="chat-logprobs-unasked",
       covers=("CHAT-008", "LOGP-008"))  # fmt: skip
def logprobs_only_when_asked(x: Exchange) -> Problems:
    """`logprobs` is null or absent where it was not asked for.

    Answers grow many times over, and clients that test it for presence read what nobody wanted.
    """
    for path in places(x):
        logprobs = find(x.answer, f"{path}.logprobs")
        if logprobs is not None and logprobs is not ABSENT:
            yield differs(f"{path}.logprobs", logprobs, "null")


@check(
    "chat.system-fingerprint",
    MAY,
    when=completion,
    source=COMPLETION,
    breaks="chat-fingerprint-number",
    covers="CHAT-017",
)
def fingerprint_is_text(x: Exchange) -> Problems:
    """`system_fingerprint`, where present, is a string or null.

    The specification knows only the string, and calls it deprecated; OpenAI sends null for 383 of 969 recorded answers.
    """
    seen = next((seen for top in tops(x) if not isinstance(seen := top.get("system_fingerprint"), str | None)), None)
    if seen is not None:
        yield differs("system_fingerprint", seen, "a string or null")


TIERS = ("auto", "default", "flex", "scale", "priority", "fast")


@check("chat.service-tier", SHOULD, when=completion, source=SERVICE_TIER, breaks="chat-tier-vendor", covers="CHAT-018")
def tier_is_known(x: Exchange) -> Problems:
    """`service_tier`, where present, is auto, default, flex, scale, priority, fast or null.

    Strictly generated clients fail on a vendor's own value; the Python and Node SDKs hand it on.
    """
    seen = next((seen for top in tops(x) if (seen := top.get("service_tier")) not in (*TIERS, None)), None)
    if seen is not None:
        yield differs("service_tier", seen, " or ".join((*TIERS, "null")))


@check("chat.tier-used", SHOULD, when=completion & asked("service_tier"), source=SERVICE_TIER,
       breaks=("chat-tier-unsaid", "chat-tier-echoed"), covers="CHAT-019")  # fmt: skip
def tier_used_is_said(x: Exchange) -> Problems:
    """Asked for a `service_tier`, the answer says which one was used.

    Without it nobody can tell which price applies. "auto" is a wish, and was never what OpenAI answered.
    """
    seen = [None if (tier := find(top, "service_tier")) is ABSENT else tier for top in tops(x)]
    used = [tier for tier in seen if is_a(tier, str) and tier != "auto"]
    if not used:
        yield differs("service_tier", seen[0], "the tier that was used")
