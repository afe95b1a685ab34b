"""Stars and hidden messages belong to one user: nothing changes for the others."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from chatapp.access import access_attachment, access_chat, access_message, access_own_message
from chatapp.actions import editing, marks, reactions, reading, removal, sending
from chatapp.auth.actor import Actor
from chatapp.errors import Conflict, NotFound
from chatapp.events import encoding
from chatapp.events.marks import MessageHidden, MessageStarred, ReactionChanged
from chatapp.events.types import Event
from chatapp.infra.postgres import database_connection
from chatapp.queries import attachments, catchup, chats, hidden_messages, messages
from chatapp.queries import marks as mark_queries
from chatapp.queries.pages import read_page
from tests.database import Database
from tests.flows.members.larger_chats import make_larger_chat


def published(core: Database, after: int = 0) -> list[Event]:
    """The events of the outbox, oldest first."""
    rows = core.rows("SELECT events FROM outbox ORDER BY id")
    return [event for (text,) in rows for event in encoding.from_json(text)][after:]


def history(actor: Actor, chat_id: int) -> list[str]:
    """The texts that a member reads, oldest first, by each kind of page."""
    with database_connection():
        membership = access_chat(actor, chat_id)
        texts = [message.content for message in reversed(read_page(membership, limit=50).messages)]
        numbered = read_page(membership, page=1, limit=50)
        forward = read_page(membership, limit=50, after_id=1)
    assert [message.content for message in reversed(numbered.messages)] == texts
    assert [message.content for message in reversed(forward.messages)] == texts
    assert numbered.total == len(texts)
    return texts


def starred(actor: Actor, **options: int) -> list[str]:
    """The texts of a user's starred messages."""
    with database_connection():
        found, _ = mark_queries.starred(actor, limit=50, **options)
    return [message.content for message in found]


def unread(actor: Actor, chat_id: int) -> int:
    """The unread messages of a chat, which the list and the count over all chats agree on."""
    with database_connection():
        (summary,) = chats.by_ids(actor, [chat_id])
        assert chats.unread_counts([actor.id]) == {actor.id: summary.unread_count}
    return summary.unread_count


def test_starring_twice_is_once_and_events_go_to_oneself(core: Database, actors: list[Actor], chat_id: int) -> None:
    alice, bob, _ = actors
    first, second = (sending.send_message(alice, chat_id, text) for text in ("first", "second"))
    before = len(published(core))
    for _ in range(2):
        marks.star(bob, first.id)
    marks.star(bob, second.id)
    assert starred(bob) == ["second", "first"]
    assert starred(bob, before_id=second.id) == ["first"]
    assert starred(alice) == []
    for _ in range(2):
        marks.unstar(bob, first.id)
    assert starred(bob) == ["second"]
    marks.star(bob, first.id)
    events = published(core, before)
    assert all(isinstance(event, MessageStarred) and event.recipients == (bob.id,) for event in events)
    seen = [(event.message_id, event.is_starred) for event in events if isinstance(event, MessageStarred)]
    assert seen == [(first.id, True), (second.id, True), (first.id, False), (first.id, True)]
    times = [event.changed_at for event in events if isinstance(event, MessageStarred)]
    assert times[0] < times[2] < times[3]


def test_pages_of_starred_messages(actors: list[Actor], chat_id: int) -> None:
    sent = [sending.send_message(actors[0], chat_id, str(number)) for number in range(3)]
    for message in sent:
        marks.star(actors[1], message.id)
    with database_connection():
        found, has_more = mark_queries.starred(actors[1], limit=2)
        rest, ends = mark_queries.starred(actors[1], limit=2, before_id=found[-1].id)
    assert ([message.content for message in (*found, *rest)], has_more, ends) == (["2", "1", "0"], True, False)


