"""What judged traffic says of production, as a sum: by day and by model, what was judged and failed, how answers ended, tokens, times.

Counts of parts, added in any order, are those of the whole, also where there are more days or models than are told apart: which ones
are hangs on their names alone. It must not judge; the judge says what it did.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterable, Iterator, Sequence
from email.utils import parsedate_to_datetime
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import urlsplit

from conformance.exchange import Exchange, NotRecorded, Unreadable
from conformance.judge.tally import Place
from conformance.record.entries import NOWHERE
from conformance.record.run_lines import Record
from conformance.run.traffic_count import LONGEST_NAME, NEVER, Count, count_of

DAYS, MODELS = 62, 100
"""Days and models that are told apart: the latest days, the first models by name. All others are together."""
EARLIER = -1
"""Stands for all days before."""
DAY, LAST = 86400, 253_402_300_800
"""Seconds of a day, and the year 10000 as a Unix time."""
_KEY = object()
"""The place in an exchange's memo for the day and model that it is counted under."""


class Model(NamedTuple):
    """A model as it was asked for, "" where nothing says it, and the host that was asked."""

    name: str
    host: str


OTHERS = Model("\uffff", "\uffff")
"""Stands for all models that are not told apart; no name is cut to it."""
Key = tuple[int | None, Model]
"""The day in days since 1970, None where nothing says it; and the model."""


class Traffic:
    """Takes exchanges one by one, and what the judge made of each; `add` takes what was counted elsewhere."""

    def __init__(self) -> None:
        self.counts: dict[Key, Count] = {}
        self._days: set[int] = set()
        self._models: set[Model] = set()

    def take(self, x: Exchange) -> None:
        """An exchange, before it was judged."""
        self._of(x).take(x)

    def judged(self, x: Exchange, ran: Sequence[str], wrong: Sequence[str], at: Place) -> None:
        """Which checks were judged on an exchange, and which found something wrong; of several that belong together it is the last."""
        count = self._of(x)
        count.ran(ran)
        if wrong:
            time = moment(x)
            count.fail(wrong, (NEVER if time is None else time, at[:2], x.id))

    def add(self, other: Traffic) -> None:
        """Add what was counted of other exchanges."""
        for key, count in other.counts.items():
            self._at(key).add(count)

    def records(self) -> Iterator[Record]:
        """The lines of a run file that say all of it; none where neither a day nor a model is known."""
        if all(day is None and not model.name for day, model in self.counts):
            return
        for (day, model), count in sorted(self.counts.items(), key=lambda item: _ordered(item[0])):
            others = model == OTHERS
            yield {
                "type": "traffic",
                "day": None if day in (None, EARLIER) else str(datetime.date.fromordinal(_EPOCH + day)),
                "model": None if others or not model.name else model.name,
                "host": None if others or not model.host else model.host,
                **({"earlier": True} if day == EARLIER else {}),
                **({"others": True} if others else {}),
                **count.record(),
            }

    # ------------------------------------------------------------------ where an exchange is counted

    def _of(self, x: Exchange) -> Count:
        key = x.memo.get(_KEY)
        if key is None:
            time = moment(x)
            key = x.memo[_KEY] = None if time is None else int(time // DAY), Model(model_of(x), host_of(x.url))
        return self.counts.get(key) or self._at(key)

    def _at(self, key: Key) -> Count:
        """The count of a day and a model, or of those that are not told apart."""
        day, model = self._told_day(key[0]), self._told_model(key[1])
        return self.counts.setdefault((day, model), Count())

    def _told_day(self, day: int | None) -> int | None:
        if day is None or day in self._days or day == EARLIER:
            return day
        self._days.add(day)
        if len(self._days) > DAYS:
            gone = min(self._days)
            self._days.remove(gone)
            self._fold([key for key in self.counts if key[0] == gone], lambda key: (EARLIER, key[1]))
            return EARLIER if day == gone else day
        return day

    def _told_model(self, model: Model) -> Model:
        if model in self._models or model == OTHERS:
            return model
        self._models.add(model)
        if len(self._models) > MODELS:
            gone = max(self._models)
            self._models.remove(gone)
            self._fold([key for key in self.counts if key[1] == gone], lambda key: (key[0], OTHERS))
            return OTHERS if model == gone else model
        return model

    def _fold(self, keys: Iterable[Key], into: Callable[[Key], Key]) -> None:
        for key in keys:
            count = self.counts.pop(key)
            self.counts.setdefault(into(key), Count()).add(count)


def traffic_of(records: Iterable[Record]) -> Traffic:
    """What lines of run files say, of one or of several, added up."""
    found = Traffic()
    for record in records:
        day = EARLIER if record.get("earlier") else _number(record["day"])
        model = OTHERS if record.get("others") else Model(record["model"] or "", record["host"] or "")
        found._at((day, model)).add(count_of(record))
    return found


def _number(day: str | None) -> int | None:
    """A date as its number, None where it is none since 1970."""
    try:
        number = datetime.date.fromisoformat(day).toordinal() - _EPOCH if day else -1
    except ValueError:
        return None
    return number if number >= 0 else None


_EPOCH = datetime.date(1970, 1, 1).toordinal()


def _ordered(key: Key) -> tuple[bool, int, Model]:
    """By day, what has none last; then by model."""
    return key[0] is None, key[0] or 0, key[1]


def moment(x: Exchange) -> float | None:
    """When an exchange was sent, or by the Date of the answer where the recorder did not say; None where neither does."""
    time = x.started if x.started is not None else _dated(x.header("date") or "")
    return time if time is not None and 0 <= time < LAST else None


@lru_cache(maxsize=4096)
def _dated(text: str) -> float | None:
    try:
        return parsedate_to_datetime(text).timestamp() if text else None
    except (ValueError, OverflowError):
        return None


def model_of(x: Exchange) -> str:
    """The model that was asked for, or that answered where the request does not say; "" where neither does."""
    for read in (lambda: x.asked.get("model"), lambda: (x.chunks[0] if x.streaming else x.answer).get("model")):
        try:
            if isinstance(said := read(), str) and said:
                return said[:LONGEST_NAME]
        except (NotRecorded, Unreadable):
            continue
    return ""


@lru_cache(maxsize=1024)
def host_of(url: str) -> str:
    """The host of a URL with its port, "" where a log did not say it."""
    try:
        host = urlsplit(url).netloc.rpartition("@")[2].lower()[:LONGEST_NAME]
    except ValueError:
        return ""
    return "" if host == NOWHERE.partition("//")[2] else host
