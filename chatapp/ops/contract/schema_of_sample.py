"""JSON Schema of what has no marshmallow class: bodies that are rendered by plain functions."""

from __future__ import annotations

from typing import Any

ANY_KEY = "field_name"  # in a sample: stands for keys that vary


def described_by_sample(sample: Any) -> dict[str, Any]:
    """The JSON Schema of something that was rendered: its members are required, and have the types that they have."""
    if isinstance(sample, dict) and ANY_KEY in sample:
        return {"type": "object", "additionalProperties": described_by_sample(sample[ANY_KEY])}
    if isinstance(sample, dict):
        properties = {key: described_by_sample(value) for key, value in sample.items()}
        return {"type": "object", "properties": properties, "required": sorted(properties)}
    if isinstance(sample, list):
        return {"type": "array", "items": described_by_sample(sample[0]) if sample else {}}
    if isinstance(sample, bool):
        return {"type": "boolean"}
    if isinstance(sample, int):
        return {"type": "integer"}
    if isinstance(sample, float):
        return {"type": "number"}
    return {} if sample is None else {"type": "string"}
