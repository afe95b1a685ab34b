"""The committer in this process, on a database of its own: what no client can bring about from outside."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from chatapp import extensions
from chatapp.actions.chats import find_or_create_chat
from chatapp.actor import Actor
from chatapp.models import User
from chatapp.transaction import database_connection
from config import load
from tests.database import Database
from tests.servers import database_copy


@pytest.fixture
def core(environment: dict[str, str], postgres_url: str) -> Iterator[Database]:
    """The handles of this process point at a fresh database, which is given to look with."""
    with database_copy(postgres_url) as url:
        extensions.bind(load({**environment, "DATABASE_URL": url}))
        yield Database(url)
        extensions.db.close_all()


@pytest.fixture
def actors(core: Database) -> list[Actor]:
    """Three people."""
    with database_connection():
        users = [User.create(subject=name, username=name) for name in ("alice", "bob", "carol")]
    return [Actor(user.id, str(user.uuid), user.username, False, None) for user in users]


@pytest.fixture
def chat_id(actors: list[Actor]) -> int:
    """A chat of the first two."""
    return find_or_create_chat(actors[0], receiver_id=actors[1].id)
