"""What the reports say of recorded runs stays what was reviewed, and their numbers are those of the run.

Where a change is meant, `nox -s rendered` writes the texts again, and their diff is reviewed.
"""

from __future__ import annotations

import re
from collections import Counter
from xml.etree import ElementTree as xml

import pytest

from tests.support import rendered, variants


@pytest.mark.parametrize("name", rendered.VIEWS)
def test_a_report_says_what_was_reviewed(name):
    assert rendered.made(name).splitlines() == rendered.recorded(name).splitlines()


def test_what_reports_say_of_a_run_with_a_part_missing_or_changed_is_recorded():
    recorded, found = variants.recorded(), variants.made()
    changed = {name for name, held in found.items() if recorded.get(name) != held}
    assert (sorted(changed), set(recorded) - set(found)) == ([], set()), "if meant: nox -s rendered"


def outcomes(run, level):
    return Counter(v["outcome"] for v in run.verdicts if v["level"] == level)


@pytest.mark.parametrize("name", ["checks", "earlier"])
def test_the_numbers_of_a_summary_are_those_of_the_verdicts(name):
    run = rendered.run(name)
    text = rendered.printed(lambda console: rendered.show_summary(run, "out/index.html", console))
    for level in ("must", "should", "may"):
        counted = outcomes(run, level)
        row = re.search(rf"^ *{level.upper()} +([\d ]+?)$", text, re.MULTILINE)
        numbers = Counter(map(int, row[1].split()))
        for number in counted.values():
            assert numbers[number], (level, counted, row[0])


def test_the_numbers_of_junit_are_those_of_the_verdicts():
    run = rendered.run("checks")
    root = xml.fromstring(rendered.made("checks.junit.xml"))
    checks = [case for case in root.iter("testcase") if case.get("name") in {v["check"] for v in run.verdicts}]
    assert len(checks) == len(run.verdicts)
    for element in [root, *root.findall("testsuite")]:
        cases = list(element.iter("testcase"))
        assert int(element.get("tests")) == len(cases)
        for plural, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
            assert int(element.get(plural)) == sum(case.find(tag) is not None for case in cases), (
                element.get("name"),
                tag,
            )
