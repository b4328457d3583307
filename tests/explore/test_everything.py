"""What can be made up: valid requests are valid, mistakes are mistakes, and every parameter of the table is in some of them."""

from __future__ import annotations

from conformance.areas.parameter_table import parameters
from conformance.explore.everything import ALONE
from conformance.explore.exploration import SHARE
from conformance.explore.explore_options import ExploreOptions
from conformance.explore.made import CHAT
from tests.support.exploring import Kept

CHATS = [made for made in ALONE if made.path == CHAT]


def statuses(made):
    send = Kept()
    return {x.status for x in send(made.requests(1, send.server.model))}


def test_a_default_exploration_has_room_for_each_thing_alone():
    assert len({made.key for made in ALONE}) == len(ALONE) <= SHARE * ExploreOptions().examples


def test_what_is_valid_is_served():
    wrong = [
        made.body
        for made in CHATS
        if "valid" in made.intent and "optional" not in made.intent and statuses(made) != {200}
    ]
    assert wrong == []


def test_what_is_a_mistake_is_refused():
    wrong = [made.body for made in CHATS if "mistake" in made.intent and not statuses(made) <= {400, 404}]
    assert wrong == []


def test_every_parameter_is_set():
    named = {name for made in CHATS if "parameters" in made.intent for name in (*made.body, *made.streamed)}
    assert {name for name in parameters("chat") if "." not in name} - named <= {"model", "audio"}


def test_every_bound_is_overstepped():
    bodies = [made.body for made in CHATS if "mistake" in made.intent and isinstance(made.body, dict)]
    for name, row in parameters("chat").items():
        numbers = [body[name] for body in bodies if isinstance(body.get(name), (int, float))]
        assert "minimum" not in row.schema or min(numbers) < row.schema["minimum"], name
        assert "maximum" not in row.schema or max(numbers) > row.schema["maximum"], name
