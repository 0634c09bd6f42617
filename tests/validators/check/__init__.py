"""Static findings of the tool."""
