"""The schemas are right, described in words, and a second validator is of the same opinion."""

from __future__ import annotations

import copy
import json
import random

import jsonschema
import pytest

from conformance.areas.catalogue import FOLDER, catalogue
from conformance.judge.objects import OBJECTS, describe, validator
from conformance.send.inprocess import exchanges
from conformance.wire.jsontext import parse
from tests.support import damage

catalogue()  # which loads what the areas declare
NAMES = sorted(OBJECTS)


def files() -> set[str]:
    return {path.stem for path in FOLDER.glob("*/schemas/*.json")}


def test_every_object_has_a_schema_and_every_schema_an_object():
    assert files() == set(OBJECTS)


@pytest.mark.parametrize("name", NAMES)
def test_a_schema_is_valid_and_says_what_it_expects(name):
    schema = describe(name)
    jsonschema.Draft202012Validator.check_schema(schema)
    assert schema["description"]
    assert schema.get("additionalProperties", True) is True, "new properties are backwards-compatible"
    silent = [key for key, value in schema.get("properties", {}).items() if not value.get("description")]
    assert silent == []


def objects(name: str, answers) -> list:
    """Objects of that kind in these answers, and each with one node damaged."""
    rng = random.Random(name)
    honest = [value for x in answers if applies(name, x) for _, value in OBJECTS[name](x)][:40]
    spoilt = []
    for value in honest:
        for path in damage.paths(value):
            new = rng.choice(damage.REPLACEMENTS[1:])
            spoilt.append(parse(json.dumps(damage.changed(copy.deepcopy(value), path, new)).encode()))
    return honest + rng.sample(spoilt, min(len(spoilt), 150))


def applies(name: str, x) -> bool:
    try:
        return any(True for _ in OBJECTS[name](x))
    except Exception:
        return False


@pytest.fixture(scope="module")
def answers():
    return [x for x in exchanges() if "too-long" not in x.intent]


@pytest.mark.parametrize("name", NAMES)
def test_jsonschema_is_of_the_same_opinion(name, answers):
    second = jsonschema.Draft202012Validator(describe(name))
    judged = objects(name, answers)
    assert judged, "the reference answers without such an object"
    assert [value for value in judged if validator(name).is_valid(value) != second.is_valid(value)] == []
