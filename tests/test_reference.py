"""The reference page: nothing in the language is without a meaning and an example, and each example has been read."""

from __future__ import annotations

import pytest
from pydantic import BaseModel

from runner.contract.condition_reader import OPERATORS
from runner.contract.documents import KINDS
from runner.contract.load import load_revision
from runner.contract.meanings import meanings
from runner.contract.values import Strict
from runner.revision import FolderTree
from tests.reference import COMPLETE, MODELS, OPERATOR_WORDS, examples, flow, language_page, models_of

EVERY = sorted({model for kind in MODELS.values() for model in models_of(kind)}, key=lambda model: model.__name__)
EXAMPLES = examples()


@pytest.mark.parametrize("model", EVERY, ids=lambda model: model.__name__)
def test_every_key_has_a_meaning_and_an_example(model: type[BaseModel]) -> None:
    keys = {info.alias or name: info for name, info in model.model_fields.items()}
    for key in ("schema", "kind"):
        keys.pop(key, None)
    assert model.__doc__
    assert [key for key in keys if key not in meanings(model)] == []
    keys.pop("waivers", None)  # equal in every kind; one example is enough
    shown = {key for each, key in EXAMPLES if each is model or set(each.__mro__) & shared(model)}
    assert [key for key in keys if key not in shown] == []


def shared(model: type[BaseModel]) -> set[type]:
    """The models of the language whose keys this one has as well: an example of such a key is one for all."""
    return {each for each in model.__mro__[1:] if each is not Strict and issubclass(each, Strict)}


def test_the_complete_example_is_a_valid_revision() -> None:
    assert [each.message for each in load_revision(FolderTree(COMPLETE)).findings] == []


def test_no_two_models_share_a_heading() -> None:
    names = [model.__name__.lower() for model in EVERY]
    assert len(names) == len(set(names))


def test_every_operator_is_explained() -> None:
    assert OPERATOR_WORDS.keys() == OPERATORS.keys()


def test_the_page_knows_every_kind_and_says_nothing_of_the_models_insides() -> None:
    page = language_page()
    for kind in KINDS:
        assert f"\n## {kind}\n" in page
    for word in ("Annotated", "Optional", "pydantic", "JsonValue", "typing"):
        assert word not in page


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ({"a": [1, True, None]}, "{a: [1, true, null]}"),
        ("2h", "2h"),
        ("12", '"12"'),
        ("true", '"true"'),
        ("a: b", '"a: b"'),
        ('say "x"', '"say \\"x\\""'),
        ("@freya", '"@freya"'),
        ("", '""'),
    ],
)
def test_examples_are_yaml_on_one_line(value: object, text: str) -> None:
    assert flow(value) == text
