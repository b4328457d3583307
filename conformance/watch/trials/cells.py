"""What came of each trial: a pure function of what the client's user saw and of what its exchanges say.

The model's inability is no failure of the client's, and nothing that was not compared is a success.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from conformance.exchange import Exchange
from conformance.watch.trials.scenarios import Scenario
from conformance.watch.trials.truth import ROUTES, Told, arguments, told
from conformance.watch.trials.workers import NO_ANSWER
from conformance.wire.jsontext import show

WORKS, FAILS, WRONG = "works", "fails", "wrong"
NOT_OFFERED, NOT_RUN, UNABLE = "not offered", "not run", "model did not"
STATES = (WORKS, FAILS, WRONG, NOT_OFFERED, NOT_RUN, UNABLE)
BAD = (FAILS, WRONG)
ABSENT = (404, 405, 501)
"""How a server says that it has no such route."""
CLOSE = 1e-5
"""How far two floats may be apart that were the same: base64 holds 32 bits of each."""


@dataclass(frozen=True)
class Cell:
    """One trial: what came of it and why, and as evidence the ids of its exchanges and of the checks that fail on them."""

    client: str
    scenario: str
    state: str
    why: str = ""
    exchanges: tuple[str, ...] = ()
    checks: tuple[str, ...] = ()

    @property
    def record(self) -> dict[str, Any]:
        """The cell as a line of the run file."""
        return {"type": "trial", **asdict(self), "exchanges": list(self.exchanges), "checks": list(self.checks)}


def ruled(scenario: Scenario, said: dict[str, Any], exchanges: Sequence[Exchange]) -> tuple[str, str]:
    """The state of a trial, and why, in a few words."""
    asked = [x for x in exchanges if x.route in ROUTES]
    error = said.get("error")
    if "not_offered" in said:
        return NOT_OFFERED, str(said["not_offered"])
    if error and error.get("class") == NO_ANSWER:
        return FAILS, _raised(error)
    if not asked:
        return (FAILS, _raised(error)) if error else (WRONG, "it asked nothing")
    last = asked[-1]
    if scenario.task != "chat" and last.status in ABSENT:
        return NOT_RUN, f"the endpoint has no {last.route} ({last.status})"
    if scenario.raises:
        return _refused(scenario, said, asked)
    served = [x for x in asked if x.status is not None and x.status < 400]
    answers = [told(x) for x in served]
    if len(served) == len(asked) and all(answers):
        calls = sum(len(answer.calls) for answer in answers if answer)
        if calls < scenario.calls:
            return UNABLE, f"{calls} of {scenario.calls} calls came"
        if scenario.makes and not any(
            scenario.makes[1] in values for each in answers if each for _, values in each.calls
        ):
            return UNABLE, f"no call has the line of {scenario.makes[0]}"
    if error:
        return FAILS, _raised(error)
    if not served:
        return WRONG, f"no error, though the endpoint said {last.status}"
    if answers[-1] is None:
        return NOT_RUN, "the last answer cannot be read, so there is nothing to compare with"
    return _compared(scenario, said, answers)


def _raised(error: dict[str, Any]) -> str:
    message = str(error.get("message") or "")
    return f"{error.get('class')}: {message}" if message else str(error.get("class"))


def _refused(scenario: Scenario, said: dict[str, Any], asked: Sequence[Exchange]) -> tuple[str, str]:
    """A trial in which the client is to raise."""
    error, status = said.get("error"), asked[-1].status
    if scenario.broken:
        if all(x.ended == "complete" for x in asked):
            return NOT_RUN, "no stream was cut short"
        return (WORKS, _raised(error)) if error else (WRONG, "a stream that was cut short is given as an answer")
    if status is not None and status < 400:
        return NOT_RUN, f"the endpoint did not refuse ({status})"
    if not error:
        return WRONG, f"no error, though the endpoint said {status}"
    if error.get("status") not in (None, status):
        return WRONG, f"the error says {error.get('status')}, the endpoint said {status}"
    if status not in scenario.refused:
        return FAILS, f"the endpoint said {status}; {_raised(error)}"
    promised = said.get("promised")
    if scenario.retried and promised and len(asked) != promised:
        return FAILS, f"it asked {len(asked)} times of the {promised} that it promises; {_raised(error)}"
    return WORKS, _raised(error)


def _compared(scenario: Scenario, said: dict[str, Any], found: Sequence[Told | None]) -> tuple[str, str]:
    """What the client gives beside what was on the wire, the last answer of which can be read; of one that cannot, a client is not
    held to the calls."""
    answers = [each for each in found if each is not None]
    last, whole = answers[-1], len(answers) == len(found)
    if "text" in said and (said["text"] or "") != last.text:
        return WRONG, f"the text is {show(said['text'], 60)}, on the wire {show(last.text, 60)}"
    if scenario.makes and (odd := _other_file(scenario.makes, said.get("value"))):
        return WRONG, odd
    if whole and ("calls" in said or (scenario.calls and not scenario.makes)):
        gave = sorted((str(name), arguments(values)) for name, values in said.get("calls") or ())
        sent = sorted(call for answer in answers for call in answer.calls)
        if gave != sent:
            return WRONG, f"the calls are {_calls(gave)}, on the wire {_calls(sent)}"
    if "usage" in said and (odd := _other_usage(said["usage"], answers)):
        return WRONG, odd
    if said.get("finish") and last.finish and said["finish"] != last.finish:
        return WRONG, f"the finish reason is {show(said['finish'], 30)}, on the wire {show(last.finish, 30)}"
    if "value" in said and last.value is not None and not _same(said["value"], last.value):
        return WRONG, f"the value is {show(said['value'], 80)}, on the wire {show(last.value, 80)}"
    if not {"text", "calls", "value"} & said.keys():
        return WRONG, "it gave nothing"
    return WORKS, ""


def _calls(calls: Sequence[tuple[str, str]]) -> str:
    return show([f"{name}({values})" for name, values in calls], 100) if calls else "none"


def _other_file(makes: tuple[str, str], value: Any) -> str | None:
    """How the file that was made differs from what was to be in it."""
    name, line = makes
    made = value.get("content") if isinstance(value, dict) else None
    if made is None:
        return f"the call was answered, but there is no {name}"
    return None if str(made).rstrip("\r\n") == line else f"{name} holds {show(made, 60)}"


def _other_usage(given: Any, answers: Sequence[Told]) -> str | None:
    """How the usage that the client gives differs from that of the last answer, and from the sum of all."""
    sent = [answer.usage for answer in answers]
    if sent[-1] is None:
        return None
    given = {name: count for name, count in (given or {}).items() if count is not None}
    sums = {name: sum((usage or {}).get(name, 0) for usage in sent) for name in sent[-1]}
    if given and any(all(given[name] == usage.get(name) for name in given) for usage in (sent[-1], sums)):
        return None
    return f"the usage is {show(given or None, 60)}, on the wire {show(sent[-1], 60)}"


def _same(one: Any, other: Any) -> bool:
    """Whether two values are equal, floats but for what 32 bits leave out."""
    if isinstance(one, float) or isinstance(other, float):
        numbers = isinstance(one, (int, float)) and isinstance(other, (int, float))
        return numbers and math.isclose(one, other, rel_tol=CLOSE, abs_tol=CLOSE)
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(_same(one[key], other[key]) for key in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(_same, one, other))
    return one == other
