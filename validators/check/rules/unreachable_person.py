"""SUR512: everybody who may be asked has a contact on a channel that leaves the runner. Sends nothing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from runner.contract.diagnostic import Diagnostic, Severity
from runner.contract.policies import Channels, People
from runner.contract.rule import Rule
from validators.check.subject import Subject

__all__ = ["RULES", "check"]

_REACHING: Final = "webhook"
"""The sender that brings a message to a person; the others write on the runner's own machine."""
_RULE = Rule(
    code="SUR512",
    name="unreachable-person",
    severity=Severity.ERROR,
    summary="Somebody who may be asked has no contact on a channel that reaches people.",
    why="The offer would be written to a file or a screen that this person does not see. The timebox runs, and the "
    "record says that somebody was asked who never heard of it.",
    bad="""\
contacts: {mail: ben@example.com}
""",
    good="""\
contacts: {mail: ben@example.com, chat: ben@chat.example.com}
""",
    fix="Add a contact on a channel whose `sender` is a webhook, or give the channel such a sender.",
)
RULES: Final = (_RULE,)


def check(subject: Subject) -> Iterator[Diagnostic]:
    """People of a valid revision, against the channels."""
    document, channels, duty = subject.documents.one("People"), subject.documents.policy(Channels), subject.duty
    if document is None or channels is None or duty is None:
        return
    reaching = [name for name, channel in channels.channels.items() if channel.sender == _REACHING]
    for name, person in document.read_as(People).people.items():
        place = duty.who_may_be_asked.get(name)
        if place is not None and not any(contact in reaching for contact in person.contacts):
            senders = ", ".join(f"`{each}` ({channels.channels[each].sender})" for each in person.contacts)
            message = f"no message reaches `{name}`, who may be asked as {place}: the only contacts are on {senders}"
            known = f"channels that reach people: {', '.join(reaching)}" if reaching else "declare a webhook channel"
            yield _RULE.found(document, ("people", name, "contacts"), message, f"add a contact; {known}", key=True)
