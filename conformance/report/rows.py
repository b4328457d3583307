"""Reports: views of one run, made from the run file's data alone. What is shared by all of them is here.

A report must not judge, send or read a clock. Everything in it may come from a hostile endpoint: it passes through
`printable` and is escaped in the manner of the report's format.
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from conformance.exchange import APART, REFUSED
from conformance.report.told import Problem, grouped, reason
from conformance.run.run_file import Run
from conformance.run.words import shown
from conformance.wire.jsontext import printable

if TYPE_CHECKING:
    from conformance.exchange import Exchange

LEVELS = ("must", "should", "may")
STATES = ("pass", "fail", "broken", "untestable", "known", "not-exercised")
"""What a row can be: the outcomes, and known for what was expected to fail."""
STATE_NAMES = {"not-exercised": "not exercised"}
BREAKS = 3
"""Things that the official client was seen to do at a failure, shown there; and clients that such answers break."""


@dataclass(frozen=True)
class Row:
    """One verdict as shown. `complaint` is about a known deviation's entry; `share` says in how many of the exchanges of
    recordings it failed, "" for a live run, where there are few."""

    id: str
    level: str
    state: str
    red: bool
    requirement: str
    impact: str
    source: tuple[str, ...]
    exchanges: tuple[str, ...]
    problems: tuple[Problem, ...]
    share: str
    reason: str
    known: str
    complaint: str
    client: str = ""
    """What the official client was seen to make of the very answers that the problems name; "" where it noticed nothing."""
    breaks_in: str = ""
    """What such answers were measured to break in which real clients."""
    decline: str = ""
    """The member of requests that the endpoint ignores and may refuse, which would leave nothing of the failure."""

    @property
    def area(self) -> str:
        return self.id.partition(".")[0]

    @property
    def told(self) -> list[Problem]:
        """The problems as they are told: those that say the same of several values or places in one."""
        return grouped(self.problems, self.exchanges)

    @property
    def warns(self) -> bool:
        """It failed and is not red: a SHOULD without --strict, or a MAY."""
        return self.state == "fail" and not self.red


def rows(run: Run) -> list[Row]:
    """The verdicts of a run, in its order."""
    footer = run.footer or {}
    red = set(footer.get("red", ()))
    complaints: dict[str, str] = {}
    for entry in footer.get("complaints", ()):
        complaints[entry["check"]] = "; ".join(filter(None, (complaints.get(entry["check"]), entry["message"])))
    recorded = by_others(run)
    table = [_row(verdict, red, complaints, recorded) for verdict in run.verdicts]
    declines = footer.get("declines") or {}
    table = [replace(row, decline=shown(declines[row.id])) if row.id in declines else row for row in table]
    return [replace(row, client=_client(row, run)) if row.problems and run.sdk else row for row in table]


def _row(verdict: dict[str, Any], red: set[str], complaints: dict[str, str], recorded: bool) -> Row:
    id, failed = verdict["check"], verdict.get("failed", 0)
    return Row(
        id=id,
        level=verdict["level"],
        state="known" if verdict.get("known") else verdict["outcome"],
        red=id in red,
        requirement=verdict.get("requirement", ""),
        impact=verdict.get("impact", ""),
        source=tuple(verdict.get("source", ())),
        exchanges=tuple(verdict["exchanges"]),
        problems=tuple(map(_problem, verdict["problems"])),
        share=f"{failed:,} of {verdict.get('judged', 0):,}" if recorded and failed else "",
        reason=shown(reason(said)) if (said := verdict.get("reason")) else "",
        known=shown(said) if (said := verdict.get("known")) else "",
        complaint=shown(complaints[id]) if id in complaints else "",
        breaks_in=_breaks_in(broken) if (broken := verdict.get("breaks")) else "",
    )


def _breaks_in(broken: dict[str, str]) -> str:
    """A few of the clients with what breaks in them, and how many more there are."""
    said = [f"{client} {line}" for client, line in list(broken.items())[:BREAKS]]
    more = f"; and {len(broken) - BREAKS} more clients" if len(broken) > BREAKS else ""
    return shown(printable("; ".join(said)) + more)


def _client(row: Row, run: Run) -> str:
    """The breaks of the official client on the answers in which the row's problems were seen, but for what befell it as well where
    the check passed, which has another reason; the area SDK says them itself."""
    if row.area == "sdk":
        return ""
    ids = dict.fromkeys(id for problem in row.problems for joined in problem.ids for id in joined.split(" + "))
    seen = [run.sdk[id] for id in ids if id in run.sdk and run.sdk[id]["breaks"]]
    passed = {each for id in row.exchanges if id not in ids and id in run.sdk for each in run.sdk[id]["breaks"]}
    breaks = list(dict.fromkeys(each for record in seen for each in record["breaks"] if each not in passed))
    return printable(f"{seen[0]['client']}: {'; '.join(breaks[:BREAKS])}") if breaks else ""


def _problem(problem: dict[str, Any]) -> Problem:
    ids = tuple(problem["exchanges"])
    return Problem(ids, shown(problem["message"]), problem.get("count", len(ids)))


@dataclass(frozen=True)
class FeatureRow:
    """One optional feature as shown: what the endpoint does with it and why, in which exchanges, and how it is told."""

    name: str
    decision: str
    why: str
    exchanges: tuple[str, ...]
    required: bool
    what: str
    unmet: bool
    """It makes the run red."""


def feature_rows(run: Run) -> list[FeatureRow]:
    """The features that any exchange asked for, or that are required, in their order."""
    lacking = {r["feature"] for r in run.features if r["required"] and r["decision"] != "supported"}
    lacking = set(gate(run).get("red_features", lacking))
    return [
        FeatureRow(
            name=record["feature"],
            decision=record["decision"],
            why=shown(record["why"]),
            exchanges=tuple(map(shown, record["exchanges"])),
            required=record["required"],
            what=record.get("what", ""),
            unmet=record["feature"] in lacking,
        )
        for record in run.features
        if record.get("answers") or record["required"]
    ]


def gate(run: Run) -> dict[str, Any]:
    """What the gate said (footer.gate), empty for a run that was cut off or is of an older version."""
    return (run.footer or {}).get("gate", {})


def counts(table: list[Row]) -> dict[str, dict[str, int]]:
    """How many rows of each level are in each state."""
    return {
        level: {state: sum(row.level == level and row.state == state for row in table) for state in STATES}
        for level in LEVELS
    }


def remarks(run: Run) -> list[str]:
    """What is to be said of how the run went: what limits its worth, and what was asked on."""
    return [*worth(run), *filter(None, (asked_on(run),))]


def asked_on(run: Run) -> str:
    """How many requests were sent to tell for what valid ones were refused; "" where none was."""
    more = [x.id.partition(APART)[0] for x in run.exchanges if APART in x.id]
    return (
        f"{len(more)} requests more were sent, to tell for what {len({*more})} valid ones were refused" if more else ""
    )


def worth(run: Run) -> list[str]:
    """What limits the worth of the verdict: no footer, a recording cut off, requests without any answer."""
    lied = {id for each in run.lies for id in (*each["exchanges"], *each["without"])}  # told of by itself
    exchanges = sorted(
        (x for x in run.exchanges if x.id not in lied), key=lambda x: x.id
    )  # the order in which answers came is chance
    said = [run.remark] if run.remark else []
    if (run.header.get("target") or {}).get("cut_off"):
        said.append("the recording was cut off; what it holds was judged")
    said += (run.footer or {}).get("remarks", ())
    for name, x in left_out(run).items():
        said.append(f"{name} was refused ({x.id}), so it was left out of what no check needs it for")
    if later := [x for x in exchanges if REFUSED in x.id and x.status in (429, 503)]:
        said.append(f"the endpoint was busy {len(later)} times ({later[0].id}: {later[0].status}), and was asked again")
    if unanswered := [x for x in exchanges if not x.answered and x.ended != "left"]:
        first = unanswered[0].failure or unanswered[0].ended
        said.append(
            f"{len(unanswered)} of {len(exchanges)} requests got no answer; the first, {unanswered[0].id}: {first}"
        )
    return [shown(remark) for remark in said]


def left_out(run: Run) -> dict[str, Exchange]:
    """What the endpoint refused to be asked with, though nothing was about it, and the first refusal of each."""
    found: dict[str, Exchange] = {}
    again = {x.id: x for x in run.exchanges}
    for x in sorted(run.exchanges, key=lambda x: x.id):
        if REFUSED in x.id and (lean := again.get(x.id.partition(REFUSED)[0])) is not None:
            for name in sorted(x.asked.keys() - lean.asked.keys()):
                found.setdefault(name, x)
    return found


def by_others(run: Run) -> bool:
    """What others asked was judged, so that the run file holds few of the exchanges."""
    return not {"recordings", "asked_by"}.isdisjoint(run.header.get("target") or {})


def limits_untried(run: Run) -> int:
    """How many checks of rate limits had nothing to judge in a live run that was not told to run into one."""
    options, where = run.header.get("options") or {}, run.header.get("target") or {}
    told = options.get("burst") or options.get("limited_key_env") or "replay" in where or by_others(run)
    return 0 if told else sum(row.area == "rate" and row.state == "not-exercised" for row in rows(run))


def unsent(run: Run) -> dict[str, tuple[str, ...]]:
    """The ids of requests that were not sent, by the reason why."""
    found: dict[str, list[str]] = defaultdict(list)
    for id, why in sorted((run.footer or {}).get("skipped", ()), key=tuple):  # not as it happened, which is chance
        found[why].append(id)
    return {why: tuple(ids) for why, ids in found.items()}


def link(source: str) -> tuple[str, str]:
    """The address in a source and the words after it; no address where it is not one."""
    found = re.match(r"(https?://\S+)\s*(.*)", source)
    return (found.group(1), found.group(2)) if found else ("", source)


def number_of_exchanges(run: Run) -> int:
    """How many exchanges were judged; of recordings, the run file holds few of them."""
    return (run.footer or {}).get("exchanges", len(run.exchanges))


def evidence(row: Row, run: Run) -> list[Exchange]:
    """The exchanges that a failure names, in its order; where it names none, those it was judged on."""
    by_id = {x.id: x for x in run.exchanges}
    ids = [id for problem in row.problems for joined in problem.ids for id in joined.split(" + ")] or row.exchanges
    return [by_id[id] for id in dict.fromkeys(ids) if id in by_id]


def key_env(run: Run) -> str:
    """The environment variable that the run took the key from."""
    return (run.header.get("options") or {}).get("api_key_env") or "OPENAI_API_KEY"
