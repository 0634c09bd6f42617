"""Where the engine keeps a limit or gives a time, and how each is loosened by rule. Knows no single limit by name."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from types import CodeType, ModuleType

from tests.mutants.sources import Guard, compiled, owners_of, parsed, replaced

__all__ = ["limits", "loosened"]

_NEXT: dict[type[ast.cmpop], type[ast.cmpop]] = {ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt}
_TIMES = ("ends", "after")
"""The methods of a draft that say when a timebox ends."""
_COUNTS = ("repeat", "at_most")
_CONSTANT = re.compile(r"_?[A-Z][A-Z_]+")


@dataclass(frozen=True)
class _Spot:
    """An expression, where it hangs, and what takes its place."""

    holder: ast.AST
    field: str
    old: ast.expr
    new: ast.expr
    text: str


def limits(module: ModuleType) -> Iterator[Guard]:
    """Every limit of a module, in the order of its functions."""
    tree = parsed(module.__name__)
    for place, function in owners_of(tree):
        for number, spot in enumerate(_spots(function, _constants(tree))):
            yield Guard(module.__name__, place, number, spot.text, spot.old.lineno)


def loosened(limit: Guard) -> CodeType:
    """The code of the limit's function with that one limit loosened."""
    tree = parsed(limit.module, fresh=True)
    function = dict(owners_of(tree))[limit.place]
    spot = _spots(function, _constants(tree))[limit.number]
    replaced(spot.holder, spot.field, spot.old, spot.new)
    return compiled(tree, limit.module, limit.place)


def _constants(tree: ast.Module) -> frozenset[str]:
    """The numbers that a module has a name for."""
    found = set()
    for node in tree.body:
        target = node.targets[0] if isinstance(node, ast.Assign) else getattr(node, "target", None)
        value = getattr(node, "value", None)
        whole = isinstance(value, ast.Constant) and type(value.value) is int
        if whole and isinstance(target, ast.Name) and _CONSTANT.fullmatch(target.id):
            found.add(target.id)
    return frozenset(found)


def _spots(function: ast.FunctionDef, constants: frozenset[str]) -> list[_Spot]:
    found: list[_Spot] = []
    given: set[int] = set()
    bounds = {
        id(each) for node in ast.walk(function) if isinstance(node, ast.Compare | ast.Slice) for each in ast.walk(node)
    }
    for holder in ast.walk(function):
        for field, value in ast.iter_fields(holder):
            for node in value if isinstance(value, list) else [value]:
                if not isinstance(node, ast.expr):
                    continue
                if isinstance(node, ast.Compare):
                    found += [_Spot(holder, field, node, *each) for each in _moved(node)]
                elif _is_time(node):
                    given.update(id(each) for each in ast.walk(node))
                    found.append(_Spot(holder, field, node, _longer(node), f"{ast.unparse(node)}, twice as long"))
                elif _is_number(node) or (id(node) in bounds and getattr(node, "id", "") in constants):
                    if id(node) in given or isinstance(holder, ast.Attribute):
                        continue
                    found.append(_Spot(holder, field, node, _higher(node), f"{ast.unparse(node)}, one more"))
    return found


def _moved(node: ast.Compare) -> Iterator[tuple[ast.expr, str]]:
    """A comparison of order with one of its signs moved by the least that there is."""
    for number, sign in enumerate(node.ops):
        if type(sign) in _NEXT:
            signs = [*node.ops[:number], _NEXT[type(sign)](), *node.ops[number + 1 :]]
            new = ast.copy_location(ast.Compare(node.left, signs, node.comparators), node)
            yield new, f"{ast.unparse(node)}, as {ast.unparse(new)}"


def _is_time(node: ast.expr) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in _TIMES


def _longer(node: ast.expr) -> ast.expr:
    assert isinstance(node, ast.Call)
    assert isinstance(node.func, ast.Attribute)
    now, end = f"{ast.unparse(node.func.value)}.now", ast.unparse(node)
    return _placed(f"({end}) + (({end}) - {now})", node)


def _is_number(node: ast.expr) -> bool:
    if not isinstance(node, ast.Attribute):
        return False
    inner = getattr(node.value, "attr", "")
    return node.attr in _COUNTS or inner == "limits" or (inner in _COUNTS and node.attr == "seconds")


def _higher(node: ast.expr) -> ast.expr:
    return _placed(f"({ast.unparse(node)}) + 1", node)


def _placed(text: str, where: ast.expr) -> ast.expr:
    new = ast.parse(text, mode="eval").body
    for each in ast.walk(new):
        if isinstance(each, ast.expr):
            ast.copy_location(each, where)
    return new
