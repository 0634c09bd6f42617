"""Mechanical mutants of the shipped templates, blocks and policies: check, test or verify must find each of them.

`python -m tests.mutants.templates` tries them all; nothing is written by hand about a single one but why it is left.
"""
