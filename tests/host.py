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

    def bans(self, person: Person, **fields: Any) -> None:
        """Ban a user."""
        assert self._ask("POST", f"/users/{person.id}/ban", json=fields).status == 200

    def unbans(self, person: Person) -> None:
        """End the ban of a user."""
        assert self._ask("DELETE", f"/users/{person.id}/ban").status == 200

    def filters(self, *rules: tuple[str, str, str]) -> None:
        """Replace the rules of the filters, each a kind, a pattern and an action."""
        body = {"rules": [{"kind": kind, "pattern": pattern, "action": action} for kind, pattern, action in rules]}
        assert self._ask("PUT", "/moderation/filters", json=body).status == 200

    def reports(self, **params: Any) -> list[dict[str, Any]]:
        """All reports of a state, the oldest first."""
        found: list[dict[str, Any]] = []
        cursor: int | None = 0
        while cursor is not None:
            page = self._ask("GET", "/moderation/reports", params={**params, "cursor": cursor}).data
            found += page["reports"]
            cursor = page["next_cursor"]
        return found

    def report(self, report_id: int) -> dict[str, Any]:
        """A report with its evidence."""
        found: dict[str, Any] = self._ask("GET", f"/moderation/reports/{report_id}").data
        return found

    def decides(self, report_id: int, action: str, **fields: Any) -> Reply:
        """Decide about a report."""
        return self._ask("POST", f"/moderation/reports/{report_id}", json={"action": action, **fields})

    def log(self, **params: Any) -> dict[str, Any]:
        """A page of the log of moderation."""
        found: dict[str, Any] = self._ask("GET", "/moderation/log", params=params).data
        return found

    def _ask(self, method: str, path: str, **body: Any) -> Reply:
        return self.server.request(method, INTERNAL + path, token=SERVICE_TOKEN, **body)
