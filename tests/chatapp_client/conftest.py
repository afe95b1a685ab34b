"""Reference clients with short timings."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from chatapp_client import ChatClient, Timings
from tests.people import Person
from tests.servers import ChatServer

# The defaults with shorter delays.
QUICK = Timings(reconnect_first=0.1, reconnect_most=0.4, answer_wait=3, retry_first=0.1, retry_most=0.4, poll_every=0.2)

ClientMaker = Callable[..., ChatClient]


@pytest.fixture
def make_client() -> Iterator[ClientMaker]:
    """Opens complete clients of users, and closes them at the end."""
    clients: list[ChatClient] = []

    def make(person: Person, server: ChatServer | None = None, *, wait: float | None = 10, **more: Any) -> ChatClient:
        clients.append(ChatClient((server or person.server).url, person.token, **{"timings": QUICK, **more}))
        clients[-1].connect(wait)
        return clients[-1]

    yield make
    for client in clients:
        client.close()
