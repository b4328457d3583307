"""How long a URL, how many headers and how many characters of them an entry may have: so much is judged, and one more is not."""

from __future__ import annotations

import json

import pytest

from conformance.exchange import Exchange
from conformance.record import entries
from conformance.record.entries import Skipped
from tests.support.recordings import HONEST, har, har_entry, read

X = HONEST["chat.hello"]


def came(tmp_path, **changes: object) -> Exchange | Skipped:
    """What comes of an entry whose request is changed so."""
    entry = har_entry(X)
    entry["request"] |= changes
    path = tmp_path / "a.har"
    path.write_text(json.dumps(har([entry])))
    [found] = read(path)
    return found


def headers(*pairs: tuple[str, str]) -> list[dict[str, str]]:
    return [{"name": name, "value": value} for name, value in pairs]


@pytest.mark.parametrize(("more", "judged"), [(0, True), (1, False)])
def test_headers_have_a_number_and_a_size(more, judged, tmp_path):
    assert (entries.HEADERS, entries.HEADER_BYTES, entries.URL_LENGTH) == (1000, 262_144, 16_384)
    many = came(tmp_path, headers=headers(*[("a", "b")] * (1000 + more)))
    long = came(tmp_path, headers=headers(("abc", "x" * (262_141 + more))))
    for found in (many, long):
        assert isinstance(found, Exchange) is judged
        assert judged or found.reason == "more than 1,000 headers, or 262,144 characters of them"
    assert not judged or len(many.request_headers) == 1000


@pytest.mark.parametrize(("more", "judged"), [(0, True), (1, False)])
@pytest.mark.parametrize("host", ["http://h", "<host>"])
def test_a_url_has_a_length(more, judged, host, tmp_path):
    url = f"{host}/v1/chat/completions?a="
    found = came(tmp_path, url=url + "x" * (16_384 + more - len(url)))
    assert isinstance(found, Exchange) is judged
    assert judged or found.reason.startswith("its URL is ")


@pytest.mark.parametrize(
    ("status", "words"),
    [(99, "its status is 99"), (1000, "its status is 1000"), (True, "its status is true"), ("2x", 'its status is "2x"'),
     (0, "without an answer"),
     (100, None), (999, None), (" 201 ", None), ("0201", None)],
)  # fmt: skip
def test_a_status_is_a_number_of_three_digits(status, words, tmp_path):
    entry = har_entry(X)
    entry["response"]["status"] = status
    (tmp_path / "a.har").write_text(json.dumps(har([entry])))
    [found] = read(tmp_path / "a.har")
    assert found.status == int(status) if words is None else (found.reason, found.fault) == (words, status != 0)
