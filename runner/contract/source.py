"""Reads YAML 1.2 into nodes with positions. The only module that knows a YAML parser, and it trusts no input.

Nothing that a file can hold makes it raise, recurse without bound or run for minutes: what is wrong is returned.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType, SimpleNamespace
from typing import Any

from ruamel.yaml.error import MarkedYAMLError
from ruamel.yaml.events import (
    AliasEvent,
    CollectionEndEvent,
    DocumentStartEvent,
    MappingStartEvent,
    NodeEvent,
    ScalarEvent,
    SequenceStartEvent,
)
from ruamel.yaml.parser import Parser
from ruamel.yaml.reader import Reader
from ruamel.yaml.scanner import Scanner

from runner.contract.diagnostic import Diagnostic, Location, Severity, printable, split_lines
from runner.contract.nodes import (
    MappingNode,
    Node,
    ScalarNode,
    SequenceNode,
    locate,
    source_map,
    to_plain,
)
