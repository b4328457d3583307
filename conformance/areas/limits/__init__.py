"""Rate limits and outages: how they are told, how long to wait, and that they pass.

Checks: `rate.*`.
"""
