"""Stands for every check of the catalogue: conformance/plugin.py makes one item of each when pytest comes to this file."""
