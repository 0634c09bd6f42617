"""What stands otherwise in another version of a contract, as a list; and what of it any decision could show.

Texts and positions decide nothing. Times, people and what steps do in the world change what is seen of a decision, and
not which decisions there are. Explores nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import takewhile
from typing import Any, Final, Literal

from runner.contract.calendar_references import WEEKDAYS
from runner.contract.canonical import canonical
from runner.contract.contract import Contract
from runner.contract.values import format_duration

__all__ = ["TEXT_ARGS", "Change", "changes_of", "decides_alike", "shows_alike", "worded"]

Plain = Any
_TEXTS: Final = frozenset(("summary", "statement"))
TEXT_ARGS: Final = frozenset(("message", "text", "question", "guidance", "body", "subject", "description", "reason"))
_OUTSIDE: Final = ("name", "format", "on", "when", "rearm", "group_by", "group_within")
"""What says for which tickets it opens; no decision of an escalation asks for it."""
_BOX: Final = frozenset(("seconds", "calendar"))
_OWNER: Final = frozenset(("person", "rotation", "team", "role"))
_SECONDS: Final = frozenset(
    (
        "seconds", "rearm", "reopen_within", "group_within", "timeout", "every", "named_within", "manager_knows_within",
        "remind_every", "step_within", "snooze_at_most",
    )
)  # fmt: skip
_READ: Final = ("until", "source", "action", "field", "fields")
"""What decisions ask of a step's own words: whether they are there, and of which fields they speak."""
_LONG: Final = 90
_CLOSE: Final = 24  # characters that two texts have in common, shown before they differ
_MANY: Final = 24
"""Of longer lists only what differs is said."""


@dataclass(frozen=True, slots=True)
class Change:
    """Something that stands otherwise: where in the contract, what before and after in words (None: not there).

    `rule` points to it in the template, empty if nothing does; `sort` says whether it is but a text, is about the
    tickets for which it opens, or may be seen in a course.
    """

    where: str
    before: str | None
    after: str | None
    rule: str
    sort: Literal["text", "trigger", "course"]


def changes_of(base: Contract, head: Contract) -> tuple[Change, ...]:
    """Everything that stands otherwise, in the order of the contract."""
    old, new = base.model_dump(mode="json"), head.model_dump(mode="json")
    return tuple(_dicts(old, new, (), ""))


def shows_alike(base: Contract, head: Contract) -> bool:
    """Whether no decision of one could be told from the same decision of the other, calendars apart."""
    return _form(base, times=True) == _form(head, times=True)


def decides_alike(base: Contract, head: Contract) -> bool:
    """Whether both come to the same decisions, apart from times, people, and what steps do in the world."""
    return _form(base, times=False) == _form(head, times=False)


def _form(contract: Contract, *, times: bool) -> bytes:
    plain = contract.model_dump(mode="json")
    for key in (*_OUTSIDE, "calendars"):
        plain.pop(key, None)
    return canonical(_bare(plain, {}, times=times))


def _bare(value: Plain, owners: dict[bytes, int], *, times: bool) -> Plain:
    """Without what decides nothing; without `times` also without what only changes how a decision looks."""
    if isinstance(value, list):
        return [_bare(each, owners, times=times) for each in value]
    if not isinstance(value, dict):
        return value
    if value.keys() == _BOX:
        return value["seconds"] if times else "time"
    if value.keys() == _OWNER and not times:
        return owners.setdefault(canonical(value), len(owners))
    kept: dict[str, Plain] = {}
    for key, each in value.items():
        if key == "rule" or key in _TEXTS or (key == "question" and "answer" in value):
            continue
        if key in _SECONDS and not times and each is not None:
            kept[key] = "time"
        elif key == "args":
            kept[key] = _args(each, times=times)
        elif key == "inputs":
            kept[key] = each if times and not _only_for_texts(value["args"]) else None
        else:
            kept[key] = _bare(each, owners, times=times)
    return kept


def _args(args: Mapping[str, Plain], *, times: bool) -> Plain:
    if times:
        return {key: value for key, value in args.items() if key not in TEXT_ARGS}
    read = {key: args.get(key) is not None for key in _READ}
    fields = args.get("fields")
    return {**read, "names": sorted(fields) if isinstance(fields, dict) else None, "named": args.get("action")}


def _only_for_texts(args: Mapping[str, Plain]) -> bool:
    """Whether what a block was given can be seen in texts alone."""
    return not any(b"inputs" in canonical(value) for key, value in args.items() if key not in TEXT_ARGS)


# the list


def _dicts(old: Mapping[str, Plain], new: Mapping[str, Plain], path: tuple[str, ...], rule: str) -> Iterator[Change]:
    rule = str(new.get("rule") or old.get("rule") or rule)
    for key in dict.fromkeys((*old, *new)):
        if key != "rule" and not (key == "inputs" and _only_for_texts(new.get("args", {}))):
            yield from _values(old.get(key), new.get(key), (*path, key), rule)


def _values(old: Plain, new: Plain, path: tuple[str, ...], rule: str) -> Iterator[Change]:
    if old == new:
        return
    if path[0] == "runbook" and isinstance(old or new, list):
        yield from _steps(old or [], new or [], path)
    elif path[-1] == "week" and old and new:
        days = ((day, _hours(old[n]), _hours(new[n])) for n, day in enumerate(WEEKDAYS))
        yield from (Change("/".join((*path[:-1], d)), one, two, rule, "course") for d, one, two in days if one != two)
    elif _is_list(old) and _is_list(new) and {*map(str, old)} != {*map(str, new)} and len(old) + len(new) > _MANY:
        less, more = ([each for each in one if each not in other] for one, other in ((old, new), (new, old)))
        yield Change("/".join(path), worded(less, path), worded(more, path), rule, _sort(path))
    elif isinstance(old, dict) and isinstance(new, dict) and not _is_word(old) and not _is_word(new):
        yield from _dicts(old, new, path, rule)
    elif _is_one(old, new):
        yield from _entry(old, new, path, rule)
    elif _is_list(old) and _is_list(new) and _named(old or new) and _named(new or old):
        yield from _lists(old, new, path, rule)
    else:
        if isinstance(old, str) and isinstance(new, str):
            old, new = _apart(old, new)
        yield Change("/".join(path), worded(old, path), worded(new, path), rule, _sort(path))


