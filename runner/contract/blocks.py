"""Inlining blocks: a template's steps with every `use` replaced by the block's own steps, inputs filled in.

Works on plain data, so that an input may stand wherever a value may; the result is validated as a step afterwards. What
an input puts into a step is remembered with the place where it was given, so that findings point there.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from runner.contract.diagnostic import Diagnostic
from runner.contract.documents import Document, Path, document_finding, validate
from runner.contract.misfit import described, did_you_mean
from runner.contract.nodes import Node
from runner.contract.places import Places
from runner.contract.template import Block, BlockInput, Step
from runner.contract.values import parse_duration

__all__ = ["BlockInliner", "Flat", "needed_inputs"]

_MAX_STEPS = 200  # of one lifecycle point; a runbook that long is read by nobody
_MAX_DEPTH = 16  # blocks inside each other
_INPUT = re.compile(r"\$([a-z][a-z0-9]*(?:[-_][a-z0-9]+)*)")


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a value is written."""

    document: Document
    path: Path


@dataclass(frozen=True, slots=True)
class Given:
    """The value of an input, where it was given, and where its parts were if an outer input put them there."""

    value: Any
    origin: Origin
    parts: Mapping[Path, Origin] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Flat:
    """One step after inlining: its data, where it is written, the rule with the chain of `use`, the inputs at hand."""

    plain: dict[str, Any]
    document: Document
    path: Path
    rule: str
    inputs: dict[str, Any]
    origins: Mapping[Path, Origin] = field(default_factory=dict)
    """For paths in the step whose value an input gave: where."""

    def source(self, *path: str | int) -> tuple[Document, Path]:
        """The document and the path at which a value of the step is written."""
        for length in range(len(path), 0, -1):
            origin = self.origins.get(path[:length])
            if origin is not None:
                return origin.document, (*origin.path, *path[length:])
        return self.document, (*self.path, *path)

    def root(self, path: Path) -> tuple[Node, Path]:
        """As `source`, for `documents.validate`."""
        document, full = self.source(*path)
        return document.root, full


