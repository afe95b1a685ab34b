"""Fixtures of invalid input: two users with a conversation, and a log without errors."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from tests.flows.marketplace.conftest import clean_log as clean_log
from tests.people import Person, PersonMaker
from tests.servers import ChatServer


@dataclass(frozen=True)
class Pair:
    """Two users, and messages from the first to the second, oldest first."""

    alice: Person
    bob: Person
    messages: list[dict[str, Any]]

    @property
    def path(self) -> str:
        """Path of the conversation."""
        return f"/conversations/{self.conversation_id}"

    @property
    def conversation_id(self) -> str:
        """Id of the conversation."""
        return str(self.messages[0]["conversationId"])


@pytest.fixture(scope="module")
def pair(server: ChatServer) -> Iterator[Pair]:
    """Two users shared by the module: refused requests do not change them."""
    maker = PersonMaker(server)
    alice, bob = maker("alice"), maker("bob")
    yield Pair(alice, bob, [alice.social.sends(str(number), to=bob) for number in range(4)])
    maker.close_sockets()
