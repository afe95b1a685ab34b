"""Finding or creating a chat while others create or delete it."""

from __future__ import annotations

from typing import Any

import pytest

from chatapp.actions import chats
from chatapp.actions.chats import find_or_create_chat
from chatapp.auth.actor import Actor
from chatapp.queries import chats as chat_queries
from tests.database import Database


@pytest.mark.parametrize("is_deleted", [True, False])
def test_a_chat_deleted_after_it_was_in_the_way_is_created_again(
    core: Database, actors: list[Actor], monkeypatch: pytest.MonkeyPatch, is_deleted: bool
) -> None:
    """The first look finds no chat, the insert finds one in the way; it may be gone when it is looked for again."""
    existing = find_or_create_chat(actors[0], other_id=actors[1].id)
    find, looks = chat_queries.find, 0

    def find_a_moment_late(*args: Any) -> int | None:
        nonlocal looks
        looks += 1
        if looks == 1:
            return None
        if looks == 2 and is_deleted:
            core.change("DELETE FROM chats WHERE id = %s", existing)
        return find(*args)

    monkeypatch.setattr(chats.chat_queries, "find", find_a_moment_late)
    found = find_or_create_chat(actors[0], other_id=actors[1].id)
    assert (found == existing) is not is_deleted
    assert core.rows("SELECT id FROM chats") == [(found,)]
    assert core.rows("SELECT count(*) FROM chat_members WHERE chat_id = %s", found) == [(2,)]
