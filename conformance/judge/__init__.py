"""Judging: when a check applies, what belongs together, what a check is, and what each has found. Pure: no network, no clock.

It knows no area of the contract: areas declare what they have by the words exported here, and hand it over. A check is a pure
function that yields what is wrong, as `<what> is <seen>, expected <wanted>`; nothing yielded is a pass.
"""

from conformance.judge.registry import check, differs, header_differs, mistyped
from conformance.judge.verdicts import MAY, MUST, SHOULD, Problems, Relation

__all__ = ["MAY", "MUST", "SHOULD", "Problems", "Relation", "check", "differs", "header_differs", "mistyped"]
