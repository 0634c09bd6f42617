"""Static findings over a revision. Runs no scenario."""
