"""COMP: what decides on the text: `stop`, `best_of`, `suffix` and `logprobs`."""

from __future__ import annotations

from conformance.areas.citations import LEGACY_REQUEST, STOP
from conformance.areas.completions.conditions import beside_a_prompt, heard, legacy, made, numbered, texts
from conformance.exchange import Exchange
from conformance.judge import MUST, SHOULD, Problems, check, differs
from conformance.judge.blame import names
from conformance.judge.condition import request
from conformance.judge.conditions import asked, choices_asked, streaming
from conformance.judge.mistakes import examined, refused
from conformance.judge.refusals import accepted, not_taken

NO_SUFFIX = "https://github.com/Kurama622/llm.nvim/issues/117"


def stops(x: Exchange) -> list[str]:
    """The stop sequences of a request."""
    asked = x.asked.get("stop")
    return [each for each in (asked if isinstance(asked, list) else [asked]) if isinstance(each, str) and each]


@check("completion.stop", MUST, when=made & asked("stop") & ~asked("echo"), source=(LEGACY_REQUEST, STOP),
       breaks=("completions-stop-ignored", "completions-stop-included"), covers="COMP-010")  # fmt: skip
def texts_end_before_a_stop(x: Exchange) -> Problems:
    """No text holds a stop sequence of its request.

    Base models are prompted with "Q: ... A:" and stopped at the next "Q:": all that follows is shown as the answer.
    """
    for index, text in sorted(texts(x).items()):
        for stop in stops(x):
            if stop in text:
                yield differs(
                    f"the text of choice {index}", text[max(0, text.index(stop) - 20) :], f"an end before {stop!r}"
                )


best_of = request("that sets best_of")(lambda x: isinstance(x.asked.get("best_of"), int))


@check("completion.best-of-stream", SHOULD, when=legacy & best_of & streaming & examined, source=LEGACY_REQUEST,
       breaks=("completions-best-of-streamed", "stream-ignored"), covers="COMP-008")  # fmt: skip
def the_best_cannot_be_streamed(x: Exchange) -> Problems:
    """`best_of` above 1 is refused with `stream`: which is best is known only at the end.

    What is streamed is the first that comes, and all are paid for.
    """
    if x.asked["best_of"] > 1:
        yield from accepted(x)


@request("that sets n above best_of", special=True)
def fewer_than_asked(x: Exchange) -> bool:
    tried = x.asked.get("best_of")
    return isinstance(tried, int) and 0 < tried < choices_asked(x)


@check("completion.best-of-few", SHOULD, when=legacy & fewer_than_asked & examined, source=LEGACY_REQUEST,
       breaks=("completions-best-of-served", "chat-n-ignored"), covers="COMP-008")  # fmt: skip
def the_best_are_chosen_of_more(x: Exchange) -> Problems:
    """`best_of` below `n` is refused: so many cannot be chosen of fewer."""
    yield from accepted(x)


# Many models cannot insert, and say so; OpenAI documents that, too.
@check("completion.suffix-named", SHOULD, when=legacy & asked("suffix") & refused, source=(LEGACY_REQUEST, NO_SUFFIX),
       breaks=("completions-suffix-refused", "wrong-type-unnamed", "type-error-422"), covers="COMP-007")  # fmt: skip
def who_cannot_insert_says_so(x: Exchange) -> Problems:
    """A refusal of `suffix` has the status 400 and names it in `error.param`.

    Editors ask for a completion within a file so; told what is wrong, they fall back on the prompt alone.
    """
    if x.status != 400:
        yield differs("the status", x.status, "400")
    if str(param := x.error.get("param")).rpartition(".")[2] != "suffix":  # "body.suffix" is for error.param-known
        yield differs("error.param", param, '"suffix"')


@check("completion.logprobs", SHOULD, together=beside_a_prompt(numbered), when=heard, covers="COMP-011",
       source=(LEGACY_REQUEST, "https://github.com/raullenchai/Rapid-MLX/issues/461"), breaks="completions-logprobs-refused")  # fmt: skip
def a_number_of_logprobs_is_accepted(_: Exchange, x: Exchange) -> Problems:
    """`logprobs` is a number from 0 to 5 here, not true or false as in chat.

    Evaluations score choices by it: without, nothing can be measured.
    """
    if not x.ok and names(x, "logprobs"):
        yield from not_taken(x, "a number of logprobs")
