"""What the head alone says of a request: whether all of it is there, and nothing else."""

from __future__ import annotations

import pytest

from conformance.watch.heads import addressed, is_one
from conformance.watch.upstream import Upstream

POST = b"POST /v1/x HTTP/1.1\r\nHost: a\r\n"


@pytest.mark.parametrize(
    ("data", "whole"),
    [
        (b"GET /v1/models HTTP/1.1\r\nHost: a\r\n\r\n", True),
        (POST + b"Content-Length: 2\r\n\r\n{}", True),
        (POST + b"content-LENGTH:\t2 \r\n\r\n{}", True),
        (POST + b"Content-Length: 2\n\n{}", True),
        (POST + b"Content-Length: 3\r\n\r\n{}", False),  # more is to come
        (POST + b"Content-Length: 2\r\n\r\n{}GET", False),  # another begins
        (POST + b"Content-Length: 2\r\nContent-Length: 2\r\n\r\n{}", False),
        (POST + b"Content-Length: two\r\n\r\n{}", False),
        (POST + b"Content-Length: -2\r\n\r\n", False),
        (POST + b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n", False),
        (POST + b"Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n", False),
        (POST + b"Upgrade: websocket\r\n\r\n", False),
        (POST + b"Expect: 100-continue\r\nContent-Length: 2\r\n\r\n{}", False),
        (POST + b"X: Content-Length: 9\r\nContent-Length: 2\r\n\r\n{}", True),
        (POST + b"Content-Length: 2\r\n", False),
    ],
)
def test_one_whole_request(data, whole):
    assert is_one(data) is whole


def test_a_body_that_looks_like_a_head_is_left_as_it_is():
    data = POST + b"Content-Length: 9\r\n\r\nHost: b\r\n"
    assert is_one(data)
    assert addressed(data, Upstream("http://c:1/v1")) == data.replace(b"Host: a", b"Host: c:1", 1)
