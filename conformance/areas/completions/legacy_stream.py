"""COMP: a legacy completion as a stream: chunks of the same shape as the whole, one id, one end."""

from __future__ import annotations

from collections import defaultdict

from conformance.areas.citations import LEGACY_COMPLETION, LEGACY_REQUEST, PYTHON_EVENTS, SSE_CLIENT, STREAM_OPTIONS
from conformance.areas.completions.conditions import made, numbered, owed, parts, stream, texts, twins
from conformance.exchange import Exchange, Unreadable, find, is_a, need
from conformance.judge import MUST, SHOULD, Problems, check, differs
from conformance.judge.conditions import asked, asked_usage, headers_known, reports_error
from conformance.judge.objects import misfits
from conformance.judge.shared import disagree
from conformance.wire.jsontext import show

streamed = stream & ~reports_error


@check("completion.stream-type", MUST, when=streamed & headers_known, source=(LEGACY_REQUEST, SSE_CLIENT), covers="COMP-002",
       breaks="completions-stream-plain")  # fmt: skip
def a_stream_is_sent_as_one(x: Exchange) -> Problems:
    """With `stream` the answer is a stream of events, and its Content-Type says so.

    Both SDKs wait for events: of one JSON object they make nothing at all.
    """
    if x.media_type != "text/event-stream":
        yield differs("content-type", x.header("content-type") or "", "text/event-stream")


@check("completion.stream-object", SHOULD, when=streamed, source=LEGACY_COMPLETION,
       breaks=("completions-stream-chunk-object", "chunk-object-completion", "chunk-object-now-and-then", "chunk-choices-null",
               "chunk-without-choices"),
       covers="COMP-002")  # fmt: skip
def chunks_are_completions(x: Exchange) -> Problems:
    """`object` of each chunk is "text_completion", as of the whole, and each has its `choices`: this route has no chunk type."""
    yield from misfits(x, "text-completion-chunk", "object", "choices")


@check("completion.stream-id", MUST, when=streamed, source=LEGACY_COMPLETION, covers="COMP-002",
       breaks=("completions-stream-ids", "completions-stream-without-id", "chunk-without-id", "chunk-id-changes"))  # fmt: skip
def one_id_all_along(x: Exchange) -> Problems:
    """Every chunk has the same `id`, a non-empty string.

    Servers and tracing tell streams apart by it.
    """
    yield from misfits(x, "text-completion-chunk", "id")
    yield from _changes(x, "id")


@check("completion.stream-same", SHOULD, when=streamed, source=LEGACY_COMPLETION,
       breaks=("completions-stream-created", "chunk-created-changes", "chunk-model-changes"),
       covers="COMP-002")  # fmt: skip
def one_time_and_model(x: Exchange) -> Problems:
    """Every chunk has the same `created` and `model` (21 of 21 recorded streams of OpenAI)."""
    yield from _changes(x, "created")
    yield from _changes(x, "model")


def _changes(x: Exchange, name: str) -> Problems:
    before = x.chunks[0].get(name)
    for n, chunk in enumerate(x.chunks):
        if (value := chunk.get(name)) != before:
            yield differs(f"{name} of chunk {n}", value, f"{show(before)} as in the chunks before")
            return


@check(
    "completion.stream-text",
    MUST,
    when=streamed,
    source=LEGACY_COMPLETION,
    breaks="completions-stream-deltas",
    covers="COMP-002",
)
def every_part_has_a_text(x: Exchange) -> Problems:
    """Each choice of a chunk has a `text`, a string, empty at the end.

    A `delta` is what chat has: `chunk.choices[0].text` is None, and joining the texts raises TypeError.
    """
    yield from misfits(x, "text-part", "text")


@check("completion.stream-choices", MUST, when=streamed, source=(LEGACY_COMPLETION, LEGACY_REQUEST), covers=("COMP-002", "COMP-005"),
       breaks=("completions-stream-index-zero", "chat-stream-one-choice"))  # fmt: skip
def all_choices_are_streamed(x: Exchange) -> Problems:
    """A stream has `n` choices for each prompt, told apart by `index`.

    With one index for all, texts are woven into each other.
    """
    found = sorted({need(choice, "index", int) for _, choice in parts(x)})
    if found != list(range(owed(x))):
        yield differs("the indexes of choices", found, f"0 to {owed(x) - 1}" if owed(x) > 1 else "[0]")


@check("completion.stream-finish", MUST, when=streamed, source=LEGACY_COMPLETION, covers="COMP-002",
       breaks=("completions-stream-no-finish", "completions-stream-text-after", "finish-blank"))  # fmt: skip
