"""The single values of files as they are written: for rules that look at the writing rather than at its meaning.

Looks into files that are not valid too, as far as they are YAML. Finds nothing by itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from runner.contract.documents import Path
from runner.contract.nodes import MappingNode, Node, ScalarNode, SequenceNode
from validators.check.subject import Subject

__all__ = ["files_with", "scalars", "sequences"]


def files_with(subject: Subject, *patterns: re.Pattern[bytes]) -> Iterator[tuple[str, bytes, Node]]:
    """Every file whose bytes hold one of the patterns: its path, its bytes, its root. Few are worth parsing.

    A pattern that begins with a character that is rare, and literal, is looked for five times as fast as another.
    """
    from runner.contract.source import load  # the YAML parser, which is not needed where nothing is suspect

    roots = {each.path: each.nodes for kind in subject.documents.by_kind.values() for each in kind}
    for path, data in subject.documents.sources.items():
        if any(pattern.search(data) for pattern in patterns):
            root = roots[path]() if path in roots else load(data, path).root
            if root is not None:
                yield path, data, root


def scalars(node: Node, path: Path = ()) -> Iterator[tuple[Path, ScalarNode]]:
    """Every value that is neither a mapping nor a list, with its path, in the order of the file; no keys."""
    if isinstance(node, ScalarNode):
        yield path, node
    elif isinstance(node, MappingNode):
        for key, value in node.entries:
            yield from scalars(value, (*path, key.raw))
    else:
        for index, item in enumerate(node.items):
            yield from scalars(item, (*path, index))


def sequences(node: Node, path: Path = ()) -> Iterator[tuple[Path, SequenceNode]]:
    """Every list, with its path, in the order of the file."""
    if isinstance(node, SequenceNode):
        yield path, node
        for index, item in enumerate(node.items):
            yield from sequences(item, (*path, index))
    elif isinstance(node, MappingNode):
        for key, value in node.entries:
            yield from sequences(value, (*path, key.raw))
