"""Clients of the reference kind, on servers of their own where a test hurts them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from chatapp_client import ChatClient, Pace
from tests.people import Person
from tests.servers import ChatServer

# The client's own, but for the waits: a test has no thirty seconds.
QUICK = Pace(reconnect_first=0.1, reconnect_most=0.4, answer_wait=3, retry_first=0.1, retry_most=0.4, poll_every=0.2)

ClientMaker = Callable[..., ChatClient]


@pytest.fixture
def make_client() -> Iterator[ClientMaker]:
    """Opens clients of people, complete before they are handed over, and closes them at the end."""
    clients: list[ChatClient] = []

    def make(person: Person, server: ChatServer | None = None, *, wait: float | None = 10, **more: Any) -> ChatClient:
        clients.append(ChatClient((server or person.server).url, person.token, **{"pace": QUICK, **more}))
        clients[-1].connect(wait)
        return clients[-1]

    yield make
    for client in clients:
        client.close()
