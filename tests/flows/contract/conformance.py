"""Compares live frames with the documents."""

from __future__ import annotations

from functools import cache
from typing import Any

from jsonschema import Draft202012Validator

from chatapp.dialects import DIALECTS
from chatapp.ops.contract.asyncapi import asyncapi_document, message_name


def frame_problems(dialect: str, direction: str, frame: dict[str, Any]) -> list[str]:
    """Where a frame violates `/asyncapi.json`, one sentence per violation.

    Parameters:
        dialect: such as `marketplace`.
        direction: `client` or `server`, the side that sends it.
    """
    kind = frame.get("type", "message")
    name = message_name(dialect, direction, str(kind))
    if name not in _components()["messages"]:
        return [f"there is no frame of type {kind!r}"]
    return [f"{error.json_path}: {error.message}" for error in _validator(name).iter_errors(frame)]


@cache
def _components() -> dict[str, Any]:
    components: dict[str, Any] = asyncapi_document(DIALECTS)["components"]
    return components


@cache
def _validator(name: str) -> Draft202012Validator:
    components = _components()
    schema = {**components["messages"][name]["payload"], "components": components}
    return Draft202012Validator(schema, format_checker=Draft202012Validator.FORMAT_CHECKER)
