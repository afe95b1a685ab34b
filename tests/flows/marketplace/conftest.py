"""Fixtures of invalid input: two users with a chat, and a log without errors."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from tests.people import Person, PersonMaker
from tests.servers import ChatServer

DEFECTS = ("unexpected failure", "frame failed", "socket failed", "could not be stored", "Traceback", '"ERROR"')


@dataclass(frozen=True)
class Pair:
    """Two users, and a message from the first to the second."""

    alice: Person
    bob: Person
    message: dict[str, Any]

    @property
    def chat_id(self) -> int:
        """Id of the chat."""
        return int(self.message["chat_id"])


@pytest.fixture(scope="module")
def pair(server: ChatServer) -> Iterator[Pair]:
    """Two users shared by the module: refused requests do not change them."""
    maker = PersonMaker(server)
    alice, bob = maker("alice"), maker("bob")
    yield Pair(alice, bob, alice.sends("before", to=bob))
    maker.close_sockets()


@pytest.fixture(scope="module")
def clean_log(server: ChatServer) -> Iterator[None]:
    """Assert that the tests of the module cause no errors in the log."""
    start = server.log.stat().st_size
    yield
    logged = server.log.read_bytes()[start:].decode()
    assert [line for line in logged.splitlines() if any(defect in line for defect in DEFECTS)] == []
