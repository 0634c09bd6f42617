"""Documents to try forms and edits on: the shipped ones, and some that use all of YAML that is accepted."""

from __future__ import annotations

from pathlib import Path
from zlib import crc32

ROOT = Path(__file__).resolve().parents[3]
SHIPPED = sorted(
    path for folder in ("policies", "templates") for path in (ROOT / folder).rglob("*.yaml") if path.is_file()
)

_ONE_IN = 8
STRANGE = {
    "styles": b"""\
# above everything

# above the first
a: &x !!str "q"   # beside
b: |   # in the header
  lit
   more

  end

# above c
c: >-
  folded
  text

    deeper
  end


d: {x: 1, y: [a, b: 2], z: , 'k': "v"}
e:
  - - p
    - q
  -
  - k: v   # beside v
    # above l
    l: 'm
     n'
    # after l
  # after the items
  # and again
f: *x
g: plain
  in two lines
? h
: i
j: |+
  keep

k: !!map
  z: 1
"l": ~
m:
    # above the value
    value
n: >2
   begins with a blank
  and goes on
o: [ # in brackets
  one, # beside one
  # above two
  two, {three: 3,
    # above four
    four: 4},
  # after all
  ] # beside the bracket
p: []
q:
- 1

- {a: b, # beside a
   c: d}
- |2-
    two blanks
- "tab\\t and \\u2028 break"
-   wide:   1
    wider:  2
r: 0x1F
s: "0x1F"
t: 'it''s'
u: "say \\"it's\\""
# the last words
""",
    "crlf": b"a: 1  # one\r\nb:\r\n  - x\r\n  # above y\r\n  - y\r\nc: >\r\n  some\r\n  text\r\nd: {e: f}\r\n",
    "bom": b"\xef\xbb\xbf# head\na: 1\nb: [1, 2]\n",
    "no last break": b"a: 1\nb:\n  c: 2\n  d: 3  # three",
    "markers": b"%YAML 1.2\n---\n# head\na: 1\nb: 2\n...\n",
    "deep": b"a:\n - b:\n    - - c: [{d: {e: [1, {f: 2}]}}]\n        # last\n   g: 1\n",
    "only a comment below": b"a:\n  # nothing yet\nb: 2\n",
    "long": b"a: " + b"word " * 60 + b"end\nb: {key: '" + b"word " * 30 + b"'}\nc: [" + b"item, " * 40 + b"last]\n",
    "like numbers": b"""\
a: ['09:00', "2026-01-01", '1', yes, 'on', 08:00, '1_000', .5, '.5', '', ' x', 'x ', '#', 'a#b']
""",
    "punctuation": b"""\
a: ["a, b", 'a: b', 'a:b', '{a}', '-', '-a', '- a', '?', '!a', '&a', '*a', '%a', '@a', '`a', '=']
""",
}


def every() -> dict[str, bytes]:
    """All of them, by a name to show."""
    return {str(path.relative_to(ROOT)): path.read_bytes() for path in SHIPPED} | STRANGE


def some() -> dict[str, bytes]:
    """Those that are no scenarios, and of the shipped scenarios, which are all much alike, one in eight."""
    return {
        name: data
        for name, data in every().items()
        if not name.endswith("_test.yaml") or crc32(name.encode()) % _ONE_IN == 0
    }
