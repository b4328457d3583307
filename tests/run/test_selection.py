"""--only: which checks it names, and that the probes they need are all sent and no others."""

from __future__ import annotations

import pytest

from conformance.areas.catalogue import catalogue, judge, probes
from conformance.judge.condition import whole
from conformance.judge.conditions import chat, chat_request, intent, route
from conformance.judge.relations import probes as relation
from conformance.judge.verdicts import MUST, Check, Relation
from conformance.run.selection import chosen
from conformance.run.user_error import UserError
from conformance.send import inprocess
from conformance.send.plan import needed
from conformance.send.requests import requests


@pytest.fixture(scope="module")
def exchanges():
    return inprocess.exchanges()


def test_an_area_an_id_or_several():
    everything = list(catalogue().values())
    one = everything[0]
    assert chosen(()) == everything
    assert chosen([one.id]) == [one]
    area = [check for check in everything if check.area == one.area]
    assert chosen([one.area]) == area == chosen([one.id, one.area])


def test_areas_and_ids_that_are_excluded():
    one, *rest = [check for check in catalogue().values() if check.area == "chat"]
    assert chosen(["chat"], [one.id]) == rest
    assert chosen((), ["chat"]) == [check for check in catalogue().values() if check.area != "chat"]
    with pytest.raises(UserError, match=r"did you mean chat\.id"):
        chosen((), ["chta.id"])
    with pytest.raises(UserError, match="nothing is left to judge: --exclude chat leaves out all of it"):
        chosen([one.id], ["chat"])


@pytest.mark.parametrize(("word", "near"), [("chta.id", "chat.id"), ("chta", "chat"), ("chat.ID", "chat.id")])
def test_an_unknown_word_names_the_nearest(word, near):
    with pytest.raises(UserError, match=f"did you mean {near}"):
        chosen([word])


def test_a_word_like_no_other_names_none():
    with pytest.raises(UserError, match=r"there is no area or check 'xyzzy'$"):
        chosen(["xyzzy"])


def test_all_checks_need_all_probes():
    assert needed(list(catalogue().values())) == list(probes())


BY_ANSWERS = ("history.", "error.too-long-", "model.complete")
"""What other requests were answered decides what these can judge: which roles are served, what is too long. All requests show more."""


@pytest.mark.parametrize("id", catalogue())
def test_a_check_finds_the_same_on_what_it_needs_as_on_everything(id, exchanges):
    check = catalogue()[id]
    sent = {request.id for probe in needed([check]) for request in requests(probe, "model")}
    [full] = judge(exchanges, [check])
    [part] = judge([x for x in exchanges if x.id.partition("~")[0] in sent], [check])
    assert part.outcome == full.outcome
    assert set(part.exchanges) <= set(full.exchanges)
    assert set(part.exchanges) == set(full.exchanges) or id.startswith(BY_ANSWERS)


CHAINED = {"chat.again", "chat.hello", "chat.stored", "chat.tier"}
"""Chat requests that are made from an answer, and those they wait for."""


def unforeseen() -> set[str]:
    """Requests that are made from an answer, and those they wait for: what they will be cannot be ruled out."""
    by_name = {probe.name: probe for probe in probes()}
    found = [probe.name for probe in probes() if probe.build is not None]
    for name in found:  # which grows
        before = {(each or "").removesuffix("+stream") for each in (by_name[name].after, by_name[name].door)}
        found += [each for each in before & by_name.keys() if each not in found]
    return set(found)


def made(when, together=None) -> Check:
    return Check("made.up", MUST, lambda *x: iter(()), when, together, (), (), ())


def names(*checks) -> set[str]:
    return {probe.name for probe in needed(checks)}


def test_what_the_request_rules_out_is_not_sent():
    assert names(made(route("models"))) == {p.name for p in probes() if p.path == "/models"}
    assert names(made(route("models") & whole)) == names(made(route("models")))
    assert names(made(chat & intent("stop-inside"))) - CHAINED == {"chat.stop", "params.stops", "surface.scripts"}


def test_what_a_probe_is_built_from_is_sent_too():
    assert names(made(chat & intent("tool-result"))) - CHAINED == {"tools.result", "tools.auto"}
    assert names(made(intent("history") & chat_request)) == {"chat.again", "chat.hello"}


def test_members_of_a_relation_are_sent_together():
    found = names(made(whole, relation("models.list", "models.one")))
    assert found - unforeseen() == {"models.list", "models.one"} - unforeseen()
    assert {"models.list", "models.one"} <= found


def test_a_relation_that_only_answers_show_gets_all_that_may_be_members():
    unseen = Relation("seen in answers alone", lambda exchanges: ())
    assert names(made(route("models"), unseen)) == names(made(route("models")))
