"""SUR923: a text that must say something says something. Judges no style."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from runner.contract.diagnostic import Diagnostic, Severity
from runner.contract.documents import POLICY_KINDS, Document, Path
from runner.contract.rule import Rule
from validators.check.subject import Subject

__all__ = ["RULES", "check"]

_RULE = Rule(
    code="SUR923",
    name="empty-words",
    severity=Severity.WARNING,
    summary="A summary, a statement, a question or a reason says nothing.",
    why="These texts are shown to people who have to act at night and to those who review a change. One that repeats a "
    "name or waits to be written helps neither, and looks as if somebody had thought about it.",
    bad="""\
summary: TODO
""",
    good="""\
summary: A customer disputes an invoice, until both agree on it.
""",
    fix="Say in one sentence what somebody needs to know who sees it for the first time.",
)
RULES: Final = (_RULE,)
_KEYS: Final = frozenset(
    ("summary", "statement", "question", "reason", "never", "irreversible", "failure_mode", "source_of_truth")
)
"""The keys that hold a text for people, at any depth."""
_TEXTS: Final = {"ResolutionCodes": "codes", "Governance": "jobs"}
"""Mappings of names to such texts."""
_BELOW: Final = frozenset(("inputs", "outputs", "waivers"))
"""The keys of templates and blocks below which such texts stand too."""
_IN_STEPS: Final = {"ask": "question", "approve": "question", "undo": "never"}
"""The steps that hold such a text, and its key."""
_HOLLOW: Final = frozenset(
    """
    todo tbd tba tbc tbw fixme xxx wip n/a na none null nil nothing unknown placeholder summary statement
    question reason description text test foo bar baz foobar foo_bar asdf qwerty blah blah_blah same same_as_above
    see_above as_above to_do to_be_done to_be_defined to_be_determined to_be_decided to_be_written to_follow
    coming_soon later fill_in fill_me_in change_me changeme write_me some_text your_text_here because no_reason
    """.split()  # noqa: SIM905 - sixty words in quotes would be read by nobody
)
_MARKED: Final = re.compile(r"(?:TODO|TBD|FIXME|XXX)\b|(?:[Tt]odo|[Tt]bd|[Ff]ixme)\s*(?:[:.…-]|\Z)")
_WORD: Final = re.compile(r"[^\W_]+(?:'[^\W_]+)?")
_LITTLE: Final = frozenset(("a", "an", "the", "this", "is", "of", "for", "it"))
_KINDS: Final = frozenset(
    """
    template block rotation calendar channel action input output field class exception item kind evidence code job
    """.split()  # noqa: SIM905
)


def check(subject: Subject) -> Iterator[Diagnostic]:
    """Templates and blocks, policies, the summaries of scenarios, and the reasons of waivers."""
    documents = subject.documents
    for kind in ("Template", "Block"):
        for document in documents.all(kind):
            yield from _document(document, str(document.plain.get("name")))
    for document, steps in subject.steps:
        for path, step in steps:
            for key in step.keys() & _IN_STEPS.keys():
                if isinstance(step[key], dict):
                    yield from _text(document, (*path, key, _IN_STEPS[key]), step[key].get(_IN_STEPS[key]), "")
    for kind in POLICY_KINDS:
        for document in documents.all(kind):
            yield from _within(document, document.plain, (), "")
            for name, text in document.plain.get(_TEXTS.get(kind, ""), {}).items():
                yield from _text(document, (_TEXTS[kind], name), text, name)
    for document in documents.all("Scenario"):
        yield from _text(document, ("summary",), document.plain.get("summary"), str(document.plain.get("name")))
        yield from _within(document, document.plain.get("waivers", []), ("waivers",), "")


def _document(document: Document, name: str) -> Iterator[Diagnostic]:
    """Everything but the steps, which are looked at by themselves."""
    plain = document.plain
    for key in plain.keys() & _KEYS:
        yield from _text(document, (key,), plain[key], name)
    if "outcome" in plain:
        yield from _text(document, ("outcome", "statement"), plain["outcome"].get("statement"), name)
    for key in plain.keys() & _BELOW:
        yield from _within(document, plain[key], (key,), "")


def _within(document: Document, value: Any, path: Path, name: str) -> Iterator[Diagnostic]:  # noqa: ANN401 - plain data
    if isinstance(value, Mapping):
        for key, each in value.items():
            if key in _KEYS and isinstance(each, str):
                yield from _text(document, (*path, key), each, name)
            elif isinstance(each, Mapping | list):
                yield from _within(document, each, (*path, key), str(key))
    elif isinstance(value, list):
        for index, each in enumerate(value):
            if isinstance(each, Mapping | list):
                yield from _within(document, each, (*path, index), "")


def _text(document: Document, path: Path, text: object, name: str) -> Iterator[Diagnostic]:
    if isinstance(text, str) and (wrong := _says_nothing(text, name)) is not None:
        message = f"`{path[-1]}` says nothing: {wrong}"
        help_text = "say in one sentence what somebody needs to know who sees it for the first time"
        yield _RULE.found(document, path, message, help_text)


def _says_nothing(text: str, name: str) -> str | None:
    """Why a text says nothing about what is called `name`; None if it does say something."""
    folded = text.casefold()
    if _MARKED.match(text) or "lorem ipsum" in folded:
        return "it waits to be written"
    if text.count(" ") >= _MANY:
        return None
    words = _WORD.findall(folded)
    letters = "".join(words)
    if len(letters) < _SHORT or len(set(letters)) == 1 or not any(map(str.isalpha, text)):
        return "it has no words"
    if text.strip(" .!?-").casefold() in _HOLLOW or "_".join(words) in _HOLLOW:
        return "it waits to be written"
    named = _WORD.findall(name.casefold())
    if named and named[0] in words:
        said = [word for word in words if word not in _LITTLE and (word not in _KINDS or word in named)]
        if said == named:
            return f"it repeats the name `{name}`"
    return None


_SHORT: Final = 2
"""Letters and digits of the shortest word that says anything; `OK` is one, `x` is not."""
_MANY: Final = 7
"""Blanks of a text that has said something: no name repeated and no formula has so many words."""
