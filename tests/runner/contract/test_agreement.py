"""The quick way of reading YAML gives to the character what the parser gives that defines what is YAML."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any, Final

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from runner.contract import quick_events as quick_module
from runner.contract import source
from runner.contract.nodes import to_plain
from runner.contract.quick_events import Doubt, quick_events
from runner.contract.source import Limits
from tests.bench.many import template_text
from tests.fuzz.documents import PIECES, ROOT, SUITE, any_bytes
from tests.fuzz.holding import check_agreement, check_revision_answers
from tests.runner.contract.repository import MINIMAL

FILES: Final = sorted(
    path for folder in ("policies", "templates", "tests") for path in (ROOT / folder).rglob("*.y*ml") if path.is_file()
)
MOSTLY: Final = 0.75
"""At least so many of the shipped files go the quick way; a plain text in brackets that holds `?` does not, say."""


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_on_every_file_of_the_project(path: Path) -> None:
    check_agreement(path.read_bytes())


@pytest.mark.parametrize("case", SUITE, ids=[case["id"] for case in SUITE])
def test_on_the_yaml_test_suite(case: dict[str, Any]) -> None:
    data = case["yaml"].encode()
    check_agreement(data)
    check_agreement(data.replace(b"\n", b"\r\n"))
    check_agreement("\n".join(f"  {line}" for line in ["outer:", *case["yaml"].splitlines()])[2:].encode())


@given(st.lists(st.sampled_from(PIECES), max_size=24).map("".join))
@example("block: ># comment\n  scalar\n")
@example("a: >\n \n  \n   \n # comment\n")
@example("a: |\n# comment\n")
@example('a: [ "key" :value ]\n')
@example('a: ["b":1, c]\n')
@example("a: {b:c}\n")
@example("{a: b?}\n")
def test_on_what_yaml_is_made_of(text: str) -> None:
    check_agreement(text.encode(), Limits(size_bytes=10_000, depth=8, nodes=60))


@settings(max_examples=200)
@given(st.integers(0, 2**32))
def test_on_documents_that_are_nearly_right(seed: int) -> None:
    check_agreement(any_bytes(random.Random(seed)))


@settings(max_examples=60)
@given(st.integers(0, 2**32), st.sampled_from(sorted(MINIMAL)))
def test_a_file_of_anything_is_answered(seed: int, path: str) -> None:
    check_revision_answers(path, any_bytes(random.Random(seed)))


TEXTS: Final = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs")), max_size=30)
DATA: Final = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63) + 1, 2**63 - 1) | st.floats(allow_nan=False) | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=12,
)


@settings(max_examples=150)
@given(st.dictionaries(TEXTS, DATA, min_size=1, max_size=4), st.sampled_from(("flow", "block")))
def test_on_any_data_in_either_style(data: dict[str, Any], style: str) -> None:
    text = json.dumps(data, ensure_ascii=False) if style == "flow" else "\n".join(_block(data, 0))
    check_agreement(text.encode())


def _block(data: Any, indent: int) -> list[str]:
    """Block style with quoted scalars, as a generator of YAML would write it."""
    blank = " " * indent
    lines = []
    for key, value in data.items() if isinstance(data, dict) else ((None, each) for each in data):
        head = f"{blank}-" if key is None else f"{blank}{json.dumps(key, ensure_ascii=False)}:"
        if isinstance(value, dict | list) and value:
            lines += [head, *_block(value, indent + 2)]
        else:
            lines.append(f"{head} {json.dumps(value, ensure_ascii=False)}")
    return lines


def test_most_files_go_the_quick_way() -> None:
    shipped = [path.read_bytes() for path in FILES if path.relative_to(ROOT).parts[0] in {"policies", "templates"}]
    quick = [data for data in shipped if source.load_mapping(data) is not None]
    assert len(quick) >= MOSTLY * len(shipped)
    assert source.load_mapping(template_text(7).encode()) is not None


@pytest.mark.parametrize(
    "text",
    ["a: 1\n", "---\na: 1\n", "# c\n---\na: 1\r\n", "a: [b, {c: d}]\n", "a: |\n  x\n\n  y\n", "a: x # c\nb: 'y'\n"],
)
def test_what_is_plain_is_not_doubted(text: str) -> None:
    root = source.load_slowly(text.encode(), "t").root
    assert root is not None
    assert source.load_mapping(text.encode()) == to_plain(root)


@pytest.mark.parametrize(
    "text",
    [
        *("a: {b: c?}", "a: [mail of 15:00, why?]", "a: {b:c: d}", "{a:b}", "a: 'b?' # c:d?", "a: |\n  b:c?\n"),
        *("a: {b: http://c?d=e:f}", "a?: [b?c, 1:2]", 'a: {b: "c:d?"}', "a: [b:#c]", "a: b:c\n  d?\n"),
    ],
)
def test_colons_and_question_marks_inside_of_words_are_text_for_both(text: str) -> None:
    slowly, quickly = source.load_slowly(text.encode(), "t"), source.load(text.encode(), "t")
    assert slowly.root is not None
    assert (quickly.root, quickly.diagnostics) == (slowly.root, slowly.diagnostics)
    assert source.load_mapping(text.encode()) == to_plain(slowly.root)


@pytest.mark.parametrize("text", ["a: {b: \ue000}", "a: \ue001?", 'a: ["\\ue000", b:c]', 'a: "\\uE001?"'])
def test_the_signs_that_stand_in_for_them_are_doubted(text: str) -> None:
    with pytest.raises(Doubt):
        list(quick_events(text))


@pytest.mark.parametrize(
    "text",
    [
        *(
            "a:\tb",
            "a: \u2028",
            "a: \x85",
            "a\rb: c",
            "%YAML 1.2\n---\na: b",
            "a: b\n...\n",
            "a: b\n---\nc: d",
            "---\n---\n",
        ),
        *("? a\n: b", "[? a]", "- ? a", '["a":b]', "[a :b]", "a: |\n \n  b", "a: >#c\n  b", "a: |\n# c\n", "a: "),
        *("k" * 1000 + ": v", "a: |\r\n  b\r\n \r\n  c"),
    ],
)
def test_what_the_parsers_read_differently_is_doubted(text: str) -> None:
    with pytest.raises(Doubt):
        list(quick_events(text))


@pytest.mark.parametrize("text", ["a: !t b", "a: !!str b", "a: &x b", "a: *x", "&x {}", "a: [", "a: {b: ?c}"])
def test_tags_anchors_aliases_and_what_c_refuses_are_doubted(text: str) -> None:
    with pytest.raises(Doubt):
        list(quick_events(text))


class TestWithoutC:
    @pytest.fixture(autouse=True)
    def _no_build(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(quick_module, "CParser", None)

    def test_everything_is_read_all_the_same(self) -> None:
        data = template_text(1).encode()
        assert source.load_mapping(data) is None
        assert source.load(data, "t.yaml") == source.load_slowly(data, "t.yaml")
        assert source.load(data, "t.yaml").diagnostics == ()

    def test_a_revision_is_loaded_all_the_same(self) -> None:
        check_revision_answers("policies/limits.yaml", MINIMAL["policies/limits.yaml"])


# What the parser that defines the language thinks of the test suite, beside what the specification says. Tabs after
# indentation, keys over several lines, and a few oddities: nobody misses them in a policy.
REFUSED_THOUGH_GOOD: Final = (
    "4MUZ-00 4MUZ-01 4MUZ-02 4QFQ 5MUD 6BCT 6CA3 9MMW 9SA2 A2M4 CFD4 DC7X DK95-00 DK95-03 DK95-04 DK95-05 DK95-07 DWX9 "
    "HS5T HWV9 J3BT K3WX K54U NB6Z NJ66 Q5MG QT73 R4YG T26H UT92 UV7Q VJP3-01 WZ62 Y79Y-10"
)
ACCEPTED_THOUGH_BAD: Final = "9C9N 9JBA CVW2 DK95-01 G5U8 QB6E SU5Z Y79Y-03 YJV2"
ANOTHER_VALUE: Final = "652Z HM87-01 L24T-01"


def test_how_far_the_language_is_yaml() -> None:
    refused, accepted, other = [], [], []
    for case in SUITE:
        loaded = source.load_slowly(case["yaml"].encode(), "t.yaml")
        codes = {found.code for found in loaded.diagnostics}
        if case["fail"] and not codes:
            accepted.append(case["id"])
        elif not case["fail"] and "SUR001" in codes:
            refused.append(case["id"])
        elif not codes and loaded.root and _one(case["json"]) not in (None, to_plain(loaded.root)):
            other.append(case["id"])
    assert " ".join(refused) == REFUSED_THOUGH_GOOD
    assert " ".join(accepted) == ACCEPTED_THOUGH_BAD
    assert " ".join(other) == ANOTHER_VALUE


def _one(text: str | None) -> object:
    try:
        return json.loads(text) if text is not None else None
    except ValueError:  # several documents
        return None
