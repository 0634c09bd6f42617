"""The JSON Schema of every kind of document, for editors and other tools. The models are the only definition."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any, Final

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from runner.contract.documents import KINDS
from runner.contract.meanings import meanings, models_within

__all__ = ["DIALECT", "schema_of", "schema_of_all"]

DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"
_ID: Final = "urn:surety:schema:v1:"


def schema_of(kind: str) -> dict[str, Any]:
    """The schema of one kind; KeyError for an unknown one."""
    schema = KINDS[kind].model_json_schema(by_alias=True)
    if kind == "Scenario":
        _open_to_cases({**schema["$defs"], kind: schema}, models_within(KINDS[kind]))
        schema["$defs"]["Placeholder"] = _PLACEHOLDER
    _close(schema)
    _describe(schema)
    return {"$schema": DIALECT, "$id": f"{_ID}{kind}", "title": kind} | {
        key: value for key, value in schema.items() if key != "title"
    }


def schema_of_all() -> dict[str, Any]:
    """One schema for a file of any kind: it is the one that `kind` names."""
    places, merged = models_json_schema([(model, "validation") for model in KINDS.values()], by_alias=True)
    _open_to_cases(merged["$defs"], models_within(KINDS["Scenario"]))
    merged["$defs"]["Placeholder"] = _PLACEHOLDER
    _close(merged)
    _describe(merged)
    choices = [
        {"if": {"properties": {"kind": {"const": kind}}, "required": ["kind"]}, "then": places[model, "validation"]}
        for kind, model in KINDS.items()
    ]
    return {
        "$schema": DIALECT,
        "$id": f"{_ID}any",
        "title": "A document of Surety",
        "type": "object",
        "required": ["schema", "kind"],
        "properties": {"schema": {"const": "surety/v1"}, "kind": {"enum": list(KINDS)}},
        "allOf": choices,
        "$defs": merged["$defs"],
    }


def _open_to_cases(definitions: dict[str, Any], models: Iterable[type[BaseModel]]) -> None:
    """Let `$name` stand for every value and every entry of what a scenario is made of, since a case may give it."""
    given = {"$ref": "#/$defs/Placeholder"}
    for model in models:
        below = definitions.get(model.__name__, {}).get("properties", {})
        for key, value in below.items() if model.__name__ != "Waiver" else ():
            if "items" in value and key != "waivers":
                value["items"] = {"anyOf": [value["items"], given]}
            if model.__name__ != "Scenario":
                below[key] = {**_told(value), "anyOf": [_bare(value), given]}


_PLACEHOLDER: Final = {
    "description": "A value that each case gives",
    "type": "string",
    "pattern": r"^\$[a-z][a-z0-9]*([-_][a-z0-9]+)*$",
}
_ABOUT: Final = ("title", "description", "default")


def _told(value: dict[str, Any]) -> dict[str, Any]:
    return {key: value[key] for key in _ABOUT if key in value}


def _bare(value: dict[str, Any]) -> dict[str, Any]:
    return {key: each for key, each in value.items() if key not in _ABOUT}


@cache
def _models() -> Mapping[str, type[BaseModel]]:
    """Every model of the language by its name, which is its title in a schema."""
    return {model.__name__: model for kind in KINDS.values() for model in models_within(kind)}


def _describe(schema: object) -> None:
    """Give every key its meaning."""
    if isinstance(schema, dict):
        model = _models().get(str(schema.get("title")))
        properties = schema.get("properties")
        if model is not None and isinstance(properties, dict):
            for key, meaning in meanings(model).items():
                if key in properties:
                    properties[key] = {"description": meaning, **properties[key]}
        for value in schema.values():
            _describe(value)
    elif isinstance(schema, list):
        for value in schema:
            _describe(value)


def _close(schema: object) -> None:
    """Let no key through that a map of names refuses: pydantic says which keys may be there, not that no other may."""
    if isinstance(schema, dict):
        if "patternProperties" in schema:
            schema.setdefault("additionalProperties", False)
        for value in schema.values():
            _close(value)
    elif isinstance(schema, list):
        for value in schema:
            _close(value)
