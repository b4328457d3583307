"""Known deviations: expected, stale, expired, and every way in which such a file can be wrong."""

from __future__ import annotations

import datetime
import tomllib
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from conformance.judge.condition import whole
from conformance.judge.verdicts import MUST, Check, Verdict
from conformance.run import known
from conformance.run.known_first import refuse_to_replace, write_known
from conformance.run.user_error import UserError

TODAY = datetime.date(2026, 11, 20)
IDS = ("stream.done", "chat.id")


def check(id: str) -> Check:
    return Check(id, MUST, lambda x: iter(()), whole, None, (), (), ())


def written(folder, text: str) -> str:
    path = folder / "known.toml"
    path.write_text(text, "utf-8")
    return str(path)


def entry(id: str = "stream.done", more: str = "") -> str:
    return f'[[deviation]]\ncheck = "{id}"\nreason = "because"\n{more}\n'


def applied(folder, text: str, outcome: str):
    deviations = known.load(written(folder, text), IDS)
    verdict = Verdict(check("stream.done"), outcome, reason="a reason")
    [marked], complaints = known.apply(deviations, [verdict], TODAY)
    return marked, complaints


@pytest.mark.parametrize("outcome", ["fail", "untestable"])
def test_listed_and_failing_is_expected(tmp_path, outcome):
    marked, complaints = applied(tmp_path, entry(more='link = "https://example.org/1"'), outcome)
    assert marked.known == "because (https://example.org/1)"
    assert not marked.red(strict=True)
    assert not complaints


def test_listed_and_passing_is_stale_and_says_which_lines_to_delete(tmp_path):
    text = f"# about\n\n{entry('chat.id')}\n# why\n{entry()}"
    marked, [complaint] = applied(tmp_path, text, "pass")
    assert marked.known is None
    assert complaint.check == "stream.done"
    assert complaint.message.endswith("known.toml lists it as a known deviation: delete lines 9-11")
    assert text.split("\n")[8] == "[[deviation]]"


def test_not_exercised_is_kept(tmp_path):
    marked, complaints = applied(tmp_path, entry(), "not-exercised")
    assert (marked.known, marked.outcome, complaints) == (None, "not-exercised", [])


def test_broken_is_never_expected(tmp_path):
    marked, _ = applied(tmp_path, entry(), "broken")
    assert marked.red()


@pytest.mark.parametrize("outcome", ["fail", "pass", "not-exercised", "untestable"])
def test_expired_is_red_whatever_the_verdict(tmp_path, outcome):
    marked, [complaint] = applied(tmp_path, entry(more="expires = 2026-11-19"), outcome)
    assert marked.known is None
    assert "lines 1-4, expired on 2026-11-19: because" in complaint.message


def test_an_entry_holds_on_its_last_day(tmp_path):
    marked, complaints = applied(tmp_path, entry(more="expires = 2026-11-20"), "fail")
    assert marked.known
    assert not complaints


def test_an_empty_file_lists_nothing(tmp_path):
    assert known.load(written(tmp_path, "# none\n"), IDS) == []


