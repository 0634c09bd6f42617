"""The bundled day: a scenario acted out for real, instant by instant, over HTTP."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from runner.contract.load import Revision
from runner.contract.local_time import LocalTimes
from runner.contract.scenario import Act, Scenario
from runner.demo.actors import Customers, Owners
from runner.demo.narration import Narrator
from runner.demo.stepping import Stepper

__all__ = ["Day", "DayError"]


class DayError(Exception):
    """The day cannot go on; the message says why."""


class Day:
    """Acts a scenario out. What people do at an instant comes before what falls due at it."""

    def __init__(
        self,
        *,
        scenario: Scenario,
        revision: Revision,
        stepper: Stepper,
        customers: Customers,
        owners: Owners,
        say: Callable[[str], None],
    ) -> None:
        self._scenario = scenario
        self._revision = revision
        self._stepper = stepper
        self._customers = customers
        self._owners = owners
        self._say = say
        self._times = LocalTimes(scenario.zone, scenario.start)
        names = {name: person.name for name, person in revision.policies.people.people.items()}
        self._narrator = Narrator(say, self._show, names)
        self._observer = revision.policies.governance.audit_authority
        self._tickets: dict[str, str] = {}
        self._ladders = {
            name: tuple(rung.name.replace("_", " ") for rung in contract.ladder)
            for name, contract in revision.contracts.items()
        }

    def _show(self, at: datetime) -> str:
        local = at.astimezone(self._times.zone)
        return f"{local:%a %H:%M}" if not local.second else f"{local:%a %H:%M:%S}"

    def run(self, until: datetime) -> None:
        """From the scenario's first instant until `until` (included); raises ActError, NotSettled or DayError."""
        script = self._script()
        instants = sorted(script)
        self._stepper.settle()
        while True:
            due = self._stepper.next_instant()
            candidates = [at for at in (due, instants[0] if instants else None) if at is not None and at <= until]
            if not candidates:
                return
            at = min(candidates)
            if instants and instants[0] == at:
                instants.pop(0)
                self._stepper.move(at, hold=True)
                for act in script[at]:
                    self._stepper.settle()
                    act()
                self._stepper.settle()
                self._narrate()
            self._stepper.move(at)
            self._stepper.settle()
            self._narrate()

    def _script(self) -> dict[datetime, list[Callable[[], None]]]:
        """What happens at each instant, in the order of the scenario; new tickets come first."""
        script: dict[datetime, list[Callable[[], None]]] = defaultdict(list)
        for key, ticket in self._scenario.tickets.items():
            script[self._times.instant(ticket.at)].append(self._creation(key, ticket.fields))
        for act in self._scenario.acts:
            script[self._times.instant(act.at)].append(self._doing(act))
        return script

    def _creation(self, key: str, fields: Mapping[str, Any]) -> Callable[[], None]:
        def create() -> None:
            number = self._customers.create(self._values(fields), key)
            self._tickets[key] = number
            self._say(f"{self._show(self._stepper.now)}  {number:<7} new ticket: {fields.get('subject', key)}")

        return create

    def _doing(self, act: Act) -> Callable[[], None]:
        def do() -> None:
            number = self._number(act)
            if act.do == "update":
                self._customers.update(number, self._values(act.fields))
                what = ", ".join(f"{name} = {value}" for name, value in act.fields.items())
                self._say(f"{self._show(self._stepper.now)}  {number:<7} changed in the helpdesk: {what}")
            elif act.do == "delete":
                self._customers.delete(number)
                self._say(f"{self._show(self._stepper.now)}  {number:<7} deleted in the helpdesk")
            else:
                expected = self._times.value(act.expected_at) if act.expected_at else None
                self._owners.act(self._escalation(number), act, expected)

        return do

    def _values(self, fields: Mapping[str, Any]) -> dict[str, Any]:
        return self._times.fields(self._revision.policies.fields.fields, fields)

    def _number(self, act: Act) -> str:
        key = act.ticket or next(iter(self._scenario.tickets))
        if key in self._tickets:
            return self._tickets[key]
        for known, number in list(self._tickets.items()):
            if key.startswith(f"{known}-"):
                self._learn_created(known, number)
        if key not in self._tickets:
            raise DayError(f"there is no ticket {key} yet")
        return self._tickets[key]

    def _learn_created(self, key: str, number: str) -> None:
        """Tickets that runbooks created are known by the first one's key and the point, as in `invoice-resolved`."""
        counts: dict[str, int] = defaultdict(int)
        for escalation in self._all():
            if escalation["ticket"] != number:
                continue
            for row in self._timeline(escalation["id"])["timeline"]:
                for event in row["events"]:
                    if event["type"] == "StepSucceeded" and "ticket" in event["result"]:
                        point = event["run"].partition("#")[0]
                        counts[point] += 1
                        suffix = f"-{counts[point]}" if counts[point] > 1 else ""
                        self._tickets[f"{key}-{point}{suffix}"] = event["result"]["ticket"]

    def _escalation(self, number: str) -> Mapping[str, Any]:
        found = [each for each in self._all() if each["ticket"] == number]
        if not found:
            raise DayError(f"ticket {number} has no escalation")
        return found[-1]

    def _all(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        after = ""
        while True:
            page = self._owners.get("/api/escalations", self._observer, open="false", after=after, limit="500")
            found.extend(page["escalations"])
            if page["next"] is None:
                return found
            after = page["next"]

    def _timeline(self, escalation: str) -> dict[str, Any]:
        return self._owners.get(f"/api/escalations/{escalation}", self._observer)

    def _narrate(self) -> None:
        for escalation in self._all():
            if self._narrator.behind(escalation):
                self._narrator.tell(self._timeline(escalation["id"]), self._ladders[escalation["template"]])
