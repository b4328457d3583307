"""A verdict has a scope: what was judged of what was asked, what is not offered, which profile fits; without its core nothing conforms."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest

from conformance.areas.catalogue import area_of, catalogue, core, features, judge, parts, probes
from conformance.judge.decider import Decided, Decider
from conformance.judge.verdicts import MUST, Verdict
from conformance.run.options import PROFILES, Options
from conformance.run.run_file import read
from conformance.run.scope import Lack, scope
from conformance.send.embedded import Reference
from conformance.send.inprocess import exchanges
from tests.support import refusers

UNSTAGED = [probe for probe in probes() if probe.stage is None]
HAVE = dict.fromkeys(features(), "supported")


@cache
def judged(server: str):
    """The verdicts and decisions on one of the servers that refuse; "" is the honest one."""
    these = exchanges(getattr(refusers, server) if server else None, UNSTAGED)
    decider = Decider(features().values())
    for x in these:
        decider.add(x)
    return judge(these), decider.finish()


def decided(**decisions: str) -> list[Decided]:
    return [Decided(each, (HAVE | decisions)[name], "why") for name, each in features().items()]


def verdicts(idle: tuple[str, ...] = (), only: tuple[str, ...] = ()) -> list[Verdict]:
    """A pass of every check, but that those of idle areas had nothing to judge."""
    return [
        Verdict(each, "not-exercised" if area_of(each) in idle else "pass")
        for each in catalogue().values()
        if not only or area_of(each) in only
    ]


def test_all_that_was_asked_for_is_there():
    found = scope(Options(), verdicts(), decided(reasoning_effort="refused"))
    assert (found.whole, found.lacking, found.profile, found.short_of, found.idle) == (True, (), PROFILES[-1], None, ())
    assert found.within == tuple(parts().values())
    assert found.within[:2] == ("chat", "streaming")
    assert found.exercised == found.musts == sum(each.level == MUST for each in catalogue().values())


@pytest.mark.parametrize(
    ("lacks", "profile", "next_one", "lacking"),
    [
        ("json_object", None, "chat", "JSON mode"),
        ("tools", "chat", "agents", "tools"),
        ("logprobs", "agents", "full", "logprobs"),
    ],
)
@pytest.mark.parametrize("decision", ["refused", "ignored", "broken", "absent", "undecided"])
def test_the_profile_that_fits_has_all_its_features(lacks, profile, next_one, lacking, decision):
    found = scope(Options(), verdicts(), decided(**{lacks: decision}))
    assert (found.whole, found.profile) == (False, profile)
    assert found.lacking == (Lack(lacks, lacking, decision),)
    assert found.short_of == {"profile": next_one, "lacks": [lacking], "seen": decision != "undecided"}


def test_a_profile_that_is_asked_for_is_enough():
    at_chat = decided(tools="refused")
    assert scope(Options(profile="chat"), verdicts(), at_chat).whole
    assert not scope(Options(profile="agents"), verdicts(), at_chat).whole


def test_the_parts_of_what_is_lacking_are_not_named_beside_it():
    hanging = {name: "refused" for name, each in features().items() if each.part_of == "tools"}
    assert [lack.feature for lack in scope(Options(), verdicts(), decided(tools="refused", **hanging)).lacking] == [
        "tools"
    ]
    assert len(scope(Options(), verdicts(), decided(**hanging)).lacking) == sum(
        features()[n].profile is not None for n in hanging
    )


def test_an_area_has_enough_where_half_of_its_checks_had_something():
    table = verdicts()
    streams = [n for n, each in enumerate(table) if area_of(each.check) == "stream"]
    for keep in (len(streams) // 2 - 1, len(streams) // 2 + 1):
        some = list(table)
        for n in streams[keep:]:
            some[n] = replace(some[n], outcome="not-exercised")
        found = scope(Options(), some, decided())
        musts = [some[n] for n in streams if some[n].check.level == MUST]
        enough = any(
            2 * sum(v.outcome == "pass" for v in part) >= len(part) for part in (musts, [some[n] for n in streams])
        )
        assert (found.idle == (), "streaming" in found.within, found.whole) == (enough,) * 3


def test_what_could_not_be_tested_was_not_judged():
    """It is red, so nothing is idle for it; but of such an area nothing is known."""
    silent = [replace(v, outcome="untestable") if area_of(v.check) == "logprobs" else v for v in verdicts()]
    found = scope(Options(), silent, decided())
    assert set(parts().values()) - set(found.within) == {parts()["logprobs"]}
    assert found.idle == ()


def test_all_but_some_areas_is_no_whole_and_leaves_the_core_as_it_is():
    left = tuple({area_of(each) for each in catalogue().values()} - {"tools"})
    for idle, lost in ((("limits",), []), (("chat",), ["chat"])):
        found = scope(Options(exclude=("tool",)), verdicts(idle=idle, only=left), decided())
        assert (found.asked, [each.area for each in found.idle]) == ("areas", lost)
        assert "chat" in found.within or lost
    ids = [each.id for each in catalogue().values() if area_of(each) == "chat"]
    assert scope(Options(exclude=tuple(ids)), verdicts(only=tuple({*left} - {"chat"})), decided()).idle == ()


def test_the_core_must_have_been_judged_and_nothing_else_must():
    assert core() == {"chat", "stream"}
    for area in {area_of(each) for each in catalogue().values()}:
        found = scope(Options(), verdicts(idle=(area,)), decided(streaming="absent"))
        assert [each.area for each in found.idle] == ([area] if area in core() else []), area
        assert parts().get(area) not in found.within
    [idle] = scope(Options(), verdicts(idle=("stream",)), decided(streaming="absent")).idle
    assert (idle.words, idle.idle, idle.why) == ("streaming", idle.of, "streaming is absent: why")


@pytest.mark.parametrize("decision", ["refused", "absent", "broken", "undecided"])
def test_what_the_endpoint_says_that_it_has_not_was_judged_unless_it_was_asked_for_by_name(decision):
    idle = ["stream"] if decision != "refused" else []
    found = scope(Options(), verdicts(idle=("stream",)), decided(streaming=decision))
    assert [each.area for each in found.idle] == idle
    assert ("streaming" in found.within, found.whole) == (False, False)
    assert Lack("streaming", "streaming", decision) in found.lacking
    named = scope(Options(only=("stream",)), verdicts(idle=("stream",), only=("stream",)), decided(streaming=decision))
    assert [each.area for each in named.idle] == ["stream"]


def test_a_quick_run_lacks_nothing_that_it_did_not_ask_for():
    quick = Options(depth="quick")
    found = scope(quick, verdicts(), decided(seed="undecided", custom_tools="undecided"))
    assert (found.whole, found.quick, found.lacking) == (True, True, ())
    assert not scope(Options(), verdicts(), decided(seed="undecided")).whole
    seen = scope(quick, verdicts(), decided(seed="ignored"))
    assert (seen.whole, [lack.feature for lack in seen.lacking]) == (False, ["seed"])
    assert not scope(quick, verdicts(idle=("chat",)), decided()).whole
    assert not scope(Options(depth="quick", profile="chat"), verdicts(), decided(developer_role="undecided")).whole


def test_of_what_was_asked_for_by_name_all_is_the_core():
    only = scope(Options(only=("tool",)), verdicts(idle=("tools",), only=("tools",)), decided(tools="refused"))
    assert ([each.area for each in only.idle], only.within, only.asked) == (["tools"], (), "areas")
    fine = scope(Options(only=("tool",)), verdicts(only=("tools",)), decided(logprobs="refused", functions="undecided"))
    assert (fine.idle, fine.within, fine.lacking, fine.whole) == ((), ("tools",), (), True)
    assert not scope(Options(only=("tool",)), verdicts(only=("tools",)), decided(functions="ignored")).whole


def test_a_run_of_some_endpoints_has_the_core_of_chat_only_with_chat():
    idle = verdicts(idle=("chat", "stream"))
    found = scope(Options(endpoints=("embeddings",)), idle, decided(tools="undecided", streaming="undecided"))
    assert (found.asked, found.idle, found.lacking, found.whole) == ("areas", (), (), True)
    assert "embeddings" in found.within
    assert "chat" not in found.within
    assert [each.area for each in scope(Options(endpoints=("embeddings,chat",)), idle, decided()).idle] == [
        "chat",
        "stream",
    ]


def test_musts_that_fail_as_known_are_counted():
    table = [replace(each, outcome="fail", known="so it is") if n < 3 else each for n, each in enumerate(verdicts())]
    assert scope(Options(), table, decided()).known == sum(each.check.level == MUST for each in table[:3])


@pytest.mark.parametrize(("server", "within", "lacking", "idle"), [
    ("", {"tools", "structured output", "logprobs"}, set(), []),
    ("NO_TOOLS", {"structured output", "logprobs"}, {"tools"}, []),
    ("LEAN", set(), {"tools", "JSON mode", "JSON schemas", "logprobs"}, []),
    ("NO_STREAMS", {"tools", "structured output", "logprobs"}, {"streaming"}, []),
])  # fmt: skip
def test_what_servers_are_said_to_offer(server, within, lacking, idle):
    found = scope(Options(), *judged(server))
    always = {"chat", "streaming"} - lacking
    others = {"embeddings", "speech"}  # each by itself
    assert set(found.within) - others == within | always
    refused = {lack.words for lack in found.lacking if lack.decision == "refused"}
    assert refused - {"JSON schemas"} == lacking - {"JSON schemas"}
    assert [each.area for each in found.idle] == idle


# ---------------------------------------------------------------------- the gate, and every view


def page(text: str) -> str:
    return " ".join(text.split())


@pytest.mark.usefixtures("elsewhere")
def test_every_view_of_a_lean_server_says_what_it_conforms_in(call, monkeypatch):
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", "summary.md")
    monkeypatch.setenv("GITHUB_OUTPUT", "output.txt")
    with Reference(lie=refusers.LEAN) as server:
        code, out, _ = call("--sdk=off", "--depth=quick", server=server)
    folder = Path("reports/latest")
    run = read(folder / "run.jsonl")
    held = run.footer["scope"]
    assert (code, held["whole"], run.footer["gate"]["conforms"]) == (0, False, True)
    assert held["within"] == ["chat", "streaming", "embeddings"]
    word = "CONFORMS IN CHAT, STREAMING AND EMBEDDINGS"
    assert out.startswith(f"{word}  ")
    idle = f"{held['musts'] - held['exercised']} of {held['musts']} MUST had nothing to judge"
    for said in ("does not offer tools, JSON mode", "fits no profile (chat also wants", idle):
        assert said in page(out), said
    html = (folder / "index.html").read_text()
    assert "drop-in replacement</h1>" not in html
    assert "<h1>Conforms in chat, streaming and embeddings; does not offer tools, JSON mode" in html
    assert '<section class="verdict warns"' in html
    badge = (folder / "badge.svg").read_text()
    assert f"OpenAI API: {word.lower()}, " in badge
    assert '"#1a7f37"' not in badge
    assert '"#8a5a00"' in badge
    summary = Path("summary.md").read_text()
    assert summary.startswith(f"## openai-conformance: {word}\n")
    assert "does not offer tools, JSON mode" in summary
    assert f"verdict={word.lower()}\nprofile=\n" in Path("output.txt").read_text()
    junit = (folder / "junit.xml").read_text()
    assert f'<property name="verdict" value="{word}: does not offer tools, JSON mode' in junit


@pytest.mark.usefixtures("elsewhere")
def test_a_server_that_says_it_has_no_streams_is_judged_for_what_it_does(call):
    with Reference(lie=refusers.NO_STREAMS) as server:
        code, out, _ = call("--sdk=off", "--depth=quick", server=server)
        footer = read("reports/latest/run.jsonl").footer
        assert (code, footer["gate"]["conforms"], footer["scope"]["whole"]) == (0, True, False), out
        assert out.startswith("CONFORMS IN CHAT, ")
        assert "does not offer streaming" in page(out)
        assert '"#1a7f37"' not in Path("reports/latest/badge.svg").read_text()
        assert call("--sdk=off", "--depth=quick", "--only=stream", "--report=only", server=server)[0] == 3
        asked = ("--sdk=off", "--depth=quick", "--against=reports/latest/run.jsonl", "--report=again")
        assert call(*asked, server=server)[0] == 0  # no news: it had as little then


@pytest.mark.usefixtures("elsewhere")
def test_what_refuses_the_core_now_and_did_not_is_no_green_news(call):
    with Reference() as server:
        call("--sdk=off", "--depth=quick", "--report=before", server=server)
    with Reference(lie=refusers.NO_STREAMS) as server:
        code, out, _ = call("--sdk=off", "--depth=quick", "--against=before/run.jsonl", server=server)
    assert (code, "NO REGRESSION" in out) == (3, False), out


def test_the_scope_in_a_run_file_is_plain_data():
    assert json.loads(json.dumps(scope(Options(), verdicts(), decided(tools="refused")).record))["asked"] == "all"
