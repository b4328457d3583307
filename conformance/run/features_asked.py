"""Which features exchanges ask for, by their requests alone: what is in use. It must not say how they were answered (judge/decider.py)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from conformance.areas.catalogue import features
from conformance.exchange import Exchange, NotRecorded, Unreadable
from conformance.record import recognition
from conformance.record.remote import Unreachable
from conformance.run.user_error import UserError


def asked_for(exchanges: Iterable[Exchange]) -> Counter[str]:
    """How many of the exchanges ask for each feature."""
    found: Counter[str] = Counter()
    for x in exchanges:
        for each in features().values():
            try:
                found[each.name] += each.when(x) is True
            except (NotRecorded, Unreadable):
                continue
    return +found


def asked_in(recordings: Sequence[str]) -> Counter[str]:
    """The same of recorded traffic, read file by file; nothing of it is kept. Raises UserError where there is none."""
    try:
        files, _, _ = recognition.find(recordings)
    except Unreachable as error:
        raise UserError(str(error)) from None
    except FileNotFoundError as missing:
        raise UserError(f"there is no file or folder {missing.args[0] or repr(missing.args[0])}") from None
    number, found = 0, Counter()
    for file in files:
        for x in recognition.exchanges(file, partial_headers=True):
            if isinstance(x, Exchange):
                number += 1
                found += asked_for([x])
    if not number:
        raise UserError(f"{', '.join(recordings)} holds no recorded traffic with a known route")
    return found
