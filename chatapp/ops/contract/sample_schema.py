"""JSON Schema inferred from samples, for bodies that are rendered without a marshmallow schema."""

from __future__ import annotations

from typing import Any

ANY_KEY = "field_name"  # in a sample, a placeholder for variable keys


def schema_of_sample(sample: Any) -> dict[str, Any]:
    """The JSON Schema of a sample. All its members are required, with the types they have in it."""
    if isinstance(sample, dict) and ANY_KEY in sample:
        return {"type": "object", "additionalProperties": schema_of_sample(sample[ANY_KEY])}
    if isinstance(sample, dict):
        properties = {key: schema_of_sample(value) for key, value in sample.items()}
        return {"type": "object", "properties": properties, "required": sorted(properties)}
    if isinstance(sample, list):
        return {"type": "array", "items": schema_of_sample(sample[0]) if sample else {}}
    if isinstance(sample, bool):
        return {"type": "boolean"}
    if isinstance(sample, int):
        return {"type": "integer"}
    if isinstance(sample, float):
        return {"type": "number"}
    return {} if sample is None else {"type": "string"}
