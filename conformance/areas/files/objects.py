"""Where files and batches, alone or in lists, stand; `schemas/` says what each must be."""

from __future__ import annotations

from conformance.areas.files.conditions import lines
from conformance.exchange import Exchange
from conformance.judge.objects import Placed, below, body, described, held


@described("file-list")
def files(x: Exchange) -> Placed:
    return body(x)


@described("file")
def file(x: Exchange) -> Placed:
    return below(body(x), "data") if x.route == "files" and x.method == "GET" else body(x)


@described("file-deleted")
def deleted(x: Exchange) -> Placed:
    return body(x)


@described("batch-list")
def batches(x: Exchange) -> Placed:
    return body(x)


@described("batch")
def batch(x: Exchange) -> Placed:
    return below(body(x), "data") if x.route == "batches" and x.method == "GET" else body(x)


@described("batch-counts")
def counts(x: Exchange) -> Placed:
    return held(batch(x), "request_counts")


@described("batch-usage")
def usage(x: Exchange) -> Placed:
    return held(batch(x), "usage")


@described("batch-errors")
def errors(x: Exchange) -> Placed:
    return held(batch(x), "errors")


@described("batch-error")
def error(x: Exchange) -> Placed:
    return below(errors(x), "data")


@described("batch-line")
def line(x: Exchange) -> Placed:
    return ((f"line {n}", value) for n, value in enumerate(lines(x), 1))


@described("batch-response")
def response(x: Exchange) -> Placed:
    return held(line(x), "response")
