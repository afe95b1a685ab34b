"""The service routes. Not rate-limited: their one caller updates thousands of items at a time."""

from __future__ import annotations

from typing import Any

from flask import Blueprint

from chatapp.actions import items, people
from chatapp.actions.erasure import requests
from chatapp.dialects.service import replies, schemas
from chatapp.edge import statistics
from chatapp.edge.http.authentication import protect_for_services
from chatapp.edge.http.validation import gives, takes
from chatapp.errors import NotFound
from chatapp.ids.user_reference import UserReference, parse_user_reference
from chatapp.queries import people as people_queries
from chatapp.queries.erasures import Erasure
from chatapp.realtime import worker_stats

bp = Blueprint("service", __name__)
protect_for_services(bp)


@bp.put("/items/<any(listing, storefront_product):kind>/<int:id>")
@takes(schemas.Item)
@gives(schemas.CatalogueItem)
def put_item(args: dict[str, Any], kind: str, id: int) -> dict[str, Any]:
    """Create or update a listing or storefront product in the item catalogue."""
    return replies.item(items.put_item(kind, id, args))


@bp.delete("/items/<any(listing, storefront_product):kind>/<int:id>")
@gives(schemas.CatalogueItem)
def delete_item(kind: str, id: int) -> dict[str, Any]:
    """Mark an item as deleted. Chats about it keep a placeholder."""
    return replies.item(items.delete_item(kind, id))


@bp.put("/users/<reference>")
@takes(schemas.Profile)
@gives(schemas.Person)
def put_user(args: dict[str, Any], reference: str) -> dict[str, Any]:
    """Create a user or update their profile. Omitted fields keep their values."""
    return replies.person(people.sync_person(_reference(reference), args))


@bp.delete("/users/<reference>")
@gives(schemas.ErasedPerson)
def delete_user(reference: str) -> dict[str, Any]:
    """Erase a user: the profile and all access at once, everything else in steps. Repeating it returns the report."""
    return _with_erasure(requests.erase_person(_reference(reference)))


@bp.get("/users/<reference>/erasure")
@gives(schemas.ErasedPerson)
def get_erasure(reference: str) -> dict[str, Any]:
    """Get the report of a user's erasure: what went, and what is left to do."""
    user = people_queries.person_of_reference(_reference(reference))
    if user is None:
        raise NotFound("user_not_found")
    return _with_erasure(requests.load_erasure(user.id))


@bp.get("/chat/ws/stats")
@gives(statistics.SocketStats)
def socket_stats() -> dict[str, Any]:
    """Get counts of open sockets, connected users and frames, in total and per worker."""
    return worker_stats.stats()


def _with_erasure(erasure: Erasure) -> dict[str, Any]:
    user = people_queries.person(erasure.user_id)
    assert user is not None, "erasing keeps the row"
    return {**replies.person(user), "erasure": replies.erasure(erasure)}


def _reference(text: str) -> UserReference:
    reference = parse_user_reference(text)
    if reference is None:
        raise NotFound("user_not_found")
    return reference
