"""Tests of the house itself: who imports whom, how large, how packaged."""
