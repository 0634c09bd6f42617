"""The reference page of the language, made from the models: every key with its value, default, meaning and an example.

Examples are taken from the complete repository below `tests/runner/contract/fixtures` and from the shipped files, so
that each of them has been read by the tool.
"""

from __future__ import annotations

import types
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, Final, Literal, Union, get_args, get_origin, get_type_hints

from pydantic import BaseModel, JsonValue
from pydantic.fields import FieldInfo

from runner.contract.condition_reader import OPERATORS
from runner.contract.documents import KINDS, OPTIONAL_KINDS, POLICY_KINDS
from runner.contract.history import HistoryMapping
from runner.contract.meanings import meanings, models_within
from runner.contract.misfit import FORMS
from runner.contract.nodes import to_plain
from runner.contract.policies.people import PublicKey
from runner.contract.policies.rotations import ShiftLength
from runner.contract.source import load
from runner.contract.steps import Step
from runner.contract.template import POINTS, Block
from runner.contract.values import Box, Duration, Instant, OwnerRef
from validators.check.rules.not_enforced_yet import NOT_ENFORCED

__all__ = ["MODELS", "examples", "language_page"]

ROOT: Final = Path(__file__).resolve().parent.parent
COMPLETE: Final = ROOT / "tests/runner/contract/fixtures/complete"
SOURCES: Final = (COMPLETE, ROOT / "policies", ROOT / "templates", ROOT / "runner/demo/mappings")
MODELS: Final[Mapping[str, type[BaseModel]]] = {**KINDS, "HistoryMapping": HistoryMapping}
_VALUES: Final = {Box: "[amount of time](#amount-of-time)", OwnerRef: "[owner](#owner)"}
_CONDITIONS: Final = (("Trigger", "when"), ("Routing", "scope"), ("Wait", "until"), ("Branch", "when"))
_LONGEST: Final = 64  # characters of an example in a table
_ORDER: Final = ("Template", "Block", *POLICY_KINDS, "Scenario", "Property", "HistoryMapping")

OPERATOR_WORDS: Final[Mapping[str, tuple[str, str]]] = {
    "is": ("the field has this value, or one of these", "priority: {is: [high, urgent]}"),
    "not": ("the field has none of these values; a field without any value has none of them", "status: {not: solved}"),
    "more_than": ("the value is greater, or the instant later", "claim_value: {more_than: 1000}"),
    "at_least": ("the value is greater or equal", "priority: {at_least: high}"),
    "less_than": ("the value is smaller, or the instant earlier", "claim_value: {less_than: 50}"),
    "at_most": ("the value is smaller or equal", "priority: {at_most: low}"),
    "contains": ("the text contains this, whatever the case", 'subject: {contains: "refund"}'),
    "like": ("the text fits, where `*` stands for any text and `?` for one character", 'subject: {like: "[VIP]*"}'),
    "set": ("the field has a value at all", "insured: {set: true}"),
    "changed": (
        "the value is another than before; a new ticket changes every field that it has",
        "status: {changed: true}",
    ),
    "was": ("before, the field had one of these values", "status: {was: waiting}"),
    "past_by": ("now is later than the instant by more than this", "promised_at: {past_by: 30m}"),
    "due_within": ("the instant is less than this ahead, or past", "promised_at: {due_within: 2h}"),
    "for": ("with `is`: the field has had such a value for longer than this", "status: {is: waiting, for: 48h}"),
}
"""What each operator asks, and how it is written."""
Key = tuple[type[BaseModel], str]


def models_of(kind: type[BaseModel]) -> list[type[BaseModel]]:
    """A kind and every model inside it, in the order in which they are met; value types have a section of their own."""
    found = models_within(kind)
    if Block in found:
        found += [each for each in models_within(Step) if each not in found]
    return [each for each in found if each not in _VALUES]


def examples() -> dict[Key, str]:
    """The first value of each key in the files, written on one line."""
    found: dict[Key, str] = {}
    for source in SOURCES:
        for path in sorted(source.rglob("*.yaml")):
            root = load(path.read_bytes(), path.name).root
            plain = to_plain(root) if root is not None else None
            kind = MODELS.get(str(plain.get("kind"))) if isinstance(plain, dict) else None
            if kind is not None:
                _collect(kind, plain, found)
    return found