class BlockInliner:
    """Inlines blocks and collects what is wrong with them and with their use.

    With `complete` False some block could not be read, and a `use` of an unknown one is not judged.
    """

    def __init__(self, blocks: Mapping[str, Document], *, complete: bool = True) -> None:
        self._blocks = blocks
        self._complete = complete
        self.findings: list[Diagnostic] = []
        self.used: set[str] = set()
        self.places = Places()
        """Where each step stands, by its rule; also each `use` on the way."""
        for document in blocks.values():
            self._check_defaults(document)
        self._check_circles()

    def steps(self, document: Document, name: str, steps: list[Any], path: Path) -> list[Flat]:
        """The steps at a path of a document, inlined; `name` is the document's name in rules."""
        return self._steps(_Scope(document, f"{name}#", {}, ()), steps, path)

    def of_block(self, name: str, rule: str, document: Document, path: Path) -> list[Flat]:
        """The steps of a block that a policy names at a path, without giving it anything; `rule` says where it does.

        None if there is no such block, or if it needs something: `load` has found that.
        """
        block = self._blocks.get(name)
        if block is None or not isinstance(block.model, Block) or needed_inputs(block.model):
            return []
        use = Flat({"use": name}, document, path, rule, {}, {("use",): Origin(document, path)})
        self.places.note(rule, document, path)
        return self._use(_Scope(document, rule, {}, ()), use)

    def _steps(self, scope: _Scope, steps: list[Any], path: Path) -> list[Flat]:
        flat: list[Flat] = []
        for index, plain in enumerate(steps):
            before = len(self.findings)
            each = self._fill(scope, plain, (*path, index))
            self.places.note(each.rule, scope.document, each.path)
            if len(self.findings) > before:
                continue
            if "use" in plain:
                flat.extend(self._use(scope, each))
            else:
                flat.append(each)
                for branch, inner in _branches(plain):
                    flat.extend(self._steps(scope, inner, (*path, index, "choose", "branches", branch, "steps")))
            if len(flat) > _MAX_STEPS:
                if not scope.chain:
                    message = f"with its blocks written out, this is more than {_MAX_STEPS} steps"
                    self._wrong(scope.document, (*path, index), "SUR207", message, "use fewer or smaller blocks")
                break
        return flat

    def _use(self, scope: _Scope, step: Flat) -> list[Flat]:
        """The steps of the block that a step uses; none if it cannot be used so."""
        valid, findings = validate(Step, step.plain, step.document.nodes, step.path, step.root)
        self.findings.extend(findings)
        if valid is None or valid.use is None:
            return []
        name = valid.use
        block = self._blocks.get(name)
        if block is None or not isinstance(block.model, Block):
            if self._complete:
                known = ", ".join(sorted(self._blocks)) or "none; write one below templates/blocks/"
                help_text = f"{did_you_mean(name, self._blocks)}blocks: {known}"
                self._wrong(*step.source("use"), "SUR201", f"there is no block `{name}`", help_text)
            return []
        self.used.add(name)
        if name in scope.chain:
            return []  # a circle; noted when the blocks were looked at
        if len(scope.chain) >= _MAX_DEPTH:
            message = f"more than {_MAX_DEPTH} blocks stand inside each other"
            self._wrong(*step.source("use"), "SUR207", message, "let blocks hold steps rather than blocks")
            return []
        values = self._inputs(block.model, step)
        if values is None:
            return []
        inner = _Scope(block, f"{step.rule} > {name}#", values, (*scope.chain, name))
        return self._steps(inner, block.plain["steps"], ("steps",))

    def _inputs(self, block: Block, step: Flat) -> dict[str, Given] | None:
        """What the block is given, with defaults; None if something is wrong with it."""
        given: dict[str, Any] = step.plain.get("with") or {}
        before = len(self.findings)
        usable = True
        for name in given:
            if name not in block.inputs:
                known = ", ".join(block.inputs) or "none"
                help_text = f"{did_you_mean(name, block.inputs)}inputs: {known}"
                message = f"block `{block.name}` has no input `{name}`"
                self._wrong(step.document, (*step.path, "with", name), "SUR207", message, help_text, key=True)
        values: dict[str, Given] = {}
        for name, declared in block.inputs.items():
            if name in given:
                origin = Origin(*step.source("with", name))
                parts = {path[2:]: each for path, each in step.origins.items() if path[:2] == ("with", name)}
                values[name] = Given(given[name], origin, parts)
                if not _fits(declared, given[name]):
                    found = described(given[name])
                    message = f"input `{name}` of block `{block.name}` is a {declared.type}, found {found}"
                    self._wrong(origin.document, origin.path, "SUR207", message, declared.summary)
            elif declared.default is not None:
                usable = usable and _fits(declared, declared.default)
                document = self._blocks[block.name]
                values[name] = Given(declared.default, Origin(document, ("inputs", name, "default")))
            else:
                message = f"block `{block.name}` needs the input `{name}`"
                help_text = f"add with: {{{name}: …}}. {declared.summary}"
                self._wrong(*step.source("use"), "SUR207", message, help_text)
        return values if usable and len(self.findings) == before else None

    def _fill(self, scope: _Scope, plain: dict[str, Any], path: Path) -> Flat:
        """The step with `$name` replaced where it is a whole value; the name of a block is never an input."""
        origins: dict[Path, Origin] = {}

        def fill(value: Any, here: Path) -> Any:  # noqa: ANN401 - JSON data
            if here == ("use",):
                return value
            if isinstance(value, dict):
                return {key: fill(each, (*here, key)) for key, each in value.items()}
            if isinstance(value, list):
                return [fill(each, (*here, index)) for index, each in enumerate(value)]
            name = _INPUT.fullmatch(value) if isinstance(value, str) else None
            if name is None:
                return value
            given = scope.inputs.get(name[1])
            if given is None:
                self._no_input(scope, name[1], (*path, *here))
                return value
            origins[here] = given.origin
            origins.update({(*here, *part): each for part, each in given.parts.items()})
            return given.value

        rule = scope.rule + "/" + "/".join(map(str, path))
        inputs = {name: each.value for name, each in scope.inputs.items()}
        return Flat(fill(plain, ()), scope.document, path, rule, inputs, origins)

    def _no_input(self, scope: _Scope, name: str, path: Path) -> None:
        if scope.chain:
            known = ", ".join(scope.inputs) or "none"
            help_text = f"{did_you_mean(name, scope.inputs)}inputs: {known}"
            message = f"`${name}` stands for an input, and this block has none of that name"
        else:
            message = f"`${name}` stands for an input, and only a block has inputs"
            help_text = "write the value itself; text that begins with $ can go into a longer sentence"
        self._wrong(scope.document, path, "SUR207", message, help_text)

    def _check_defaults(self, document: Document) -> None:
        inputs = document.model.inputs if isinstance(document.model, Block) else {}
        for name, declared in inputs.items():
            if declared.default is not None and not _fits(declared, declared.default):
                message = f"the default of `{name}` is not a {declared.type}, found {described(declared.default)}"
                self._wrong(document, ("inputs", name, "default"), "SUR207", message, "change the default or the type")

    def _check_circles(self) -> None:
        """Note each `use` that closes a circle of blocks, whether a template uses them or not."""
        done: set[str] = set()
        for start in sorted(self._blocks):
            waiting = [(start, _uses(self._blocks[start]))]
            while waiting:
                name, uses = waiting[-1]
                index, used = next(uses, (0, None))
                if used is None:
                    done.add(name)
                    waiting.pop()
                elif used in (chain := [each for each, _ in waiting]):
                    circle = " → ".join((*chain[chain.index(used) :], used))
                    message = f"block `{used}` uses itself: {circle}"
                    path = ("steps", index, "use")
                    self._wrong(self._blocks[name], path, "SUR206", message, "take one `use` out of this circle")
                elif used not in done and used in self._blocks:
                    waiting.append((used, _uses(self._blocks[used])))

    def _wrong(
        self, document: Document, path: Path, code: str, message: str, help_text: str, *, key: bool = False
    ) -> None:
        self.findings.append(document_finding(document, code, path, message, help_text, key=key))


