"""Tests of the canonical form and of edits."""
