"""Message text: Liquid rendered within limits. No code runs from it, no file is read, no clock is asked.

The library is loaded on first use. A name without a value is an error unless the text gives a `default` or asks for it
with `if`, so that no message goes out with a hole in it.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from datetime import UTC, datetime, tzinfo
from functools import cache, lru_cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from runner.contract.diagnostic import nearest
from runner.contract.quick_text import quickly_rendered
from runner.contract.values import parse_instant

if TYPE_CHECKING:
    from liquid import BoundTemplate, Environment
    from liquid.exceptions import LiquidError

__all__ = [
    "TextError",
    "is_liquid",
    "message_context",
    "message_form",
    "message_gaps",
    "message_problems",
    "message_variables",
    "readable",
    "render",
    "show_instant",
]

_OUTPUT_BYTES: Final = 16_384
"""Four times the longest message that a template may hold: room for values, none for a loop gone wild."""
_LOOPS: Final = 500
_NESTING: Final = 10
_FOREIGN_TAGS: Final = ("include", "render")
"""They read other texts."""
_FOREIGN_FILTERS: Final = ("date", "safe")
"""`date` asks the clock for `now`; `safe` belongs to HTML."""
_INSTANT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]+Z")
_PLAIN = re.compile(
    r"\{\{-?\s*(?P<path>[a-z_][a-z0-9_]*(?:\.[a-z_][a-z0-9_]*)*)\s*"
    r"(?:\|\s*(?:default|remove_first|append|prepend|upcase|downcase)\s*(?::\s*(?:\"[^\"{}]*\"|'[^'{}]*')\s*)?)*-?\}\}"
)
"""The form of nearly all outputs; what consists of these alone is known to be good without loading the library."""
_OUTPUT = re.compile(r"\{\{[^{}]*\}\}")
_PARTS = re.compile(
    _PLAIN.pattern + r"|\{%-?\s*(?P<tag>if|unless|elsif|else|endif|endunless)\b(?P<condition>[^%]*?)-?%\}"
)
"""Outputs, and what asks whether there is anything to put out."""
_AND = re.compile(r"\s+and\s+")
_PATH = re.compile(r"[a-z_][a-z0-9_]*(?:\.[a-z_][a-z0-9_]*)*")
_DEFAULT = re.compile(r"\|\s*default\b")
_NEEDS_ARGUMENT = re.compile(r"\|\s*(?:remove_first|append|prepend)\s*(?!\s*:)(?=\||-?\}\})|\|\s*(?:up|down)case\s*:")


class TextError(ValueError):
    """A text cannot be read or rendered; the message says why and what to do, in one line."""


def is_liquid(text: str) -> bool:
    """Whether there is anything to fill in."""
    return "{{" in text or "{%" in text


def render(text: str, context: Mapping[str, object], zone: tzinfo | None = None) -> str:
    """The text with its values filled in; with a zone instants read as people read them there. Raises TextError."""
    if not is_liquid(text):
        return text
    quick = quickly_rendered(text, context, None if zone is None else lambda value: _shown(value, zone))
    if quick is not None:
        return quick
    from liquid.exceptions import LiquidError

    template = _parse(text)
    try:
        return template.render(context if zone is None else readable(context, zone))
    except LiquidError as error:
        raise TextError(_explain(error)) from None
    except (ValueError, TypeError, ArithmeticError, RecursionError) as error:
        raise TextError(f"cannot be rendered: {error}") from None


def message_form(text: str) -> str:
    """What of a text decides over its problems, its variables and its gaps: equal forms have equal ones.

    Of a text in which nothing but outputs is filled in these are the outputs alone; of any other it is the whole.
    """
    outputs = _OUTPUT.findall(text)
    rest = _OUTPUT.sub("", text) if outputs else text
    return text if is_liquid(rest) or "}}" in rest else "".join(outputs)


def message_problems(text: str) -> list[str]:
    """What is wrong with the form of a text, whatever the values are; empty if nothing is."""
    if not is_liquid(text) or _is_plain(text):
        return []
    try:
        _parse(text)
    except TextError as error:
        return [str(error)]
    return []


def message_variables(text: str) -> tuple[str, ...]:
    """The paths that a well-formed text reads from outside, such as `ticket.account.name`, sorted. Raises TextError."""
    if not is_liquid(text):
        return ()
    if _is_plain(text):
        return tuple(sorted({match["path"] for match in _PLAIN.finditer(text)}))
    found = _parse(text).global_variable_paths()
    return tuple(sorted(set(found)))


def message_gaps(text: str) -> tuple[str, ...]:
    """The paths that a text writes out, in the plain form, without a `default` for when they have no value; sorted.

    What stands where `if` has asked for the path, as in `{% if ticket.vip %}{{ ticket.vip }}{% endif %}`, is no gap.
    """
    found: set[str] = set()
    asked: list[tuple[frozenset[str], frozenset[str]]] = []  # by depth: what has a value here, and what in its `else`
    nothing = frozenset[str]()
    for match in _PARTS.finditer(text):
        if match["path"] is not None:
            if not _DEFAULT.search(match[0]) and not any(match["path"] in here for here, _ in asked):
                found.add(match["path"])
        elif match["tag"] in ("if", "unless"):
            whole = _present_if(match["condition"])
            asked.append((whole, nothing) if match["tag"] == "if" else (nothing, whole))
        elif asked and match["tag"] == "elsif":
            asked[-1] = (_present_if(match["condition"]), nothing)
        elif asked and match["tag"] == "else":
            asked[-1] = (asked[-1][1], nothing)
        elif asked:
            asked.pop()
    return tuple(sorted(found))


def _present_if(condition: str) -> frozenset[str]:
    """The paths that have a value wherever a condition holds; `or` and comparisons promise nothing."""
    parts = _AND.split(condition.strip())
    return frozenset(part for part in parts if _PATH.fullmatch(part)) if " or " not in condition else frozenset()


def message_context(
    *,
    ticket: Mapping[str, object],
    escalation: Mapping[str, object],
    owner: str | None,
    previous: str | None,
    owners: Mapping[str, str | None],
    accept_by: str | None,
    outcome: str,
    inputs: Mapping[str, object],
    asked: str | None = None,
    created: str | None = None,
    steps: Mapping[str, Mapping[str, object]] = MappingProxyType({}),
    checklist: Mapping[str, object] = MappingProxyType({}),
    zone: tzinfo | None = None,
) -> dict[str, object]:
    """What a text may name.

    `owner` is who is accountable, `asked` who is asked to accept it: mostly the same, but not while somebody answers
    for it until it is accepted, as after a change to another template.

    `ticket` is flat, with `id` and `url`; its dotted names are nested. People are names to show; None leaves the name
    without a value, so that a `default` takes its place. `steps` are the results of earlier steps by name, `checklist`
    what the holder answered to it. With a zone instants read as people read them there; without one they stay exact.
    """
    context: dict[str, object] = {
        "ticket": _nested(ticket),
        "escalation": _present(escalation),
        "owner": _present({"name": owner}),
        "previous": _present({"name": previous}),
        "owners": {rung: _present({"name": name}) for rung, name in owners.items()},
        "offer": _present({"accept_by": accept_by, "to": asked or owner}),
        "outcome": {"statement": outcome},
        "inputs": dict(inputs),
        "created": _present({"ticket": created}),
        "steps": {name: _nested(result) for name, result in steps.items()},
        "checklist": _present(checklist),
    }
    return context if zone is None else readable(context, zone)


def readable(context: Mapping[str, object], zone: tzinfo) -> dict[str, object]:
    """What a text may name, with instants as people read them in a zone."""
    return {key: _readable(value, zone) for key, value in context.items()}


def show_instant(at: datetime, zone: tzinfo) -> str:
    """An instant as people read it: `2026-03-03 12:00 CET`, with seconds only where there are any.

    In UTC where the zone has no such day: *never* is written as the last day of the calendar in many systems.
    """
    try:
        local = at.astimezone(zone)
    except OverflowError:
        local = at.astimezone(UTC)
    return f"{local:%Y-%m-%d %H:%M:%S %Z}" if local.second else f"{local:%Y-%m-%d %H:%M %Z}"


def _is_plain(text: str) -> bool:
    rest = _PLAIN.sub("", text)
    return not is_liquid(rest) and not any(_NEEDS_ARGUMENT.search(each[0]) for each in _PLAIN.finditer(text))


@cache
def _environment() -> Environment:
    import liquid

    class Bounded(liquid.Environment):
        block_nesting_limit = _NESTING
        context_depth_limit = _NESTING
        loop_iteration_limit = _LOOPS
        local_namespace_limit = _OUTPUT_BYTES
        output_stream_limit = _OUTPUT_BYTES

    class Missing(liquid.FalsyStrictUndefined):
        """May be asked for with `if`, and replaced by `default`; anything else is an error."""

        force_liquid_default = True

    environment = Bounded(undefined=Missing, strict_filters=True)
    for name in _FOREIGN_TAGS:
        del environment.tags[name]
    for name in _FOREIGN_FILTERS:
        del environment.filters[name]
    return environment


@lru_cache(maxsize=2048)
def _parse(text: str) -> BoundTemplate:
    from liquid.exceptions import LiquidError

    try:
        template = _environment().from_string(text)
        for name in template.filter_names():
            if name not in _environment().filters:
                raise TextError(_unknown_filter(name, _environment().filters))
    except LiquidError as error:
        raise TextError(_explain(error)) from None
    except RecursionError:
        raise TextError("is nested too deeply") from None
    return template


def _explain(error: LiquidError) -> str:
    """The library's complaint in one line, in words that fit a document."""
    from liquid import exceptions

    words = str(getattr(error, "message", None) or error).splitlines()[0]
    limits = (exceptions.OutputStreamLimitError, exceptions.LoopIterationLimitError, exceptions.ResourceLimitError)
    if isinstance(error, exceptions.UndefinedError):
        name = words.removesuffix(" is undefined").strip("'")
        return f"`{name}` has no value; give it one for this case: {{{{ {name} | default: '…' }}}}"
    if isinstance(error, limits):
        return "becomes too long, or loops too often"
    return words


