"""Pages that want a reaction: whoever was woken must do something here in time, or the escalation owner hears of it."""

from __future__ import annotations

from runner.engine import events as ev
from runner.engine.draft import Draft
from runner.engine.events import made
from runner.engine.reasons import Reason
from runner.engine.state import Page

__all__ = ["expire_page", "pages_answered"]


def pages_answered(draft: Draft, actor: str) -> None:
    """Whatever a person does is a reaction to the pages that this person got before."""
    for page in draft.state.pages.values():
        if page.person == actor:
            reason, rule = Reason.REACTED, _rule(draft, page)
            draft.add(made(ev.PageAnswered, reason=reason, rule=rule, run=page.run, step=page.step, person=actor))


def expire_page(draft: Draft, page: Page) -> None:
    """Nothing came of it in time: the escalation owner is told, once."""
    rule, reason = _rule(draft, page), Reason.NOT_REACTED
    silent = made(
        ev.PageUnanswered, reason=reason, rule=rule, run=page.run, step=page.step, person=page.person, due=page.due
    )
    draft.add(silent)
    draft.tell(draft.manager().id, "page_unanswered", reason, rule)


def _rule(draft: Draft, page: Page) -> str:
    return draft.steps(page.run.partition("#")[0])[page.step].rule
