"""One transaction stores a batch of messages: what each draft of it becomes."""

from __future__ import annotations

import itertools
from collections.abc import Callable

import pytest
from peewee import IntegrityError

from chatapp.actions import editing, group_commit, one_trip
from chatapp.actions.assistant.sessions import end_session, open_session, store
from chatapp.actions.blocking import block
from chatapp.actions.chats import Target, find_or_create_chat
from chatapp.actions.group_commit import CONTENDED
from chatapp.auth.actor import Actor
from chatapp.events.encoding import from_json
from chatapp.events.snapshots import MessageSnapshot
from chatapp.events.types import MessageSent
from tests.actions.drafts import Commit, described, draft
from tests.database import Database
from tests.query_counter import QueryCounter

Committed = Callable[..., list[tuple[str, int] | str]]


@pytest.fixture(params=[group_commit.commit, one_trip.commit], ids=["two trips", "one trip"])
def commit(request: pytest.FixtureRequest) -> Commit:
    """Stores a batch; both ways have the same outcomes."""
    function: Commit = request.param
    return function


@pytest.fixture
def committed(commit: Commit) -> Committed:
    """Stores drafts as a batch; returns what became of each."""
    return lambda *drafts: [described(outcome) for outcome in commit(list(drafts))]


@pytest.fixture
def other_chat(actors: list[Actor]) -> int:
    """A chat of the first and the third actor."""
    return find_or_create_chat(actors[0], other_id=actors[2].id)


def test_each_chat_numbers_its_drafts_in_their_order(
    core: Database, actors: list[Actor], chat_id: int, other_chat: int, committed: Committed
) -> None:
    alice, bob, carol = actors
    batch = [
        draft(alice, chat_id, "one"),
        draft(carol, other_chat, "un"),
        draft(bob, chat_id, "two"),
        draft(alice, other_chat, "deux"),
        draft(alice, chat_id, "three"),
    ]
    expected = [("one", 1), ("un", 1), ("two", 2), ("deux", 2), ("three", 3)]
    assert committed(*batch) == expected
    assert committed(draft(bob, chat_id, "four")) == [("four", 4)]
    rows = core.rows("SELECT seq, version, content FROM messages WHERE chat_id = %s ORDER BY id", chat_id)
    assert rows == [(1, 1, "one"), (2, 2, "two"), (3, 3, "three"), (4, 4, "four")], "ids have the order of seq"
    assert core.rows("SELECT last_seq, last_version, last_message_text FROM chats WHERE id = %s", chat_id) == [
        (4, 4, "four")
    ]
    ((events,), _) = core.rows("SELECT events FROM outbox ORDER BY id")
    contents = [event.message.content for event in from_json(events) if isinstance(event, MessageSent)]
    assert contents == [content for content, _ in expected], "one outbox row for the batch"


@pytest.mark.parametrize("size", [1, 100])
def test_a_batch_of_any_size_takes_two_round_trips(
    core: Database, actors: list[Actor], chat_id: int, other_chat: int, size: int
) -> None:
    group_commit.commit([draft(actors[0], chat_id)])  # prepares the statements
    chats = itertools.cycle([chat_id, other_chat])
    batch = [draft(actors[0], next(chats), str(number)) for number in range(size)]
    with QueryCounter() as counter:
        group_commit.commit(batch)
    assert len(counter.queries) == 2, counter.queries


def test_refused_drafts_take_no_number(
    core: Database, actors: list[Actor], chat_id: int, other_chat: int, committed: Committed
) -> None:
    alice, bob, carol = actors
    block(carol, alice.username)
    missing = 1 << 40
    assert committed(
        draft(alice, chat_id, "one"),
        draft(carol, chat_id),
        draft(alice, missing),
        draft(alice, other_chat),
        draft(alice, chat_id, target=Target(chat_id, other_id=carol.id)),
        draft(alice, chat_id, target=Target(chat_id, listing_id=7)),
        draft(alice, chat_id, attachment_ids=(missing,)),
        draft(bob, chat_id, "two"),
    ) == [
        ("one", 1),
        "chat_not_found",
        "chat_not_found",
        "blocked",
        "receiver_not_in_chat",
        "contradictory_targets",
        "attachment_not_found",
        ("two", 2),
    ]
    assert core.rows("SELECT count(*), max(seq) FROM messages") == [(2, 2)]
    assert core.rows("SELECT count(*) FROM client_keys") == [(2,)], "a refused draft can be repeated"


def test_a_session_that_ended_takes_no_further_question(core: Database, committed: Committed) -> None:
    visit = store(open_session(None, language="en"), language="en")
    assert committed(draft(visit.actor, visit.chat_id, "before")) == [("before", 1)]
    end_session(visit)
    assert committed(draft(visit.actor, visit.chat_id, "after")) == ["session_ended"]


