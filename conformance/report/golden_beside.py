"""Two parity runs beside each other, prompt by prompt: the targets' answers, compared as those of a target and a baseline are.

What either run was compared with is left out. Only prompts that both were asked with the very same request are compared.
"""

from __future__ import annotations

from dataclasses import replace

from conformance.exchange import Exchange
from conformance.parity.answers import Answer
from conformance.parity.asking import BASELINE, TARGET
from conformance.parity.closing import by_prompt, prompt_from
from conformance.parity.comparing import compare
from conformance.parity.totals import totals
from conformance.run.run_file import Run


def beside(before: Run, now: Run) -> Run | None:
    """A run whose target is that of `now` and whose baseline is the target of `before`; None where no prompt is the same in both."""
    asked = {each["id"]: each for each in before.header.get("golden", ())}
    known = [each for each in now.header.get("golden", ()) if _same(each, asked.get(each["id"]))]
    answers = [by_prompt(run.exchanges) for run in (now, before)]
    lines, kept = [], []
    models = [run.header["target"].get("model") for run in (now, before)]
    for record in known:
        mine, theirs = (found.get((TARGET, record["id"]), []) for found in answers)
        theirs = [_renamed(x) for x in theirs]
        if not mine or not theirs:
            continue
        prompt = prompt_from(record)
        sides = ([Answer(prompt, x) for x in xs] for xs in (mine, theirs))
        lines.append(compare(prompt, *sides, same_model=models[0] is not None and models[0] == models[1]))
        kept += [*mine, *theirs]
    if not lines:
        return None
    about = {"kind": "recorded", **{name: before.header["target"].get(name) for name in ("base_url", "model")}}
    footer = {"counts": {}, "exit_code": None, "skipped": [], "totals": totals(lines)}
    return Run({**now.header, "baseline": about}, exchanges=kept, golden=lines, footer=footer)


def _same(one: dict, other: dict | None) -> bool:
    return other is not None and one["request"] == other["request"]


def _renamed(x: Exchange) -> Exchange:
    """As the answer of a baseline."""
    return replace(x, id=BASELINE + x.id.removeprefix(TARGET))
