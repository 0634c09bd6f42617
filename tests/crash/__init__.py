"""Crash tests: the real programs in stepped time, killed at named points and at random, against a run that was not."""
