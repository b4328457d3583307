"""Known deviations: expected, stale, expired, and every way in which such a file can be wrong."""

from __future__ import annotations

import datetime

import pytest

from conformance import known
from conformance.catalogue import MUST, Check, Verdict
from conformance.conditions import whole
from conformance.options import Mistake

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
    "unknown id": (entry("stream.dome"), "line 1: there is no check 'stream.dome' - did you mean stream.done?"),
    "second entry": (entry() + "\n" + entry("cat.id"), "line 6: there is no check 'cat.id' - did you mean chat.id?"),
    "twice": (entry() + entry(), "line 5: stream.done is listed already at lines 1-3"),
    "no reason": ('[[deviation]]\ncheck = "chat.id"\n', "line 1: reason is missing or no text"),
    "blank reason": ('[[deviation]]\ncheck = "chat.id"\nreason = " "', "line 1: reason is missing or no text"),
    "no check": ('\n[[deviation]]\nreason = "x"\n', "line 2: check is missing or no text"),
    "number": ('[[deviation]]\ncheck = 1\nreason = "x"\n', "line 1: check is missing or no text"),
    "empty entry": ("[[deviation]]\n", "line 1: check is missing or no text"),
    "odd key": (entry(more='lnk = "x"'), "line 1: 'lnk' has no meaning here - did you mean link?"),
    "date as text": (entry(more='expires = "2027-01-01"'), "expires is no date"),
    "not toml": ("[[deviation]]\ncheck = \n", "not TOML: Invalid value (at line 2, column 9)"),
    "other table": (f"{entry()}[other]\n", "'other' has no meaning here"),
    "one table": ('[deviation]\ncheck = "chat.id"', "under a [[deviation]] line of its own"),
    "inline": ('deviation = [{check = "chat.id", reason = "x"}]', "under a [[deviation]] line of its own"),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_a_wrong_file_is_one_line(tmp_path, name):
    text, said = MISTAKES[name]
    with pytest.raises(Mistake) as raised:
        known.load(written(tmp_path, text), IDS)
    assert said in str(raised.value)
    assert "\n" not in str(raised.value)


def test_a_file_that_cannot_be_read_is_one_line(tmp_path):
    (tmp_path / "latin.toml").write_bytes(b"\xff\xfe")
    for name, said in (("none.toml", "No such file"), ("", "directory"), ("latin.toml", "UTF-8")):
        with pytest.raises(Mistake, match=said):
            known.load(str(tmp_path / name), IDS)
