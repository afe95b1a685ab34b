"""Lists, counts and catch-ups of users in larger chats: exact, without a row that a message writes for them."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from chatapp.actions import chat_settings, editing, reading, sending
from chatapp.actions import chats as chat_actions
from chatapp.actions.blocking import block
from chatapp.auth.actor import Actor
from chatapp.events.types import ChatRead, MessageEdited
from chatapp.infra.postgres import database_connection
from chatapp.queries import catchup, catchup_extras, chats
from chatapp.queries.chat_summaries import ChatSummary
from tests.database import Database
from tests.flows.members.larger_chats import add_larger_chats, make_larger_chat
from tests.queries.conftest import Crowd, rows_read
from tests.queries.test_chats import ACTIVE, ids, pages
from tests.query_counter import QueryCounter
from tests.servers import await_true

MEMBERS = 1000
ARCHIVED = "(is_archived AND coalesce(archived_seq >= last_seq, true))"

# Every table that a message writes to, by the transaction that wrote the newest message.
WRITTEN = {
    table: f"SELECT count(*) FROM {table} WHERE xmin = (SELECT xmin FROM messages ORDER BY id DESC LIMIT 1)"
    for table in ("chats", "chat_members", "messages", "client_keys", "outbox", "read_marks", "message_changes")
}


@pytest.fixture
def chat_id(core: Database, actors: list[Actor]) -> int:
    """A chat of alice, bob, carol and 997 others."""
    return make_larger_chat(core, [actor.id for actor in actors], members=MEMBERS)


def only(found: list[ChatSummary], chat_id: int) -> ChatSummary:
    """The entry of one chat."""
    (chat,) = (chat for chat in found if chat.id == chat_id)
    return chat


def listed(actor: Actor) -> list[ChatSummary]:
    """The chats of a user that are not archived."""
    with database_connection():
        return chats.recent(actor, limit=50)


def unread(actor: Actor) -> int:
    """Unread messages of a user over all chats."""
    with database_connection():
        return chats.unread_counts([actor.id])[actor.id]


@pytest.mark.parametrize("apart", [0, 1, 170])
def test_larger_chats_are_in_their_place(crowd: Crowd, core: Database, apart: float) -> None:
    crowd.writes(60, apart)
    crowd.change("UPDATE chat_members SET is_archived = true WHERE mod(chat_id, 7) = 1")
    add_larger_chats(core, 40, members=3, seconds_apart=1.5 * apart)
    expected = crowd.expected(f"NOT {ARCHIVED}", f"pinned_at DESC NULLS LAST, {ACTIVE}")
    assert len([id for id in expected if id > 1_000_000]) > 30
    for limit in (1, 7, 20, 500):
        assert ids(pages(crowd, limit)) == expected, limit


def test_numbered_pages_show_larger_chats_as_pinned_and_archived(crowd: Crowd, core: Database) -> None:
    crowd.writes(50, 40)
    crowd.change("UPDATE chat_members SET pinned_at = to_timestamp(chat_id) WHERE mod(chat_id, 9) = 0")
    crowd.change("UPDATE chat_members SET is_archived = true WHERE mod(chat_id, 8) = 0")
    add_larger_chats(core, 40, members=3)
    for archived in (False, True):
        expected = crowd.expected(f"{ARCHIVED} = {archived}", f"pinned_at DESC NULLS LAST, {ACTIVE}")
        with database_connection():
            found = [
                chats.page(crowd.actor, archived=archived, search=None, page=page, limit=6) for page in range(1, 20)
            ]
        assert [id for page in found for id in ids(page)] == expected
        assert {chat.is_archived for page in found for chat in page} == {archived}


def test_unread_messages_of_all_chats_are_counted(crowd: Crowd, core: Database) -> None:
    crowd.writes(50, 40)
    add_larger_chats(core, 40, members=3)
    of_larger = sum(3 - chat_id % 4 for chat_id in range(1_000_001, 1_000_041))
    with database_connection(), QueryCounter() as asked:
        assert chats.unread_counts([crowd.actor.id, crowd.actor.id + 1]) == {
            crowd.actor.id: 50 * 2 + of_larger,
            crowd.actor.id + 1: of_larger,
        }
    assert len(asked.queries) == 1


def test_partners_are_those_of_chats_of_two(crowd: Crowd, core: Database) -> None:
    crowd.writes(1100, 40)
    add_larger_chats(core, 40, members=1000)
    with database_connection():
        found = chats.partners(crowd.actor.id)
    assert len(found) == chats.PARTNERS_LIMIT
    newest = crowd.expected("pair_key IS NOT NULL", ACTIVE)[: chats.PARTNERS_LIMIT]
    others = core.rows("SELECT buyer_id FROM chats WHERE id = ANY(%s)", newest)
    assert {id for id, _ in found} == {id for (id,) in others}


def test_a_message_writes_five_rows_whatever_the_members(chat_id: int, actors: list[Actor], core: Database) -> None:
    for sender in actors:
        sending.send_message(sender, chat_id, "hi")
    written = {table: core.rows(sql)[0][0] for table, sql in WRITTEN.items()}
    # Carol had not read the messages before hers, which her read mark records.
    expected = {"chats": 1, "chat_members": 1, "messages": 1, "client_keys": 1, "outbox": 1, "read_marks": 1}
    assert written == {**expected, "message_changes": 0}
    sending.send_message(actors[2], chat_id, "again")
    written = {table: core.rows(sql)[0][0] for table, sql in WRITTEN.items()}
    assert written == {**expected, "read_marks": 0, "message_changes": 0}


def test_each_member_has_a_read_pointer(chat_id: int, actors: list[Actor], core: Database) -> None:
    alice, bob, carol = actors
    sent = [sending.send_message(alice, chat_id, str(number)) for number in range(3)]
    assert [unread(actor) for actor in actors] == [0, 3, 3]
    assert reading.mark_read(bob, chat_id, [sent[1].id]) == 2
    assert reading.mark_read(bob, chat_id, [sent[0].id]) == 0
    assert [unread(actor) for actor in actors] == [0, 1, 3]
    assert [only(listed(actor), chat_id).unread_count for actor in actors] == [0, 1, 3]
    assert reading.mark_read(carol, chat_id) == 3
    sending.send_message(bob, chat_id, "an answer")
    assert [unread(actor) for actor in actors] == [1, 0, 1]
    assert core.rows("SELECT count(*) FROM chat_members WHERE has_unread") == [(0,)]


def test_reading_waits_for_no_lock_of_the_chat(chat_id: int, actors: list[Actor], core: Database) -> None:
    alice, bob, _ = actors
    sent = sending.send_message(alice, chat_id, "hi")
    stamp = "SELECT changed_in FROM chats WHERE id = %s"
    before = core.rows(stamp, chat_id)
    with core.holding("SELECT FROM chats WHERE id = %s FOR NO KEY UPDATE", chat_id):
        assert reading.mark_read(bob, chat_id, [sent.id]) == 1
    assert core.rows(stamp, chat_id) == before, "a catch-up of the others need not look at the chat"


def test_a_pointer_does_not_go_back_when_two_devices_read_at_once(
    chat_id: int, actors: list[Actor], core: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    alice, bob, _ = actors
    sent = [sending.send_message(alice, chat_id, str(number)) for number in range(2)]
    newest_of = reading._newest_of

    def overtaken(chat_id: int, message_ids: list[int]) -> tuple[int, int]:
        core.change("UPDATE chat_members SET last_read_seq = 2 WHERE user_id = %s", bob.id)  # by the other device
        return newest_of(chat_id, message_ids)

    monkeypatch.setattr(reading, "_newest_of", overtaken)
    assert reading.mark_read(bob, chat_id, [sent[0].id]) == 0
    assert core.rows("SELECT last_read_seq FROM chat_members WHERE user_id = %s", bob.id) == [(2,)]
    assert core.rows("SELECT count(*) FROM read_marks WHERE user_id = %s", bob.id) == [(0,)]


def test_archived_until_the_next_message_for_each_member(chat_id: int, actors: list[Actor]) -> None:
    alice, bob, carol = actors
    sending.send_message(alice, chat_id, "hi")
    chat_settings.set_archived(bob, chat_id, True)
    assert [chat_id in ids(listed(actor)) for actor in actors] == [True, False, True]
    with database_connection():
        archived = chats.page(bob, archived=True, search=None, page=1, limit=5)
        assert only(archived, chat_id).is_archived
    chat_settings.set_archived(bob, chat_id, False)
    assert chat_id in ids(listed(bob))
    for archiving in (bob, carol):
        chat_settings.set_archived(archiving, chat_id, True)
    sending.send_message(bob, chat_id, "back for all")
    for actor in actors:
        assert not only(listed(actor), chat_id).is_archived
        with database_connection():
            assert chats.page(actor, archived=True, search=None, page=1, limit=5) == []


def test_the_newest_message_moves_the_chat_up_for_all(chat_id: int, actors: list[Actor], core: Database) -> None:
    alice, bob, carol = actors
    pair = chat_actions.find_or_create_chat(bob, other_id=carol.id)
    other = make_larger_chat(core, [actor.id for actor in actors])
    for sender, target in ((alice, chat_id), (bob, pair), (alice, other)):
        sending.send_message(sender, target, "hi")
    for actor in (bob, carol):
        assert ids(listed(actor)) == [other, pair, chat_id]
    sending.send_message(carol, chat_id, "up")
    assert [ids(listed(actor)) for actor in actors] == [
        [chat_id, other],
        [chat_id, other, pair],
        [chat_id, other, pair],
    ]


def test_a_block_of_two_members_does_not_concern_the_chat(chat_id: int, actors: list[Actor], core: Database) -> None:
    alice, bob, carol = actors
    block(bob, alice.username)
    sending.send_message(alice, chat_id, "hi")
    sending.send_message(bob, chat_id, "hi")
    assert unread(carol) == 2
    assert core.rows("SELECT blocked FROM chats WHERE id = %s", chat_id) == [(False,)]
    assert core.rows("SELECT count(*) FROM chat_members WHERE receipts_to IS NOT NULL") == [(0,)]


def test_a_catch_up_has_what_happened_and_ones_own_reading(chat_id: int, actors: list[Actor]) -> None:
    alice, bob, carol = actors
    first = sending.send_message(alice, chat_id, "first")
    with database_connection():
        # Transactions of other tests make a catch-up repeat what was committed after their start.
        await_true(lambda: not catchup.page(bob, catchup.cursor_of_now(bob.id), limit=50).messages)
        cursors = {actor.id: catchup.cursor_of_now(actor.id) for actor in actors}
    editing.edit_message(alice, first.id, "edited")
    second = sending.send_message(carol, chat_id, "second")
    reading.mark_read(bob, chat_id, [second.id])
    with database_connection():
        page = catchup.page(bob, cursors[bob.id], limit=50)
        assert [message.content for message in page.messages] == ["second"]
        edited, read = page.changes
        assert isinstance(edited, MessageEdited) and edited.message.content == "edited"
        assert isinstance(read, ChatRead) and (read.reader_id, read.up_to_seq) == (bob.id, 2)
        of_alice = catchup.page(alice, cursors[alice.id], limit=50)
        assert [change for change in of_alice.changes if isinstance(change, ChatRead)] == []


ASKED: dict[str, Callable[[Actor, list[int]], object]] = {
    "first page": lambda actor, chat_ids: chats.recent(actor, limit=21),
    "numbered page": lambda actor, chat_ids: chats.page(actor, archived=False, search=None, page=1, limit=20),
    "named": lambda actor, chat_ids: chats.by_ids(actor, chat_ids[:20]),
    "unread": lambda actor, chat_ids: chats.unread_counts([actor.id]),
    "catch-up": lambda actor, chat_ids: catchup.page(actor, catchup.cursor_of_now(actor.id), limit=50),
    "reads": lambda actor, chat_ids: catchup_extras.reads(actor.id, chat_ids[:50], 0),
}


def test_no_query_reads_all_members(crowd: Crowd, core: Database) -> None:
    crowd.writes(100, 40)
    add_larger_chats(core, 300, members=MEMBERS)
    core.change("ANALYZE")
    chat_ids = list(range(1_000_001, 1_000_301))
    for name, ask in ASKED.items():
        with database_connection():
            with QueryCounter() as asked:
                ask(crowd.actor, chat_ids)
            # All 300 chats and memberships, what is on the page, and the chats of two next to it.
            assert rows_read(asked) < 1500, name


def test_search_finds_groups_by_their_titles(chat_id: int, actors: list[Actor], core: Database) -> None:
    core.change("UPDATE chats SET title = 'Bicycle tour' WHERE id = %s", chat_id)
    with database_connection():
        found = {
            search: ids(chats.page(actors[1], archived=False, search=search, page=1, limit=5))
            for search in ("bicy", "TOUR", "boat")
        }
    assert found == {"bicy": [chat_id], "TOUR": [chat_id], "boat": []}
