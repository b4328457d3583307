"""The official client: what it makes of the answers.

Checks: `sdk.*`. They judge what clients/ found, and send nothing.
"""
