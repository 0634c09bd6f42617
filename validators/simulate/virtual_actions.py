"""What other systems do in the virtual world: actions succeed at once with the answers that a scenario gives them, or
fail or hang by name. Also what steps changed is taken back here, as the service does it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from runner.contract.canonical import digest_of
from runner.contract.contract import StepOf
from runner.contract.policies import Actions

__all__ = ["Result", "Unconfirmed", "VirtualActions"]

Result = dict[str, str | int | float | bool | None]
_PLAIN = (str, int, float, bool)


class Unconfirmed(Exception):
    """An action was answered well, and not with what it has to confirm: nobody knows whether it was done."""


class VirtualActions:
    """The actions of a revision; `answers` by action, `failing` and `hanging` the names of those that do so now."""

    def __init__(self, actions: Actions | None) -> None:
        self._declared = actions.actions if actions is not None else {}
        self.answers: Mapping[str, Mapping[str, Any]] = {}
        self.failing: frozenset[str] = frozenset()
        self.hanging: frozenset[str] = frozenset()
        self.done: list[tuple[str, dict[str, Any]]] = []
        """Every action that was carried out with its inputs, in order, also those that took something back."""

    def named(self, step: StepOf) -> str | None:
        """The action that a step carries out or reads by; None if it needs none."""
        name = step.args.get("action") or step.args.get("source")
        return str(name) if name is not None else None

    def carry_out(self, step: StepOf, given: Mapping[str, Any], back: Mapping[str, Any]) -> Result:
        """The result of an action: the scenario's answer, and what the log of changes needs. Raises Unconfirmed."""
        name = str(step.args["action"])
        self.done.append((name, dict(given)))
        answer = self._answer(name)
        confirmed = {each: given.get(each) for each in self._declared[name].confirms}
        unlike = [each for each, value in confirmed.items() if answer.get(each, value) != value]
        if unlike:
            raise Unconfirmed(f"the answer does not confirm {', '.join(unlike)}")
        takes = self._declared[step.undo_by].inputs if step.undo_by in self._declared else {}
        inputs = {**back, **{key: value for key, value in answer.items() if key in takes}}
        kept = {f"with.{key}": value for key, value in given.items() if isinstance(value, _PLAIN)}
        if step.undo_by is not None:
            kept |= {f"undo.{key}": value for key, value in inputs.items() if isinstance(value, _PLAIN)}
        return {**answer, **kept, **({"consistent": True} if step.changes else {})}

    def take_back(self, name: str, given: Mapping[str, Any]) -> None:
        """Carry out the action that takes another one back."""
        self.done.append((name, dict(given)))

    def read(self, step: StepOf) -> tuple[str, Result]:
        """The text and the result of an attachment that an action reads."""
        found = self.answers.get(str(step.args["source"]), {}).get("entries", [])
        last: Any = step.args["last"]
        entries = found[-last:] if isinstance(found, list) else []
        return self.attached([each if isinstance(each, str) else json.dumps(each) for each in entries])

    def attached(self, lines: list[str]) -> tuple[str, Result]:
        """The text and the result of an attachment of these lines."""
        text = "\n".join(lines)
        return text, {"hash": digest_of(text.encode()), "entries": len(lines)}

    def _answer(self, name: str) -> Result:
        return {key: value for key, value in self.answers.get(name, {}).items() if isinstance(value, _PLAIN)}
