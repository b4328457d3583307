"""The contract, a room an area: what must hold, how it is brought about, and the lies that prove it.

An area is there by being there: catalogue.py finds the folders. The files beside it are what several areas share.
"""
