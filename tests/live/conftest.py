"""Servers with short waits, and with two workers."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.people import Person, PersonMaker
from tests.servers import ChatServer

SHOP = "https://shop.example"
DEVICES = 4  # sockets that one person may have on these servers


@pytest.fixture(scope="session")
def quick_server(start_server: Callable[..., ChatServer]) -> ChatServer:
    """chatapp that waits for nothing long, beside `server` on the same Postgres and Redis."""
    return start_server(
        WS_AUTH_WAIT="400ms",
        PRESENCE_GRACE="500ms",
        TYPING_CLEAR="500ms",
        ALLOWED_ORIGINS=SHOP,
        WS_MAX_CONNECTIONS_PER_USER=str(DEVICES),
    )


@pytest.fixture(scope="session")
def two_workers(start_server: Callable[..., ChatServer]) -> ChatServer:
    """chatapp with two web workers."""
    return start_server(WEB_CONCURRENCY="2", PRESENCE_GRACE="500ms", WS_MAX_CONNECTIONS_PER_USER="30")


@pytest.fixture
def quick_alice(make_person: PersonMaker, quick_server: ChatServer) -> Person:
    """Somebody on the quick server."""
    return make_person("alice", server=quick_server)


@pytest.fixture
def quick_bob(make_person: PersonMaker, quick_server: ChatServer) -> Person:
    """Somebody else there."""
    return make_person("bob", server=quick_server)


@pytest.fixture
def quick_carol(make_person: PersonMaker, quick_server: ChatServer) -> Person:
    """A third one there."""
    return make_person("carol", server=quick_server)