def _unknown_filter(name: str, known: Collection[str]) -> str:
    near = nearest(name, known)
    hint = f"did you mean `{near}`?" if near else "the filters of Liquid are listed at shopify.github.io/liquid"
    return f"there is no filter `{name}`; {hint}"


def _present(values: Mapping[str, object]) -> dict[str, object]:
    return {key: value for key, value in values.items() if value is not None}


def _nested(flat: Mapping[str, object]) -> dict[str, object]:
    """`{"account.name": "x"}` as `{"account": {"name": "x"}}`; values that are None are left out."""
    nested: dict[str, Any] = {}
    for name in sorted(flat):
        value = flat[name]
        if value is None:
            continue
        if "." not in name:
            nested[name] = value  # what has parts below it comes later
            continue
        *groups, last = name.split(".")
        inner = nested
        for group in groups:
            below = inner.setdefault(group, {})
            if not isinstance(below, dict):  # a field that has a value and fields below it keeps both
                below = inner[group] = {"value": below}
            inner = below
        inner[last] = value
    return nested


def _readable(value: object, zone: tzinfo) -> object:
    if isinstance(value, dict):
        return {key: _readable(each, zone) for key, each in value.items()}
    return _shown(value, zone) if isinstance(value, str) else value


def _shown(value: str, zone: tzinfo) -> str:
    if value.endswith("Z") and _INSTANT.fullmatch(value):
        return show_instant(parse_instant(value), zone)
    return value
