"""The files of a forwarded message are shared: no bytes are copied, and they stay until the last reference goes."""

from __future__ import annotations

from dataclasses import replace

import pytest

from chatapp.actions import editing, removal
from chatapp.actions.attachments import sharing
from chatapp.actions.chats import find_or_create_chat
from chatapp.actions.erasure.requests import erase_person
from chatapp.actions.forwarding import forward_message
from chatapp.errors import NotFound
from chatapp.events.snapshots import MessageSnapshot
from chatapp.infra.postgres import database_connection, db
from chatapp.queries import messages
from tests.actions.attachments.conftest import Storage
from tests.files.corpus import JPEG, PDF


@pytest.fixture
def message(storage: Storage) -> MessageSnapshot:
    """A message with two files."""
    return storage.sends(ids=storage.uploads(JPEG, PDF))


@pytest.fixture
def other_chat(storage: Storage) -> int:
    """Another chat of alice."""
    return find_or_create_chat(storage.actors[0], other_id=storage.actors[2].id)


def forward(storage: Storage, message: MessageSnapshot, *chat_ids: int) -> list[MessageSnapshot]:
    """Alice forwards it."""
    return forward_message(storage.actors[0], message.id, chat_ids)


def test_copies_refer_to_the_same_objects(storage: Storage, message: MessageSnapshot, other_chat: int) -> None:
    before = storage.names()
    copies = forward(storage, message, other_chat, storage.chat_id)
    assert storage.names() == before == storage.rows()
    for copy in copies:
        assert copy.attachments_count == 2
        for file, source in zip(copy.attachments, message.attachments, strict=True):
            assert file == replace(source, id=file.id, message_id=copy.id, chat_id=copy.chat_id)
    ids = [file.id for each in (message, *copies) for file in each.attachments]
    assert len(set(ids)) == 6
    with database_connection():
        stored = {each.id: each for each in messages.snapshots_by_id([copy.id for copy in copies])}
    assert [stored[copy.id].attachments for copy in copies] == [copy.attachments for copy in copies]


def test_bytes_stay_until_the_last_copy_goes(storage: Storage, message: MessageSnapshot, other_chat: int) -> None:
    alice = storage.actors[0]
    before = storage.names()
    copy, back = forward(storage, message, other_chat, storage.chat_id)
    editing.delete_message(alice, message.id)
    storage.clean_up_later()
    assert storage.names() == before
    removal.delete_chat(alice, other_chat)
    storage.clean_up_later()
    assert storage.names() == before
    assert copy.id != back.id
    editing.delete_message(alice, back.id)
    assert storage.is_empty()


def test_the_copy_belongs_to_who_forwarded_it(storage: Storage, message: MessageSnapshot, other_chat: int) -> None:
    bob = storage.actors[1]
    theirs = find_or_create_chat(bob, other_id=storage.actors[2].id)
    (copy,) = forward_message(bob, message.id, [theirs])
    assert {file.uploader_id for file in copy.attachments} == {bob.id}
    erase_person(storage.actors[0].id)
    with database_connection():
        (kept,) = messages.snapshots_by_id([copy.id])
    assert (kept.content, kept.attachments) == (copy.content, ()), "files of an erased user go from copies, too"


def test_a_file_that_goes_meanwhile_refuses_the_forward(
    storage: Storage, message: MessageSnapshot, other_chat: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It goes after the message was read and before its chat is locked."""
    removed = message.attachments[1].id
    read = messages.snapshots_by_id

    def read_then_remove(ids: list[int], viewer_id: int | None = None) -> list[object]:
        found = read(ids, viewer_id)
        storage.database.change("DELETE FROM attachments WHERE id = %s", removed)
        return list(found)

    monkeypatch.setattr(messages, "snapshots_by_id", read_then_remove)
    with pytest.raises(NotFound, match="attachment_not_found"):
        forward(storage, message, other_chat)
    assert storage.database.rows("SELECT count(*) FROM messages WHERE chat_id = %s", other_chat) == [(0,)]


def test_who_removes_a_file_waits_for_who_shares_it(storage: Storage, message: MessageSnapshot) -> None:
    """So the last reference is never gone while another is being written."""
    names = sorted(name for file in message.attachments for name in (file.object_name, file.thumbnail_name) if name)
    shares = [sharing.Share(0, storage.actors[0].id, file.id) for file in message.attachments]
    with database_connection(), db.atomic():
        assert len(sharing.copies(shares)[0]) == 2
        for table, key, keys in (("attachments", "id", [file.id for file in message.attachments]),
                                 ("objects", "name", names)):  # fmt: skip
            free = f"SELECT count(*) FROM (SELECT 1 FROM {table} WHERE {key} = ANY(%s) FOR UPDATE SKIP LOCKED) free"
            assert storage.database.rows(free, keys) == [(0,)], table
            shared = f"SELECT count(*) FROM (SELECT 1 FROM {table} WHERE {key} = ANY(%s) FOR KEY SHARE NOWAIT) shared"
            assert storage.database.rows(shared, keys) == [(len(keys),)], "others may share them, too"


def test_nothing_is_locked_for_nothing(storage: Storage) -> None:
    assert sharing.copies([]) == {}
