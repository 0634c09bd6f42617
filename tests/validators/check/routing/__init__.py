"""The analysis of routing."""
