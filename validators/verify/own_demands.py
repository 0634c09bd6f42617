"""What a scenario demands of a template's own claim that does not hold, in the words of scenarios. Plays nothing.

Scenarios know persons and instants where claims know rungs and whether the outcome is overdue: the course says which.
"""

from __future__ import annotations

from datetime import datetime

from runner.contract.property import Look, Property
from runner.contract.values import format_duration
from validators.verify.acting import Unplayable, local
from validators.verify.case import Case, Plain
from validators.verify.own import is_so

__all__ = ["holds_whatever_happens", "own_demands"]


def own_demands(case: Case, own: Property) -> Plain:
    """The keys of a scenario that fails as long as the claim does not hold. Raises Unplayable if there are none."""
    if own.never is not None:
        return {"never": [{**_when(case, own.never), **_as_it_stands(case, own.never)}]}
    if own.always is not None:
        return _always(case, own.always)
    if own.leads_to is None:
        raise AssertionError("a property claims something")
    since = _since(case, own.leads_to.from_)
    within = format_duration(own.leads_to.within)
    return {"eventually": [{**_to_come(case, own.leads_to.to), "after": local(case.times, since), "within": within}]}


def holds_whatever_happens(own: Property) -> bool:
    """Whether what a scenario demands of a claim must be so on any course, whoever is there."""
    looks = (own.never, own.always, *((own.leads_to.from_, own.leads_to.to) if own.leads_to is not None else ()))
    return own.when is None and all(look is None or look.rung is None for look in looks)


def _since(case: Case, look: Look) -> datetime:
    found = next((at for at, state in case.course.trail if is_so(look, case.contract, state)), None)
    if found is None:
        raise Unplayable("the course does not come to where time is counted from")
    return found


def _plain(look: Look) -> Plain:
    """The words that claims and scenarios have in common."""
    said: Plain = {"state": look.state} if look.state is not None else {}
    return said | ({"exceptions": list(look.exceptions)} if look.exceptions is not None else {})


def _when(case: Case, look: Look) -> Plain:
    """At the end of the course; of what is recorded, at any time until then."""
    window = case.window()
    return {"until": window["until"]} if look.overdue and not (_plain(look) or look.rung) else window


def _as_it_stands(case: Case, look: Look) -> Plain:
    """How it stands at the end of the course, as the claim says it never may: on a rung somebody is accountable."""
    owner = case.course.owner
    said = _plain(look)
    if look.rung is not None and owner is not None:
        said["owner"] = owner
    return said or _recorded(look)


def _always(case: Case, look: Look) -> Plain:
    said = _plain(look) | _on_rung(case, look)
    if said:
        return {"always": [{**case.window(), **said}]}
    if look.overdue is False:
        return {"never": [{"until": case.at(1), "recorded": ["outcome_overdue"]}]}
    if look.handoff is False:
        return {"never": [{**case.window(), "recorded": ["handed_over"]}]}
    return _nothing_to_say(look)


def _to_come(case: Case, look: Look) -> Plain:
    return _plain(look) | _on_rung(case, look) or _recorded(look)


def _recorded(look: Look) -> Plain:
    """What is recorded when a claim comes to be so that speaks of nothing else."""
    if look.overdue or look.handoff:
        return {"recorded": ["outcome_overdue" if look.overdue else "handed_over"]}
    return _nothing_to_say(look)


def _on_rung(case: Case, look: Look) -> Plain:
    """Who is on call for the rung of a claim, and so is accountable when it is asked."""
    person = case.course.rungs.get(look.rung) if look.rung is not None else None
    return {"owner": person} if person is not None else {}


def _nothing_to_say(look: Look) -> Plain:
    without = ", ".join(f"{name} {str(value).lower()}" for name, value in look if value is not None)
    raise Unplayable(f"a scenario has no word for: {without}")