@dataclass(frozen=True, slots=True)
class _Scope:
    """Where steps are being inlined: the document, its rule so far, the inputs at hand, the blocks around it."""

    document: Document
    rule: str
    inputs: Mapping[str, Given]
    chain: tuple[str, ...]


def _branches(step: Mapping[str, Any]) -> Iterator[tuple[int, list[Any]]]:
    """The steps inside the branches of a step, with the number of the branch."""
    choose = step.get("choose")
    branches = choose.get("branches") if isinstance(choose, dict) else None
    for index, branch in enumerate(branches if isinstance(branches, list) else ()):
        steps = branch.get("steps") if isinstance(branch, dict) else None
        if isinstance(steps, list) and all(isinstance(each, dict) for each in steps):
            yield index, steps


def needed_inputs(block: Block) -> list[str]:
    """The inputs of a block that its user must give."""
    return [name for name, declared in block.inputs.items() if declared.default is None]


def _uses(document: Document) -> Iterator[tuple[int, str]]:
    """The steps that use a block, with their position."""
    for index, step in enumerate(document.plain["steps"]):
        if isinstance(name := step.get("use"), str):
            yield index, name


def _is_duration(text: str) -> bool:
    try:
        parse_duration(text)
    except ValueError:
        return False
    return True


def _fits(declared: BlockInput, value: object) -> bool:
    match declared.type:
        case "number":
            return isinstance(value, int | float) and not isinstance(value, bool)
        case "boolean":
            return isinstance(value, bool)
        case "person":
            return isinstance(value, str | dict)
        case "choice":
            return isinstance(value, str) and value in declared.values
        case "duration":
            return isinstance(value, str) and _is_duration(value)
        case _:
            return isinstance(value, str)
