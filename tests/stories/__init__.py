"""The acceptance stories, acted out end to end against the real programs."""