def test_a_locked_chat_is_skipped(
    core: Database, actors: list[Actor], chat_id: int, other_chat: int, commit: Commit, committed: Committed
) -> None:
    alice, _, carol = actors
    with core.holding("SELECT 1 FROM chats WHERE id = %s FOR NO KEY UPDATE", chat_id):
        outcomes = commit([draft(alice, chat_id), draft(carol, other_chat, "un"), draft(alice, chat_id)])
        assert outcomes[0] is outcomes[2] is CONTENDED
        assert described(outcomes[1]) == ("un", 1)
    assert committed(draft(alice, chat_id)) == [("hi", 1)]


def test_a_key_in_one_batch_is_one_message(
    core: Database, actors: list[Actor], chat_id: int, other_chat: int, commit: Commit
) -> None:
    alice, bob, _ = actors
    first, again, others, changed, elsewhere = commit(
        [
            draft(alice, chat_id, "hi", key="k"),
            draft(alice, chat_id, "hi", key="k"),
            draft(bob, chat_id, "hi", key="k"),
            draft(alice, chat_id, "another", key="k"),
            draft(alice, other_chat, "elsewhere", key="k"),
        ]
    )
    assert isinstance(first, MessageSnapshot)
    assert again == first
    assert described(others) == ("hi", 2), "keys of different senders are independent"
    assert [described(changed), described(elsewhere)] == ["client_key_reused"] * 2
    assert core.rows("SELECT count(*) FROM messages") == [(2,)]


def test_a_key_of_an_earlier_batch_returns_the_current_state(
    core: Database, actors: list[Actor], chat_id: int, commit: Commit, committed: Committed
) -> None:
    alice, bob, _ = actors
    (sent,) = commit([draft(alice, chat_id, "hi", key="k")])
    assert isinstance(sent, MessageSnapshot)
    editing.edit_message(alice, sent.id, "edited")
    block(bob, alice.username)
    repeated = [draft(alice, chat_id, "hi", key="k") for _ in range(2)]
    new = draft(alice, chat_id, "new", key="n")
    assert committed(*repeated, new) == [("edited", 1), ("edited", 1), "blocked"], "also behind a block"
    assert committed(draft(alice, chat_id, "other", key="k")) == ["client_key_reused"]
    core.change("DELETE FROM messages WHERE id = %s", sent.id)
    assert committed(draft(alice, chat_id, "hi", key="k")) == ["message_not_found"], "its partition was dropped"


def test_a_failed_batch_stores_nothing(core: Database, actors: list[Actor], chat_id: int, committed: Committed) -> None:
    core.change("ALTER TABLE messages ADD CONSTRAINT poison CHECK (content <> 'poison')")
    before = core.counts()
    with pytest.raises(IntegrityError):
        committed(draft(actors[0], chat_id, "one"), draft(actors[0], chat_id, "poison"))
    assert core.counts() == before
    assert core.rows("SELECT count(*) FROM outbox") == [(0,)]
    assert committed(draft(actors[0], chat_id, "one")) == [("one", 1)], "the connection was rolled back"


def test_a_file_is_sent_by_its_uploader_and_once(
    core: Database, actors: list[Actor], chat_id: int, committed: Committed
) -> None:
    alice, bob, _ = actors
    core.change("INSERT INTO objects (name, size, state, writable_until) VALUES ('file', 1, 'stored', now())")
    core.change(
        "INSERT INTO attachments (uploader_id, file_type, file_name, file_size, content_type, object_name, state,"
        " expires_at) VALUES (%s, 'document', 'a.pdf', 1, 'application/pdf', 'file', 'ready', now() + interval '1 h')",
        alice.id,
    )
    ((file_id,),) = core.rows("SELECT id FROM attachments")
    assert committed(
        draft(bob, chat_id, attachment_ids=(file_id,)),
        draft(alice, chat_id, "first", attachment_ids=(file_id,)),
        draft(alice, chat_id, "second", attachment_ids=(file_id,)),
    ) == ["attachment_not_found", ("first", 1), "attachment_not_found"]
    assert core.rows(
        "SELECT seq, attachments_count FROM messages JOIN attachments a ON a.message_id = messages.id"
    ) == [(1, 1)]


def test_senders_have_read_up_to_their_own_message(
    core: Database, actors: list[Actor], chat_id: int, committed: Committed
) -> None:
    alice, bob, _ = actors
    committed(draft(alice, chat_id), draft(alice, chat_id), draft(bob, chat_id), draft(alice, chat_id))
    members = "SELECT last_read_seq, has_unread FROM chat_members WHERE chat_id = %s ORDER BY user_id"
    assert core.rows(members, chat_id) == [(4, True), (3, True)]
    marks = core.rows("SELECT user_id, up_to_seq FROM read_marks WHERE chat_id = %s ORDER BY up_to_seq", chat_id)
    assert marks == [(bob.id, 3), (alice.id, 4)], "one where others' messages became read"
