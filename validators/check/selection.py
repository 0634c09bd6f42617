"""Which rules of the tool are asked: from codes, prefixes and names on the command line. Runs none.

Gate rules are always asked, as syntax errors are by other tools: without a valid revision the other answers are worth
nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from runner.contract.diagnostic import nearest
from runner.contract.rule import Rule, is_gate
from validators.check.registry import MODULES, all_rules

__all__ = ["Selection", "SelectionError", "choose", "find_rules"]

_PREFIX = re.compile(r"SUR[0-9]{0,3}")


class SelectionError(ValueError):
    """A selection that names no rule, or leaves none to ask; `help` says what to do."""

    def __init__(self, message: str, help: str) -> None:  # noqa: A002 - the word of diagnostics
        super().__init__(message)
        self.message = message
        self.help = help


@dataclass(frozen=True, slots=True)
class Selection:
    """The codes of the tool's rules that are asked."""

    codes: frozenset[str]

    def __contains__(self, code: object) -> bool:
        return code in self.codes


def find_rules(word: str) -> list[Rule]:
    """The rules of a code, of the beginning of a code, or of a name, in order; raises SelectionError if none is."""
    rules = all_rules()
    wanted = word.strip()
    if _PREFIX.fullmatch(wanted.upper()):
        found = [rule for code, rule in rules.items() if code.startswith(wanted.upper())]
    else:
        found = [rule for rule in rules.values() if rule.name == wanted.lower()]
    if not found:
        names = {rule.name for rule in rules.values()}
        near = nearest(wanted.upper(), rules) if wanted.upper().startswith("SUR") else nearest(wanted, names)
        help_text = f"did you mean {near}?" if near else "`surety rule` lists them all"
        raise SelectionError(f"there is no rule `{word}`", help_text)
    return found


def choose(select: Iterable[str] = (), ignore: Iterable[str] = ()) -> Selection:
    """What `--select` and `--ignore` leave; each is a list of words, which may hold several with commas between.

    Raises SelectionError for a word that is no rule, for a gate rule to be ignored, and if nothing would be asked.
    """
    asked = {rule.code for module in MODULES for rule in module.RULES}
    wanted, unwanted = _codes(select), _codes(ignore)
    rules = all_rules()
    for code in sorted(unwanted):
        if is_gate(code):
            message = f"{code} {rules[code].name} is a gate rule: a runner refuses on it, so it cannot be ignored"
            raise SelectionError(message, "ignore rules of the tool only: SUR4 and above")
    chosen = (asked & wanted if wanted else asked) - unwanted
    if not chosen and not any(map(is_gate, wanted)):
        elsewhere = sorted(wanted - asked)
        told = f"{', '.join(elsewhere)}: found by `surety test`, not by `surety check`" if elsewhere else ""
        raise SelectionError("nothing would be checked: no rule is selected", told or "everything is ignored again")
    return Selection(frozenset(chosen))


def _codes(words: Iterable[str]) -> set[str]:
    return {rule.code for word in words for part in word.split(",") if part.strip() for rule in find_rules(part)}
