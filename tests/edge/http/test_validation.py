"""What validation makes of a request: fields, or the reasons why they are invalid."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from marshmallow import fields

from chatapp.edge.http.fields import MAX_REPORTED, Id, Integer, Items, RequestSchema, Text
from chatapp.edge.http.request_body import MAX_KEYS
from chatapp.edge.http.validation import MAX_REPORTED_NAME, load, takes
from chatapp.errors import Invalid, Unreadable


class Point(RequestSchema):
    x = Integer(0, 9, required=True)


class Everything(RequestSchema):
    name = Text(5, 2, required=True)
    size = Integer(0)
    tags = Items(Text(3), 2)
    point = fields.Nested(Point)
    owner = Id()


def invalid(raw: dict[str, Any]) -> dict[str, list[str]]:
    with pytest.raises(Invalid) as caught:
        load(Everything(), raw)
    return {name: list(reasons) for name, reasons in caught.value.fields.items()}


@pytest.mark.parametrize(
    ("raw", "reasons"),
    [
        ({}, {"name": ["missing"]}),
        ({"name": None}, {"name": ["null"]}),
        ({"name": 5}, {"name": ["not_a_string"]}),
        ({"name": "x"}, {"name": ["length_out_of_range"]}),
        ({"name": "a\x00b"}, {"name": ["unstorable_characters"]}),
        ({"name": "abc", "colour": 1}, {"colour": ["unknown_field"]}),
        ({"name": "abc", "size": -1}, {"size": ["below_minimum"]}),
        ({"name": "abc", "size": True}, {"size": ["not_an_integer"]}),
        ({"name": "abc", "tags": "x"}, {"tags": ["not_a_list"]}),
        ({"name": "abc", "tags": ["a", "b", "c"]}, {"tags": ["too_long"]}),
        ({"name": "abc", "tags": ["a", None]}, {"tags.1": ["null"]}),
        ({"name": "abc", "tags": ["long"]}, {"tags.0": ["too_long"]}),
        ({"name": "abc", "point": 5}, {"point._schema": ["invalid_type"]}),
        ({"name": "abc", "point": {"x": 10, "y": 1}}, {"point.x": ["out_of_range"], "point.y": ["unknown_field"]}),
        ({"name": "abc", "owner": 0}, {"owner": ["out_of_range"]}),
    ],
)
def test_each_invalid_field_has_a_reason(raw: dict[str, Any], reasons: dict[str, list[str]]) -> None:
    assert invalid(raw) == reasons


def test_an_error_is_bounded_in_fields_and_names() -> None:
    found = invalid({"n" * 100 + str(number): 1 for number in range(100)})
    assert len(found) <= MAX_REPORTED
    assert max(map(len, found)) == MAX_REPORTED_NAME


def test_a_parameter_may_be_given_once() -> None:
    view = takes(Everything, "query")(lambda args: args)
    query = "/?name=abc&size=5&name=abd&size=6&owner=1"
    with Flask(__name__).test_request_context(query), pytest.raises(Invalid) as caught:
        view()
    assert caught.value.fields == {"name": ["given_twice"], "size": ["given_twice"]}


def test_too_many_parameters_are_not_parsed() -> None:
    view = takes(Everything, "query")(lambda args: args)
    query = "/?" + "&" * MAX_KEYS
    with Flask(__name__).test_request_context(query), pytest.raises(Unreadable, match="too_many_parameters"):
        view()
