"""How OpenAPI describes files: the form of an upload and the responses of a download."""

from __future__ import annotations

from typing import Any

from chatapp.actions.content import MAX_FILES
from chatapp.edge.http.uploads import FILES, VOICE

_BYTES = {"*/*": {"schema": {"type": "string", "format": "binary"}}}
_TEXT = {"schema": {"type": "string"}}

FORM: dict[str, Any] = {
    "type": "object",
    "properties": {
        FILES: {"type": "array", "items": {"type": "string", "format": "binary"}, "minItems": 1, "maxItems": MAX_FILES},
        VOICE: {
            "type": "string",
            "enum": ["0", "1", "false", "true"],
            "description": "Whether the files are voice messages.",
            "default": "false",
        },
    },
    "required": [FILES],
    "additionalProperties": False,
}
PARAMETERS: list[dict[str, Any]] = [
    {"in": "header", "name": name, "required": False, "schema": {"type": "string"}}
    for name in ("Range", "If-Range", "If-None-Match")
]
_HEADERS = {"Content-Disposition": _TEXT, "ETag": _TEXT, "Accept-Ranges": _TEXT}
DOWNLOAD: dict[str, Any] = {
    "200": {"description": "The whole file.", "headers": _HEADERS, "content": _BYTES},
    "206": {
        "description": "The requested byte range.",
        "headers": {**_HEADERS, "Content-Range": _TEXT},
        "content": _BYTES,
    },
    "304": {"description": "Not modified: the client has the current version."},
}
