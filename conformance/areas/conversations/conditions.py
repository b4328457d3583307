"""Which exchanges are about one conversation, about its items, or make a response in it; and which of them belong together."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from urllib.parse import parse_qs, unquote, urlsplit

from conformance.exchange import Exchange, Unreadable, find, remembered
from conformance.judge.condition import Condition, request
from conformance.judge.conditions import ok, post, route
from conformance.judge.mistakes import mistaken
from conformance.judge.verdicts import Relation

WORD = "marmalade"
"""What the model is asked to remember: no word that it would say by itself."""
ROUTES = ("conversations", "conversation", "conversation-items", "conversation-item")

get = request("sent with GET")(lambda x: x.method == "GET")
delete = request("sent with DELETE")(lambda x: x.method == "DELETE")
there = ~request("for what was deleted")(lambda x: "gone" in x.intent)


@request("that names a conversation")
def in_conversation(x: Exchange) -> bool:
    """By a text or an object with an id; an empty one names none."""
    return conversation_of(x) is not None


making = Condition("to make a conversation", (route("conversations") & post & ~mistaken).test)
described = Condition(
    "that describes a conversation", ((making | route("conversation") & (get | post)) & there & ok).test
)
turn = Condition("of a response in a conversation", (route("responses") & post & in_conversation & ~mistaken).test)
served = Condition("of a response that was made in a conversation", (turn & ok).test)
listing = Condition("of items of a conversation", (route("conversation-items") & get & ok).test)
adding = Condition("to add items to a conversation", (route("conversation-items") & post & ok).test)
any_list = Condition("of items of a conversation, or of those that were added to it", (listing | adding).test)
one_item = Condition("of an item of a conversation", (route("conversation-item") & get & there & ok).test)
taking_out = Condition("to delete an item of a conversation", (route("conversation-item") & delete & ok).test)
deleting = Condition("to delete a conversation", (route("conversation") & delete & ok).test)


def queried(x: Exchange, name: str) -> str | None:
    """A parameter of the query, the last where it comes twice."""
    return parse_qs(urlsplit(x.url).query).get(name, [None])[-1]


def _steps(x: Exchange) -> list[str]:
    """The steps of the path behind /conversations."""
    return [unquote(step) for step in urlsplit(x.url).path.partition("/conversations/")[2].split("/") if step]


@remembered
def conversation_of(x: Exchange) -> str | None:
    """The conversation that a request names, in its path or by `conversation`."""
    given = x.asked.get("conversation") if x.route == "responses" else None
    id = (
        given
        if isinstance(given, str)
        else find(given, "id")
        if isinstance(given, dict)
        else next(iter(_steps(x)), None)
    )
    return id if isinstance(id, str) and id else None


def item_of(x: Exchange) -> tuple[str, str] | None:
    """The conversation and the item that a path names."""
    steps = _steps(x)
    return (steps[0], steps[2]) if len(steps) == 3 else None


@remembered
def made_id(x: Exchange) -> str | None:
    """The id of the conversation that an exchange made, None where it made none that can be read."""
    try:
        id = find(x.json, "id") if x.ok and x.route == "conversations" else None
    except Unreadable:
        return None
    return id if isinstance(id, str) and id else None


def _place(x: Exchange) -> str:
    """Where the routes of this server begin."""
    url = x.url.partition("?")[0]
    return url.partition("/conversations")[0].removesuffix("/responses")


def stories(exchanges: Sequence[Exchange]) -> Iterator[tuple[Exchange, list[Exchange]]]:
    """Each conversation that was made, with all that came later about it; none whose id recorders gave to several."""
    made: dict[tuple[str, str], Exchange | None] = {}
    for x in exchanges:
        if (id := made_id(x)) is not None:
            made[(_place(x), id)] = None if (_place(x), id) in made else x
    later: dict[tuple[str, str], list[Exchange]] = {key: [] for key, x in made.items() if x is not None}
    for x in exchanges:
        if x.route in ("responses", *ROUTES[1:]) and (id := conversation_of(x)) and (_place(x), id) in later:
            later[(_place(x), id)].append(x)
    yield from ((x, later[key]) for key, x in made.items() if x is not None)


def _pairs(wanted: Callable[[Exchange], object]) -> Callable[[Sequence[Exchange]], Iterator[tuple[Exchange, ...]]]:
    def found(exchanges: Sequence[Exchange]) -> Iterator[tuple[Exchange, ...]]:
        yield from ((made, x) for made, later in stories(exchanges) for x in later if wanted(x))

    return found


described_again = Relation("conversation that was made and then asked for, or changed", _pairs(
    lambda x: x.route == "conversation" and x.method != "DELETE" and "gone" not in x.intent))  # fmt: skip
"""(made, the later answer)"""


def _used(exchanges: Sequence[Exchange]) -> Iterator[tuple[Exchange, ...]]:
    """Requests for a response that names one history alone. A refusal tells of what names it only where nothing was served that is named
    so: any other is for what else was asked, or for when."""
    for made, later in stories(exchanges):
        turns = [
            x for x in later if x.route == "responses" and not mistaken(x) and not x.asked.get("previous_response_id")
        ]
        served = {type(x.asked["conversation"]) for x in turns if x.ok}
        yield from ((made, x) for x in turns if x.ok or type(x.asked["conversation"]) not in served)


used = Relation("conversation that was made and then named by a request for a response", _used)
"""(made, the request for a response in it)"""
