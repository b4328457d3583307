"""Histories: roles in every order, contents of every form, several images and their types, results of every kind.

Checks: `history.*`.
"""

TURN = 54
