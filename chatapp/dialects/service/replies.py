"""Renders responses and refusals of the service routes."""

from __future__ import annotations

from typing import Any

from chatapp.edge.http.envelopes import failure_body
from chatapp.errors import ChatError
from chatapp.models import Item, User
from chatapp.queries.erasures import Erasure


def failure(error: ChatError, status: int) -> dict[str, Any]:
    """The body of a refusal. Programs read it, so it is not translated."""
    return failure_body(error, key=error_code(error.code), message=error.code.replace("_", " "))


def error_code(code: str) -> str:
    """`user_not_found` as `internal.user_not_found`."""
    return f"internal.{code}"


def item(row: Item) -> dict[str, Any]:
    """An item of the catalogue."""
    return {
        "kind": row.kind,
        "id": row.id,
        "title": row.title,
        "description": row.description,
        "category": row.category,
        "attributes": row.attributes,
        "url": row.url,
        "is_available": row.is_available,
        "image_url": row.image_url,
        "price": None if row.price is None else float(row.price),
        "currency": row.currency,
        "seller_id": row.seller_id,
        "is_deleted": row.is_deleted,
        "updated_at": row.updated_at,
    }


def person(row: User) -> dict[str, Any]:
    """A user as stored."""
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


def erasure(found: Erasure) -> dict[str, Any]:
    """How far an erasure is, and what went."""
    return {
        "state": found.state,
        "content": found.content,
        "evidence": found.evidence,
        "erased": found.report,
        "requested_at": found.requested_at,
        "finished_at": found.finished_at,
        "compacted_at": found.compacted_at,
    }
