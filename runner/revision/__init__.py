"""Trees of policies and templates, read from a folder or from a commit. Writes nothing."""
