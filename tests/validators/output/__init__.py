"""The output of the tool."""
