"""The language: models of every kind, diagnostics, compiler. Imports no YAML library; `source` alone does."""
