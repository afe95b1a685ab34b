"""The fast path through a schema gives the result of marshmallow, or none."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from marshmallow import ValidationError

from chatapp.dialects.marketplace import frame_schemas, request_schemas
from chatapp.dialects.social import frame_schemas as social_frame_schemas
from chatapp.dialects.social import request_schemas as social_request_schemas
from chatapp.edge.http.fields import Boolean, Id, RequestSchema, Text

REQUESTS = {
    f"{module.__name__}.{name}": schema
    for module in (request_schemas, frame_schemas, social_request_schemas, social_frame_schemas)
    for name, schema in vars(module).items()
    if isinstance(schema, type) and issubclass(schema, RequestSchema)
}

edges = st.sampled_from([0, -1, 1, 2**53 - 1, 2**53, True, False, None, "", "\x00", "\ud800", "x" * 129, "1", 1.5])
values = edges | st.integers() | st.text(max_size=12) | st.floats() | st.lists(st.integers(), max_size=3)


@st.composite
def requests(draw: st.DrawFn) -> tuple[RequestSchema, dict[str, Any]]:
    """A schema, and fields of which most are its own."""
    schema = REQUESTS[draw(st.sampled_from(sorted(REQUESTS)))]()
    schema.is_query = draw(st.booleans())
    names = st.sampled_from([*schema.load_fields, "unknown"])
    raw = draw(st.dictionaries(names, values, max_size=len(schema.load_fields) + 1))
    return schema, raw


@settings(suppress_health_check=[HealthCheck.too_slow])  # a busy machine; schemas and their names are drawn first
@given(requests())
@example((request_schemas.SendMessage(), {"chat_id": 7, "content": "Hello", "client_message_id": "k-1"}))
def test_the_fast_path_agrees_with_marshmallow(request: tuple[RequestSchema, dict[str, Any]]) -> None:
    schema, raw = request
    loaded = schema.load_fast(raw)
    if loaded is not None:
        assert loaded == schema.load(raw)


def test_a_usual_message_takes_the_fast_path() -> None:
    loaded = request_schemas.SendMessage().load_fast({"chat_id": 7, "content": "Hello", "client_message_id": "k-1"})
    assert loaded is not None and loaded["content"] == "Hello" and loaded["receiver_id"] is None


class Renamed(RequestSchema):
    """A field that is called otherwise on the wire."""

    chat = Id(required=True, data_key="chatId")
    is_on = Boolean(load_default=True, data_key="isOn")
    word = Text(load_default="a", validate=lambda value: _only_a(value))


def _only_a(value: str) -> None:
    if value != "a":
        raise ValidationError("Not a.")


def test_names_of_the_wire_are_known() -> None:
    assert Renamed().load_fast({"chatId": 1}) == {"chat": 1, "is_on": True, "word": "a"}


def test_a_rule_of_its_own_is_left_to_marshmallow() -> None:
    assert Renamed().load_fast({"chatId": 1, "word": "b"}) is None
    with pytest.raises(ValidationError):
        Renamed().load({"chatId": 1, "word": "b"})
