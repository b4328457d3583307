"""Finish reasons: why an answer ended.

Checks: `finish.*`.
"""