MISTAKES = {
    "unknown id": (entry("stream.dome"), "line 2: there is no check 'stream.dome' - did you mean stream.done?"),
    "second entry": (entry() + "\n" + entry("cat.id"), "line 7: there is no check 'cat.id' - did you mean chat.id?"),
    "twice": (entry() + entry(), "line 5: stream.done is listed already at lines 1-3"),
    "no reason": ('[[deviation]]\ncheck = "chat.id"\n', "line 1: reason is missing or no text"),
    "blank reason": ('[[deviation]]\ncheck = "chat.id"\nreason = " "', "line 3: reason is missing or no text"),
    "no check": ('\n[[deviation]]\nreason = "x"\n', "line 2: check is missing or no text"),
    "number": ('[[deviation]]\ncheck = 1\nreason = "x"\n', "line 2: check is missing or no text"),
    "empty entry": ("[[deviation]]\n", "line 1: check is missing or no text"),
    "odd key": (entry(more='lnk = "x"'), "line 4: 'lnk' has no meaning here - did you mean link?"),
    "date as text": (entry(more='expires = "2027-01-01"'), "line 4: expires is no date"),
    "far from any id": (entry("x"), "line 2: there is no check 'x': delete lines 1-3"),
    "no such feature": (entry(more='feature = "tolos"'), "line 4: there is no feature 'tolos' - did you mean tools?"),
    "no such exchange": (entry(more='exchange = "chat.helo"'), "line 4: there is no exchange 'chat.helo' - did you"),
    "both": (entry(more='feature = "tools"\nexchange = "chat.hello"'), "line 5: feature and exchange together"),
    "twice there": (entry(more='exchange = "chat.hello"') * 2, "line 5: stream.done is listed already at lines 1-4"),
    "there and everywhere": (entry(more='exchange = "chat.hello"') + entry(), "is listed already at lines 1-4"),
    "below a string of several lines": (
        '[[deviation]]\ncheck = "chat.id"\nreason = """\n[[deviation]]\nlnk = 1\n"""\nlnk = "x"\n',
        "line 7: 'lnk' has no meaning here",
    ),
    "a table in between": (f"{entry()}[deviation.more]\nx = 1\n", "line 5: 'more' has no meaning here"),
    "a number of many digits": (f"[[deviation]]\ncheck = {'9' * 5000}\n", "not TOML: Exceeds the limit"),
    "a number beyond TOML": (f"[[deviation]]\ncheck = 0x{'f' * 5000}\n", "an integer of more than 64 bits"),
    "not toml": ("[[deviation]]\ncheck = \n", "not TOML: Invalid value (at line 2, column 9)"),
    "other table": (f"{entry()}[other]\n", "line 5: 'other' has no meaning here"),
    "one table": ('[deviation]\ncheck = "chat.id"', "under a [[deviation]] line of its own"),
    "nested deeply": (f"deviation = {'[' * 5000}{']' * 5000}", "nested too deeply"),
    "inline": ('deviation = [{check = "chat.id", reason = "x"}]', "under a [[deviation]] line of its own"),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_a_wrong_file_is_one_line(tmp_path, name):
    text, said = MISTAKES[name]
    with pytest.raises(UserError) as raised:
        known.load(written(tmp_path, text), IDS)
    assert said in str(raised.value)
    assert "\n" not in str(raised.value)


def test_a_file_that_cannot_be_read_is_one_line(tmp_path):
    (tmp_path / "latin.toml").write_bytes(b"\xff\xfe")
    for name, said in (("none.toml", "No such file"), ("", "directory"), ("latin.toml", "UTF-8")):
        with pytest.raises(UserError, match=said):
            known.load(str(tmp_path / name), IDS)


# ---------------------------------------------------------------------- an entry for some exchanges alone


def narrowed(folder, text: str, verdict: Verdict, **asking):
    return known.apply(known.load(written(folder, text), IDS), [verdict], TODAY, asking)


def fails(*where: str, judged: tuple[str, ...] = ("chat.hello", "tools.auto"), **more) -> Verdict:
    return Verdict(check("stream.done"), "fail", judged, (((where), "x is 1"),), **more)


HELLO = entry(more='exchange = "chat.hello"')
TOOLS = entry(more='feature = "tools"')


def test_an_entry_for_one_exchange_expects_the_failure_there_alone(tmp_path):
    for where, expected in (
        (("chat.hello",), True),
        (("chat.hello + tools.auto",), True),
        (("chat.hello", "tools.auto"), False),
    ):
        [marked], complaints = narrowed(tmp_path, HELLO, fails(*where))
        assert (marked.known is not None, complaints) == (expected, []), where


def test_an_entry_for_a_feature_expects_it_where_that_is_asked_for(tmp_path):
    [marked], complaints = narrowed(tmp_path, TOOLS, fails("tools.auto"), tools={"tools.auto"})
    assert (marked.known, complaints) == ("because", [])
    [marked], [complaint] = narrowed(tmp_path, TOOLS, fails("chat.hello"), tools={"tools.auto"})
    assert marked.known is None
    assert "passes where tools is asked for although" in complaint.message


def test_it_is_stale_where_that_exchange_passes_and_kept_where_nobody_looked(tmp_path):
    [marked], [complaint] = narrowed(tmp_path, HELLO, fails("tools.auto"))
    assert marked.red()
    assert complaint.message.startswith("passes on chat.hello although ")
    assert complaint.message.endswith("lists it as a known deviation: delete lines 1-4")
    elsewhere = Verdict(check("stream.done"), "pass", ("tools.auto",))
    for verdict in (elsewhere, fails("tools.auto", judged=("tools.auto",))):
        assert narrowed(tmp_path, HELLO, verdict)[1] == []
    assert narrowed(tmp_path, HELLO, replace(elsewhere, exchanges=("chat.hello",)))[1] != []


def test_what_was_not_asked_about_in_full_is_not_stale_but_where_all_that_is_named_was_judged(tmp_path):
    passes = Verdict(check("stream.done"), "pass", ("chat.hello",))
    for text, asked, stale in (
        (entry(), True, True),
        (entry(), False, False),
        (TOOLS, False, False),
        (HELLO, False, True),
        (entry(more='exchange = ["chat.hello", "tools.auto"]'), False, False),
        (entry(more='exchange = ["chat.hello", "tools.auto"]'), True, True),
    ):
        deviations = known.load(written(tmp_path, text))
        asking = {"tools": {"chat.hello"}}
        _, complaints = known.apply(deviations, [passes], TODAY, asking, asked=lambda check, whole=asked: whole)
        assert bool(complaints) == stale, (text, asked)
        assert all(complaint.stale for complaint in complaints)


def test_two_entries_may_cover_a_failure_together(tmp_path):
    [marked], complaints = narrowed(tmp_path, HELLO + TOOLS, fails("chat.hello", "tools.auto"), tools={"tools.auto"})
    assert (marked.known, complaints) == ("because", [])


def test_exchanges_of_recordings_that_are_not_named_are_not_covered(tmp_path):
    text = entry(more='exchange = "file.har#1"')
    for more, expected in (({}, True), ({"counts": (7,)}, False), ({"left_out": 2}, False)):
        [marked], complaints = narrowed(tmp_path, text, fails("file.har#1", judged=("file.har#1",), **more))
        assert (marked.known is not None, complaints) == (expected, [])


# ---------------------------------------------------------------------- the first file


def test_what_is_written_first_is_read_and_expects_just_that(tmp_path):
    path = str(tmp_path / "new" / "known.toml")
    found = [
        fails("chat.hello"),
        Verdict(check("chat.id"), "untestable", ("chat.hello",), reason="gone"),
        Verdict(check("chat.pass"), "pass", ("chat.hello",)),
        Verdict(check("chat.known"), "fail", ("chat.hello",), known="on purpose"),
    ]
    assert write_known(path, [found], "an endpoint").startswith("2 known deviations were written to ")
    deviations = known.load(path, IDS)
    assert [each.check for each in deviations] == ["stream.done", "chat.id"]
    assert deviations[0].reason == "to be filled in: x is 1"
    marked, complaints = known.apply(deviations, found, TODAY)
    assert (all(each.known for each in marked if each.outcome != "pass"), complaints) == (True, [])
    [said] = known.unexplained(deviations)
    assert said == f"known deviations without a reason: stream.done ({path}, lines 7-9) and 1 more"


def partly(*failing: str, judged=("a+stream", "chat.hello", "tools.auto")) -> Verdict:
    problems = tuple(((id,), "x is 1") for id in failing)
    return Verdict(check("stream.done"), "fail", judged, problems, judged=len(judged), failed=len(failing))


def test_what_fails_on_some_exchanges_is_expected_there_alone(tmp_path):
    path = str(tmp_path / "known.toml")
    write_known(path, [[partly("chat.hello", "tools.auto")]], "an endpoint")
    [entry] = known.load(path, IDS)
    assert entry.exchanges == ("chat.hello", "tools.auto")
    for failing, expected in ((("chat.hello",), True), (("chat.hello", "a+stream"), False)):
        [marked], complaints = known.apply([entry], [partly(*failing)], TODAY)
        assert (marked.known is not None, complaints) == (expected, [])


@pytest.mark.parametrize(
    "runs",
    [[partly("a+stream", "chat.hello", "tools.auto")], [partly("chat.hello"), partly("tools.auto")]],
    ids=["on all", "by chance"],
)
def test_what_fails_everywhere_or_by_chance_is_expected_everywhere(tmp_path, runs):
    path = str(tmp_path / "known.toml")
    write_known(path, [[verdict] for verdict in runs], "an endpoint")
    assert [each.place for each in known.load(path, IDS)] == [""]


def test_what_fails_in_some_runs_only_is_there_sometimes(tmp_path):
    path, passes = str(tmp_path / "known.toml"), Verdict(check("stream.done"), "pass", ("chat.hello",))
    other = Verdict(check("chat.id"), "fail", ("chat.hello",), ((("chat.hello",), "id is null"),))
    write_known(path, [[passes, other], [fails("chat.hello"), other]], "an endpoint")
    deviations = known.load(path, IDS)
    assert [(each.check, each.sometimes) for each in deviations] == [("stream.done", True), ("chat.id", False)]


@pytest.mark.parametrize(
    ("outcome", "expected"), [("fail", True), ("pass", False), ("untestable", True), ("broken", False)]
)
def test_what_is_there_sometimes_is_expected_and_never_stale(tmp_path, outcome, expected):
    marked, complaints = applied(tmp_path, entry(more="sometimes = true"), outcome)
    assert (marked.known is not None, complaints) == (expected, [])


@pytest.mark.parametrize("value", ['"true"', "1"])
def test_sometimes_is_true_or_false(tmp_path, value):
    with pytest.raises(UserError, match="line 4: sometimes is neither true nor false"):
        known.load(written(tmp_path, entry(more=f"sometimes = {value}")), IDS)


def test_what_was_set_aside_may_be_named(tmp_path):
    [deviation] = known.load(written(tmp_path, entry(more='exchange = "chat.hello~refused"')), IDS)
    assert deviation.exchanges == ("chat.hello~refused",)


def test_what_hangs_on_chance_by_its_nature_is_there_sometimes_after_one_run(tmp_path):
    path, by_chance = str(tmp_path / "known.toml"), replace(check("stream.done"), chance=True)
    write_known(path, [[replace(fails("chat.hello"), check=by_chance)]], "an endpoint")
    assert known.load(path, IDS)[0].sometimes


@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(st.characters(), max_size=300))
def test_whatever_an_endpoint_said_cannot_break_out_of_it(tmp_path, text):
    path = tmp_path / "known.toml"
    path.unlink(missing_ok=True)
    verdict = Verdict(check("stream.done"), "fail", ("a",), (((text,), text),))
    write_known(str(path), [[verdict]], text)
    [deviation] = known.load(str(path), IDS)
    assert deviation.check == "stream.done"
    assert path.read_text("utf-8").count("\n[[deviation]]\n") == 1


@pytest.mark.parametrize(("level", "written_ids"), [("must", ["a"]), ("should", ["a", "b"]), ("may", ["a", "b", "c"])])
def test_only_what_fails_at_a_level_or_a_stricter_one_is_written(tmp_path, level, written_ids):
    levels = {"a": MUST, "b": "should", "c": "may"}
    verdicts = [replace(fails("chat.hello"), check=replace(check(id), level=of)) for id, of in levels.items()]
    path = tmp_path / "first.toml"
    write_known(str(path), [verdicts], "an endpoint", level)
    assert [each["check"] for each in tomllib.loads(path.read_text())["deviation"]] == written_ids


def test_an_existing_file_is_never_replaced(tmp_path):
    path = written(tmp_path, "# mine\n")
    for call in (lambda: refuse_to_replace(path), lambda: write_known(path, [[fails("a")]], "x")):
        with pytest.raises(UserError, match="it exists already, and is not replaced"):
            call()
    assert (tmp_path / "known.toml").read_text() == "# mine\n"
