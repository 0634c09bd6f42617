"""What holds whatever a file says: both ways of reading agree, and a repository with such a file gets an answer."""

from __future__ import annotations

import json
import re

from runner.contract import source
from runner.contract.diagnostic import split_lines
from runner.contract.load import load_revision
from runner.contract.nodes import source_map, to_plain
from runner.contract.source import CODES, DEFAULT, Limits
from tests.runner.contract.repository import MINIMAL, MemoryFiles

__all__ = ["check_agreement", "check_revision_answers"]

_MACHINERY = re.compile(r"pydantic|ruamel|libyaml|Traceback|0x[0-9a-f]{8}")


def check_agreement(data: bytes, limits: Limits = DEFAULT) -> bool:
    """Both ways of reading give the same nodes, tags, positions and findings; says whether the quick way was taken."""
    pure = source.load_slowly(data, "t.yaml", limits)
    assert source.load(data, "t.yaml", limits) == pure
    _check_findings(data, pure)
    quick = source.load_mapping(data, limits)
    if quick is not None:
        assert pure.diagnostics == ()
        assert pure.root is not None
        # As text, for 1, 1.0 and true are equal otherwise; and the order of keys counts.
        assert json.dumps(quick) == json.dumps(to_plain(pure.root))
        assert len(source_map(pure.root)) <= limits.nodes
        _check_positions(data, pure.root)
    return quick is not None


def _check_positions(data: bytes, root: source.Node) -> None:
    """A place that is found without reading on is the place."""
    for key, _ in root.entries if isinstance(root, source.MappingNode) else ():
        for of_key in (True, False):
            quick = source.load_position(data, "t.yaml", key.raw, key=of_key)
            assert quick in (None, source.locate(root, (key.raw,), key=of_key))
    assert source.load_position(data, "t.yaml", "no such key") is None


def _check_findings(data: bytes, loaded: source.Loaded) -> None:
    lines = split_lines(data.decode(errors="replace"))
    assert list(loaded.diagnostics) == sorted(loaded.diagnostics)
    assert loaded.diagnostics or loaded.root is not None
    for found in loaded.diagnostics:
        assert found.code in CODES
        assert found.help
        assert found.message.isprintable()
        assert not _MACHINERY.search(found.message + found.help), found
        assert found.location is not None
        assert 1 <= found.location.line <= len(lines) + 1
        assert found.location.column >= 1


def check_revision_answers(path: str, data: bytes) -> None:
    """A repository in which a file says this gets an answer: a revision, or findings in words for people."""
    files = MemoryFiles({**MINIMAL, path: data})
    loaded = load_revision(files)
    assert (loaded.revision is None) == any(found.severity == "error" for found in loaded.findings)
    for found in loaded.findings:
        assert found.message
        assert found.location is None or found.location.file in files.files
        assert not _MACHINERY.search(found.message + found.help), found
