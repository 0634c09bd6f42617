"""The channels port and its senders. Chooses nobody: people are named by the engine."""
