"""Markup that is escaped by construction, and the frame and style of the local helpdesk's pages.

A string becomes part of a page only through `markup`, which escapes every value that is not markup already.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable
from html import escape

__all__ = ["POLICY", "Markup", "markup", "page"]

_STYLE = """
:root { color-scheme: light dark; --ink: #1c2430; --soft: #5b6675; --line: #d9dee5; --ground: #fbfcfd;
  --link: #0b57b0; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e6eaf0; --soft: #9aa5b3; --line: #333c48; --ground: #14181e; --link: #8ab8ff; }
}
* { box-sizing: border-box; }
body { margin: 0; font: 16px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--ground); }
header { display: flex; justify-content: space-between; align-items: center; gap: 1rem; flex-wrap: wrap;
  padding: .6rem 1.2rem; border-bottom: 1px solid var(--line); }
header p { margin: 0; color: var(--soft); }
main { max-width: 64rem; margin: 0 auto; padding: 1.2rem; overflow-x: auto; }
a { color: var(--link); }
:focus-visible { outline: 3px solid var(--link); outline-offset: 2px; }
h1 { font-size: 1.5rem; } h2 { font-size: 1.15rem; margin-top: 2rem; }
table { border-collapse: collapse; width: 100%; }
caption { text-align: left; color: var(--soft); padding-bottom: .4rem; }
th, td { text-align: left; vertical-align: top; padding: .45rem .8rem .45rem 0; border-bottom: 1px solid var(--line); }
thead th { color: var(--soft); font-weight: 600; }
tbody th { font-weight: 600; white-space: nowrap; }
ol { padding-left: 1.4rem; } li { margin-bottom: .8rem; } li p { margin: .1rem 0; }
.subject { font-size: 1.15rem; }
.text { white-space: pre-wrap; border-left: 3px solid var(--line); padding-left: .8rem; }
.login { display: grid; gap: .5rem; max-width: 24rem; } .problem { color: #c02626; font-weight: 600; }
input, button { font: inherit; color: inherit; padding: .45rem .7rem; border: 1px solid var(--soft);
  border-radius: .3rem; background: transparent; }
button { cursor: pointer; }
"""

_STYLE_DIGEST = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()

POLICY = (
    f"default-src 'none'; style-src 'sha256-{_STYLE_DIGEST}'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)


class Markup:
    """A piece of a page. Make it with `markup`; the constructor takes text that is markup already."""

    __slots__ = ("text",)

    def __init__(self, text: str) -> None:
        self.text = text

    def join(self, parts: Iterable[Markup]) -> Markup:
        """These parts with this one between them."""
        return Markup(self.text.join(part.text for part in parts))


def markup(template: str, *values: object) -> Markup:
    """Fill the `{}` of a template; values that are not `Markup` are escaped for text and for quoted attributes."""
    return Markup(
        template.format(*(value.text if isinstance(value, Markup) else escape(str(value)) for value in values))
    )


def page(title: str, content: Markup, actor: str | None) -> str:
    """A whole page; `actor` is who is logged in, None for nobody."""
    who = (
        markup('<form method="post" action="/logout"><p>{} <button type="submit">Log out</button></p></form>', actor)
        if actor is not None
        else Markup("")
    )
    return markup(
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1"><title>{} · Helpdesk</title>'
        '<style>{}</style></head><body><header><p><a href="/">Helpdesk</a></p>{}</header>'
        "<main><h1>{}</h1>{}</main></body></html>",
        title,
        Markup(_STYLE),
        who,
        title,
        content,
    ).text
