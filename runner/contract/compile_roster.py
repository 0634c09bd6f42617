"""Compiles people, teams, rotations and absences to a roster; their references have been checked before."""

from __future__ import annotations

from datetime import datetime

from runner.contract import policies as pol
from runner.contract.roster_form import AbsenceOf, PersonOf, RosterForm, RotationOf

__all__ = ["compile_roster"]


def compile_roster(people: pol.People, rotations: pol.Rotations, governance: pol.Governance) -> RosterForm:
    """The roster; the policies' references have been checked."""
    jobs: dict[str, tuple[str, ...]] = {}
    for name, person in people.people.items():
        for job in person.jobs:
            jobs[job] = (*jobs.get(job, ()), name)
    return RosterForm(
        people={name: PersonOf(jobs=person.jobs) for name, person in people.people.items()},
        teams={name: team.members for name, team in people.teams.items()},
        rotations={
            name: RotationOf(
                members=each.members,
                zone=each.zone,
                starts=datetime.fromisoformat(f"{each.starts}T{each.handover.at}").isoformat(timespec="minutes"),
                shift_days=1 if each.handover.every == "day" else 7,
            )
            for name, each in rotations.rotations.items()
        },
        absences=tuple(AbsenceOf(person=a.person, start=a.from_, end=a.until) for a in rotations.absences),
        last_resort=governance.last_resort,
        jobs=jobs,
    )
