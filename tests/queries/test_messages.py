"""Pages of a chat: around a message, of those with links, and when each was read."""

from __future__ import annotations

import datetime as dt

import pytest

from chatapp.access import Membership, access_chat
from chatapp.actions.blocking import block, unblock
from chatapp.actions.chats import open_direct_chat
from chatapp.actions.editing import delete_message, edit_message
from chatapp.actions.reading import mark_read
from chatapp.actions.sending import send_message
from chatapp.auth.actor import Actor
from chatapp.events.snapshots import MessageSnapshot
from chatapp.infra.postgres import database_connection
from chatapp.queries import messages, receipts
from tests.database import Database
from tests.queries.conftest import rows_read
from tests.query_counter import QueryCounter

LINK = "look at https://example.com/lamp"


@pytest.fixture
def chat_id(actors: list[Actor]) -> int:
    """A chat of Alice and Bob."""
    return open_direct_chat(actors[0], "bob")


def say(actor: Actor, chat_id: int, *texts: str) -> list[MessageSnapshot]:
    """Send these, one after the other."""
    return [send_message(actor, chat_id, text) for text in texts]


def place(actor: Actor, chat_id: int) -> Membership:
    """The chat as this person has it now."""
    with database_connection():
        return access_chat(actor, chat_id)


def linked(actor: Actor, chat_id: int, limit: int = 20, before_id: int | None = None) -> tuple[list[str], bool]:
    """A page of texts with links."""
    with database_connection():
        found, has_more = messages.with_links(place(actor, chat_id), limit=limit, before_id=before_id)
    return [message.content for message in found], has_more


@pytest.mark.parametrize(("before", "after", "expected", "more"), [
    (2, 2, [3, 4, 5, 6, 7], (True, True)),
    (0, 0, [5], (True, True)),
    (4, 4, [1, 2, 3, 4, 5, 6, 7, 8, 9], (False, False)),
    (50, 1, [1, 2, 3, 4, 5, 6], (False, True)),
])  # fmt: skip
def test_a_message_and_what_stands_around_it(
    actors: list[Actor], chat_id: int, before: int, after: int, expected: list[int], more: tuple[bool, bool]
) -> None:
    sent = say(actors[0], chat_id, *map(str, range(1, 10)))
    membership = place(actors[1], chat_id)
    with database_connection(), QueryCounter() as asked:
        older, newer = messages.around(membership, sent[4].id, before=before, after=after)
    assert len(asked.queries) == 2
    assert [message.seq for message in reversed([*newer.messages, *older.messages])] == expected
    assert (older.has_more, newer.has_more) == more


def test_links_are_listed_newest_first_and_paged(actors: list[Actor], chat_id: int) -> None:
    sent = say(actors[0], chat_id, f"1 {LINK}", "2", f"3 {LINK}", "4", f"5 {LINK}")
    assert linked(actors[1], chat_id) == ([f"5 {LINK}", f"3 {LINK}", f"1 {LINK}"], False)
    assert linked(actors[1], chat_id, 2) == ([f"5 {LINK}", f"3 {LINK}"], True)
    assert linked(actors[1], chat_id, 2, before_id=sent[2].id) == ([f"1 {LINK}"], False)


def test_edits_and_deletes_change_what_is_listed(actors: list[Actor], chat_id: int) -> None:
    first, second, third = say(actors[0], chat_id, LINK, "plain", f"{LINK}/2")
    edit_message(actors[0], first.id, "plain")
    edit_message(actors[0], second.id, f"{LINK}/edited")
    delete_message(actors[0], third.id)
    assert linked(actors[1], chat_id) == ([f"{LINK}/edited"], False)


def test_of_old_messages_only_those_with_links_are_listed(actors: list[Actor], chat_id: int, core: Database) -> None:
    """Their flag was set by a rough guess: here by none at all."""
    say(actors[0], chat_id, *(f"{number} {LINK}" if number % 7 == 0 else f"{number}." for number in range(30)))
    core.change("UPDATE messages SET has_links = true")
    expected = [f"{number} {LINK}" for number in (28, 21, 14, 7, 0)]
    assert linked(actors[1], chat_id, 3) == (expected[:3], True)
    assert linked(actors[1], chat_id, 5) == (expected, False)


def test_a_page_of_links_reads_few_of_many_messages(actors: list[Actor], chat_id: int, core: Database) -> None:
    say(actors[0], chat_id, LINK)
    core.change(
        "INSERT INTO messages (id, chat_id, seq, version, sender_id, content, created_at, has_links)"
        " SELECT id + n, chat_id, n + 1, n + 1, sender_id, content, created_at, mod(n, 100) = 0"
        " FROM messages, generate_series(1, 20000) n"
    )
    core.change("UPDATE chats SET last_message_id = last_message_id + 20000, last_seq = 20001")
    core.change("ANALYZE messages")
    membership = place(actors[1], chat_id)
    with database_connection():
        with QueryCounter() as asked:
            assert len(messages.with_links(membership, limit=20)[0]) == 20
        assert len(asked.queries) == 1
        assert rows_read(asked) < 100


def read(viewer: Actor, chat_id: int) -> dict[int, dt.datetime]:
    """Which messages of a chat were read and when, by `seq`, as far as this person is shown it."""
    with database_connection():
        shown = messages.page(place(viewer, chat_id), limit=20).messages
        with QueryCounter() as asked:
            found = receipts.read_at(shown, viewer.id)
    assert len(asked.queries) <= 1
    return {message.seq: found[message.id] for message in shown if message.id in found}


def test_each_message_was_read_by_the_first_mark_that_covers_it(actors: list[Actor], chat_id: int) -> None:
    alice, bob, _ = actors
    sent = say(alice, chat_id, *"12345")
    for message in (sent[1], sent[3]):
        mark_read(bob, chat_id, [message.id])
    found = read(alice, chat_id)
    assert read(bob, chat_id) == found
    assert sorted(found) == [1, 2, 3, 4]
    assert found[1] == found[2] < found[3] == found[4]


def test_what_was_read_behind_a_block_only_the_reader_knows(actors: list[Actor], chat_id: int) -> None:
    alice, bob, _ = actors
    sent = say(alice, chat_id, *"12")
    mark_read(bob, chat_id, [sent[0].id])
    block(alice, "bob")
    mark_read(bob, chat_id)
    assert (sorted(read(alice, chat_id)), sorted(read(bob, chat_id))) == ([1], [1, 2])
    unblock(alice, "bob")
    assert read(alice, chat_id) == read(bob, chat_id)


def test_what_is_known_to_be_read_is_not_asked_again(actors: list[Actor], chat_id: int) -> None:
    alice, bob, _ = actors
    sent = say(alice, chat_id, *"12")
    mark_read(bob, chat_id, [sent[0].id])
    first = read(alice, chat_id)
    with database_connection(), QueryCounter() as asked:
        shown = messages.page(place(alice, chat_id), limit=20).messages
        asked_for_page = len(asked.queries)
        receipts.read_at(shown, alice.id)
        assert len(asked.queries) == asked_for_page
    mark_read(bob, chat_id)
    assert first.items() < read(alice, chat_id).items()


def test_of_unread_messages_nothing_is_asked(actors: list[Actor], chat_id: int) -> None:
    unread = say(actors[0], chat_id, "hi")
    with database_connection(), QueryCounter() as asked:
        assert receipts.read_at(unread, actors[1].id) == {}
    assert len(asked.queries) == 0
