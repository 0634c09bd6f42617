"""Inlining blocks: a template's steps with every `use` replaced by the block's own steps, inputs filled in.

Works on plain data, so that an input may stand wherever a value may; the result is validated as a step afterwards.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from runner.contract.diagnostic import Diagnostic, nearest
from runner.contract.documents import Document, Path, document_finding
from runner.contract.template import Block, BlockInput

__all__ = ["BlockInliner", "Flat"]

_MAX_STEPS = 200


@dataclass(frozen=True, slots=True)
class Flat:
    """One step after inlining: its data, where it is written, the rule with the chain of `use`, the inputs at hand."""

    plain: dict[str, Any]
    document: Document
    path: Path
    rule: str
    inputs: dict[str, Any]


class BlockInliner:
    """Inlines blocks and collects what is wrong with their use."""

    def __init__(self, blocks: Mapping[str, Document]) -> None:
        self._blocks = blocks
        self.findings: list[Diagnostic] = []
        self.used: set[str] = set()

    def steps(self, document: Document, name: str, steps: list[Any], path: Path) -> list[Flat]:
        """The steps at a path of a document, inlined; `name` is the document's name in rules."""
        return self._steps(document, steps, path, f"{name}#", {}, ())

    def _steps(  # noqa: PLR0917 - the recursion carries this much
        self,
        document: Document,
        steps: list[Any],
        path: Path,
        rule: str,
        inputs: dict[str, Any],
        chain: tuple[str, ...],
    ) -> list[Flat]:
        flat: list[Flat] = []
        for index, plain in enumerate(steps):
            here = (*path, index)
            pointer = rule + "/" + "/".join(map(str, here))
            if not isinstance(plain, dict):
                continue
            if "use" in plain:
                flat.extend(self._use(document, plain, here, pointer, inputs, chain))
            else:
                flat.append(Flat(_fill(plain, inputs), document, here, pointer, inputs))
            if len(flat) > _MAX_STEPS:
                self._wrong(
                    document, "SUR207", here, f"more than {_MAX_STEPS} steps after inlining", "use fewer blocks"
                )
                break
        return flat

    def _use(  # noqa: PLR0917
        self,
        document: Document,
        plain: dict[str, Any],
        here: Path,
        pointer: str,
        inputs: dict[str, Any],
        chain: tuple[str, ...],
    ) -> list[Flat]:
        name = plain["use"]
        block = self._blocks.get(name) if isinstance(name, str) else None
        if block is None or not isinstance(block.model, Block):
            near = nearest(str(name), self._blocks)
            hint = f"did you mean `{near}`? " if near else ""
            known = ", ".join(sorted(self._blocks)) or "none"
            self._wrong(document, "SUR201", (*here, "use"), f"there is no block `{name}`", f"{hint}blocks: {known}")
            return []
        if name in chain:
            circle = " → ".join((*chain[chain.index(name) :], str(name)))
            message = f"block `{name}` uses itself: {circle}"
            self._wrong(document, "SUR206", (*here, "use"), message, "take one `use` out of this circle")
            return []
        self.used.add(str(name))
        given = _fill(plain.get("with") or {}, inputs)
        values = self._inputs(document, block.model, given, here)
        extra = set(plain) - {"use", "with"}
        for key in sorted(extra):
            message = f"`{key}` does not go with `use`"
            self._wrong(document, "SUR101", (*here, key), message, "set it on the steps of the block")
        return self._steps(block, block.plain["steps"], ("steps",), f"{pointer} > {name}#", values, (*chain, str(name)))

    def _inputs(self, document: Document, block: Block, given: dict[str, Any], here: Path) -> dict[str, Any]:
        for name in given:
            if name not in block.inputs:
                near = nearest(name, block.inputs)
                hint = f"did you mean `{near}`? " if near else ""
                known = ", ".join(block.inputs) or "none"
                message = f"block `{block.name}` has no input `{name}`"
                self._wrong(document, "SUR207", (*here, "with", name), message, f"{hint}inputs: {known}")
        values: dict[str, Any] = {}
        for name, declared in block.inputs.items():
            if name in given:
                values[name] = given[name]
                problem = _unfit(declared, given[name])
                if problem:
                    message = f"input `{name}` of block `{block.name}` {problem}"
                    self._wrong(document, "SUR207", (*here, "with", name), message, declared.summary)
            elif declared.default is not None:
                values[name] = declared.default
            else:
                message = f"block `{block.name}` needs the input `{name}`"
                self._wrong(document, "SUR207", here, message, f"add with: {{{name}: …}}. {declared.summary}")
        return values

    def _wrong(self, document: Document, code: str, path: Path, message: str, help_text: str) -> None:
        self.findings.append(document_finding(document, code, path, message, help_text))


def _unfit(declared: BlockInput, value: object) -> str | None:
    fits = {
        "text": isinstance(value, str),
        "channel": isinstance(value, str),
        "room": isinstance(value, str),
        "number": isinstance(value, int | float) and not isinstance(value, bool),
        "boolean": isinstance(value, bool),
        "person": isinstance(value, str | dict),
    }
    return None if fits[declared.type] else f"is a {declared.type}, found `{value}`"


def _fill(value: Any, inputs: Mapping[str, Any]) -> Any:
    """The data with `$name` replaced where it is a whole value and `name` is an input."""
    if isinstance(value, str) and value.startswith("$") and value[1:] in inputs:
        return inputs[value[1:]]
    if isinstance(value, dict):
        return {key: _fill(each, inputs) for key, each in value.items()}
    if isinstance(value, list):
        return [_fill(each, inputs) for each in value]
    return value
