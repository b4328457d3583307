"""MOD: what a moderation answers: a result for each input, with the same categories flagged and scored."""

from __future__ import annotations

from conformance.areas.citations import MODERATION_REQUEST, MODERATIONS
from conformance.areas.moderations.conditions import (
    CATEGORIES,
    ILLICIT,
    inputs,
    made,
    omni,
    results,
    same_text,
    texts,
)
from conformance.exchange import Exchange, Unreadable, find, is_a, need
from conformance.judge import MUST, SHOULD, Problems, check, differs
from conformance.judge.objects import misfits

KINDS = ("text", "image")


@check("moderation.id", SHOULD, when=made, source=MODERATIONS, breaks="moderations-without-id", covers="MOD-001")
def has_an_id(x: Exchange) -> Problems:
    """A moderation has an `id`, a non-empty string."""
    yield from misfits(x, "moderation", "id")


@check("moderation.model", MUST, when=made, source=MODERATIONS, breaks="moderations-model-null", covers="MOD-001")
def says_the_model(x: Exchange) -> Problems:
    """`model` names the model that judged.

    Typed clients fail on null; thresholds are set for one model, and hold for no other.
    """
    yield from misfits(x, "moderation", "model")


@check(
    "moderation.results",
    MUST,
    when=made,
    source=(MODERATIONS, MODERATION_REQUEST),
    breaks=("moderations-first-only", "moderations-results-null"),
    covers="MOD-001",
)
def one_result_for_each(x: Exchange) -> Problems:
    """There is one result for each text; parts are one input together.

    Texts and results are put together by their place: what comes last is published unseen.
    """
    if problems := [*misfits(x, "moderation", "results")]:
        yield from problems
    elif (found := len(need(x.answer, "results", list))) != inputs(x):
        yield differs("the number of results", found, str(inputs(x)))


@check("moderation.flagged", MUST, when=made, source=MODERATIONS, breaks="moderations-flagged-text", covers="MOD-002")
def flagged_is_true_or_false(x: Exchange) -> Problems:
    """`flagged` of each result is true or false.

    `if result.flagged` holds for "false", too.
    """
    yield from misfits(x, "moderation-result", "flagged")


@check("moderation.categories", MUST, when=made, source=MODERATIONS, covers=("MOD-002", "MOD-003"),
       breaks=("moderations-categories-numbers", "moderations-no-categories"))  # fmt: skip
def categories_are_true_or_false(x: Exchange) -> Problems:
    """`categories` says of each category whether it was found: true or false, and null at most where a model does not know it.

    The SDKs' models have a member for each.
    """
    yield from misfits(x, "moderation-result", "categories")
    for path, result in results(x):
        found = result.get("categories")
        for name, value in found.items() if isinstance(found, dict) else ():
            if not isinstance(value, bool) and not (value is None and name in ILLICIT):
                yield differs(f"{path}.categories.{name}", value, "true or false")


@check("moderation.scores", MUST, when=made, source=MODERATIONS, covers="MOD-003",
       breaks=("moderations-percent", "moderations-scores-texts"))  # fmt: skip
def scores_are_shares(x: Exchange) -> Problems:
    """`category_scores` has a number from 0 to 1 for each category.

    Applications flag at thresholds of their own: of percentages all are above.
    """
    yield from misfits(x, "moderation-result", "category_scores")
    for path, result in results(x):
        scores = find(result, "category_scores")
        for name, value in scores.items() if isinstance(scores, dict) else ():
            unknown = value is None and name in ILLICIT
            if not unknown and not (is_a(value, float) and 0 <= value <= 1):
                yield differs(f"{path}.category_scores.{name}", value, "a number from 0 to 1")


@check("moderation.known", MUST, when=made, source=MODERATIONS, breaks=("moderations-other-names", "moderations-no-illicit"),
       covers="MOD-002")  # fmt: skip
def the_categories_are_known(x: Exchange) -> Problems:
    """Each result has OpenAI's categories: 13, or the 11 of its text-moderation models.

    `result.categories.hate_threatening` raises where another taxonomy stands.
    """
    wanted = {*CATEGORIES, *(ILLICIT if omni(x) else ())}
    for path, result in results(x):
        if missing := sorted(wanted - need(result, "categories", dict).keys()):
            yield differs(
                f"{path}.categories", sorted(result["categories"])[:4], f"among them {', '.join(missing[:4])}"
            )


@check(
    "moderation.same-keys", MUST, when=made, source=MODERATIONS, breaks="moderations-score-missing", covers="MOD-002"
)
def what_is_flagged_is_scored(x: Exchange) -> Problems:
    """`categories`, `category_scores` and `category_applied_input_types` have the same members.

    Code that goes through one and looks into the others raises KeyError.
    """
    for path, result in results(x):
        names = need(result, "categories", dict).keys()
        for other in ("category_scores", "category_applied_input_types"):
            found = result.get(other)
            if isinstance(found, dict) and (odd := sorted(names ^ found.keys())):
                yield differs(
                    f"{path}.{other}", sorted(found)[:4], f"the members of categories, also {', '.join(odd[:4])}"
                )


@check("moderation.applied", SHOULD, when=made & omni, source=MODERATIONS, covers="MOD-003",
       breaks=("moderations-applied-texts", "moderations-applied-absent"))  # fmt: skip
def what_was_looked_at_is_said(x: Exchange) -> Problems:
    """`category_applied_input_types` lists for each category which inputs it was applied to: text, image, or nothing.

    A picture that no category looked at is not one that is harmless.
    """
    for path, result in results(x):
        applied = find(result, "category_applied_input_types")
        if not isinstance(applied, dict):
            yield differs(f"{path}.category_applied_input_types", applied, "an object")
        for name, kinds in applied.items() if isinstance(applied, dict) else ():
            if not isinstance(kinds, list) or any(kind not in KINDS for kind in kinds):
                yield differs(f"{path}.category_applied_input_types.{name}", kinds, "an array of text or image")


@check("moderation.flagged-any", SHOULD, when=made, source=MODERATIONS, covers="MOD-004",
       breaks=("moderations-never-flagged", "moderations-always-flagged"))  # fmt: skip
def flagged_is_any_of_them(x: Exchange) -> Problems:
    """`flagged` is true where any category is, and only there (14 of 14 recorded answers of OpenAI).

    Most callers look at nothing else.
    """
    for path, result in results(x):
        found = need(result, "categories", dict)
        if any(not isinstance(value, bool | None) for value in found.values()):
            raise Unreadable(differs(f"{path}.categories", found, "true or false for each"))
        names = ", ".join(sorted(name for name, value in found.items() if value))
        if need(result, "flagged", bool) != bool(names):
            wanted = f"true, as of {names}" if names else "false, as of every category"
            yield differs(f"{path}.flagged", result["flagged"], wanted)


@check(
    "moderation.same-text",
    SHOULD,
    together=same_text,
    when=made,
    source=MODERATIONS,
    breaks="moderations-mixed-up",
    covers="MOD-001",
)
def a_text_is_judged_the_same(alone: Exchange, among: Exchange) -> Problems:
    """A text is flagged alone and among others alike, and its result stands at its place.

    The wrong user's message is taken down.
    """
    place = texts(among).index(texts(alone)[0])
    one, other = (need(x.answer, f"results.{n}.flagged", bool) for x, n in ((alone, 0), (among, place)))
    if one != other:
        yield differs(f"results.{place}.flagged", other, f"{str(one).lower()}, as of the same text alone")