def every_choice_ends(x: Exchange) -> Problems:
    """Every choice gets a `finish_reason`, stop, length or content_filter, and no text after it.

    Clients stop listening there. OpenAI has sent it twice, the second time with an empty text (2 of 21 recorded streams).
    """
    ended: dict[int, str] = {}
    for path, choice in parts(x):
        index, reason = need(choice, "index", int), choice.get("finish_reason")
        if index in ended and choice.get("text"):
            yield differs(f"the text of {path} after finish_reason", choice["text"], "none")
        if reason is not None:
            ended[index] = reason
            if reason not in ("stop", "length", "content_filter"):
                yield differs(f"{path}.finish_reason", reason, "stop, length or content_filter")
    for index in sorted({need(choice, "index", int) for _, choice in parts(x)} - ended.keys()):
        yield f"finish_reason of choice {index} is null in every chunk, expected a reason in the last"


@check("completion.stream-done", MUST, when=streamed, source=(LEGACY_REQUEST, PYTHON_EVENTS),
       breaks=("completions-stream-no-done", "stream-two-spaces", "stream-without-done"),
       covers="COMP-003")  # fmt: skip
def done_ends_it(x: Exchange) -> Problems:
    """The stream ends with `data: [DONE]`.

    Both SDKs stop reading there; others wait for it until their timeout.
    """
    if x.done_at is None:
        yield differs("the last event", (x.events[-1].data or "")[:60], "[DONE]")


@check("completion.stream-usage", MUST, when=streamed & asked_usage, source=STREAM_OPTIONS,
       breaks=("completions-stream-usage-ignored", "completions-stream-usage-beside", "completions-stream-usage-without-total",
               "chunk-choices-null"), covers="COMP-009")  # fmt: skip
def usage_comes_last(x: Exchange) -> Problems:
    """With `include_usage` the last chunk has the usage and no choices.

    Token meters stay at zero; clients that know the chunk by its empty `choices` never find it.
    """
    usage, choices = x.chunks[-1].get("usage"), find(x.chunks[-1], "choices")
    if not isinstance(usage, dict):
        yield differs("usage of the last chunk", usage, "an object")
    else:
        for name in ("prompt_tokens", "total_tokens"):
            if not is_a(usage.get(name), int):
                yield differs(f"usage.{name} of the last chunk", usage.get(name), "an integer")
        if choices != []:
            yield differs("choices of the chunk that carries the usage", choices, "[]")


@check("completion.stream-usage-unasked", SHOULD, when=streamed & ~asked_usage, source=LEGACY_COMPLETION,
       breaks="completions-stream-usage-unasked", covers="COMP-009")  # fmt: skip
def no_usage_unasked(x: Exchange) -> Problems:
    """Without `include_usage` no chunk carries a usage.

    Clients that did not ask count the tokens themselves, and then twice.
    """
    found = [n for n, chunk in enumerate(x.chunks) if chunk.get("usage") is not None]
    if found:
        yield differs(f"usage of chunk {found[0]}", x.chunks[found[0]]["usage"], "none without include_usage")


@check("completion.stream-same-text", SHOULD, together=twins, when=made, source=LEGACY_COMPLETION,
       breaks=("completions-stream-trimmed", "completions-stream-cumulative", "completions-stream-loses-text"),
       covers="COMP-002")  # fmt: skip
def streamed_as_plain(plain: Exchange, streamed: Exchange) -> Problems:
    """At temperature 0 the text is the same streamed and plain, white space included.

    Where pieces are lost, sent twice or trimmed, only the comparison shows it.
    """
    before, after = texts(plain), texts(streamed)
    for index in sorted(before.keys() & after.keys()):
        if before[index] != after[index] and before[index].split():
            yield disagree(f"the text of choice {index}", before[index], after[index])


@check("completion.stream-logprobs", SHOULD, when=streamed & numbered & ~asked("echo"), source=LEGACY_COMPLETION,
       breaks=("completions-stream-logprobs-lost", "completions-stream-logprobs-trimmed",
               "logprobs-null-streamed", "logprobs-null-alone", "logprobs-late"),
               covers="COMP-011")  # fmt: skip
def logprobs_are_streamed(x: Exchange) -> Problems:
    """With `logprobs` the chunks have those of their tokens, which joined are the text.

    Confidence shown beside a text as it grows is that of other words, or none.
    """
    told: dict[int, str] = defaultdict(str)
    for path, choice in parts(x):
        found = find(choice, "logprobs.tokens")
        tokens = found if isinstance(found, list) else []
        if not tokens and choice.get("text"):
            yield differs(f"{path}.logprobs", choice.get("logprobs"), "an object with tokens")
            return
        told[need(choice, "index", int)] += "".join(token for token in tokens if isinstance(token, str))
    for index, text in texts(x).items():
        if "bytes:" in told[index] or "\ufffd" in told[index]:
            raise Unreadable("a token is a part of a character, expected whole ones to compare")
        if not told[index].startswith(text):
            yield differs(f"the tokens of choice {index}", told[index], f"those of {text!r:.80}")
