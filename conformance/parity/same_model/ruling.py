"""`--same-model`: do both sides serve the same weights the same way? What is asked, and the test of it.

By top logprobs of one output token a prompt where both sides give them, else by texts. Every question goes to both sides at
once, round by round, in one order that changes from round to round: what drifts, or depends on the neighbours in the batch,
meets both sides alike and shows in each side's own repeats, against which differences are held. The file that reads numbers
out of answers is samples.py, the test permutation.py; this one needs numpy only to judge.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Sequence
from random import Random
from typing import Any

from conformance.exchange import Exchange, find
from conformance.parity.answers import Answer
from conformance.parity.asking import BASELINE, TARGET, Side, body, name, prompt_of
from conformance.parity.prompt import Prompt
from conformance.record.run_lines import Record
from conformance.run.user_error import UserError

PREFIX = "same."
"""Begins the id of every question asked for this test: same.KIND:PROMPT."""
LOGPROBS, WARM, NUCLEUS, COLD = "logprobs", "warm", "nucleus", "cold"
TOKENS = 300
"""Output tokens of the test by logprobs, of both sides together."""
TOPS = (20, 5)
"""Top logprobs asked for: most APIs give 20, some no more than 5."""
REPEATS = 4
"""Answers by logprobs to a prompt and side; fewer prompts are asked more often."""
COMPLETIONS = 400
"""Of the test by texts, of both sides together."""
COLD_PROMPTS, COLD_REPEATS = 9, 3
"""Prompts asked at temperature 0, and answers to each and side."""
WARM_PROMPTS, NUCLEUS_REPEATS = 5, 3
"""Prompts asked at temperature 1, where few prompts asked often show more, and answers to each with top_p 0.8 and side; the
rest of the completions go to temperature 1 without it."""
SHORT = 16
"""Output tokens below which a prompt tells little by texts."""
ASKED = {
    LOGPROBS: {"temperature": 1, "logprobs": True},
    WARM: {"temperature": 1},
    NUCLEUS: {"temperature": 1, "top_p": 0.8},
    COLD: {"temperature": 0},
}
_SPECIAL = (
    "response_format",
    "tools",
    "functions",
    "stop",
    "n",
    "logprobs",
    "top_logprobs",
    "logit_bias",
    "stream",
    "stream_options",
)
"""Members of a request that the test leaves no room for."""
_LIMITS = ("max_tokens", "max_completion_tokens")

Question = tuple[str, dict[str, Any]]


def needs() -> None:
    """Raises UserError where the statistics cannot be done here."""
    try:
        import numpy  # noqa: F401
    except ImportError:
        raise UserError("--same-model needs numpy: pip install 'openai-conformance[parity]'") from None


# ---------------------------------------------------------------------- asking


Plan = dict[str, tuple[list[Prompt], int]]
"""By kind of question: the prompts, and how many answers to each are wanted of each side."""


def plan_logprobs(prompts: Sequence[Prompt]) -> Plan:
    """The questions of the test by logprobs: prompts with uncertain answers first; fewer prompts are asked more often."""
    plain = _plain(prompts)
    these = sorted(plain, key=lambda prompt: not prompt.uncertain)[: TOKENS // (2 * REPEATS)]
    return {LOGPROBS: (these, max(REPEATS, min(25, TOKENS // (2 * max(1, len(these))))))}


def plan_texts(prompts: Sequence[Prompt]) -> Plan:
    """The questions of the test by texts: the longer prompts with uncertain answers, in the order of the golden files."""
    uncertain = [prompt for prompt in _plain(prompts) if prompt.uncertain]
    longer = [p for p in uncertain if all(p.request.get(limit, SHORT) >= SHORT for limit in _LIMITS)] or uncertain
    cold, warm = longer[:COLD_PROMPTS], longer[:WARM_PROMPTS]
    each = (COMPLETIONS // 2 - COLD_REPEATS * len(cold)) // max(1, len(warm))
    return {WARM: (warm, each - NUCLEUS_REPEATS), NUCLEUS: (warm, NUCLEUS_REPEATS), COLD: (cold, COLD_REPEATS)}


def _plain(prompts: Sequence[Prompt]) -> list[Prompt]:
    return [prompt for prompt in prompts if not any(prompt.request.get(each) for each in _SPECIAL)]


def question(side: str, kind: str, prompt: Prompt, number: int, top: int = TOPS[0]) -> Question:
    """One question. It has no seed: an equal one on both sides would make answers equal that are not, and vLLM 0.32.0 on a
    CPU dies of seeds where it samples while a prompt is read in portions ("CPU Generator does not use offset")."""
    asked = body(prompt, number, stream=False, **ASKED[kind])
    asked.pop("seed", None)
    if kind == LOGPROBS:
        asked |= {"top_logprobs": top} | {limit: 1 for limit in _LIMITS if limit in asked}
    return name(side, f"{PREFIX}{kind}:{prompt.id}", number), asked


def rounds(kind: str, prompts: Sequence[Prompt], number: int) -> list[tuple[Prompt, int]]:
    """(prompt, number of the answer) of one round, in an order of its own."""
    order = list(prompts)
    Random(f"{kind}:{number}").shuffle(order)
    return [(prompt, number) for prompt in order]


async def ask(prompts: Sequence[Prompt], sides: Sequence[Side], recorded: Sequence[Exchange]) -> None:
    """Ask all that the test wants, by the strongest way that every side allows; `recorded` are a baseline's answers."""
    by_logprobs = plan_logprobs(prompts)
    top = await _top(by_logprobs[LOGPROBS][0], sides, recorded)
    for kind, (these, repeats) in (by_logprobs if top else plan_texts(prompts)).items():
        for number in range(1, repeats + 1):
            asked = rounds(kind, these, number)
            await asyncio.gather(*(s.ask([question(s.side, kind, p, n, top) for p, n in asked]) for s in sides))


