"""Reading YAML: what is accepted and where it stands, what is refused and why, and that nothing breaks the reader."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from runner.contract import source
from runner.contract.diagnostic import Severity, split_lines
from runner.contract.nodes import MappingNode, Node, ScalarNode, SequenceNode, Style
from runner.contract.pure_events import PureParser
from runner.contract.source import CODES, Limits, load, load_position, locate, source_map, to_plain

BOM = b"\xef\xbb\xbf"


def plain(text: str | bytes) -> object:
    loaded = load(text.encode() if isinstance(text, str) else text, "t.yaml")
    assert loaded.diagnostics == ()
    assert loaded.root is not None
    return to_plain(loaded.root)


def findings(text: str | bytes, limits: Limits = source.DEFAULT) -> list[tuple[str, int, int]]:
    loaded = load(text.encode() if isinstance(text, str) else text, "t.yaml", limits)
    assert all(found.severity is Severity.ERROR for found in loaded.diagnostics)
    assert all(found.help for found in loaded.diagnostics), "every finding says what to do"
    return [(f.code, f.location.line, f.location.column) for f in loaded.diagnostics if f.location]


class TestAccepted:
    @pytest.mark.parametrize(
        ("text", "value"),
        [
            pytest.param("a: 1\r\nb: 2\r\n", {"a": 1, "b": 2}, id="CR LF"),
            pytest.param("a: 1\rb: 2\r", {"a": 1, "b": 2}, id="CR alone"),
            pytest.param(BOM + b"a: 1\n", {"a": 1}, id="byte order mark"),
            pytest.param("a: ä漢😀\n", {"a": "ä漢😀"}, id="UTF-8"),
            pytest.param("on: [yes, no, off, y, n]\n", {"on": ["yes", "no", "off", "y", "n"]}, id="words of YAML 1.1"),
            pytest.param("a: 1:30\nb: 0o17\nc: 2026-01-01\n", {"a": "1:30", "b": "0o17", "c": "2026-01-01"}, id="text"),
            pytest.param("a: true\nb: ~\nc: 1.5\nd:\n", {"a": True, "b": None, "c": 1.5, "d": None}, id="core schema"),
            pytest.param("a: 'true'\nb: \"1\"\nc: |\n  1\n", {"a": "true", "b": "1", "c": "1\n"}, id="quoted is text"),
            pytest.param("a: >-\n  one\n  two\n\n  three\n", {"a": "one two\nthree"}, id="folded"),
            pytest.param("a: &x {b: [1]}\nc: *x\n", {"a": {"b": [1]}, "c": {"b": [1]}}, id="alias"),
            pytest.param("&k a: 1\nb: *k\n", {"a": 1, "b": "a"}, id="an anchored key"),
            pytest.param("a: &x 1\nb: &x 2\nc: *x\n", {"a": 1, "b": 2, "c": 2}, id="an anchor used again"),
            pytest.param("a: &x [1, &x 2, 3]\nb: *x\n", {"a": [1, 2, 3], "b": 2}, id="an anchor inside its own value"),
            pytest.param("%YAML 1.2\n---\na: 1\n...\n", {"a": 1}, id="its own directive and marks"),
            pytest.param("a: !!str 12\nb: !!int '12'\nc: !!float 1\n", {"a": "12", "b": 12, "c": 1.0}, id="core tags"),
            pytest.param("a: ! 12\nb: !!map {}\nc: !!seq []\n", {"a": "12", "b": {}, "c": []}, id="more core tags"),
            pytest.param("'<<': 1\n", {"<<": 1}, id="quoted, `<<` is a key like any other"),
            pytest.param("? a\n: 1\n? b\n", {"a": 1, "b": None}, id="explicit keys"),
            pytest.param("[a, b: c]\n", ["a", {"b": "c"}], id="a pair in a list"),
            pytest.param('{"a":1, "b":[]}', {"a": 1, "b": []}, id="JSON"),
            pytest.param("- \n-\n", [None, None], id="empty items"),
            pytest.param("just text\n", "just text", id="a scalar"),
            pytest.param("null\n", None, id="a null that is written"),
        ],
    )
    def test_has_this_value(self, text: str | bytes, value: object) -> None:
        assert json.dumps(plain(text)) == json.dumps(value)  # tells 1 from 1.0 and from true

    def test_scalars_keep_their_text_tag_and_style(self) -> None:
        root = load(b"[1, '1', \"1\", x]\n", "t.yaml").root
        assert isinstance(root, SequenceNode)
        assert [(n.value, n.raw, n.style, n.tag[-3:]) for n in root.items if isinstance(n, ScalarNode)] == [
            (1, "1", Style.PLAIN, "int"),
            ("1", "1", Style.SINGLE_QUOTED, "str"),
            ("1", "1", Style.DOUBLE_QUOTED, "str"),
            ("x", "x", Style.PLAIN, "str"),
        ]
        blocks = load(b"a: |\n  x\nb: >\n  y\n", "t.yaml").root
        assert isinstance(blocks, MappingNode)
        assert [n.style for _, n in blocks.entries if isinstance(n, ScalarNode)] == [Style.LITERAL, Style.FOLDED]


class TestPositions:
    @pytest.mark.parametrize(
        ("text", "path", "span"),
        [
            pytest.param("a: 1\n", [], (1, 1, 1, 5), id="a block ends with its last value"),
            pytest.param("a: 1\n\n# end\n", [], (1, 1, 1, 5), id="and not with the comment after it"),
            pytest.param("a:\n  b: xy\nc: 1\n", ["a"], (2, 3, 2, 8), id="an inner block"),
            pytest.param("a: {b: 1}\n", ["a"], (1, 4, 1, 10), id="a flow mapping with its braces"),
            pytest.param("a: [b,\n c]\n", ["a"], (1, 4, 2, 4), id="a flow list over two lines"),
            pytest.param("a: []\n", ["a"], (1, 4, 1, 6), id="an empty list"),
            pytest.param("a: 'x y'\n", ["a"], (1, 4, 1, 9), id="a quoted scalar with its quotes"),
            pytest.param("a:\nb: 1\n", ["a"], (1, 2, 1, 2), id="an empty value right after its key"),
            pytest.param("a:\n\n\nb: 1\n", ["a"], (1, 2, 1, 2), id="also lines before the next key"),
            pytest.param("a: &x\nb: 1\n", ["a"], (1, 4, 1, 6), id="an empty value with an anchor"),
            pytest.param("- a\n-\n- b\n", [1], (2, 2, 2, 2), id="an empty item right after its dash"),
            pytest.param("a:\n- x\n- y\n", ["a"], (2, 1, 3, 4), id="a list without indentation"),
            pytest.param("a: |\n  x\n  y\nb: 1\n", ["a"], (1, 4, 4, 1), id="a literal block"),
            pytest.param("a: &x 1\nb: *x\n", ["b"], (2, 4, 2, 6), id="an alias stands where it is used"),
            pytest.param("a: &x [1]\nb: *x\n", ["b", 0], (1, 8, 1, 9), id="what is in it stands where it is written"),
            pytest.param("ä漢😀: x\n", ["ä漢😀"], (1, 6, 1, 7), id="columns count characters"),
            pytest.param("a: 1\r\nb: 2\r\n", ["b"], (2, 4, 2, 5), id="CR LF is one break"),
            pytest.param('a: "x\\ty"\n', ["a"], (1, 4, 1, 10), id="an escape has the length that is written"),
            pytest.param("a: x\u2028y\nb: 1\n", ["b"], (2, 4, 2, 5), id="U+2028 breaks no line"),
        ],
    )
    def test_are_exact(self, text: str, path: list[str | int], span: tuple[int, int, int, int]) -> None:
        root = load(text.encode(), "t.yaml").root
        assert root is not None
        at = locate(root, path)
        assert (at.line, at.column, at.end_line, at.end_column) == span
        assert at.file == "t.yaml"

    def test_a_byte_order_mark_moves_nothing(self) -> None:
        with_mark, without = load(BOM + b"a: 1\n", "t.yaml"), load(b"a: 1\n", "t.yaml")
        assert with_mark == without


REFUSED = [
    pytest.param("a: b: c\n", [("SUR001", 1, 5)], id="syntax"),
    pytest.param("a: 1\nb: [\nc: @\n", [("SUR001", 3, 4)], id="syntax, the first mistake only"),
    pytest.param("a: \xff\n".encode("latin-1"), [("SUR002", 1, 4)], id="encoding: Latin-1"),
    pytest.param(b"a: 1\r\nb: \xc3\x28\n", [("SUR002", 2, 4)], id="encoding: broken UTF-8 on line 2"),
    pytest.param(b"a: \xed\xa0\x80\n", [("SUR002", 1, 4)], id="encoding: a surrogate as bytes"),
    pytest.param("a: 1\n".encode("utf-16"), [("SUR002", 1, 1)], id="encoding: UTF-16 with a mark"),
    pytest.param("a: 1\n".encode("utf-16-le"), [("SUR002", 1, 2)], id="encoding: UTF-16 without a mark"),
    pytest.param("a: 1\n".encode("utf-32"), [("SUR002", 1, 1)], id="encoding: UTF-32"),
    pytest.param("a: 1\n".encode("utf-32-be"), [("SUR002", 1, 1)], id="encoding: UTF-32 without a mark"),
    pytest.param("a: 1\nb: \0\n", [("SUR002", 2, 4)], id="encoding: NUL"),
    pytest.param("a: \x1b[0m\n", [("SUR002", 1, 4)], id="encoding: a terminal escape"),
    pytest.param("a: x\ufeffy\n", [("SUR002", 1, 5)], id="encoding: a byte order mark in the text"),
    pytest.param('a: "\\0"\nb: "\\ud800"\n', [("SUR002", 1, 4), ("SUR002", 2, 4)], id="encoding: by escape"),
    pytest.param("a: 1\nb:\n  a: 2\n  a: 3\na: 4\n", [("SUR006", 4, 3), ("SUR006", 5, 1)], id="duplicate keys"),
    pytest.param("a: 1\n'a': 2\n", [("SUR006", 2, 1)], id="duplicate key, quoted"),
    pytest.param("1: a\n'1': b\n", [("SUR007", 1, 1), ("SUR006", 2, 1)], id="duplicate of a number"),
    pytest.param("1: a\ntrue: b\n~: c\n1.5: d\n", [("SUR007", n, 1) for n in (1, 2, 3, 4)], id="keys that are no text"),
    pytest.param(": a\n", [("SUR007", 1, 1)], id="an empty key"),
    pytest.param("? [a]\n: b\n", [("SUR007", 1, 3)], id="a list as key"),
    pytest.param("{a: b}: c\n", [("SUR007", 1, 1)], id="a mapping as key"),
    pytest.param("a: &x [1]\n*x : c\n", [("SUR007", 2, 1)], id="an alias of a list as key"),
    pytest.param("a: &x {b: 1}\nc:\n  <<: *x\n", [("SUR008", 3, 3)], id="merge key"),
    pytest.param("a: !python/object x\n", [("SUR009", 1, 4)], id="custom tag"),
    pytest.param("a: !foo [1]\nb: !bar {}\n", [("SUR009", 1, 4), ("SUR009", 2, 4)], id="custom tags of collections"),
    pytest.param("a: !!timestamp 2026-01-01\n", [("SUR009", 1, 4)], id="a tag of YAML 1.1"),
    pytest.param("a: !!int x\n", [("SUR009", 1, 4)], id="a tag that does not fit"),
    pytest.param("a: !!map []\n", [("SUR009", 1, 4)], id="a collection's tag that does not fit"),
    pytest.param("a: !x!y z\n", [("SUR009", 1, 4)], id="a tag handle that is not declared"),
    pytest.param("a: 1\n---\nb: 2\n", [("SUR010", 2, 1)], id="several documents"),
    pytest.param("a: 1\n...\nb: 2\n", [("SUR010", 3, 1)], id="several documents, by end mark"),
    pytest.param("a: 1\n---\n", [("SUR010", 2, 1)], id="several documents, an empty one"),
    pytest.param("", [("SUR011", 1, 1)], id="empty"),
    pytest.param(BOM, [("SUR011", 1, 1)], id="empty but for a mark"),
    pytest.param(" \n# only this\n", [("SUR011", 1, 1)], id="empty but for a comment"),
    pytest.param("---\n", [("SUR011", 1, 1)], id="empty but for a document mark"),
    pytest.param("a: .nan\nb: [-.INF]\n", [("SUR012", 1, 4), ("SUR012", 2, 5)], id="not finite"),
    pytest.param("a: 99999999999999999999\nb: 1e999\n", [("SUR012", 1, 4), ("SUR012", 2, 4)], id="too large"),
    pytest.param("a: *x\nb: &x 1\n", [("SUR013", 1, 4)], id="alias before its anchor"),
    pytest.param("a: &x [1, {b: *x}]\n", [("SUR014", 1, 15)], id="recursive alias"),
    pytest.param("%YAML 1.1\n---\na: yes\n", [("SUR015", 1, 1)], id="directive: another version"),
    pytest.param("%TAG ! foo\n---\na: 1\n", [("SUR015", 1, 1)], id="directive: a tag"),
    pytest.param("a: 1\n...\n%YAML 1.20\n---\n", [("SUR015", 3, 1)], id="directive: a version that begins alike"),
]


class TestRefused:
    @pytest.mark.parametrize(("text", "expected"), REFUSED)
    def test_with_code_and_place(self, text: str | bytes, expected: list[tuple[str, int, int]]) -> None:
        assert findings(text) == expected

    def test_every_code_is_in_the_table_and_has_a_test(self) -> None:
        tested = {code for case in REFUSED for code, *_ in case.values[1]}  # type: ignore[union-attr] # lists, all
        by_size = {"SUR003", "SUR004", "SUR005"}  # below, in TestBounds
        assert tested | by_size == set(CODES)
        assert CODES["SUR006"] == "duplicate-key"

    def test_a_duplicate_names_the_first_place(self) -> None:
        (found,) = load(b"x:\n  key: 1\n  key: 2\n", "t.yaml").diagnostics
        assert found.message == "the key `key` is here twice, first at line 2, column 3"
        assert found.location is not None
        assert (found.location.end_line, found.location.end_column) == (3, 6)

    @pytest.mark.parametrize(
        ("text", "value"),
        [
            ("a: 1\na: 2\nb: 3\n", {"a": 1, "b": 3}),
            ("1: x\n", {"1": "x"}),
            ("? [a]\n: [b]\nc: 1\n", {"c": 1}),
            ("<<: {a: 1}\nb: 2\n", {"b": 2}),
            ("a: !foo 1\n", {"a": 1}),
            ("a: 1\n---\nb: 2\n", {"a": 1}),
            ("a: .nan\n", {"a": ".nan"}),
            ('a: "x\\0y"\n', {"a": "x\ufffdy"}),
        ],
    )
    def test_what_can_be_told_is_still_there_for_further_checks(self, text: str, value: object) -> None:
        loaded = load(text.encode(), "t.yaml")
        assert loaded.diagnostics
        assert loaded.root is not None
        assert to_plain(loaded.root) == value

    @pytest.mark.parametrize("text", ["a: [", "", "a: *x", "a: 1\n\0"])
    def test_what_cannot_be_told_is_not_guessed(self, text: str) -> None:
        assert load(text.encode(), "t.yaml").root is None

    def test_findings_before_a_syntax_error_are_kept(self) -> None:
        assert findings("a: 1\na: 2\nb: c: d\n") == [("SUR006", 2, 1), ("SUR001", 3, 5)]

    def test_messages_quote_little_and_nothing_unprintable(self) -> None:
        (found,) = load(b"? " + b"k" * 5_000 + b"\n: 1\n? " + b"k" * 5_000 + b"\n: 2\n", "t.yaml").diagnostics
        assert len(found.message) < 150


@pytest.fixture
def tokens(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How often the scanner was asked for more: a measure of work that does not depend on the machine."""
    count = [0]
    original = PureParser.fetch_more_tokens

    def counted(self: PureParser) -> object:
        count[0] += 1
        return original(self)

    monkeypatch.setattr(PureParser, "fetch_more_tokens", counted)
    return count


