"""Tests of the decision store: one contract suite for every implementation, and what only a file can do wrong."""
