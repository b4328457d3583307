"""A report is whole or not there."""

from __future__ import annotations

import pytest

from conformance.run.whole_file import write_whole


def test_a_text_that_cannot_be_written_leaves_what_was_there_and_nothing_else(tmp_path):
    path = tmp_path / "page.html"
    write_whole(path, "whole")
    with pytest.raises(UnicodeEncodeError):
        write_whole(path, "half\ud800")
    assert [each.name for each in tmp_path.iterdir()] == ["page.html"]
    assert path.read_text() == "whole"