@pytest.mark.parametrize("act", [marks.star, marks.unstar, marks.hide])
def test_messages_of_others_do_not_exist(actors: list[Actor], chat_id: int, act: Callable[[Actor, int], None]) -> None:
    message = sending.send_message(actors[0], chat_id, "secret")
    with pytest.raises(NotFound):
        act(actors[2], message.id)


def test_a_deleted_message_has_no_star(actors: list[Actor], chat_id: int) -> None:
    alice, bob, _ = actors
    message = sending.send_message(alice, chat_id, "soon gone")
    marks.star(bob, message.id)
    editing.delete_message(alice, message.id)
    assert starred(bob) == []
    with pytest.raises(Conflict, match="message_deleted"):
        marks.star(alice, message.id)


def test_a_hidden_message_is_gone_for_one_user_alone(core: Database, actors: list[Actor], chat_id: int) -> None:
    alice, bob, _ = actors
    sent = [sending.send_message(alice, chat_id, text) for text in ("one", "two https://example.com", "three")]
    marks.star(bob, sent[1].id)
    before = len(published(core))
    for _ in range(2):
        marks.hide(bob, sent[1].id)
    (event,) = published(core, before)
    assert event == MessageHidden((bob.id,), chat_id=chat_id, message_id=sent[1].id, seq=2)
    assert history(bob, chat_id) == ["one", "three"]
    assert len(history(alice, chat_id)) == 3
    assert starred(bob) == []
    with database_connection():
        assert messages.with_links(access_chat(bob, chat_id), limit=10) == ([], False)
        assert len(messages.with_links(access_chat(alice, chat_id), limit=10)[0]) == 1
        page = read_page(access_chat(bob, chat_id), limit=50)
        for access in (access_message, access_own_message):
            with pytest.raises(NotFound):
                access(bob, sent[1].id)
        assert access_message(bob, sent[1].id, with_own_hidden=True)[0].id == sent[1].id
    assert [tuple(versions) for versions in page.hidden] == [(2, 2)]
    with pytest.raises(NotFound):
        reactions.add_reaction(bob, sent[1].id, "👍")


def test_one_s_own_hidden_message_is_out_of_reach(actors: list[Actor], chat_id: int) -> None:
    alice, bob, _ = actors
    message = sending.send_message(alice, chat_id, "mine")
    marks.hide(alice, message.id)
    with pytest.raises(NotFound):
        editing.edit_message(alice, message.id, "better")
    with pytest.raises(NotFound):
        editing.delete_message(alice, message.id)
    assert history(bob, chat_id) == ["mine"]


def test_hidden_messages_do_not_count_as_unread(actors: list[Actor], chat_id: int) -> None:
    alice, bob, _ = actors
    sent = [sending.send_message(alice, chat_id, str(number)) for number in range(4)]
    assert unread(bob, chat_id) == 4
    marks.hide(bob, sent[1].id)
    marks.hide(bob, sent[3].id)
    assert unread(bob, chat_id) == 2
    with database_connection():
        assert hidden_messages.unread_of_members([(bob.id, chat_id)]) == {(bob.id, chat_id): 2}
    assert reading.mark_read(bob, chat_id, [sent[2].id]) == 2
    assert unread(bob, chat_id) == 0
    assert reading.mark_read(bob, chat_id) == 0


def test_lists_show_the_newest_message_that_is_left(actors: list[Actor], chat_id: int) -> None:
    alice, bob, _ = actors
    first, second = (sending.send_message(alice, chat_id, text) for text in ("first", "second"))
    reading.mark_read(bob, chat_id, [first.id])
    for actor in (alice, bob):
        marks.hide(actor, second.id)
        with database_connection():
            (summary,) = chats.by_ids(actor, [chat_id])
        assert (summary.last_message_id, summary.last_message_text) == (first.id, "first")
        assert summary.last_message_is_read
        assert summary.shown_message_at != summary.last_message_at
    marks.hide(bob, first.id)
    with database_connection():
        (summary,) = chats.by_ids(bob, [chat_id])
    assert (summary.last_message_id, summary.last_message_text, summary.unread_count) == (0, "", 0)


