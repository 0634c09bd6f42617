"""Why an entry of a revision cannot be taken as a file: what readers of files say, and readers of documents report."""

from __future__ import annotations

from runner.contract.diagnostic import Diagnostic, Location, Severity

__all__ = ["UnreadableError", "unreadable_finding"]


class UnreadableError(OSError):
    """An entry that is there cannot be read, or must not be.

    `code` is that of the gate rule, `message` says what is wrong, `help` what to do; none holds a secret.
    """

    def __init__(self, code: str, message: str, help: str) -> None:  # noqa: A002 - the word of diagnostics
        super().__init__(message)
        self.code = code
        self.message = message
        self.help = help


def unreadable_finding(path: str, error: OSError) -> Diagnostic:
    """The finding that a file cannot be read, at its very beginning."""
    code, message = "SUR114", f"this file cannot be read: {error.strerror or type(error).__name__}"
    help_text = "make it a regular file that this user may read, or remove it"
    if isinstance(error, UnreadableError):
        code, message, help_text = error.code, error.message, f"{error.help[:1].lower()}{error.help[1:]}"
    return Diagnostic(code, Severity.ERROR, message, Location(path, 1, 1), help_text)
