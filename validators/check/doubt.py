"""What gate errors leave open: of which sorts a name is unknown, and which files name something unknown.

A name that is written otherwise in one place looks unused in another. Whoever judges use asks here first.
"""

from __future__ import annotations

import re
from typing import Final

from runner.contract.load import Loaded

__all__ = ["files_in_doubt", "unknown_sorts"]

_UNKNOWN: Final = re.compile(r"there is no (?P<sort>[a-z ]+) `")
_NAMES_NOTHING: Final = ("SUR201", "SUR204")
_REFERENCES: Final = "SUR2"
"""The gate rules about what refers to something else."""


def unknown_sorts(loaded: Loaded) -> frozenset[str]:
    """The sorts, as in `rotation` or `ticket field`, of which something unknown is named: it may mean any of them."""
    named = [_UNKNOWN.match(found.message) for found in loaded.findings if found.code in _NAMES_NOTHING]
    return frozenset(match["sort"] for match in named if match is not None)


def files_in_doubt(loaded: Loaded) -> frozenset[str]:
    """The files in which a gate rule about references finds something: what they read and give is not certain yet."""
    return frozenset(
        found.location.file for found in loaded.findings if found.location and found.code.startswith(_REFERENCES)
    )
