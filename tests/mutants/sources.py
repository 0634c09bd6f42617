"""Where the engine can be broken by rule: its modules, their functions, and every guard in them."""

from __future__ import annotations

import ast
import importlib
import inspect
import pkgutil
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from types import CodeType, FunctionType, ModuleType
from typing import Any

import runner.engine

__all__ = [
    "LEFT_OUT", "Guard", "code_of", "code_of_place", "compiled", "deadline_sorts", "file_of", "function_at", "guards",
    "modules", "mutated", "owners_of", "parsed", "replaced", "without_deadline",
]  # fmt: skip

LEFT_OUT: dict[str, str] = {
    "words": "text only",
    "control": "a state without ids and instants, for the tool; decides nothing",
    "briefing": "what a message is rendered with: text only",
    "kpis": "counts what was decided; decides nothing",
    "checklist": "reads what was decided; decides nothing",
    "coverage": "for the tool alone: decides nothing",
    "replay": "it is the judge of guarantee 12",
    "reasons": "words and their sentences",
    "calendars": "compared with a slow reference, minute by minute",
    "open_time": "compared with a slow reference, minute by minute",
    "wall_clock": "compared with a slow reference, minute by minute",
    "conditions": "compared with a second evaluation",
    "observation": "tables of readings",
    "roster": "tables, and properties over years",
    "turns": "compared with a slow reference, day by day",
    "overlay": "tables of entries; it says who is there, and decides nothing",
    "routing": "compared with a second evaluation",
}
"""Modules without mutants of their own, and what proves them instead."""


def modules() -> tuple[ModuleType, ...]:
    """Every module of the engine whose guards decide something."""
    found = pkgutil.walk_packages(runner.engine.__path__, "runner.engine.")
    names = [each.name for each in found]
    return tuple(importlib.import_module(name) for name in sorted(names) if name.split(".")[2] not in LEFT_OUT)


@dataclass(frozen=True)
class Guard:
    """One test that can be turned round; `place` names module and function, `number` counts within the function."""

    module: str
    place: str
    number: int
    text: str
    line: int


def owners_of(tree: ast.Module) -> Iterator[tuple[str, ast.FunctionDef]]:
    """The functions of a module and the methods of its classes, by qualified name; inner ones belong to their outer."""
    for node in tree.body:
        if isinstance(node, ast.FunctionDef):
            yield node.name, node
        elif isinstance(node, ast.ClassDef):
            for inner in node.body:
                if isinstance(inner, ast.FunctionDef):
                    yield f"{node.name}.{inner.name}", inner


def _tests(function: ast.FunctionDef) -> list[tuple[ast.AST, str, ast.expr]]:
    """Every test of a function: the node that holds it, the name of the field, and the test itself; each only once."""
    found: list[tuple[ast.AST, str, ast.expr]] = []
    seen: set[int] = set()

    def note(holder: ast.AST, field: str, test: ast.expr) -> None:
        if id(test) not in seen:
            seen.add(id(test))
            found.append((holder, field, test))

    for node in ast.walk(function):
        if isinstance(node, (ast.If, ast.While, ast.IfExp)):
            note(node, "test", node.test)
        elif isinstance(node, ast.match_case) and node.guard is not None:
            note(node, "guard", node.guard)
    for node in ast.walk(function):
        for field, value in ast.iter_fields(node):
            for each in value if isinstance(value, list) else [value]:
                if isinstance(each, ast.Compare) or (isinstance(each, ast.UnaryOp) and isinstance(each.op, ast.Not)):
                    note(node, field, each)
    return found


@cache
def _source(module: str) -> str:
    return inspect.getsource(importlib.import_module(module))


@cache
def _parsed(module: str) -> ast.Module:
    return ast.parse(_source(module))


def parsed(module: str, *, fresh: bool = False) -> ast.Module:
    """The tree of a module; a `fresh` one may be changed."""
    return ast.parse(_source(module)) if fresh else _parsed(module)


