"""Validates every file against the published JSON Schema of its kind: no reference, no limit, no rule.

For editors and hooks that want the shape alone. The models decide what a runner takes; this is what others can check.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Final

from runner.contract.diagnostic import Diagnostic, Location, Severity
from runner.contract.documents import KINDS, Files
from runner.contract.misfit import FORMS, described, did_you_mean, shown
from runner.contract.nodes import MappingNode, Node, ScalarNode, locate, pointer_of, to_plain
from runner.contract.schema import schema_of
from runner.contract.source import load

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
_Path = tuple[str | int, ...]


def check_schemas(files: Files) -> tuple[tuple[Diagnostic, ...], int]:
    """What does not fit, sorted, and how many files were looked at; none at all is a finding."""
    found: set[Diagnostic] = set()
    looked_at = 0
    validators: dict[str, Draft202012Validator] = {}
    for path in files.paths():
        if path.endswith((".yaml", ".yml")):
            looked_at += 1
            found.update(_check(path, files, validators))
    if not looked_at:
        message = "there is nothing to check: not one YAML file below policies/ and templates/"
        found.add(Diagnostic("SUR113", Severity.ERROR, message, None, "name another folder with --repo"))
    return tuple(sorted(found)), looked_at


def _check(path: str, files: Files, validators: dict[str, Draft202012Validator]) -> Iterable[Diagnostic]:
    from jsonschema import Draft202012Validator  # late: takes longer to import than most checks take

    try:
        loaded = load(files.read(path), path)
    except OSError as error:
        message = f"this file cannot be read: {error.strerror or type(error).__name__}"
        return [Diagnostic("SUR114", Severity.ERROR, message, Location(path, 1, 1), "make it readable")]
    root = loaded.root
    if root is None or loaded.diagnostics:
        return loaded.diagnostics
    node = root.get("kind") if isinstance(root, MappingNode) else None
    kind = node.value if isinstance(node, ScalarNode) else None
    if not isinstance(kind, str) or kind not in KINDS:
        message = f"{shown(kind)} is not a kind of document" if node else "the key `kind` is missing"
        help_text = f"{did_you_mean(kind, KINDS) if kind else ''}kinds: {', '.join(KINDS)}"
        where = locate(root, ("kind",) if node else ())
        return [Diagnostic("SUR105", Severity.ERROR, message, where, help_text, "/kind" if node else "")]
    if kind not in validators:
        validators[kind] = Draft202012Validator(schema_of(kind))
    errors = validators[kind].iter_errors(to_plain(root))
    return [found for error in errors for found in _findings(root, error)]


def _findings(root: Node, error: ValidationError) -> Iterable[Diagnostic]:
    error = _nearest_branch(error)
    path: _Path = tuple(error.absolute_path)
    told: Any = error.validator_value
    given: Any = error.instance
    if error.validator == "additionalProperties":
        schema: Any = error.schema
        allowed = sorted(schema.get("properties", {}))
        for key in sorted(set(given) - set(allowed)):
            help_text = f"{did_you_mean(key, allowed)}allowed: {', '.join(allowed)}"
            yield _finding(root, "SUR101", (*path, key), f"unknown key `{key}`", help_text, key=True)
    elif error.validator == "required":
        for key in told:
            if key not in given:
                yield _finding(root, "SUR102", path, f"the key `{key}` is missing", f"add {key}: …", key=True)
    elif error.validator == "type":
        wanted = told if isinstance(told, list) else [told]
        words = " or ".join(_TYPES[each] for each in wanted)
        yield _finding(root, "SUR103", path, f"{_label(path)} must be {words}, found {described(given)}", "")
    else:
        yield _finding(root, "SUR104", path, *_words(error, path), key="propertyNames" in error.absolute_schema_path)


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
        form = FORMS.get(str(allowed))
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


def _nearest_branch(error: ValidationError) -> ValidationError:
    """Of a value that fits none of several forms, what is wrong with the form that it comes closest to."""
    from jsonschema.exceptions import relevance

    while error.context:
        error = max(error.context, key=lambda each: (len(each.absolute_path), relevance(each)))
    return error


def _finding(root: Node, code: str, path: _Path, message: str, help_text: str, *, key: bool = False) -> Diagnostic:
    return Diagnostic(code, Severity.ERROR, message, locate(root, path, key=key), help_text, pointer_of(path))


def _label(path: _Path) -> str:
    last: Any = path[-1] if path else None
    if isinstance(last, str):
        return f"`{last}`"
    above = next((part for part in reversed(path) if isinstance(part, str)), None)
    return f"entry {last + 1} of `{above}`" if above and last is not None else "this document"
