"""What is told of the laws, and what a user does with them: explain, the site's page, known deviations, the gate."""

from __future__ import annotations

import json

import pytest

from conformance.cli import gateway_laws
from conformance.gateway.laws import fix_of, laws, lies
from conformance.gateway.without_sockets import both_ends
from conformance.report.site import SITE, page_of
from conformance.run.conductor import conduct
from conformance.run.options import Options
from conformance.run.run_file import read
from docs.made import gateway_page

LIE = "finish-stop"
"""It breaks a MUST, gateway.finish."""
WEAK = "id-made-up"
"""It breaks a SHOULD, gateway.id."""


def judged(tmp_path, *names: str, **given):
    """The outcome of a run on what passes a gateway that tells one lie."""

    def source(book):
        book.open(
            {
                "base_url": "http://gateway.invalid/v1",
                "model": "reference/scripted",
                "asked_by": "gateway",
                "whole": True,
            }
        )
        exchanges = both_ends(lies()[names[0]] if names else None)
        for x in exchanges:
            book.take(x)
        return {"exchanges": len(exchanges)}

    options = Options.make({"base_url": "http://gateway.invalid/v1", "asked_by": "gateway", "sdk": "off",
                            "report": str(tmp_path / "report"), **given})  # fmt: skip
    return conduct(options, [laws()[id] for id in ("gateway.finish", "gateway.id", "gateway.text")], source=source)


# ---------------------------------------------------------------------- the gate, and what is known


def test_a_must_is_red_and_a_should_is_with_fail_on_should(tmp_path):
    assert judged(tmp_path).exit_code == 0
    assert judged(tmp_path, LIE).exit_code == 1
    assert judged(tmp_path, WEAK).exit_code == 0
    assert judged(tmp_path, WEAK, fail_on="should").exit_code == 1


def test_a_law_that_is_known_to_fail_is_not_red_and_stale_when_it_passes(tmp_path):
    known = tmp_path / "known.toml"
    known.write_text('[[deviation]]\ncheck = "gateway.finish"\nreason = "on purpose"\n')
    outcome = judged(tmp_path, LIE, known=str(known))
    assert (outcome.exit_code, [v.known for v in outcome.verdicts if v.check.id == "gateway.finish"]) == (
        0,
        ["on purpose"],
    )
    stale = judged(tmp_path, known=str(known))
    assert stale.exit_code == 1
    assert [each.record["check"] for each in stale.complaints] == ["gateway.finish"]


def test_an_entry_may_be_about_one_exchange(tmp_path):
    known = tmp_path / "known.toml"
    known.write_text('[[deviation]]\ncheck = "gateway.finish"\nreason = "on purpose"\nexchange = ["gateway.calls"]\n')
    assert judged(tmp_path, LIE, known=str(known)).exit_code == 1  # others fail, too


def test_what_is_written_as_known_passes_the_next_time(tmp_path):
    written = tmp_path / "written.toml"
    assert judged(tmp_path, LIE, write_known=str(written)).exit_code == 0
    assert 'check = "gateway.finish"' in written.read_text()
    assert judged(tmp_path, LIE, known=str(written)).exit_code == 0


def test_an_earlier_run_is_a_gate(tmp_path):
    judged(tmp_path, LIE)
    earlier = (tmp_path / "report/run.jsonl").rename(tmp_path / "earlier.jsonl")
    assert judged(tmp_path, LIE, against=str(earlier), fail_on="regression").exit_code == 0
    judged(tmp_path)
    honest = (tmp_path / "report/run.jsonl").rename(tmp_path / "honest.jsonl")
    outcome = judged(tmp_path, LIE, against=str(honest), fail_on="regression")
    assert outcome.exit_code == 1
    assert read(outcome.files[0]).footer["gate"]["worse"] == ["gateway.finish"]


# ---------------------------------------------------------------------- what is told


def test_explain_tells_a_law_with_what_is_seen(capsys):
    gateway_laws.show(laws()["gateway.finish"], as_json=False)
    words = " ".join(capsys.readouterr().out.split())
    for expected in (
        "MUST",
        "`finish_reason` is the upstream's.",
        lies()[LIE].says,
        'finish_reason is "stop"',
        fix_of("gateway.finish"),
    ):
        assert expected in words
    gateway_laws.show(laws()["gateway.finish"], as_json=True)
    data = json.loads(capsys.readouterr().out)
    assert (data["id"], data["lies"][0]["lie"], data["example"]["lie"]) == ("gateway.finish", LIE, LIE)


def test_all_laws_are_listed(capsys):
    gateway_laws.show_laws(as_json=False)
    told = capsys.readouterr().out
    assert all(id in told for id in laws())
    assert f"{len(laws())} laws over both ends of a gateway" in told


def test_the_sites_page_tells_every_law_where_reports_link_to():
    text = gateway_page.page()
    for law in laws().values():
        assert text.count(f'<tr id="{law.id}">') == 1
        assert page_of(law.id) == f"{SITE}/gateway-laws.html#{law.id}"
    said = text.replace("&#x27;", "'").replace("&quot;", '"')
    assert [lie.name for lie in lies().values() if f"<code>{lie.name}</code>" not in said] == []
    assert "<dt>why</dt>" in text
    assert f"{len(laws())} laws: " in text


@pytest.mark.parametrize("name", ["docs/gateway.md", "docs/servers.md", "CHANGELOG.md"])
def test_documents_say_how_many_laws_there_are(name):
    import re

    from tests.support.checkout import ROOT

    said = re.findall(r"(\d+) laws", (ROOT / name).read_text("utf-8"))
    assert {int(number) for number in said} <= {len(laws())}
