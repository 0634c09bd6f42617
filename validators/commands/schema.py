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
@click.option("--header", is_flag=True, help="Print the first line by which a file of this kind names its schema.")
def schema(kind: str | None, output: Path | None, *, header: bool) -> None:
    """Print the JSON Schema of a kind of file, or of any kind; for editors.

    Editors find the schema of a file by its first line, which `surety fmt --schema-header docs/schemas` writes into
    every file of a repository; `surety schema --output docs/schemas` puts the schemas there.
    """
    from runner.contract.diagnostic import nearest
    from runner.contract.documents import KINDS
    from runner.contract.schema import schema_of, schema_of_all

    known = {each.lower(): each for each in KINDS}
    if kind is not None and kind.lower() not in known:
        near = nearest(kind, KINDS)
        raise Trouble(f"there is no kind `{kind}`", f"Did you mean {near}?" if near else f"Kinds: {', '.join(KINDS)}")
    if header:
        if kind is None or output is not None:
            raise Trouble("--header is about one kind and writes nothing", "surety schema --header Template")
        click.echo(_header(known[kind.lower()]))
        return
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


def _header(kind: str) -> str:
    """The line for a file that stands where its kind does."""
    from runner.contract.documents import POLICY_KINDS
    from validators.format.canonical import SCHEMA_HEADER
    from validators.format.files import SCHEMAS, schema_address

    place = "policies/any.yaml" if kind in POLICY_KINDS else "templates/any/any.yaml"
    return f"{SCHEMA_HEADER}{schema_address(place, kind, SCHEMAS)}"


def _json(document: object) -> str:
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"
