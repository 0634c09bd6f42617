"""The order of keys: that of the models, where a model says which keys there are. Maps of names keep their order."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from types import UnionType
from typing import Annotated, Any, Final, Union, get_args, get_origin

from pydantic import BaseModel

from runner.contract.documents import KINDS
from runner.contract.layout import Part
from runner.contract.nodes import Plain
from runner.contract.steps import Step
from runner.contract.template import Block

__all__ = ["arrange", "arranged"]

_READ_AS: Final[dict[tuple[object, str | int], object]] = {(Block, "steps"): tuple[Step, ...]}
"""Keys whose values are checked later, as something more definite than their model says."""


def arranged(plain: Plain) -> Plain:
    """The data of a document with its keys in order; the same as `arrange` does to its layout."""
    return _arranged(plain, _model(plain.get("kind")) if isinstance(plain, dict) else None)


def arrange(root: Part) -> None:
    """Put the entries of a document into order, in place. One of no known kind keeps its order."""
    kinds = [each.value.text for each in root.entries if each.key is not None and each.key.text == "kind"]
    _arrange(root, _model(kinds[0]) if kinds else None)


def _model(kind: object) -> type[BaseModel] | None:
    return KINDS.get(kind) if isinstance(kind, str) else None


def _arranged(plain: Plain, expected: object) -> Plain:
    if isinstance(plain, list):
        return [_arranged(value, _within(expected, 0)) for value in plain]
    if not isinstance(plain, dict):
        return plain
    model = _fitting(expected, plain)
    keys = _sorted(plain, model)
    return {key: _arranged(plain[key], _within(model or expected, key)) for key in keys}


def _arrange(part: Part, expected: object) -> None:
    if part.sort == "sequence":
        for entry in part.entries:
            _arrange(entry.value, _within(expected, 0))
    elif part.sort == "mapping":
        entries = {entry.key.text: entry for entry in part.entries if entry.key is not None}
        model = _fitting(expected, entries)
        part.entries = [entries[key] for key in _sorted(entries, model)]
        for key, entry in entries.items():
            _arrange(entry.value, _within(model or expected, key))


def _sorted(keys: Iterable[str], model: type[BaseModel] | None) -> list[str]:
    if model is None:
        return list(keys)
    order = {info.alias or name: place for place, (name, info) in enumerate(model.model_fields.items())}
    return sorted(keys, key=lambda key: order.get(key, len(order)))


def _fitting(expected: object, keys: Iterable[str]) -> type[BaseModel] | None:
    """The model that knows most of these keys; None if none is meant, as for a map of names."""
    models = [each for each in _options(expected) if isinstance(each, type) and issubclass(each, BaseModel)]
    if not models:
        return None
    given = set(keys)
    return max(models, key=lambda each: len(given & {info.alias or name for name, info in each.model_fields.items()}))


def _within(expected: object, part: str | int) -> object:
    """What is expected at a key or an index of a value of which this is expected; None if the models do not say."""
    for option in _options(expected):
        if isinstance(option, type) and issubclass(option, BaseModel):
            if (option, part) in _READ_AS:
                return _READ_AS[option, part]
            for name, info in option.model_fields.items():
                if part == (info.alias or name):
                    return info.annotation
        elif get_origin(option) is dict:
            return get_args(option)[1]
        elif get_origin(option) in {tuple, list} and isinstance(part, int):
            return get_args(option)[0]
    return None


def _options(expected: Any) -> Iterator[Any]:  # noqa: ANN401 - an annotation
    """What may stand there, with unions and annotations taken apart."""
    if get_origin(expected) in {Union, UnionType}:
        for each in get_args(expected):
            yield from _options(each)
    elif get_origin(expected) is Annotated:
        yield from _options(get_args(expected)[0])
    elif expected is not None:
        yield expected
