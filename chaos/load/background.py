"""Background activity: REST requests, and connections that drop."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any

import gevent

from chaos.load.device import Device
from chaos.load.dialects import Dialect
from chaos.load.state import LoadState


class Background:
    """Runs until the load ends. Rates can be changed at any time and start at 0.

    Parameters: devices, chats: filled by the load.

    Attributes:
        requests_per_minute: REST calls, each by a random person.
        drop_share: share of the connections dropped each second.
    """

    def __init__(self, state: LoadState, devices: Sequence[Device], chats: Sequence[int]) -> None:
        self._state = state
        self._devices = devices
        self._chats = chats
        self.requests_per_minute = 0.0
        self.drop_share = 0.0

    def start(self) -> None:
        """Start both loops."""
        gevent.spawn(self._browse)
        gevent.spawn(self._drop_connections)

    def _browse(self) -> None:
        while not self._state.has_ended:
            gevent.sleep(60 / self.requests_per_minute if self.requests_per_minute else 0.1)
            if self.requests_per_minute:
                chat = random.choice(self._chats)
                person = min(self._state.history.members[chat])
                dialect, path, params = random.choice(self._browse_requests(chat))
                gevent.spawn(self._state.ask, "GET", path, person, dialect=dialect, params=params)

    def _drop_connections(self) -> None:
        owed = 0.0
        while not self._state.has_ended:
            gevent.sleep(0.1)
            owed += self.drop_share * len(self._devices) * 0.1
            while owed >= 1:
                owed -= 1
                random.choice(self._devices).drop_connection()

    def _browse_requests(self, chat: int) -> list[tuple[Dialect, str, dict[str, Any]]]:
        """The requests that an application makes when it opens."""
        marketplace, social = self._state.dialects
        calls: list[tuple[Dialect, str, dict[str, Any]]] = [
            (marketplace, "", {"limit": 20}),
            (marketplace, "/unread-count", {}),
            (social, "/conversations", {"limit": 20}),
            (social, "/conversations/unread-count", {}),
        ]
        for dialect in (marketplace, social):
            request = dialect.history(chat, None)
            calls.append((dialect, request.path, {**request.options["params"], "limit": 20}))
        return calls
