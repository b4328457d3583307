"""A report is whole or not there."""

from __future__ import annotations

import os

import pytest

from conformance.run.whole_file import write_whole


def test_a_text_that_cannot_be_written_leaves_what_was_there_and_nothing_else(tmp_path):
    path = tmp_path / "page.html"
    write_whole(path, "whole")
    with pytest.raises(UnicodeEncodeError):
        write_whole(path, "half\ud800")
    assert [each.name for each in tmp_path.iterdir()] == ["page.html"]
    assert path.read_text() == "whole"


@pytest.mark.skipif(not hasattr(os, "O_TMPFILE"), reason="only Linux has files without a name")
def test_a_file_has_no_name_until_it_is_whole(tmp_path, monkeypatch):
    link, seen = os.link, []

    def looking(source, path, **more):
        seen.append([*tmp_path.iterdir()])
        link(source, path, **more)

    monkeypatch.setattr(os, "link", looking)
    write_whole(tmp_path / "page.html", "é whole")
    assert seen == [[]]
    assert (tmp_path / "page.html").read_text("utf-8") == "é whole"


def test_where_there_are_no_such_files_it_is_written_all_the_same(tmp_path, monkeypatch):
    def refuses(*given, **more):
        raise OSError(95, "Operation not supported")

    monkeypatch.setattr(os, "link", refuses)
    write_whole(tmp_path / "page.html", "whole")
    assert [each.name for each in tmp_path.iterdir()] == ["page.html"]
    assert (tmp_path / "page.html").read_text() == "whole"
