"""What a run leaves on disk when nothing could be judged."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree as xml

import pytest

pytestmark = pytest.mark.usefixtures("elsewhere")


def test_an_endpoint_that_is_not_there_leaves_an_error_for_ci_systems(call):
    code, _, said = call("--base-url=http://127.0.0.1:1/v1")
    assert code == 3
    root = xml.parse("reports/latest/junit.xml").getroot()
    assert (root.get("tests"), root.get("errors"), root.get("failures")) == ("1", "1", "0")
    assert root.find("testsuite/testcase/error").get("message") in said


def test_a_folder_that_cannot_be_written_does_not_hide_why(call):
    Path("file").write_text("in the way")
    code, _, said = call("--base-url=http://127.0.0.1:1/v1", "--report=file/below")
    assert code != 1
    assert "Traceback" not in said
