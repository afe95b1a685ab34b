"""What the service routes answer, and how they tell refusals."""

from __future__ import annotations

from typing import Any

from flask import g

from chatapp.errors import ChatError, Invalid
from chatapp.models import Item, User


def success(data: Any) -> dict[str, Any]:
    """The envelope of what went well."""
    return {"success": True, "data": data}


def failure(error: ChatError, status: int) -> dict[str, Any]:
    """The envelope of a refusal, for programs: its code, and no wording in the reader's language."""
    body: dict[str, Any] = {
        "success": False,
        "error": f"internal.{error.code}",
        "message": error.code.replace("_", " "),
        "request_id": g.get("request_id"),
    }
    if isinstance(error, Invalid):
        body["details"] = error.fields
    return body


def item(row: Item) -> dict[str, Any]:
    """An item as it is mirrored."""
    return {
        "kind": row.kind,
        "id": row.id,
        "title": row.title,
        "image_url": row.image_url,
        "price": None if row.price is None else float(row.price),
        "currency": row.currency,
        "seller_id": row.seller_id,
        "is_deleted": row.is_deleted,
        "updated_at": row.updated_at,
    }


def person(row: User) -> dict[str, Any]:
    """A person as they are kept."""
    return {
        "id": row.id,
        "uuid": str(row.uuid),
        "username": row.username,
        "name": row.name,
        "email": row.email,
        "picture_url": row.picture_url,
        "verified": row.is_verified,
        "is_erased": row.erased_at is not None,
    }
