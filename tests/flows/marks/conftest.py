"""A chat of three."""

from __future__ import annotations

import pytest

from tests.database import Database
from tests.flows.members.larger_chats import make_larger_chat
from tests.people import Person


@pytest.fixture
def larger_chat(alice: Person, bob: Person, carol: Person, database: Database) -> int:
    """A chat of all three; alice owns it."""
    return make_larger_chat(database, [alice.id, bob.id, carol.id])
