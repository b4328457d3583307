"""Structured output: JSON mode and strict schemas.

Checks: `structured.*`.
"""
