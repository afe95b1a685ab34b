"""Chats and messages that replies, mentions and forwards refer to."""

from __future__ import annotations

from typing import Any

import pytest

from chatapp.ids.public import encode_chat
from tests.database import Database
from tests.flows.members.larger_chats import make_larger_chat
from tests.people import Person

Message = dict[str, Any]


@pytest.fixture
def larger_chat(database: Database, alice: Person, bob: Person, carol: Person) -> int:
    """A chat of all three."""
    return make_larger_chat(database, [alice.id, bob.id, carol.id])


@pytest.fixture
def question(alice: Person, bob: Person) -> Message:
    """A message of alice to bob."""
    return alice.sends("Is it still available?", to=bob)


def conversation(message: Message) -> str:
    """The id of its chat in the social dialect."""
    return encode_chat(message["chat_id"])
