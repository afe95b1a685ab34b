"""The host's own services, as chatapp sees them: they mirror items and people with the service token."""

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
        """Mirror a new item; returns its id."""
        item_id = next(_ids)
        seller_id = seller.id if seller else None
        self.changes(kind, item_id, title=title, seller_id=seller_id, **fields)
        return item_id

    def changes(self, kind: str, item_id: int, **fields: Any) -> None:
        """Mirror an item as it is now."""
        assert self._ask("PUT", f"/items/{kind}/{item_id}", json=fields).status == 200

    def deletes(self, kind: str, item_id: int) -> None:
        """Tell that an item is gone."""
        assert self._ask("DELETE", f"/items/{kind}/{item_id}").status == 200

    def verifies(self, person: Person) -> None:
        """Tell that a person is verified."""
        assert self._ask("PUT", f"/users/{person.id}", json={"verified": True}).status == 200

    def erases(self, person: Person) -> None:
        """Ask to forget a person."""
        assert self._ask("DELETE", f"/users/{person.id}").status == 200

    def counts_sockets(self) -> dict[str, Any]:
        """Open sockets, people and frames, summed and by worker."""
        counted: dict[str, Any] = self._ask("GET", "/chat/ws/stats").data
        return counted

    def _ask(self, method: str, path: str, **body: Any) -> Reply:
        return self.server.request(method, INTERNAL + path, token=SERVICE_TOKEN, **body)