async def _top(prompts: Sequence[Prompt], sides: Sequence[Side], recorded: Sequence[Exchange]) -> int:
    """How many top logprobs every side gives; 0 where one gives none."""
    kinds = {prompt_of(x)[1].partition(":")[0] for x in recorded}
    if not prompts or (recorded and f"{PREFIX}{LOGPROBS}" not in kinds):
        return 0
    for top in TOPS:
        tries = [
            (f"{s.side}#{PREFIX}try-{top}:{prompts[0].id}", question(s.side, LOGPROBS, prompts[0], 1, top)[1])
            for s in sides
        ]
        found = await asyncio.gather(*(s.ask([each]) for s, each in zip(sides, tries, strict=True)))
        if all(logprobs(Answer(prompts[0], x)) for (x,) in found):
            return top
    return 0


# ---------------------------------------------------------------------- judging


def judge(prompts: Sequence[Prompt], exchanges: Iterable[Exchange], alpha: float) -> Record:
    """The line of the test. A pure function of the exchanges: a replay gives the same."""
    needs()
    from conformance.parity.same_model import power, samples
    from conformance.parity.same_model.permutation import PERMUTATIONS, permute

    own = [x for x in exchanges if prompt_of(x)[1].startswith(PREFIX)]
    told = _answers(LOGPROBS, prompts, own, logprobs)
    kinds = (LOGPROBS,) if _asked(told) else (WARM, NUCLEUS, COLD)
    by_kind = (
        {LOGPROBS: told}
        if kinds == (LOGPROBS,)
        else {k: _answers(k, prompts, own, lambda a: a.text or "") for k in kinds}
    )
    sets = [(kind, id, *pair) for kind in kinds for id, pair in by_kind[kind].items() if min(map(len, pair)) >= 2]
    line = {"type": "same-model", "alpha": alpha, "cost": {s: _cost(s, own) for s in (TARGET, BASELINE)}}
    if not sets:
        return line | _not_tested(own)
    strata = [samples.stratum(kind, mine, theirs) for kind, _, mine, theirs in sets]
    found = permute(strata)
    apart = [samples.excess(stratum) for stratum in strata]
    ordered = sorted(zip(apart, (id for _, id, _, _ in sets), strict=True), key=lambda pair: -pair[0])
    statistics = [
        {"name": n, "about": samples.ABOUT[n], "value": round(v, 6), "p_value": round(found.p_values[n], 6)}
        for n, v in sorted(found.values.items())
    ]
    method = "logprobs" if kinds == (LOGPROBS,) else "text"
    return line | {
        "verdict": "different" if found.p_value < alpha else "not-told",
        "method": method,
        "why": _why(method),
        "p_value": round(found.p_value, 6),
        "effect": round(max(0.0, sum(apart) / len(apart)), 6),
        "unit": samples.UNITS[method],
        "statistics": statistics,
        "prompts": len({id for _, id, _, _ in sets}),
        "samples": max(len(mine) for _, _, mine, _ in sets),
        "permutations": PERMUTATIONS,
        "power": power.smallest(method, [(kind, theirs) for kind, _, _, theirs in sets], alpha),
        "prompts_most_apart": list(dict.fromkeys(id for value, id in ordered if value > 0))[:5],
        "outlier": _outlier(ordered),
    }