def test_the_same_in_a_larger_chat(core: Database, actors: list[Actor]) -> None:
    alice, bob, carol = actors
    chat_id = make_larger_chat(core, [actor.id for actor in actors])
    sent = [sending.send_message(alice, chat_id, text) for text in ("one", "two")]
    marks.hide(bob, sent[1].id)
    assert (history(bob, chat_id), unread(bob, chat_id)) == (["one"], 1)
    assert (history(carol, chat_id), unread(carol, chat_id)) == (["one", "two"], 2)


def test_files_of_hidden_messages(core: Database, actors: list[Actor], chat_id: int) -> None:
    alice, bob, _ = actors
    message = sending.send_message(alice, chat_id, "look")
    core.change("INSERT INTO objects (name, size, state, writable_until) VALUES ('file', 1, 'stored', now())")
    core.change(
        "INSERT INTO attachments (id, message_id, chat_id, uploader_id, file_name, file_size, object_name, state,"
        " file_type, content_type) VALUES (5, %s, %s, %s, 'a', 1, 'file', 'ready', 'document', 'text/plain')",
        message.id,
        chat_id,
        alice.id,
    )
    marks.hide(bob, message.id)
    for actor, count in ((alice, 1), (bob, 0)):
        with database_connection():
            found, _ = attachments.shared(access_chat(actor, chat_id), "files", limit=5)
        assert len(found) == count
    with database_connection():
        assert access_attachment(alice, 5).id == 5
        with pytest.raises(NotFound):
            access_attachment(bob, 5)


def test_later_changes_of_a_hidden_message_say_from_whom(core: Database, actors: list[Actor], chat_id: int) -> None:
    alice, bob, _ = actors
    message = sending.send_message(alice, chat_id, "react to this")
    with database_connection():
        cursor = catchup.cursor_of_now(bob.id)
    marks.hide(bob, message.id)
    reactions.add_reaction(alice, message.id, "👍")
    editing.edit_message(alice, message.id, "better")
    changed = [event for event in published(core) if isinstance(event, ReactionChanged)]
    assert [event.hidden_from for event in changed] == [(bob.id,)]
    with database_connection():
        page = catchup.page(bob, cursor, limit=100)
    assert page.messages == []
    assert {event.kind for event in page.changes} == {"chat_advanced", "message_hidden"}
    assert page.chat_ids == [chat_id]


def test_marks_are_caught_up_in_pages(core: Database, actors: list[Actor], chat_id: int) -> None:
    alice, bob, _ = actors
    sent = [sending.send_message(alice, chat_id, str(number)) for number in range(5)]
    with database_connection():
        cursor = catchup.cursor_of_now(bob.id)
    for message in sent:
        marks.star(bob, message.id)
    marks.unstar(bob, sent[0].id)
    found, has_more = [], True
    while has_more:
        with database_connection():
            page = catchup.page(bob, cursor, limit=2)
        assert len(page.messages) + sum(event.kind == "message_starred" for event in page.changes) <= 2
        found += [event for event in page.changes if isinstance(event, MessageStarred)]
        cursor, has_more = page.cursor, page.has_more
    assert {(event.message_id, event.is_starred) for event in found} == {
        (message.id, message is not sent[0]) for message in sent
    }
    with database_connection():
        one_chat = catchup.page(bob, catchup.cursor_of_now(bob.id), limit=2, chat_id=chat_id + 1)
    assert one_chat.changes == []


def test_marks_go_with_their_chat(core: Database, actors: list[Actor], chat_id: int) -> None:
    marks.star(actors[0], sending.send_message(actors[0], chat_id, "x").id)
    removal.delete_chat(actors[0], chat_id)
    assert core.rows("SELECT count(*) FROM message_marks") == [(0,)]
