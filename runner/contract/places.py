"""Where rules stand: pointers as events name them, to positions. A position is looked for when it is asked for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from runner.contract.diagnostic import Location
from runner.contract.documents import Document, Path

__all__ = ["Places"]


class Places(Mapping[str, Location]):
    """Rule pointer to position, in the order in which the rules were noted."""

    def __init__(self) -> None:
        self._noted: dict[str, tuple[Document, Path, bool]] = {}

    def note(self, rule: str, document: Document, path: Path, *, key: bool = False) -> None:
        """A rule stands at a value of a document, or at its key."""
        self._noted[rule] = (document, path, key)

    def take_in(self, other: Places) -> None:
        """All that was noted elsewhere, after what is here."""
        self._noted.update(other._noted)

    def __getitem__(self, rule: str) -> Location:
        document, path, key = self._noted[rule]
        return document.at(*path, key=key)

    def __contains__(self, rule: object) -> bool:
        return rule in self._noted

    def __iter__(self) -> Iterator[str]:
        return iter(self._noted)

    def __len__(self) -> int:
        return len(self._noted)
