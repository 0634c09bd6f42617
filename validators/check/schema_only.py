"""Validates every file against the published JSON Schema of its kind: no reference, no limit, no rule.

For editors and hooks that want the shape alone. The models decide what a runner takes; this is what others can check.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from runner.contract.diagnostic import Diagnostic, Severity
from runner.contract.documents import KINDS, Files, has_documents, refused_paths
from runner.contract.forms import FORMS, Form
from runner.contract.misfit import described, did_you_mean, shown
from runner.contract.nodes import MappingNode, Node, ScalarNode, locate, pointer_of, to_plain
from runner.contract.schema import schema_of
from runner.contract.secret_text import without_secrets
from runner.contract.source import load, load_mapping
from runner.contract.unreadable import unreadable_finding

if TYPE_CHECKING:
    from jsonschema import Draft202012Validator, ValidationError

__all__ = ["check_schemas"]

_TYPES: Final = {
    "array": "a list",
    "object": "a mapping of keys and values",
    "string": "a text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "null": "nothing",
}
_FORMS: Final = {
    **FORMS,
    "^[1-9][0-9]{0,5}(s|m|h|d)$": Form("a duration", "a whole number and one unit, as in 45s, 15m, 2h or 3d"),
}
_Path = tuple[str | int, ...]


def check_schemas(files: Files) -> tuple[tuple[Diagnostic, ...], int]:
    """What does not fit, sorted, and how many files were looked at; none at all is a finding."""
    found: set[Diagnostic] = set()
    looked_at = 0
    refused = refused_paths(files)
    for path in files.paths():
        if has_documents(path) or path in refused:
            looked_at += 1
            found.update(_check(path, files))
    if not looked_at:
        message = "there is nothing to check: not one YAML file below policies/ and templates/"
        found.add(Diagnostic("SUR113", Severity.ERROR, message, None, "name another folder with --repo"))
    return tuple(sorted(found)), looked_at


def _check(path: str, files: Files) -> Iterable[Diagnostic]:
    try:
        data = files.read(path)
    except OSError as error:
        return [unreadable_finding(path, error)]
    return () if _is_fine(data) else without_secrets(_judged(data, path), [data])


def _is_fine(data: bytes) -> bool:
    """Whether there is nothing to say, which takes a third of the time of saying where everything stands."""
    plain = load_mapping(data)
    kind = plain.get("kind") if plain is not None else None
    return isinstance(kind, str) and kind in KINDS and _validator(kind).is_valid(plain)


def _judged(data: bytes, path: str) -> Iterable[Diagnostic]:
    loaded = load(data, path)
    root = loaded.root
    if root is None or loaded.diagnostics:
        return loaded.diagnostics
    if not isinstance(root, MappingNode):
        message = f"a document is a mapping of keys and values, found {described(to_plain(root))}"
        return [_finding(root, "SUR103", (), message, "begin with the lines  schema: surety/v1  and  kind: …")]
    node = root.get("kind")
    kind = node.value if isinstance(node, ScalarNode) else None
    if not isinstance(kind, str) or kind not in KINDS:
        message = f"{shown(kind)} is not a kind of document" if node else "the key `kind` is missing"
        help_text = f"{did_you_mean(kind, KINDS) if kind else ''}kinds: {', '.join(KINDS)}"
        where = locate(root, ("kind",) if node else ())
        return [Diagnostic("SUR105", Severity.ERROR, message, where, help_text, "/kind" if node else "")]
    return [found for error in _validator(kind).iter_errors(to_plain(root)) for found in _findings(root, error)]


@cache
def _validator(kind: str) -> Draft202012Validator:
    from jsonschema import Draft202012Validator  # late: takes longer to import than most checks take

    return Draft202012Validator(schema_of(kind))


def _findings(root: Node, error: ValidationError) -> Iterable[Diagnostic]:
    error = _nearest_form(error)
    path: _Path = tuple(error.absolute_path)
    told: Any = error.validator_value
    given: Any = error.instance
    if error.validator == "additionalProperties":
        yield from _keys(root, error, path)
    elif error.validator == "required":
        for key in told:
            if key not in given:
                yield _finding(root, "SUR102", path, f"the key `{key}` is missing", f"add {key}: …", key=True)
    elif error.validator == "type":
        wanted = told if isinstance(told, list) else [told]
        words = " or ".join(_TYPES[each] for each in wanted)
        message = f"{_label(path)} must be {words}, found {described(given)}"
        yield _finding(root, "SUR103", path, message, f"write {words}")
    elif "propertyNames" in error.absolute_schema_path:
        yield _finding(root, "SUR104", (*path, given), *_words(error, path), key=True)
    else:
        code = "SUR106" if path == ("schema",) else "SUR104"
        yield _finding(root, code, path, *_words(error, path))


def _keys(root: Node, error: ValidationError, path: _Path) -> Iterable[Diagnostic]:
    """Keys that are none of those listed, or that do not have the form of a name."""
    schema: Any = error.schema
    given: Any = error.instance
    patterns = list(schema.get("patternProperties", ()))
    allowed = list(schema.get("properties", ()))
    for key in given:
        if key in allowed or any(re.search(pattern, key) for pattern in patterns):
            continue
        if patterns and not allowed:
            form = _FORMS[patterns[0]]
            message, help_text = f"{shown(key)} is not {form.noun}", f"write {form.written}"
            yield _finding(root, "SUR104", (*path, key), message, help_text, key=True)
        else:
            help_text = f"{did_you_mean(key, allowed)}allowed: {', '.join(allowed)}"
            yield _finding(root, "SUR101", (*path, key), f"unknown key `{key}`", help_text, key=True)


def _words(error: ValidationError, path: _Path) -> tuple[str, str]:
    value: Any = error.instance
    allowed: Any = error.validator_value
    if error.validator in {"enum", "const"}:
        options = [str(each) for each in (allowed if isinstance(allowed, list) else [allowed])]
        return (
            f"{shown(value)} is not allowed for {_label(path)}",
            f"{did_you_mean(value, options)}allowed: {', '.join(options)}",
        )
    if error.validator == "pattern":
        form = _FORMS.get(str(allowed))
        if form is None:
            return f"{shown(value)} does not have the form of {_label(path)}", f"it must fit {allowed}"
        return f"{shown(value)} is not {form.noun}", f"write {form.written}"
    if error.validator in {"minItems", "minLength", "minProperties"}:
        return f"{_label(path)} has too few entries or characters", f"at least {allowed}"
    if error.validator in {"maxItems", "maxLength", "maxProperties"}:
        return f"{_label(path)} has too many entries or characters", f"at most {allowed}"
    if error.validator in {"minimum", "exclusiveMinimum", "maximum", "exclusiveMaximum"}:
        least = "at least" if "inimum" in str(error.validator) else "at most"
        return f"{_label(path)} is {value}", f"write a number of {least} {allowed}"
    return f"{_label(path)} does not fit its schema, found {described(value)}", "docs/schemas shows what is allowed"


def _nearest_form(error: ValidationError) -> ValidationError:
    """Of a value that fits none of several forms, what is wrong with the one that it was most likely meant to be.

    That is a form of the right type, and of several, the one in which most of it was understood.
    """
    while error.context:
        forms: dict[object, list[ValidationError]] = {}
        for each in error.context:
            forms.setdefault(each.relative_schema_path[0], []).append(each)
        closest = min(forms.values(), key=_distance)
        error = min(closest, key=lambda each: len(each.relative_path))
    return error


def _distance(form: list[ValidationError]) -> tuple[bool, int, int]:
    """How far a value is from a form: whether its type is another, how early it fails, how often."""
    other = any(each.validator == "type" and not each.relative_path for each in form)
    return other, -min(len(each.relative_path) for each in form), len(form)


def _finding(root: Node, code: str, path: _Path, message: str, help_text: str, *, key: bool = False) -> Diagnostic:
    return Diagnostic(code, Severity.ERROR, message, locate(root, path, key=key), help_text, pointer_of(path))


def _label(path: _Path) -> str:
    last: Any = path[-1] if path else None
    if isinstance(last, str):
        return f"`{last}`"
    above = next((part for part in reversed(path) if isinstance(part, str)), None)
    return f"entry {last + 1} of `{above}`" if above and last is not None else "this document"