def _collect(hint: Any, plain: object, found: dict[Key, str]) -> None:
    parts, origin = get_args(hint), get_origin(hint)
    if isinstance(hint, type) and issubclass(hint, BaseModel):
        if isinstance(plain, Mapping):
            _collect_keys(hint, plain, found)
    elif origin is dict:
        for value in plain.values() if isinstance(plain, Mapping) else ():
            _collect(parts[1], value, found)
    elif origin is tuple:
        for value in plain if isinstance(plain, list) else ():
            _collect(parts[0], value, found)
    elif origin is not Literal:
        for part in parts:
            _collect(part, plain, found)


def _collect_keys(model: type[BaseModel], plain: Mapping[str, object], found: dict[Key, str]) -> None:
    hints = get_type_hints(model, include_extras=True)
    for name, info in model.model_fields.items():
        key = info.alias or name
        if key in plain:
            text, known = flow(plain[key]), found.get((model, key))
            if known is None or len(text) <= _LONGEST < len(known):
                found[model, key] = text
            _collect(hints[name], plain[key], found)
    if model is Block:
        _collect(tuple[Step, ...], plain.get("steps"), found)


def flow(value: object) -> str:
    """Plain data as YAML on one line."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{flow(key)}: {flow(each)}" for key, each in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(flow, value)) + "]"
    if isinstance(value, bool) or value is None:
        return {True: "true", False: "false", None: "null"}[value]
    if isinstance(value, str):
        plain = value and value[0].isalnum() and value[-1:].strip() and not set(value) & set(":#{}[],&*!|>'\"%@`\n")
        numeric = value.replace(".", "").replace("-", "").isdigit() or value in ("true", "false", "null")
        return (
            value
            if plain and not numeric
            else '"' + value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'
        )
    return str(value)


def _words(hint: Any, limits: tuple[Any, ...] = ()) -> str:
    """The values that a hint allows, in plain words."""
    if hint == Duration:
        return "[duration](#duration)"
    if hint == Instant:
        return "[instant](#instant)"
    if hint == ShiftLength:
        return "`day`, `week`, or a number of days or hours such as `3d`, `12h`"
    if hint == PublicKey:
        return "SSH public key on one line"
    if isinstance(hint, type) and issubclass(hint, BaseModel):
        return _VALUES.get(hint) or f"[{hint.__name__}](#{hint.__name__.lower()})"
    if hint == JsonValue:
        return "any value"
    origin, parts = get_origin(hint), get_args(hint)
    if origin is Annotated:
        return _words(parts[0], (*parts[1:], *limits))
    if origin is Literal:
        return ("one of " if len(parts) > 1 else "") + ", ".join(f"`{each}`" for each in parts)
    if origin is tuple and get_origin(parts[0]) is Literal:
        return f"list of any of {', '.join(f'`{each}`' for each in get_args(parts[0]))}{_count(limits)}"
    if origin is tuple:
        return f"list of {_words(parts[0])}{_count(limits)}"
    if origin is dict:
        return f"{_words(parts[0])} to {_words(parts[1])}{_count(limits)}"
    if origin in (Union, types.UnionType):
        return " or ".join(dict.fromkeys(_words(part) for part in parts if part is not type(None)))
    return _scalar(hint, limits)


def _scalar(hint: Any, limits: tuple[Any, ...]) -> str:
    bounds = _bounds(limits)
    if hint is bool:
        return "`true` or `false`"
    if hint in (int, float):
        noun = "whole number" if hint is int else "number"
        low, high = bounds.get("ge"), bounds.get("le")
        if low is not None and high is not None:
            return f"{noun}, {low} to {high}"
        return noun if low is None else f"{noun}, {low} or more"
    form = FORMS.get(bounds.get("pattern", ""))
    if form is not None:
        return form.noun.removeprefix("a ").removeprefix("an ").removeprefix("the ")
    most = bounds.get("max_length")
    return f"text, at most {most} characters" if most else "text"


def _bounds(limits: tuple[Any, ...]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for limit in limits:
        inner = limit.metadata if isinstance(limit, FieldInfo) else (limit,)
        for each in inner:
            for key in ("ge", "le", "pattern", "max_length", "min_length"):
                value = getattr(each, key, None)
                if value is not None:
                    found.setdefault(key, value)
    return found


def _count(limits: tuple[Any, ...]) -> str:
    least = _bounds(limits).get("min_length")
    return f", at least {('one', 'two')[least - 1]}" if least in (1, 2) else ""


def _default(info: FieldInfo) -> str:
    if info.is_required():
        return "required"
    default = info.default
    if default is None or default in ((), {}):
        return "none"
    if isinstance(default, BaseModel):
        return "as below"
    if isinstance(default, tuple):
        return (
            "all three" if info.annotation is not None and "LadderRung" in str(info.annotation) else str(list(default))
        )
    if isinstance(default, bool):
        return f"`{str(default).lower()}`"
    return f"`{default}`"


def _later(model: type[BaseModel], key: str) -> str:
    """What this version does not act on, as a sentence; empty if nothing."""
    for policy in NOT_ENFORCED:
        if KINDS[policy.kind] is model and policy.key == key:
            return f" **So far {policy.what}.**"
    return ""


def _table(model: type[BaseModel], found: Mapping[Key, str]) -> Iterator[str]:
    hints = get_type_hints(model, include_extras=True)
    yield "| Key | Value | Default | Meaning | Example |"
    yield "|---|---|---|---|---|"
    for name, info in model.model_fields.items():
        key = info.alias or name
        if key in ("schema", "kind"):
            continue
        value = (
            "[condition](#conditions)"
            if (model.__name__, key) in _CONDITIONS
            else _words(hints[name], tuple(info.metadata))
        )
        meaning = meanings(model).get(key, "")
        meaning += _later(model, key)
        example = found.get((model, key)) or (found.get((MODELS["Template"], key), "") if key == "waivers" else "")
        shown = f"`{example}`" if example and len(example) <= _LONGEST else "below"
        cells = (f"`{key}`", value, _default(info), meaning, shown)
        yield "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def _kind(name: str, found: Mapping[Key, str], seen: set[type[BaseModel]]) -> Iterator[str]:
    yield f"## {name}"
    yield ""
    for model in models_of(MODELS[name]):
        if model in seen:
            continue
        seen.add(model)
        if model is not MODELS[name]:
            yield f"### {model.__name__}"
            yield ""
        yield " ".join((model.__doc__ or "").split())
        if model is MODELS[name] and name in POLICY_KINDS:
            where = "May be left out." if name in OPTIONAL_KINDS else "There is one of it."
            yield f"Stands below `policies/`, in a file of any name. {where}"
        yield ""
        yield from _table(model, found)
        yield ""
        if model is MODELS[name]:
            yield from _whole(name)


def _whole(kind: str) -> Iterator[str]:
    """A file of a kind, as it stands in the complete repository."""
    files = {path.relative_to(COMPLETE): path.read_text(encoding="utf-8") for path in COMPLETE.rglob("*.yaml")}
    every = [(path, text) for path, text in files.items() if f"\nkind: {kind}\n" in text]
    path, text = max(every, key=lambda each: len(each[1]))
    yield f"A whole file, `{path}`:"
    if kind == "Template":
        yield "it has every key there is, so a runner of this version refuses it;"
        yield "[templates](../templates/README.md) has"
        yield "some that run, and [your first template](first-template.md) makes one."
    yield ""
    yield from ("```yaml", *text.rstrip().split("\n"), "```", "")


def _conditions() -> Iterator[str]:
    yield "| Operator | On fields of type | Asks whether | Example |"
    yield "|---|---|---|---|"
    for operator, kinds in OPERATORS.items():
        meaning, example = OPERATOR_WORDS[operator]
        yield f"| `{operator}` | {', '.join(kinds)} | {meaning} | `{example}` |"


def language_page() -> str:
    """The whole page."""
    found, seen = examples(), set[type[BaseModel]]()
    kinds = [line for name in _ORDER for line in _kind(name, found, seen)]
    contents = [f"- [{name}](#{name.lower()}): {_first(MODELS[name])}" for name in _ORDER]
    head = _HEAD.read_text(encoding="utf-8").split("\n")
    out = ["<!-- Generated by `make docs` from the models of runner/contract; do not edit. -->", ""]
    for line in head:
        if line == "{contents}":
            out += contents
        elif line == "{conditions}":
            out += _conditions()
        elif line == "{points}":
            out += [f"- `{point}`" for point in POINTS]
        elif line == "{owner}":
            out += _table(OwnerRef, found)
        elif line == "{box}":
            out += _table(Box, found)
        else:
            out.append(line)
    return "\n".join([*out, *kinds]).rstrip() + "\n"


def _kind_word(kind: str) -> str:
    return "a step" if kind == "Step" else kind


def _first(model: type[BaseModel]) -> str:
    return " ".join((model.__doc__ or "").split())


_HEAD: Final = ROOT / "tests/language_head.txt"
