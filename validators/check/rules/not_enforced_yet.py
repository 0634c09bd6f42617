"""SUR506: what this version reads and does not act on yet. The table shrinks as the product grows."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, NamedTuple

from runner.contract.diagnostic import Diagnostic, Severity
from runner.contract.rule import Rule
from validators.check.subject import Subject

__all__ = ["NOT_ENFORCED", "RULES", "NotEnforced", "check"]

_RULE = Rule(
    code="SUR506",
    name="not-enforced-yet",
    severity=Severity.INFO,
    summary="This version checks what is declared here for its form and its names, and does not act on it yet.",
    why="A rule that stands in a file looks as if somebody kept it. Until the product does, people have to.",
    bad="""\
retention: {personal_data: 365d}
""",
    good="""\
last_resort: cyd
""",
    fix="Leave it: it is read, its names are checked, and a later version acts on it. Until then see to it yourselves. "
    "A waiver with a reason takes the remark out of sight.",
)
RULES: Final = (_RULE,)


class NotEnforced(NamedTuple):
    """A key of a policy that nothing acts on yet, and who sees to it meanwhile."""

    kind: str
    key: str
    what: str
    meanwhile: str


NOT_ENFORCED: Final = (
    NotEnforced("Governance", "approvals", "approvals are not counted", "protect the branch in your git hosting"),
    NotEnforced(
        "Governance", "paths", "no change is given a risk tier", "name owners of these files in your git hosting"
    ),
    NotEnforced(
        "Governance", "blast_radius", "no change is measured by recorded tickets", "look at them in the review"
    ),
    NotEnforced("Governance", "change_windows", "changes become active at once", "merge in the hours that you allow"),
    NotEnforced("Governance", "audit_turn", "the audit authority stays the one named above", "change it by hand"),
    NotEnforced("Governance", "retention", "nothing is erased", "erase personal data by hand when its time is over"),
)
"""In order of kinds and keys as the models have them."""


def check(subject: Subject) -> Iterator[Diagnostic]:
    """One remark for each such key that a policy has."""
    for each in NOT_ENFORCED:
        for document in subject.documents.all(each.kind):
            if document.plain.get(each.key):
                message = f"`{each.key}` is read and not acted on in this version: {each.what}"
                yield _RULE.found(document, (each.key,), message, f"until then: {each.meanwhile}", key=True)
