"""A decision under way: events added one by one, each applied at once, so that the next is decided on what is true."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import NoReturn

from runner.contract.contract import BoxOf, Contract, StepOf
from runner.contract.values import OwnerRef
from runner.engine import events as ev
from runner.engine.effects import WITH_EFFECTS, Effect, effects
from runner.engine.events import About, made
from runner.engine.evolve import apply_event, evolve
from runner.engine.reasons import CommandRejected, Reason, RejectReason
from runner.engine.roster import Nobody, Person
from runner.engine.state import Offer, State, accountable
from runner.engine.world import World

__all__ = ["Draft", "limit_rule"]

MAX_EVENTS = 500
"""No decision needs this many; more would be a loop in the engine."""


def limit_rule(name: str) -> str:
    """The rule pointer of a limit."""
    return f"limits#/{name}"


class Draft:
    """Collects the events of one decision over a private copy of the state; their effects unless nobody `asks`."""

    def __init__(self, contract: Contract, state: State | None, world: World, *, asks: bool = True) -> None:
        self.contract = contract
        self.world = world
        self.now: datetime = world.now
        self.events: list[ev.Event] = []
        self.effects: list[Effect] = []
        self.refused: CommandRejected | None = None
        """Set if the command is refused although something follows from it."""
        self._asks = asks
        self._opened = state is not None
        if state is not None:
            self.state: State = state.copy()
            """The state with all events so far; only after the opening event."""

    def __getattr__(self, name: str) -> NoReturn:
        """What is missing: the state of an escalation that was never opened."""
        if name == "state":
            raise CommandRejected(RejectReason.NOT_OPEN, "there is no such escalation")
        raise AttributeError(name)

    def add(self, event: ev.Event) -> None:
        """Decide one more event."""
        if len(self.events) >= MAX_EVENTS:
            msg = "a decision without end"
            raise AssertionError(msg)
        self.events.append(event)
        if self._opened:
            apply_event(self.state, event, self.now)
        else:
            self.state, self._opened = evolve(None, event, self.now), True
        if self._asks and type(event) in WITH_EFFECTS:
            self.effects.extend(effects(self.contract, self.state, event))

    def rule(self, pointer: str) -> str:
        """A rule pointer into this template."""
        return f"{self.contract.name}#{pointer}"

    def point_rule(self, point: str) -> str:
        """The rule pointer of a point's steps; those of a class of exceptions stand in the policy."""
        point, _, kind = point.partition(":")
        return f"exceptions#/classes/{kind}/runbook" if kind else self.rule(f"/runbook/{point}")

    def after(self, seconds: int) -> datetime:
        """The instant this many seconds from now."""
        return self.now + timedelta(seconds=seconds)

    def ends(self, box: BoxOf) -> datetime:
        """The instant at which a box of time that starts now ends."""
        return self.world.add_time(self.contract, self.now, box)

    def steps(self, point: str) -> tuple[StepOf, ...]:
        """The steps of a lifecycle point."""
        return self.contract.runbook.get(point, ())

    def open_offer(self, number: int) -> Offer:
        """The offer of this number; refused if it is over or never was."""
        offer = self.state.offers.get(number)
        if offer is None:
            known = 0 < number <= self.state.offer_count
            reason = RejectReason.OFFER_ENDED if known else RejectReason.UNKNOWN_OFFER
            raise CommandRejected(reason, f"offer {number} is not open; accountable now: {accountable(self.state)}")
        return offer

    def on_call(self, ref: OwnerRef) -> Person | Nobody:
        """The person whom a reference means now; nobody if that person has a conflict of interest here."""
        return self._without_conflict(self.world.on_call(ref, self.now))

    def comes_next(self, ref: OwnerRef) -> Person | Nobody:
        """As `on_call`, for naming who would be asked next."""
        return self._without_conflict(self.world.comes_next(ref, self.now))

    def _without_conflict(self, found: Person | Nobody) -> Person | Nobody:
        conflicts = self.state.conflicts if self._opened else ()
        if not conflicts or isinstance(found, Nobody) or found.id not in conflicts:
            return found
        return Nobody(Reason.CONFLICT, ((found.id, Reason.CONFLICT), *found.passed_over))

    def manager(self) -> Person:
        """The escalation owner now, or the last resort, also for one who has a conflict of interest."""
        found = self.on_call(self.contract.owners["escalation_owner"])
        return self.world.last_resort if isinstance(found, Nobody) else found

    def present(self, person: str) -> Person | Nobody:
        """A person named by a command, if that person can be asked now; what is no name is nobody known."""
        try:
            ref = OwnerRef(person=person)
        except ValueError:
            return Nobody(Reason.UNKNOWN_REF)
        found = self.on_call(ref)
        # A substitute answers for somebody who is away, but is not the person whom the command names.
        return found if isinstance(found, Nobody) or found.id == person else Nobody(Reason.ABSENT)

    def tell(
        self,
        to: str,
        about: About,
        reason: Reason,
        rule: str,
        offer: int | None = None,
        *,
        note: str | None = None,
        text: str | None = None,
    ) -> None:
        """Send one person a message about something, naming who is accountable.

        `note` says more in a few words, `text` is the digest of a text that does.
        """
        self.add(
            made(
                ev.DeliveryRequested,
                reason=reason,
                rule=rule,
                delivery=self.state.delivery_count + 1,
                to=to,
                about=about,
                offer=offer,
                accountable=accountable(self.state) or to,
                note=note,
                text=text,
            )
        )

    def ignore(self, what: str, rule: str) -> None:
        """Note that an answer came to something that is over."""
        self.add(made(ev.ResultIgnored, reason=Reason.STALE, rule=rule, what=what))

    def tell_manager(self, about: About, reason: Reason, rule: str) -> None:
        """Tell the escalation owner, unless an offer made in this same decision already reaches that person."""
        manager = self.manager().id
        asked = any(event.type == "OwnerOffered" and event.to == manager for event in self.events)
        if not asked:
            self.tell(manager, about, reason, rule)
