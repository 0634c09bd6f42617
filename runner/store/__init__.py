"""The decision store. Decides nothing."""
