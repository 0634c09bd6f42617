"""The rules of the tool, each with a bad and a good file."""
