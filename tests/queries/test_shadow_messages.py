"""Reads of an author who was shadow-banned: pages, lists and catch-ups with what no one else sees."""

from __future__ import annotations

from typing import Any

import pytest

from chatapp.access import Membership, access_chat
from chatapp.actions import editing
from chatapp.actions.moderation import bans
from chatapp.auth.actor import Actor
from chatapp.errors import NotFound
from chatapp.events.moderation import ShadowMessageEdited
from chatapp.infra.postgres import database_connection
from chatapp.queries import catchup, chats, pages, shadow_messages
from chatapp.queries import messages as message_queries
from tests.actions.attachments.conftest import settled_cursor
from tests.actions.conftest import chat_id as chat_id
from tests.actions.moderation.words import said
from tests.query_counter import QueryCounter


@pytest.fixture
def mixed(actors: list[Actor], chat_id: int) -> list[str]:
    """Texts as alice sees them, oldest first; bob sees those that begin with `seen`."""
    alice, bob, _ = actors
    bans.ban(alice.id, is_shadow=True)
    texts = [f"{'unseen' if number % 3 == 0 else 'seen'} {number}" for number in range(20)]
    for text in texts:
        said(alice if text.startswith("unseen") else bob, chat_id, text)
    return texts


def membership(actor: Actor, chat_id: int) -> Membership:
    with database_connection():
        return access_chat(actor, chat_id)


def read(actor: Actor, chat_id: int, **options: Any) -> tuple[list[str], int, bool]:
    """The texts of a page, newest first; the total; whether there are more."""
    with database_connection():
        page = pages.read_page(access_chat(actor, chat_id), **options)
    return [message.content for message in page.messages], page.total, page.has_more


@pytest.mark.parametrize("limit", [1, 3, 7, 20, 50])
def test_numbered_pages_have_no_gaps_and_no_repetitions(
    actors: list[Actor], chat_id: int, mixed: list[str], limit: int
) -> None:
    newest_first = mixed[::-1]
    for number in range(1, 20 // limit + 3):
        expected = newest_first[(number - 1) * limit : number * limit]
        has_more = number * limit < len(mixed)
        assert read(actors[0], chat_id, page=number, limit=limit) == (expected, 20, has_more), number


def test_pages_by_messages_follow_each_other(actors: list[Actor], chat_id: int, mixed: list[str]) -> None:
    found: list[str] = []
    before = None
    while True:
        with database_connection():
            page = pages.read_page(access_chat(actors[0], chat_id), limit=3, before_id=before)
        found += [message.content for message in page.messages]
        if not page.has_more:
            break
        before = page.messages[-1].id
    assert found == mixed[::-1]
    with database_connection():
        ids = [message.id for message in message_queries.page(membership(actors[0], chat_id), limit=50).messages][::-1]
    assert read(actors[0], chat_id, limit=4, after_id=ids[6])[0] == mixed[7:11][::-1]
    with database_connection():
        older, newer = message_queries.around(membership(actors[0], chat_id), ids[9], before=3, after=3)
    assert [message.content for message in [*newer.messages, *older.messages]] == mixed[6:13][::-1]


def test_others_read_what_they_would_read_without_it(actors: list[Actor], chat_id: int, mixed: list[str]) -> None:
    seen = [text for text in mixed if text.startswith("seen")][::-1]
    for _ in range(2):  # the second time from the cache
        assert read(actors[1], chat_id, limit=50) == (seen, len(seen), False)
    assert read(actors[0], chat_id, limit=50)[0] == mixed[::-1]


def test_a_chat_with_nothing_else(actors: list[Actor], chat_id: int) -> None:
    alice, bob, _ = actors
    bans.ban(alice.id, is_shadow=True)
    said(alice, chat_id, "unseen")
    assert read(alice, chat_id, limit=5) == (["unseen"], 1, False)
    assert read(bob, chat_id, limit=5) == ([], 0, False)
    with database_connection():
        assert [summary.last_message_text for summary in chats.recent(alice, limit=5)] == ["unseen"]
        assert chats.recent(bob, limit=5) == []


def test_lists_show_it_to_its_author_as_the_last_message(actors: list[Actor], chat_id: int) -> None:
    alice, bob, _ = actors

    def last(actor: Actor) -> tuple[str, bool]:
        with database_connection():
            (summary,) = chats.recent(actor, limit=5)
        return summary.last_message_text, summary.last_message_sender_id == alice.id

    said(bob, chat_id, "seen")
    bans.ban(alice.id, is_shadow=True)
    assert last(alice) == ("seen", False)
    message = said(alice, chat_id, "unseen")
    assert (last(alice), last(bob)) == (("unseen", True), ("seen", False))
    editing.edit_message(alice, message.id, "changed")
    assert last(alice) == ("changed", True)
    said(bob, chat_id, "seen too")
    assert last(alice) == last(bob) == ("seen too", False)


def test_it_is_found_by_its_author_alone(actors: list[Actor], chat_id: int) -> None:
    alice, bob, _ = actors
    seen = said(bob, chat_id, "seen")
    bans.ban(alice.id, is_shadow=True)
    unseen = said(alice, chat_id, "unseen")
    with database_connection():
        found, in_chat = message_queries.as_seen_by(alice, unseen.id)
        assert (found, in_chat.chat.id) == (unseen, chat_id)
        for actor in (alice, bob):
            assert message_queries.as_seen_by(actor, seen.id)[0].content == "seen"
        for actor in actors[1:]:
            with pytest.raises(NotFound):
                message_queries.as_seen_by(actor, unseen.id)
        assert shadow_messages.by_ids([unseen.id], bob.id) == []


def test_catch_ups_of_the_author_have_it(actors: list[Actor], chat_id: int) -> None:
    alice, bob, _ = actors
    earlier = said(alice, chat_id, "earlier")
    bans.ban(alice.id, is_shadow=True)
    cursors = {actor.id: settled_cursor(actor) for actor in (alice, bob)}
    unseen = said(alice, chat_id, "unseen")
    editing.edit_message(alice, earlier.id, "changed")
    with database_connection():
        of_alice = catchup.page(alice, cursors[alice.id], limit=10)
        of_chat = catchup.page(alice, cursors[alice.id], limit=10, chat_id=chat_id)
        of_bob = catchup.page(bob, cursors[bob.id], limit=10)
    for page in (of_alice, of_chat):
        assert [message.content for message in page.messages] == ["unseen"]
        (edited,) = [change for change in page.changes if isinstance(change, ShadowMessageEdited)]
        assert (edited.message.id, edited.message.content) == (earlier.id, "changed")
        assert page.chat_ids == [chat_id]
    assert of_bob.messages == []
    assert of_bob.chat_ids == []

    after = settled_cursor(alice)
    with database_connection():
        assert catchup.page(alice, after, limit=10).messages == []
    editing.delete_message(alice, unseen.id)
    with database_connection():
        (deleted,) = catchup.page(alice, after, limit=10).messages
    assert (deleted.id, deleted.is_deleted, deleted.content) == (unseen.id, True, "")


def test_those_who_never_were_shadow_banned_pay_nothing(actors: list[Actor], chat_id: int) -> None:
    alice, bob, carol = actors
    bans.ban(carol.id, is_shadow=True)
    said(alice, chat_id, "hi")
    with database_connection():
        found = access_chat(bob, chat_id)
        with QueryCounter() as counter:
            message_queries.page(found, limit=5)
            chats.recent(bob, limit=5)
    assert "shadow" not in str(counter.queries)
