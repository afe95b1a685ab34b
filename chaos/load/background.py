"""What people do beside chatting: look around over REST, and lose their connections now and then."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any

import gevent

from chaos.load.device import Device
from chaos.load.dialects import Dialect
from chaos.load.state import World


class Background:
    """Runs until the world ends; rates may be changed at any time, and are 0 at first.

    Parameters: devices, chats: filled by the load.

    Attributes:
        requests_per_minute: REST calls, by people in turn.
        lost_share: share of the connections that break each second.
    """

    def __init__(self, world: World, devices: Sequence[Device], chats: Sequence[int]) -> None:
        self._world = world
        self._devices = devices
        self._chats = chats
        self.requests_per_minute = 0.0
        self.lost_share = 0.0

    def start(self) -> None:
        """Begin."""
        gevent.spawn(self._browse)
        gevent.spawn(self._lose)

    def _browse(self) -> None:
        while not self._world.ended:
            gevent.sleep(60 / self.requests_per_minute if self.requests_per_minute else 0.1)
            if self.requests_per_minute:
                chat = random.choice(self._chats)
                person = min(self._world.history.members[chat])
                dialect, path, params = random.choice(self._looks(chat))
                gevent.spawn(self._world.ask, "GET", path, person, dialect=dialect, params=params)

    def _lose(self) -> None:
        owed = 0.0
        while not self._world.ended:
            gevent.sleep(0.1)
            owed += self.lost_share * len(self._devices) * 0.1
            while owed >= 1:
                owed -= 1
                random.choice(self._devices).cut()

    def _looks(self, chat: int) -> list[tuple[Dialect, str, dict[str, Any]]]:
        """What an opened application asks for."""
        marketplace, social = self._world.dialects
        looks: list[tuple[Dialect, str, dict[str, Any]]] = [
            (marketplace, "", {"limit": 20}),
            (marketplace, "/unread-count", {}),
            (social, "/conversations", {"limit": 20}),
            (social, "/conversations/unread-count", {}),
        ]
        for dialect in (marketplace, social):
            request = dialect.history(chat, None)
            looks.append((dialect, request.path, {**request.options["params"], "limit": 20}))
        return looks
