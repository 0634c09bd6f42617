"""The JSON Schema of every kind: valid itself, true of the shipped files, false of broken ones."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from jsonschema import Draft202012Validator

from runner.contract.documents import KINDS
from runner.contract.nodes import to_plain
from runner.contract.schema import DIALECT, schema_of, schema_of_all
from runner.contract.source import load
from tests.validators.repositories import ROOT
from validators.cli import surety

FILES = sorted(
    str(path.relative_to(ROOT)) for top in ("policies", "templates") for path in (ROOT / top).rglob("*.yaml")
)


def plain(file: str) -> Any:
    root = load((ROOT / file).read_bytes(), file).root
    assert root is not None
    return to_plain(root)


@pytest.mark.parametrize("kind", KINDS)
def test_every_schema_is_one_with_a_title_and_an_id(kind: str) -> None:
    schema = schema_of(kind)
    Draft202012Validator.check_schema(schema)
    assert (schema["$schema"], schema["$id"], schema["title"]) == (DIALECT, f"urn:surety:schema:v1:{kind}", kind)
    assert schema["additionalProperties"] is False
    assert schema["properties"]["kind"]["const"] == kind


def test_descriptions_come_from_the_models() -> None:
    assert schema_of("Template")["properties"]["owners"]["description"] == "Who is asked."


@pytest.mark.parametrize("file", FILES)
def test_the_company_files_are_valid(file: str) -> None:
    document = plain(file)
    Draft202012Validator(schema_of(document["kind"])).validate(document)


def test_one_schema_holds_for_all_kinds() -> None:
    schema = schema_of_all()
    Draft202012Validator.check_schema(schema)
    validator = Draft202012Validator(schema)
    for file in FILES[::5]:
        validator.validate(plain(file))
    for document in ({}, {"schema": "surety/v1", "kind": "Nothing"}, {"schema": "surety/v1", "kind": "Checklists"}):
        assert not validator.is_valid(document)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("accept", "within"), 2),
        (("accept", "within"), "2 hours"),
        (("accept", "wihtin"), "2h"),
        (("ladder",), ["third"]),
        (("trigger", "on"), []),
        (("name",), "Enterprise Billing"),
        (("outcome", "within"), {"calendar": "finance-hours"}),
    ],
)
def test_a_broken_template_is_not_valid(path: tuple[str, ...], value: object) -> None:
    document = plain("templates/enterprise-billing/template.yaml")
    inner = document
    for part in path[:-1]:
        inner = inner[part]
    inner[path[-1]] = value
    assert not Draft202012Validator(schema_of("Template")).is_valid(document)


def test_the_command_prints_one_or_the_one_for_all() -> None:
    one = CliRunner().invoke(surety, ["schema", "template"])
    assert (one.exit_code, json.loads(one.output)) == (0, schema_of("Template"))
    whole = CliRunner().invoke(surety, ["schema"])
    assert (whole.exit_code, json.loads(whole.output)) == (0, json.loads(json.dumps(schema_of_all())))


def test_the_command_writes_a_folder(tmp_path: Path) -> None:
    done = CliRunner().invoke(surety, ["schema", "--output", str(tmp_path / "new")])
    assert done.exit_code == 0
    assert {path.name for path in (tmp_path / "new").iterdir()} == {f"{kind}.json" for kind in KINDS} | {"any.json"}
    done = CliRunner().invoke(surety, ["schema", "Limits", "--output", str(tmp_path / "one")])
    assert [path.name for path in (tmp_path / "one").iterdir()] == ["Limits.json"]


def test_an_unknown_kind_and_a_folder_that_cannot_be_written_are_refused(tmp_path: Path) -> None:
    unknown = CliRunner().invoke(surety, ["schema", "Tempalte"])
    assert (unknown.exit_code, unknown.stderr) == (2, "surety: there is no kind `Tempalte`\n  Did you mean Template?\n")
    (tmp_path / "file").write_text("", encoding="utf-8")
    refused = CliRunner().invoke(surety, ["schema", "--output", str(tmp_path / "file" / "below")])
    assert (refused.exit_code, "cannot be written" in refused.stderr) == (2, True)