def nested_aliases(levels: int, width: int) -> str:
    lines = ["a0: &a0 [x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * width)}]" for n in range(1, levels)]
    return "\n".join(lines)


class TestBounds:
    @pytest.mark.parametrize(
        "unit", ["[", "{", "- ", "? ", "[{", "- ? ", "{a: ", "[a, ", "- [", "!!seq [", "&a [", '{"a": ', "- - ? - "]
    )
    def test_deep_nesting_is_refused_at_the_first_level_too_deep(self, unit: str, tokens: list[int]) -> None:
        (found,) = findings(unit * (60_000 // len(unit)))
        assert found[0] == "SUR004"
        assert found[1] == 1
        assert tokens[0] < 500

    def test_indented_blocks_count_as_well(self, tokens: list[int]) -> None:
        assert findings("\n".join(" " * n + "a:" for n in range(500))) == [("SUR004", 65, 65)]
        assert tokens[0] < 500

    def test_lists_without_indentation_count_as_well(self) -> None:
        # The scanner sees one level where there are two: the list stands in the column of its key.
        text = "".join(f"{'  ' * n}{'- ' if n else ''}a:\n" for n in range(60))
        assert [code for code, *_ in findings(text)] == ["SUR004"]

    @pytest.mark.parametrize(("depth", "refused"), [(64, False), (65, True)])
    @pytest.mark.parametrize("shape", ["[]", "{}"])
    def test_the_limit_of_depth_is_exact(self, depth: int, refused: bool, shape: str) -> None:
        opening, closing = ("[", "]") if shape == "[]" else ('{"a":', "}")
        text = opening * depth + "1" + closing * depth
        assert bool(findings(text)) is refused

    def test_brackets_in_text_and_comments_do_not_count(self) -> None:
        many = "[" * 500
        assert plain(f"a: '{many}'\nb: |\n  {many}\nc: x{many}\n# {many}\n") == {
            "a": many,
            "b": many + "\n",
            "c": "x" + many,
        }

    def test_an_alias_bomb_is_refused(self, tokens: list[int]) -> None:
        (found,) = findings(nested_aliases(30, 10))
        assert found[0] == "SUR005"
        assert tokens[0] < 5_000

    def test_many_aliases_of_a_long_text_are_refused(self) -> None:
        text = f"a: &a {'x' * 100_000}\n" + "".join(f"b{n}: *a\n" for n in range(20))
        (found,) = findings(text)
        assert found[:2] == ("SUR005", 11)

    def test_a_chain_of_aliases_does_not_get_around_the_depth(self) -> None:
        assert plain(nested_aliases(63, 1)) is not None
        (found,) = findings(nested_aliases(64, 1))
        assert found[0] == "SUR004"

    def test_some_aliases_are_welcome(self) -> None:
        assert findings("a: &a [1, 2, 3]\n" + "".join(f"b{n}: *a\n" for n in range(1_000))) == []

    @pytest.mark.parametrize(("size", "refused"), [(100, False), (101, True)])
    def test_the_limit_of_size_is_in_bytes(self, size: int, refused: bool) -> None:
        text = "a: " + "ä" * 10
        text += " " * (size - len(text.encode()))
        assert findings(text, Limits(size_bytes=100)) == ([("SUR003", 1, 1)] if refused else [])

    def test_a_file_that_is_too_large_is_not_even_decoded(self, tokens: list[int]) -> None:
        assert findings(b"\xff" * 1_048_577) == [("SUR003", 1, 1)]
        assert tokens[0] == 0

    @pytest.mark.parametrize(("items", "expected"), [(9, []), (10, [("SUR003", 10, 3)])])
    def test_the_limit_of_values_counts_collections_too(self, items: int, expected: list[object]) -> None:
        assert findings("- x\n" * items, Limits(nodes=10)) == expected

    def test_an_endless_tag_is_refused_before_it_is_read(self) -> None:
        assert findings("a: " + "!" * 500_000) == [("SUR009", 1, 4)]
        assert findings("a: !" + "x" * 900 + " b") == [("SUR009", 1, 4)]

    def test_a_hundred_findings_are_enough(self) -> None:
        (*most, last) = load(b"k: 1\n" * 20_000, "t.yaml").diagnostics
        assert len(most) == 99
        assert last.help.endswith("the rest of it was not looked at.")
        assert "not looked at" not in most[-1].help


PIECES = (
    *("a", "b: ", "- ", "? ", ": ", "\n", "\n  ", "\n    ", "[", "]", "{", "}", ", ", "&x ", "*x ", "!t ", "!!int "),
    *('"', "'", "|\n", ">-\n", "#", " #c\n", "\t", "\r\n", "---\n", "...\n", "%YAML 1.2\n", "<<: ", "1", ".nan", "\\"),
    *("\\ud800", "@", "`", "%", "~", "\ufeff", "\x85", "\u2028", "0x1", "1e9999", "=", "!", "&", "*"),
)


class TestAnything:
    @staticmethod
    def check(data: bytes, limits: Limits = source.DEFAULT) -> None:
        loaded = load(data, "t.yaml", limits)
        lines = split_lines(data.decode(errors="replace"))
        for found in loaded.diagnostics:
            assert found.code in CODES
            assert found.location is not None
            assert 1 <= found.location.line <= len(lines) + 1
            assert found.location.column >= 1
            assert found.message.isprintable()
        assert list(loaded.diagnostics) == sorted(loaded.diagnostics)
        if loaded.root is None:
            assert loaded.diagnostics
        else:
            json.dumps(to_plain(loaded.root), allow_nan=False).encode()
            assert len(source_map(loaded.root)) <= limits.nodes

    @given(st.binary(max_size=400))
    @example(b"\xff\xfe")
    @example(b"\x00\x00\xfe\xff")
    def test_any_bytes(self, data: bytes) -> None:
        self.check(data)

    @given(st.text(max_size=400))
    @example("%YAML 1.2")
    @example('"\\xD8\\ud800"')
    @example("&a *a : *a")
    @example("!<%FF> a")
    def test_any_text(self, text: str) -> None:
        self.check(text.encode(errors="surrogatepass"))

    @settings(max_examples=400)
    @given(
        st.lists(
            st.sampled_from(PIECES),
            max_size=60,
        )
    )
    def test_anything_made_of_what_yaml_is_made_of(self, parts: list[str]) -> None:
        self.check("".join(parts).encode(), Limits(size_bytes=10_000, depth=8, nodes=200))

    @given(
        st.recursive(
            st.none() | st.booleans() | st.integers(-(2**63) + 1, 2**63 - 1) | st.text(max_size=20),
            lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
            max_leaves=20,
        )
    )
    def test_json_is_read_as_it_is_meant(self, value: object) -> None:
        # Escaped, so that every character may occur; a lone NUL or surrogate is refused, which has its own test.
        text = json.dumps(value)
        if "\\u0000" not in text and "\\ud" not in text:
            assert plain(text) == value


def test_a_node_is_never_the_parsers() -> None:
    root = load(b"a: [b]\n", "t.yaml").root
    waiting: list[Node] = [root] if root else []
    while waiting:
        node = waiting.pop()
        assert type(node).__module__ == "runner.contract.nodes"
        if isinstance(node, MappingNode):
            waiting += [part for entry in node.entries for part in entry]
        elif isinstance(node, SequenceNode):
            waiting += node.items


def test_the_language_is_imported_without_a_yaml_parser() -> None:
    modules = "runner.contract, runner.contract.diagnostic, runner.contract.nodes, runner.contract.syntax"
    code = f"import sys, {modules}; print([name for name in sys.modules if name.startswith('ruamel')])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize(
    ("key", "of_key", "place"),
    [
        ("b", True, (2, 1, 2)),
        ("b", False, (2, 4, 7)),
        ("c", True, (3, 1, 2)),
        ("c", False, None),  # a list ends only where the next thing begins
        ("d", False, (5, 4, 7)),
        ("inner", False, None),
        ("e", False, None),  # nothing stands there, and that has a place of its own
        ("x", False, None),
    ],
)
def test_a_place_at_the_top_is_found_without_reading_on(
    key: str, of_key: bool, place: tuple[int, int, int] | None
) -> None:
    found = load_position(b"a: {inner: b}\nb: two\nc:\n  - inner: d\nd: 'f'\ne:\n", "t.yaml", key, key=of_key)
    assert (found and (found.line, found.column, found.end_column)) == place


@pytest.mark.parametrize("data", [b"- a: b\n", b"a\n", b"a: [\n", b"\xff", b"&x a: b\n", b"? a\n: b\n"])
def test_only_reading_everything_tells_a_place_in_what_is_no_simple_mapping(data: bytes) -> None:
    assert load_position(data, "t.yaml", "a") is None