def _apart(old: str, new: str) -> tuple[str, str]:
    """Two long texts from shortly before they differ."""
    alike = takewhile(lambda both: both[0] == both[1], zip(old, new, strict=False))
    start = len(list(alike)) - _CLOSE
    return (old, new) if start <= 0 else (f"…{old[start:]}", f"…{new[start:]}")


def _is_one(old: Plain, new: Plain) -> bool:
    """Whether a thing of its own, with a rule that says so, is there in one of the two alone."""
    one = new if old is None else old
    return (old is None) != (new is None) and isinstance(one, dict) and "rule" in one


def _is_word(value: Mapping[str, Plain]) -> bool:
    """Whether a mapping is said in one word: an amount of time, a person, a condition, the hours of a calendar."""
    return value.keys() == _BOX or value.keys() == _OWNER or "op" in value


def _named(value: Plain) -> bool:
    names = [each.get("name") if isinstance(each, dict) else None for each in value or ()] if _is_list(value) else []
    return bool(names) and None not in names and len(set(names)) == len(names)


def _hours(intervals: Plain) -> str:
    clock = (f"{a // 60:02}:{a % 60:02}-{b // 60:02}:{b % 60:02}" for a, b in intervals)
    return " and ".join(clock) or "closed"


def _is_list(value: Plain) -> bool:
    return isinstance(value, list)


def _lists(old: list[Plain], new: list[Plain], path: tuple[str, ...], rule: str) -> Iterator[Change]:
    """Lists whose entries have names: which came, went and changed, and whether their order is another."""
    before, after = {each["name"]: each for each in old}, {each["name"]: each for each in new}
    for name in dict.fromkeys((*before, *after)):
        yield from _entry(before.get(name), after.get(name), (*path, name), rule)
    if list(before) != list(after) and before.keys() == after.keys():
        yield Change("/".join(path), ", ".join(before), ", ".join(after), rule, _sort(path))


def _entry(old: Plain, new: Plain, path: tuple[str, ...], rule: str) -> Iterator[Change]:
    if old is not None and new is not None:
        yield from _values(old, new, path, rule)
    else:
        own = str((new or old).get("rule") or rule)
        yield Change("/".join(path), _there(old), _there(new), own, "course")


def _there(value: Plain) -> str | None:
    return None if value is None else "there"


def _steps(old: list[Plain], new: list[Plain], path: tuple[str, ...]) -> Iterator[Change]:
    """The steps of a point: which came, went and changed. A step that only moved is no change of its own."""
    keys = [[canonical({**each, "rule": "", "then": None, "branches": []}) for each in steps] for steps in (old, new)]
    for tag, first, last, start, end in SequenceMatcher(a=keys[0], b=keys[1], autojunk=False).get_opcodes():
        if tag == "equal":
            continue
        for number in range(max(last - first, end - start)):
            before = old[first + number] if first + number < last else None
            after = new[start + number] if start + number < end else None
            if before and after and before["kind"] == after["kind"]:
                yield from _dicts(before, after, (*path, after["kind"]), "")
            else:
                rule = str((after or before or {})["rule"])
                yield Change("/".join(path), _step(before), _step(after), rule, "course")


def _step(step: Plain) -> str | None:
    return None if step is None else str(step["kind"])


def _condition(value: Mapping[str, Plain]) -> str:
    """A condition as one would say it, shortly."""
    op, of = value["op"], value.get("of")
    if op == "not" and isinstance(of, dict):
        return f"not ({_condition(of)})"
    if isinstance(of, list):
        return f" {'and' if op == 'all' else 'or'} ".join(
            f"({_condition(each)})" if each.get("op") in ("all", "any") else _condition(each) for each in of
        )
    rest = [worded(each, (key,)) for key, each in value.items() if key not in ("op", "field", "of")]
    return " ".join(filter(None, (str(value.get("field", "")), str(op).replace("_", " "), *rest)))


def _sort(path: tuple[str, ...]) -> Literal["text", "trigger", "course"]:
    if path[0] in _OUTSIDE:
        return "trigger"
    asked = path[0] == "checklist" and path[-1] == "question"
    in_step = path[0] == "runbook" and path[-1] in TEXT_ARGS
    return "text" if path[-1] in _TEXTS or asked or in_step else "course"


def worded(value: Plain, path: tuple[str, ...] = ("",)) -> str | None:
    """A value of a contract in a few words; None if it is not there."""
    if value is None:
        return None
    if isinstance(value, dict):
        if value.keys() == _BOX:
            calendar = f" in {value['calendar']}" if value["calendar"] else ""
            return f"{format_duration(value['seconds'])}{calendar}"
        if value.keys() == _OWNER:
            return next((f"{key} {name}" for key, name in value.items() if name is not None), "nobody")
        if "op" in value:
            return _condition(value)
    if path[-1] in _SECONDS and isinstance(value, int):
        return format_duration(value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list) and all(isinstance(each, str | int) for each in value):
        return ", ".join(map(str, value)) or "none"
    text = value if isinstance(value, str | int) else canonical(value).decode()
    said = " ".join(str(text).split())
    return said if len(said) <= _LONG else f"{said[: _LONG - 1]}…"
