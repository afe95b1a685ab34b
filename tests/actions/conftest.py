"""A chat for the actions that run in this process, and the commands of the operators."""

from __future__ import annotations

import pytest

from chatapp.actions.chats import find_or_create_chat
from chatapp.auth.actor import Actor
from tests.ops.conftest import ops as ops
from tests.ops.conftest import ops_environment as ops_environment
from tests.ops.conftest import ops_process as ops_process


@pytest.fixture
def chat_id(actors: list[Actor]) -> int:
    """A chat of the first two actors."""
    return find_or_create_chat(actors[0], other_id=actors[1].id)
