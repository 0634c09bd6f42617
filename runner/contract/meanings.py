"""What each key of a model means: the docstring below it, read from the source when somebody asks for schema or page.

pydantic can do this when a model is made; then every start of a program would pay for it.
"""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterator, Mapping
from functools import cache
from itertools import pairwise
from textwrap import dedent
from typing import Any, get_args, get_type_hints

from pydantic import BaseModel

from runner.contract.values import Strict

__all__ = ["meanings", "models_in", "models_within"]


@cache
def meanings(model: type[BaseModel]) -> Mapping[str, str]:
    """Key, as it is written in YAML, to its meaning on one line; keys without one are left out."""
    found: dict[str, str] = {}
    for base in reversed(model.__mro__):
        if issubclass(base, Strict):
            found |= _meanings(base)
    return found


def _meanings(model: type[BaseModel]) -> Mapping[str, str]:
    """Those of the keys that the model itself declares."""
    (made,) = ast.parse(dedent(inspect.getsource(model))).body
    found: dict[str, str] = {}
    for before, after in pairwise(made.body if isinstance(made, ast.ClassDef) else ()):
        if (
            isinstance(before, ast.AnnAssign)
            and isinstance(before.target, ast.Name)
            and isinstance(after, ast.Expr)
            and isinstance(after.value, ast.Constant)
            and isinstance(after.value.value, str)
        ):
            field = model.model_fields[before.target.id]
            found[field.alias or before.target.id] = " ".join(after.value.value.split())
    return found


def models_within(model: type[BaseModel]) -> list[type[BaseModel]]:
    """The model and every one that its keys lead to, in the order in which they are met."""
    found = [model]
    for each in found:
        for hint in get_type_hints(each, include_extras=True).values():
            found += [inner for inner in models_in(hint) if inner not in found]
    return found


def models_in(hint: Any) -> Iterator[type[BaseModel]]:  # noqa: ANN401 - any type
    """The models that a type is made of."""
    if isinstance(hint, type) and issubclass(hint, BaseModel):
        yield hint
    for part in get_args(hint):
        if not isinstance(part, str):  # a value of a Literal
            yield from models_in(part)
