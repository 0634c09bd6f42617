"""What YAML 1.2 says a text is, event by event: the parser in Python, which has the last word. Trusts no input.

Whatever stops it becomes `Refused`, with the reason in plain words; it never recurses and never reads far ahead.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

from ruamel.yaml.error import MarkedYAMLError
from ruamel.yaml.events import Event
from ruamel.yaml.parser import Parser
from ruamel.yaml.reader import Reader
from ruamel.yaml.scanner import Scanner

from runner.contract.diagnostic import Location, split_lines
from runner.contract.node_builder import Limits, Refused, refusal, too_deep
from runner.contract.syntax import Code, Complaint, Spot, explain

__all__ = ["PureParser", "pure_events"]

_DIRECTIVE = re.compile(r"%YAML[ \t]+1\.2[ \t]*(?:#|\r|\n|$)")


_ENDLESS_TAG = re.compile(r"!\S{1000}")  # reading a tag costs the square of its length


def pure_events(text: str, file: str, limits: Limits) -> Iterator[Event]:
    """The events of a text; raises Refused where it is no YAML or nested too deeply."""
    parser = PureParser(text, file, limits)
    try:
        while (event := parser.get_event()) is not None:
            yield event
    except MarkedYAMLError as error:
        raise _syntax_error(error, text, file) from None
    except (ValueError, OverflowError):  # the parser lets Python refuse characters that do not exist
        raise refusal(
            Code.SYNTAX,
            "an escape in double quotes names no character",
            parser.here(),
            r"Characters end at `\U0010FFFF`. Write a backslash twice, `\\`, if it is meant as text.",
        ) from None


class PureParser(Reader, Scanner, Parser):
    """The parser on its own: YAML 1.2 whatever the file says, and stopping at the first level too deep.

    Brackets are counted where they are read, since the scanner looks far ahead of the parser there, and thousands of
    them would cost it seconds. It reads no indentation ahead, so the builder counts that in time.
    """

    processing_version = scanner_processing_version = (1, 2)
    comment_handling = None
    reader: Any = None  # plain attributes: as properties they cost a tenth of the parsing
    scanner: Any = None
    resolver: Any = None

    def __init__(self, text: str, file: str, limits: Limits) -> None:
        self._file = file
        self._limits = limits
        self.doc_infos = [SimpleNamespace()]  # where the scanner notes the version of a directive
        self.reader = self.scanner = self.resolver = self
        Reader.__init__(self, text, loader=self)
        Scanner.__init__(self, loader=self)
        Parser.__init__(self, loader=self)

    def here(self) -> Location:
        """Where the scanner stands."""
        return Location(self._file, self.line + 1, self.column + 1)

    def fetch_flow_collection_start(self, TokenClass: Any, to_push: str) -> None:  # noqa: ANN401, N803 - as in the base
        """As in the base, up to the first bracket too deep."""
        if len(self.flow_context) + len(self.indents) >= self._limits.depth:
            raise Refused(too_deep(self.here(), self._limits))
        super().fetch_flow_collection_start(TokenClass, to_push)

    def fetch_tag(self) -> None:
        """As in the base, for a tag of bearable length."""
        if _ENDLESS_TAG.match(self.buffer, self.pointer):
            raise refusal(Code.CUSTOM_TAG, "a tag is not allowed here", self.here(), "Remove the tag.")
        super().fetch_tag()

    def fetch_directive(self) -> None:
        """As in the base, for the one directive that is allowed."""
        if not _DIRECTIVE.match(self.buffer, self.pointer):
            raise refusal(
                Code.DIRECTIVE,
                "the only directive allowed is `%YAML 1.2`",
                self.here(),
                "Remove this line, or put text that begins with `%` in quotes.",
            )
        super().fetch_directive()


def _syntax_error(error: MarkedYAMLError, text: str, file: str) -> Refused:
    since, at = error.context_mark, error.problem_mark or error.context_mark
    problem = str(error.problem or error.context)
    complaint = Complaint(
        problem,
        Spot(at.line, at.column) if at is not None else Spot(0, 0),
        None if since is None else Spot(since.line, since.column),
        split_lines(text),
    )
    found = explain(complaint)
    code = Code.CUSTOM_TAG if "undefined tag handle" in problem else Code.SYNTAX
    return refusal(code, found.message, Location(file, found.at.line + 1, found.at.column + 1), found.help)