def _outlier(apart: Sequence[tuple[float, str]]) -> str | None:
    """The prompt that more than half of the effect is from, where there are several."""
    sums: dict[str, float] = {}
    for value, id in apart:
        sums[id] = sums.get(id, 0.0) + max(0.0, value)
    if len(sums) < 3 or not any(sums.values()):
        return None
    most = max(sums, key=sums.__getitem__)
    return most if sums[most] > sum(sums.values()) / 2 else None


def _not_tested(own: Sequence[Exchange]) -> Record:
    why = "no prompt has an uncertain answer" if not own else "too few usable answers of both sides"
    if own and not any(prompt_of(x)[0] == BASELINE for x in own):
        why = "the recorded baseline was not recorded with --same-model"
    nothing = {"smallest": None, "unit": "", "detected": 0.0, "splits": 0}
    return {"verdict": "not-tested", "method": None, "why": why, "p_value": None, "effect": None, "unit": "", "statistics": [],
            "prompts": 0, "samples": 0, "permutations": 0, "power": nothing}  # fmt: skip


def _why(method: str) -> str:
    if method == "logprobs":
        return "both sides give top logprobs; sampling (temperature, top_p) does not show in them"
    return "not both sides give top logprobs"


def _asked(found: dict[str, tuple[list[Any], list[Any]]]) -> bool:
    return any(mine and theirs for mine, theirs in found.values())


def _answers(
    kind: str, prompts: Sequence[Prompt], own: Sequence[Exchange], read: Callable[[Answer], Any]
) -> dict[str, tuple[list[Any], list[Any]]]:
    """What each side answered to each prompt, in the order of the numbers of the answers."""
    found: dict[str, tuple[list[Any], list[Any]]] = {prompt.id: ([], []) for prompt in prompts}
    by_id = {prompt.id: prompt for prompt in prompts}
    for x in sorted(own, key=lambda x: (len(x.id), x.id)):
        side, id = prompt_of(x)
        of, _, prompt = id.partition(":")
        if of != f"{PREFIX}{kind}" or prompt not in by_id:
            continue
        answer = Answer(by_id[prompt], x)
        value = read(answer) if answer.usable else None
        if value is not None:
            found[prompt][side == BASELINE].append(value)
    return found


def logprobs(answer: Answer) -> dict[str, float] | None:
    """The top logprobs of the first token, None where there are none."""
    tops = find(answer.exchange.json, "choices.0.logprobs.content.0.top_logprobs") if answer.usable else None
    found = {}
    for each in tops if isinstance(tops, list) else ():
        token, logprob = find(each, "token"), find(each, "logprob")
        if isinstance(token, str) and isinstance(logprob, (int, float)) and not isinstance(logprob, bool):
            found[token] = float(min(0, max(-100, logprob)))
    return found or None


def _cost(side: str, own: Sequence[Exchange]) -> Record:
    usages = [find(_json(x), "usage") for x in own if prompt_of(x)[0] == side]
    numbers = {name: [find(usage, name) for usage in usages] for name in ("prompt_tokens", "completion_tokens")}
    return {"requests": len(usages)} | {k: sum(n for n in v if isinstance(n, int)) for k, v in numbers.items()}


def _json(x: Exchange) -> Any:
    return None if x.not_json else x.json
