"""Known deviations: what an endpoint is known to do differently, with a reason, so that only what is new is red.

A TOML file of entries. Each names one check, and may narrow it to one exchange, or to the exchanges that ask for a feature.
Listed and failing is expected; listed and passing is stale and red, and so is an entry that has expired. It must not judge:
it only says which of the verdicts were expected.

    [[deviation]]
    check = "stream.done"
    reason = "the gateway drops the last event"
    exchange = "tools.auto+stream"          # optional: there alone, or a list of them; or feature = "tools"
    link = "https://example.org/issues/1"   # optional
    expires = 2027-01-31                    # optional
    sometimes = true                        # optional: it hangs on chance, so that it may pass, too
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache

from conformance.areas.catalogue import catalogue, features, probes
from conformance.judge.verdicts import Check, Verdict
from conformance.run.toml_lines import Entry, Span, entries
from conformance.run.user_error import UserError, nearest, typed
from conformance.run.words import several
from conformance.send.requests import requests

UNEXPLAINED = "to be filled in"
"""How the reason begins that `--write-known` puts into an entry; a run says which entries still have it."""
_TEXTS = ("check", "reason", "link", "feature")
_KEYS = (*_TEXTS, "exchange", "expires", "sometimes")


@dataclass(frozen=True)
class Deviation:
    """One entry and where it stands. It holds for all exchanges, for those that it names, or for those that ask for a feature."""

    check: str
    reason: str
    link: str | None
    expires: datetime.date | None
    feature: str | None
    exchanges: tuple[str, ...]
    sometimes: bool
    file: str
    lines: Span

    @property
    def said(self) -> str:
        return f"{self.reason} ({self.link})" if self.link else self.reason

    @property
    def place(self) -> str:
        """Where it holds, in words that end a sentence; "" for everywhere."""
        if self.exchanges:
            return f" on {several(self.exchanges, 3)}"
        return f" where {self.feature} is asked for" if self.feature else ""

    def covers(self, ids: str, asking: Mapping[str, Collection[str]]) -> bool:
        """Whether it holds for an exchange, or for several that were judged together (`a + b`)."""
        if self.exchanges:
            return not {*self.exchanges}.isdisjoint(ids.split(" + "))
        return self.feature is None or any(id in asking.get(self.feature, ()) for id in ids.split(" + "))


@dataclass(frozen=True)
class Complaint:
    """What is wrong with an entry in the light of a run; red whatever the verdict on the endpoint. It stands in these lines of its
    file. `stale`: what it lists is gone; else it has expired."""

    check: str
    message: str
    file: str = ""
    first: int = 0
    last: int = 0
    stale: bool = False

    @classmethod
    def about(cls, entry: Deviation, message: str, *, stale: bool = False) -> Complaint:
        return cls(entry.check, message, entry.file, *entry.lines, stale)

    @property
    def record(self) -> dict[str, str]:
        """What the footer of a run file says of it."""
        return {"check": self.check, "message": self.message}


def load(path: str, ids: Iterable[str] | None = None) -> list[Deviation]:
    """The entries of a file. `ids` are the checks that exist, those of the catalogue unless given. Raises UserError with file
    and line."""
    known = set(catalogue() if ids is None else ids)
    found: list[Deviation] = []
    for entry in entries(path, "deviation", f"--known {path}"):
        deviation = _deviation(entry, path)
        _must_exist(deviation.check, known, "check", entry, path)
        if deviation.feature:
            _must_exist(deviation.feature, features(), "feature", entry, path)
        for exchange in deviation.exchanges:
            asked, _, _ = exchange.partition("~")  # what was set aside for a further request has its name, and more
            if not _made_at_run_time(exchange):
                _must_exist(asked, _exchanges(), "exchange", entry, path)
        for other in found:
            if other.check == deviation.check and _overlap(other, deviation):
                raise UserError(f"{_where(entry, path)}: {deviation.check} is listed already at {other.lines}")
        found.append(deviation)
    return found


def _overlap(one: Deviation, other: Deviation) -> bool:
    """Both say where they hold, and never the same."""
    if not one.place or not other.place:
        return True
    return not {*one.exchanges}.isdisjoint(other.exchanges) or (
        one.feature is not None and one.feature == other.feature
    )


def _where(entry: Entry, path: str, key: str | None = None) -> str:
    return f"--known {path}, line {entry.line_of(key) if key else entry.span.first}"


def _must_exist(name: str, known: Collection[str], what: str, entry: Entry, path: str) -> None:
    if name not in known:
        hint = nearest(name, known) or f": delete {entry.span}"
        raise UserError(f"{_where(entry, path, what)}: there is no {what} {typed(name, 80)}{hint}")


def _made_at_run_time(exchange: str) -> bool:
    """Exchanges of recordings (FILE#ENTRY), of a burst, a load, a cold start and a gateway have ids that no probe says beforehand."""
    return "#" in exchange or exchange.partition(".")[0] in ("burst", "limited-key", "load", "cold", "gateway")


@cache
def _exchanges() -> frozenset[str]:
    return frozenset(request.id for probe in probes() for request in requests(probe, ""))


def _deviation(entry: Entry, path: str) -> Deviation:
    values = entry.values
    for key in values:
        if key not in _KEYS:
            raise UserError(f"{_where(entry, path, key)}: {typed(key, 60)} has no meaning here{nearest(key, _KEYS)}")
    for key in _TEXTS:
        value = values.get(key)
        if value is None and key not in ("check", "reason"):
            continue
        if not isinstance(value, str) or not value.strip():
            raise UserError(f"{_where(entry, path, key)}: {key} is missing or no text")
    if "feature" in values and "exchange" in values:
        raise UserError(f"{_where(entry, path, 'exchange')}: feature and exchange together, expected one of them")
    exchanges = values.get("exchange", ())
    exchanges = (exchanges,) if isinstance(exchanges, str) else exchanges
    if ("exchange" in values and not exchanges) or not all(
        isinstance(each, str) and each.strip() for each in exchanges
    ):
        raise UserError(f"{_where(entry, path, 'exchange')}: exchange is missing or no text, nor a list of texts")
    expires = values.get("expires")
    if isinstance(expires, datetime.datetime):
        expires = expires.date()
    if expires is not None and not isinstance(expires, datetime.date):
        raise UserError(
            f"{_where(entry, path, 'expires')}: expires is no date, expected one such as 2027-01-31 without quotes"
        )
    sometimes = values.get("sometimes", False)
    if not isinstance(sometimes, bool):
        raise UserError(f"{_where(entry, path, 'sometimes')}: sometimes is neither true nor false")
    texts = {key: values.get(key) for key in ("check", "link", "feature")}
    return Deviation(
        **texts,
        reason=values["reason"].strip(),
        exchanges=tuple(exchanges),
        expires=expires,
        sometimes=sometimes,
        file=path,
        lines=entry.span,
    )


def unexplained(deviations: Sequence[Deviation]) -> list[str]:
    """A line about the entries whose reason nobody has given yet; none where there are none."""
    lacking = [each for each in deviations if each.reason.startswith(UNEXPLAINED)]
    if not lacking:
        return []
    more = f" and {len(lacking) - 1} more" if len(lacking) > 1 else ""
    return [f"known deviations without a reason: {lacking[0].check} ({lacking[0].file}, {lacking[0].lines}){more}"]


# ---------------------------------------------------------------------- in the light of a run


def apply(
    deviations: Sequence[Deviation],
    verdicts: Sequence[Verdict],
    today: datetime.date,
    asking: Mapping[str, Collection[str]] | None = None,
    asked: Callable[[Check], bool] = lambda check: True,
) -> tuple[list[Verdict], list[Complaint]]:
    """The verdicts, those that were expected marked as known, and what is wrong with the entries.

    `asking` are the ids of the exchanges that asked for each feature that an entry names; `asked` says whether all was asked that a check
    is about, else a pass shows an entry to be stale only where each exchange that it names was judged. Not exercised is kept: it shows
    neither that the deviation is there nor that it is gone. Broken is never expected.
    """
    asking = asking or {}
    marked, complaints = [], []
    for verdict in verdicts:
        holding = []
        for entry in (each for each in deviations if each.check == verdict.check.id):
            if entry.expires is not None and entry.expires < today:
                ended = f"{entry.lines}, expired on {entry.expires}: {entry.said}"
                message = f"the entry in {entry.file}, {ended}; delete {entry.lines}, or give a later date"
                complaints.append(Complaint.about(entry, message))
            elif _stale(entry, verdict, asking, asked):
                message = (
                    f"passes{entry.place} although {entry.file} lists it as a known deviation: delete {entry.lines}"
                )
                complaints.append(Complaint.about(entry, message, stale=True))
            else:
                holding.append(entry)
        if holding and _expected(holding, verdict, asking):
            verdict = replace(verdict, known="; ".join(dict.fromkeys(entry.said for entry in holding)))
        marked.append(verdict)
    return marked, complaints


def _stale(
    entry: Deviation, verdict: Verdict, asking: Mapping[str, Collection[str]], asked: Callable[[Check], bool]
) -> bool:
    """It passes where the entry holds. Of large recordings not every exchange is named: what is not named shows nothing."""
    if entry.sometimes:
        return False
    if verdict.outcome not in ("pass", "fail"):
        return False
    named = {id for joined in verdict.exchanges for id in joined.split(" + ")}
    if not (entry.exchanges and named.issuperset(entry.exchanges)) and not asked(verdict.check):
        return False
    if not entry.place:
        return verdict.outcome == "pass"
    judged = any(entry.covers(id, asking) for id in verdict.exchanges)
    fails = any(entry.covers(ids, asking) for named, _ in verdict.problems for ids in named)
    return judged and not fails and not more_than_named(verdict)


def _expected(entries: Sequence[Deviation], verdict: Verdict, asking: Mapping[str, Collection[str]]) -> bool:
    """All that is wrong is wrong where these entries hold."""
    if verdict.outcome not in ("fail", "untestable"):
        return False
    if any(not entry.place for entry in entries):
        return True
    wrong = [ids for named, _ in verdict.problems for ids in named] or verdict.exchanges
    covered = all(any(entry.covers(ids, asking) for entry in entries) for ids in wrong)
    return covered and not more_than_named(verdict)


def more_than_named(verdict: Verdict) -> bool:
    """It failed in more exchanges than it names."""
    named = [len(ids) for ids, _ in verdict.problems]
    return bool(verdict.left_out) or any(count > n for n, count in zip(named, verdict.counts, strict=False))
