"""The committer in this process, on a database of its own: what no client can bring about from outside."""

from __future__ import annotations

import pytest

from chatapp.actions.chats import find_or_create_chat
from chatapp.auth.actor import Actor


@pytest.fixture
def chat_id(actors: list[Actor]) -> int:
    """A chat of the first two."""
    return find_or_create_chat(actors[0], receiver_id=actors[1].id)
