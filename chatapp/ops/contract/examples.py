"""Example values, chosen by field name; a test checks them against the schemas."""

from __future__ import annotations

from typing import Any

from chatapp.edge.http.fields import RequestSchema

_TIMESTAMP = "2026-03-01T12:00:00Z"
_CURSOR = "eyJhIjoxfQ"
# Realistic values by field name; other fields get the smallest value that their schema allows.
_BY_NAME: dict[str, Any] = {
    "access_token": "eyJhbGciOiJIUzI1NiJ9.e30.c2lnbmF0dXJl",
    "chat_id": 304857600000001,
    "client_message_id": "7d1c4f0e-1",
    "content": "Is it still available?",
    "conversationId": "0a9b7c06-da00-8053-aae6-256dee626a68",
    "currency": "EUR",
    "cursor": _CURSOR,
    "email": "alice@example.com",
    "emoji": "👍",
    "id": 42,
    "image_url": "https://example.com/bicycle.jpg",
    "listing_id": 1001,
    "login": "alice",
    "message_id": 304857600004096,
    "messageId": "0a9b7fe8-2500-8ef2-8e89-c4b079a09df9",
    "message_ids": [304857600004096],
    "message_type": "text",
    "name": "Alice",
    "password": "correct horse battery",
    "picture_url": "https://example.com/alice.jpg",
    "price": 120.0,
    "q": "bicycle",
    "receiver_id": 2,
    "refresh_token": "5b1c9d1e-6a52-4c5e-9f0d-1f2a3b4c5d6e.c2VjcmV0",
    "seller_id": 2,
    "storefront_product_id": 0,
    "tempId": "7d1c4f0e-1",
    "ticket": "MS4x.c2lnbmVk",
    "timestamp": _TIMESTAMP,
    "title": "City bicycle",
    "token": "eyJhbGciOiJIUzI1NiJ9.e30.c2lnbmF0dXJl",
    "url": "https://shop.example/items/42",
    "username": "alice",
    "uuid": "1c9f3a52-5f1e-4b7e-8c0a-3d2b1a0f9e8d",
}


def example_body(schema: type[RequestSchema], shape: dict[str, Any]) -> dict[str, Any]:
    """A body that a schema accepts: its own example, or its required fields and those with a value above.

    Parameters:
        shape: the JSON Schema of `schema`.
    """
    if schema.example:
        return dict(schema.example)
    properties, required = shape.get("properties", {}), shape.get("required", ())
    return {
        field: _example(field, {key: value for key, value in property.items() if key != "examples"})
        for field, property in properties.items()
        if field in required or field in _BY_NAME
    }


def with_examples(schema: dict[str, Any]) -> dict[str, Any]:
    """The schema of an object, with an example for each field that is not an object or reference."""
    properties = {
        name: {**shape, "examples": [example]} if (example := _example(name, shape)) is not None else shape
        for name, shape in schema.get("properties", {}).items()
    }
    return {**schema, "properties": properties} if properties else schema


def _example(name: str, shape: dict[str, Any]) -> Any:
    if "$ref" in shape or "allOf" in shape or "examples" in shape:
        return None
    if shape.get("enum"):
        return shape["enum"][0]
    known = _BY_NAME.get(name)
    if known is not None and _fits(known, shape):
        return known
    return _smallest(shape)


def _smallest(shape: dict[str, Any]) -> Any:
    kind = _kinds(shape)[0]
    if kind == "integer":
        return max(int(shape.get("minimum") or 0), 1) if shape.get("maximum") != 0 else 0
    if kind == "boolean":
        return True
    if kind == "number":
        return shape.get("minimum", 44.8)
    if kind == "string" and shape.get("format") == "date-time":
        return _TIMESTAMP
    if kind == "string" and not shape.get("format"):
        return "text"[: shape.get("maxLength", 4)].ljust(shape.get("minLength", 0), "x")
    return None


def _fits(value: Any, shape: dict[str, Any]) -> bool:
    names = {str: "string", int: "integer", float: "number", list: "array"}
    return names[type(value)] in _kinds(shape)


def _kinds(shape: dict[str, Any]) -> list[str]:
    kind = shape.get("type", "any")
    return [kind] if isinstance(kind, str) else list(kind)
