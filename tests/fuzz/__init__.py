"""Documents made at random, and what must hold for any of them; run for long by `python -m tests.fuzz`."""