def guards(module: ModuleType) -> Iterator[Guard]:
    """Every guard of a module, in the order of its functions."""
    for place, function in owners_of(_parsed(module.__name__)):
        for number, (_, _, test) in enumerate(_tests(function)):
            yield Guard(module.__name__, place, number, ast.unparse(test), test.lineno)


def mutated(guard: Guard) -> CodeType:
    """The code of the guard's function with that one test turned round."""
    tree = parsed(guard.module, fresh=True)
    function = dict(owners_of(tree))[guard.place]
    holder, field, test = _tests(function)[guard.number]
    replaced(holder, field, test, _negated(test))
    return compiled(tree, guard.module, guard.place)


def _negated(test: ast.expr) -> ast.expr:
    if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
        return test.operand
    return ast.copy_location(ast.UnaryOp(ast.Not(), test), test)


def replaced(holder: ast.AST, field: str, old: ast.AST, new: ast.AST) -> None:
    """Put a node where another hangs."""
    value = getattr(holder, field)
    if isinstance(value, list):
        value[[id(each) for each in value].index(id(old))] = new
    else:
        setattr(holder, field, new)


def compiled(tree: ast.Module, module: str, place: str) -> CodeType:
    """The code that a function of a module has in a tree."""
    file = inspect.getsourcefile(importlib.import_module(module)) or module
    code = compile(ast.fix_missing_locations(tree), file, "exec")
    for name in place.split("."):
        code = next(each for each in code.co_consts if isinstance(each, CodeType) and each.co_name == name)
    return code


def function_at(module: str, place: str) -> FunctionType:
    """The function itself, under whatever is wrapped around it."""
    found: Any = importlib.import_module(module)
    for name in place.split("."):
        found = inspect.getattr_static(found, name)
    found = getattr(found, "fget", None) or getattr(found, "func", None) or getattr(found, "__func__", found)
    found = inspect.unwrap(found)
    assert isinstance(found, FunctionType), f"{module}.{place} is {found!r}"
    return found


def code_of(module: str, place: str) -> CodeType:
    """The code of a function as it is."""
    return function_at(module, place).__code__


def _deadlines(tree: ast.Module) -> Iterator[tuple[str, str, ast.AST, ast.stmt]]:
    """Where a deadline is yielded: the function, the sort, and the statement with the node that holds it."""
    for place, function in owners_of(tree):
        for holder in ast.walk(function):
            blocks = [block for name in ("body", "orelse") if isinstance(block := getattr(holder, name, None), list)]
            for statement in [each for block in blocks for each in block]:
                call = getattr(getattr(statement, "value", None), "value", None)
                is_deadline = isinstance(call, ast.Call) and getattr(call.func, "id", "") == "Deadline"
                if isinstance(statement, ast.Expr) and is_deadline and isinstance(call, ast.Call):
                    sort = call.args[2]
                    yield (
                        place,
                        str(sort.value) if isinstance(sort, ast.Constant) else ast.unparse(sort),
                        holder,
                        statement,
                    )


def deadline_sorts() -> list[tuple[str, str, str, int]]:
    """Module, function, sort and line of every deadline that is derived from a state."""
    return [
        (module.__name__, place, str(sort), statement.lineno)
        for module in modules()
        for place, sort, _, statement in _deadlines(_parsed(module.__name__))
    ]


def without_deadline(module: str, place: str, sort: str) -> CodeType:
    """The code of a function that derives deadlines, without those of one sort."""
    tree = parsed(module, fresh=True)
    for where, which, holder, statement in list(_deadlines(tree)):
        if (where, which) == (place, sort):
            nothing = ast.copy_location(ast.Pass(), statement)
            replaced(holder, "body" if statement in getattr(holder, "body", []) else "orelse", statement, nothing)
    return compiled(tree, module, place)


def code_of_place(module: str, place: str) -> str:
    """What a function says, however it is laid out; `place` may begin with the module's short name."""
    functions = dict(owners_of(parsed(module)))
    short = module.removeprefix("runner.engine.") + "."
    return ast.unparse(functions[place.removeprefix(short)])


def file_of(module: str) -> str:
    """The file of a module, as a tracer names it."""
    return inspect.getsourcefile(importlib.import_module(module)) or module
