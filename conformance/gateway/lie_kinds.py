"""Which lies of the upstream a gateway is tried with: a handful a kind of those that public bugs are made of, or others by name."""

from __future__ import annotations

from conformance.areas.catalogue import catalogue, lies
from conformance.gateway.broken_bodies import BROKEN
from conformance.reference.lies import Lie
from conformance.run.user_error import UserError

SOME, ALL, OTHER = "some", "all", "other"
KINDS: dict[str, tuple[str, ...]] = {
    "answers": (
        "chat-without-id", "chat-created-float", "chat-without-choices", "chat-choices-empty", "chat-without-message",
        "chat-without-role", "chat-content-parts", "finish-absent", "finish-eos", "finish-stop-for-calls", "logprobs-text-number",
    ),
    "bodies": (
        *BROKEN, "json-called-text",
    ),
    "usage": (
        "usage-absent", "usage-null", "usage-strings", "usage-counts-null", "usage-total-differs", "stream-usage-ignored",
        "stream-usage-everywhere", "stream-usage-with-finish", "chunk-choices-null",
    ),
    "tools": (
        "tool-calls-empty", "tool-call-without-id", "tool-call-without-type", "tool-call-flat", "tool-arguments-an-object",
        "tool-arguments-half", "tool-delta-without-index", "tool-delta-one-index", "tool-head-without-id", "tool-head-without-name",
        "tool-delta-id-again", "tool-delta-name-again", "tool-delta-null-type", "tool-delta-after-finish",
    ),
    "streams": (
        "stream-content-type-json", "stream-ignored", "stream-single-newlines", "stream-no-space", "stream-crlf", "stream-data-not-json",
        "stream-empty-data", "stream-ping-event", "stream-ping-as-data", "stream-bare-line", "stream-named-events", "stream-empty",
        "stream-one-chunk", "stream-cumulative",
    ),
    "chunks": (
        "chunk-without-id", "chunk-without-choices", "chunk-first-empty", "chunk-object-completion", "delta-missing",
        "delta-without-index", "delta-content-list", "stream-without-role", "stream-role-repeated",
    ),
    "ends": (
        "stream-without-done", "stream-done-twice", "stream-done-lower-case", "stream-hangs", "stream-without-finish",
        "stream-finish-twice", "stream-text-after-finish",
    ),
    "errors": (
        "error-empty", "error-html", "error-plain-text", "error-array", "error-as-detail", "error-as-string", "error-at-top-level",
        "error-without-message", "error-code-number", "error-hangs", "bad-json-500", "overload-500", "limit-with-403",
        "retry-after-absent", "retry-after-duration",
    ),
    "errors in streams": (
        "stream-refusal-in-200", "stream-error-text", "stream-error-without-message", "stream-error-flat",
        "stream-error-in-chunk", "stream-goes-on-after-error",
    ),
}  # fmt: skip
"""By kind. Each name stands once."""


def wanted(text: str) -> list[tuple[str, Lie]]:
    """(kind, lie) of what --lies names: "some", "all", a number of them (one of each kind first), or names. Raises UserError."""
    words = [word.strip() for word in text.split(",") if word.strip()]
    kind_of = {name: kind for kind, names in KINDS.items() for name in names}
    if words in ([SOME], []):
        names = list(kind_of)
    elif words == [ALL]:
        named = {name for check in catalogue().values() for name in check.breaks}
        names = [*kind_of, *(n for n, lie in lies().items() if n in named and n not in kind_of and not lie.socket)]
    elif len(words) == 1 and words[0].isdigit() and int(words[0]):
        names = _in_turn(int(words[0]))
    else:
        names = list(dict.fromkeys(words))
        if unknown := [name for name in names if name not in lies() and name not in BROKEN]:
            raise UserError(
                f"--lies names {unknown[0]!r}, which is no lie of the reference (`reference --list-lies` names them)"
            )
    return [(kind_of.get(name, OTHER), BROKEN[name][0] if name in BROKEN else lies()[name]) for name in names]


def _in_turn(count: int) -> list[str]:
    """So many: the first of each kind, then the second of each, in the order of the kinds."""
    longest = max(map(len, KINDS.values()))
    turns = [(n, kind, names[n]) for n in range(longest) for kind, names in KINDS.items() if n < len(names)]
    taken = {name for _, _, name in turns[:count]}
    return [name for names in KINDS.values() for name in names if name in taken]
