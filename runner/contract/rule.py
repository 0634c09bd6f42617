"""What a rule is: its code, its name and its page. Finds nothing, and knows no other rule."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Protocol

from runner.contract.diagnostic import Diagnostic, Location, Severity
from runner.contract.nodes import pointer_of

__all__ = ["Located", "Rule", "is_gate"]


_FIRST_OF_THE_TOOL: Final = "SUR4"


def is_gate(code: str) -> bool:
    """Whether a runner refuses on the findings of this code; the others only the tool makes."""
    return code < _FIRST_OF_THE_TOOL


class Located(Protocol):
    """Something that knows where its values stand; every `Document` does."""

    def at(self, *path: str | int, key: bool = False) -> Location:
        """The position of a value in it, or of its key."""
        ...


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule and its page. Neither its code nor its name is ever given to another rule.

    `bad` and `good` are excerpts of YAML as it stands in a file. A rule that is not `waivable` counts whatever a waiver
    says: a runner refuses on it, or it is about waivers themselves.
    """

    code: str
    """`SUR` and three digits: 0xx to 3xx are the gate rules, on which a runner refuses."""
    name: str
    """What it flags, in lower case with hyphens."""
    severity: Severity
    """How bad it is; UNKNOWN if the rule says that a question could not be answered."""
    summary: str
    """One sentence: what it flags."""
    why: str
    """Why it matters to those who rely on the contract."""
    bad: str
    """An excerpt on which it fires."""
    good: str
    """The same, put right."""
    fix: str
    """What to do about it."""
    waivable: bool = True
    """Whether a waiver may take its findings out of the verdict."""

    @property
    def gate(self) -> bool:
        """Whether a runner refuses on it."""
        return is_gate(self.code)

    def found(
        self, document: Located, path: tuple[str | int, ...], message: str, help_text: str = "", *, key: bool = False
    ) -> Diagnostic:
        """A finding of this rule at a value of a document, or at its key; the empty path is the whole document."""
        where = document.at(*path, key=key)
        return Diagnostic(self.code, self.severity, message, where, help_text, pointer_of(path))
