"""Schemas of rendered samples: exact types, all members required."""

from __future__ import annotations

from typing import Any

import jsonschema
import pytest

from chatapp.ops.contract.sample_schema import ANY_KEY, schema_of_sample

SAMPLE = {"n": 1, "f": 0.5, "t": "x", "yes": True, "list": [{"id": 1}], "errors": {ANY_KEY: ["reason"]}}


@pytest.mark.parametrize(
    "value",
    [
        SAMPLE,
        {**SAMPLE, "list": []},
        {**SAMPLE, "errors": {"a": ["x"], "b": []}},
    ],
)
def test_what_is_like_the_sample_is_valid(value: Any) -> None:
    jsonschema.validate(value, schema_of_sample(SAMPLE))


@pytest.mark.parametrize(
    "changed",
    [{"n": "1"}, {"n": True}, {"f": "x"}, {"t": 1}, {"yes": 1}, {"list": {}}, {"list": [{}]}, {"errors": {"a": 1}}],
)
def test_what_differs_in_type_is_invalid(changed: dict[str, Any]) -> None:
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({**SAMPLE, **changed}, schema_of_sample(SAMPLE))


@pytest.mark.parametrize("name", SAMPLE)
def test_every_member_is_required(name: str) -> None:
    lacking = {key: value for key, value in SAMPLE.items() if key != name}
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(lacking, schema_of_sample(SAMPLE))
