"""Mechanical mutants of the engine: each makes one thing wrong, and the guarantees must find it.

`python -m tests.mutants` runs them all; nothing here is written by hand about a single one but why it survives.
"""
