"""The host's services: they sync items and users with the service token."""

from __future__ import annotations

import itertools
from typing import Any

from tests.people import Person
from tests.servers import SERVICE_TOKEN, ChatServer, Reply

INTERNAL = "/api/v1/internal"
_ids = itertools.count(1_000)


class Host:
    """Calls the service routes of a server."""

    def __init__(self, server: ChatServer) -> None:
        self.server = server

    def lists(self, title: str, *, seller: Person | None = None, kind: str = "listing", **fields: Any) -> int:
        """Sync a new item; returns its id."""
        item_id = next(_ids)
        seller_id = seller.id if seller else None
        self.changes(kind, item_id, title=title, seller_id=seller_id, **fields)
        return item_id

    def changes(self, kind: str, item_id: int, **fields: Any) -> None:
        """Sync an item."""
        assert self._ask("PUT", f"/items/{kind}/{item_id}", json=fields).status == 200

    def deletes(self, kind: str, item_id: int) -> None:
        """Delete an item."""
        assert self._ask("DELETE", f"/items/{kind}/{item_id}").status == 200

    def verifies(self, person: Person) -> None:
        """Mark a user as verified."""
        assert self._ask("PUT", f"/users/{person.id}", json={"verified": True}).status == 200

    def erases(self, person: Person) -> None:
        """Erase a user."""
        assert self._ask("DELETE", f"/users/{person.id}").status == 200

    def counts_sockets(self) -> dict[str, Any]:
        """Statistics of sockets, users and frames, in total and by worker."""
        stats: dict[str, Any] = self._ask("GET", "/chat/ws/stats").data
        return stats

    def _ask(self, method: str, path: str, **body: Any) -> Reply:
        return self.server.request(method, INTERNAL + path, token=SERVICE_TOKEN, **body)
