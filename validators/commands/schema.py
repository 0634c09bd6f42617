"""`surety schema`: the JSON Schema of a kind of file, for editors."""

from __future__ import annotations

import json
from pathlib import Path

import click

from validators.commands.endings import Trouble

__all__ = ["schema"]


@click.command()
@click.argument("kind", required=False)
@click.option(
    "--output", type=click.Path(path_type=Path, file_okay=False), metavar="DIR", help="Write one file a kind."
)
def schema(kind: str | None, output: Path | None) -> None:
    """Print the JSON Schema of a kind of file, or of any kind; for editors."""
    from runner.contract.diagnostic import nearest
    from runner.contract.documents import KINDS
    from runner.contract.schema import schema_of, schema_of_all

    known = {each.lower(): each for each in KINDS}
    if kind is not None and kind.lower() not in known:
        near = nearest(kind, KINDS)
        raise Trouble(f"there is no kind `{kind}`", f"Did you mean {near}?" if near else f"Kinds: {', '.join(KINDS)}")
    kinds = [known[kind.lower()]] if kind is not None else list(KINDS)
    if output is None:
        click.echo(_json(schema_of(kinds[0]) if kind is not None else schema_of_all()), nl=False)
        return
    files = {f"{each}.json": schema_of(each) for each in kinds}
    if kind is None:
        files["any.json"] = schema_of_all()
    try:
        output.mkdir(parents=True, exist_ok=True)
        for name, content in files.items():
            (output / name).write_text(_json(content), encoding="utf-8")
    except OSError as error:
        raise Trouble(f"{output} cannot be written: {error.strerror}", "Name another folder.") from None
    click.echo(f"{len(files)} schemas written to {output}")


def _json(document: object) -> str:
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"
