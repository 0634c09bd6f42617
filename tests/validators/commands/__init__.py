"""The commands of the tool."""
