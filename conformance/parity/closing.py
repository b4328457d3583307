"""What is made of the exchanges of a parity run: golden lines, times, gates, the footer. Pure but for the file it writes, so that a
replay gives the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict

from conformance.exchange import Exchange
from conformance.parity import prices
from conformance.parity.answers import Answer
from conformance.parity.asking import BASELINE, TARGET, prompt_of
from conformance.parity.comparing import compare
from conformance.parity.gates import exit_code, gates
from conformance.parity.intervals import beside
from conformance.parity.parity_options import ParityOptions
from conformance.parity.prompt import Must, Prompt
from conformance.parity.same_model import ruling
from conformance.parity.timing import counted, latency_record
from conformance.parity.totals import totals
from conformance.record.run_lines import Record
from conformance.run.gap import Versions
from conformance.run.run_file import RunWriter


def golden_lines(
    prompts: Sequence[Prompt], exchanges: Iterable[Exchange], header: Record, same_model: bool
) -> list[Record]:
    """The golden line of every prompt. Words count where both sides are asked for the same model, by name or by option."""
    answers = by_prompt(exchanges)
    alone = header["baseline"]["kind"] == "none"
    model = header["target"].get("model")
    claimed = same_model or (model is not None and model == header["baseline"].get("model"))
    sides = [[Answer(p, x) for x in answers.get((side, p.id), ())] for p in prompts for side in (TARGET, BASELINE)]
    pairs = zip(prompts, sides[::2], sides[1::2], strict=True)
    return [compare(p, mine, None if alone else theirs, same_model=claimed) for p, mine, theirs in pairs]


def by_prompt(exchanges: Iterable[Exchange]) -> dict[tuple[str, str], list[Exchange]]:
    """The exchanges of each (side, prompt), in the order of their numbers."""
    found: dict[tuple[str, str], list[Exchange]] = {}
    for x in exchanges:
        found.setdefault(prompt_of(x), []).append(x)
    return {
        key: sorted(xs, key=lambda x: int(x.id.rpartition("~")[2]) if "~" in x.id else 1) for key, xs in found.items()
    }


def close(
    writer: RunWriter,
    prompts: Sequence[Prompt],
    exchanges: Sequence[Exchange],
    options: ParityOptions,
    header: Record,
    said: Record,
    remarks: list[str],
) -> int:
    """Write what is made of the exchanges, and the footer. Returns the exit code."""
    lines = golden_lines(prompts, exchanges, header, options.same_model)
    answers = by_prompt(exchanges)
    for line in lines:
        writer.line(line)
    alone = header["baseline"]["kind"] == "none"
    timed = {side: _timed(prompts, answers, side, every=alone) for side in (TARGET, BASELINE)}
    for side, own in timed.items():
        if own:
            writer.line(latency_record(side, own))
    times = beside(*map(_by_prompt, timed.values())) if timed[BASELINE] else None
    tested = None
    if options.same_model and not alone:
        tested = ruling.judge(prompts, exchanges, options.alpha)
        writer.line(tested)
    found = totals(lines)
    rows = gates(asdict(options), found, tested, times)
    code = exit_code(rows, found)
    if times is not None:
        said = said | {"times": times}
    if header.get("prices") and (bill := prices.bill(header["prices"], found["tokens"], options.monthly_requests)):
        said = said | {"bill": bill}
    if said.get("versions"):
        remarks = [*remarks, Versions(**said["versions"]).words]
    footer = {"counts": {"golden": found["outcomes"], "gap": found["gap"]}, "exit_code": code, "skipped": []}
    writer.footer(footer | {"gates": rows, "totals": found, "remarks": remarks, **said})
    return code


def _timed(
    prompts: Sequence[Prompt], answers: Mapping[tuple[str, str], list[Exchange]], side: str, *, every: bool
) -> list[Answer]:
    """The answers that times are told of. Beside another side the first to each prompt: those were asked of both at once, while
    repeats meet a server that the other one leaves alone."""
    found = [Answer(p, x) for p in prompts for x in answers.get((side, p.id), ())]
    return [answer for answer in found if every or "~" not in answer.id]


def _by_prompt(answers: Sequence[Answer]) -> dict[str, list[Answer]]:
    """Those that count, by prompt."""
    found: dict[str, list[Answer]] = {}
    for answer in counted(answers):
        found.setdefault(answer.prompt.id, []).append(answer)
    return found


def prompt_from(record: Record) -> Prompt:
    """A prompt as a header holds it."""
    must = {name: tuple(v) if isinstance(v, list) else v for name, v in record["must"].items()}
    return Prompt(**{**record, "compare": tuple(record["compare"]), "must": Must(**must)})
