"""Files are read in their current state: in pages, catch-ups, gaps, and the gallery of a chat."""

from __future__ import annotations

from typing import Literal

import pytest

from chatapp.access import access_chat
from chatapp.actions import editing
from chatapp.actions.attachments import uploading
from chatapp.events.types import AttachmentsUpdated, MessageSent
from chatapp.infra.postgres import database_connection
from chatapp.queries import attachments as attachment_queries
from chatapp.queries import catchup, live, pages
from chatapp.queries import messages as message_queries
from tests.actions.attachments.conftest import Storage, settled_cursor
from tests.files.corpus import JPEG, PDF
from tests.query_counter import QueryCounter


def shared(storage: Storage, kind: Literal["media", "files"], limit: int = 100) -> list[int]:
    """Ids of everything that Bob finds shared, page by page."""
    ids: list[int] = []
    before = None
    while True:
        with database_connection():
            membership = access_chat(storage.actors[1], storage.chat_id)
            found, has_more = attachment_queries.shared(membership, kind, limit=limit, before=before)
        ids += [file.attachment.id for file in found]
        assert all(file.sender.id == file.attachment.uploader_id for file in found)
        if not has_more:
            return ids
        last = found[-1].attachment
        assert last.message_id is not None
        before = last.message_id, last.id


@pytest.mark.parametrize("limit", [1, 2, 100])
def test_what_was_shared_newest_first(storage: Storage, limit: int) -> None:
    sent = storage.sends("", storage.uploads(JPEG, PDF, JPEG))
    later = storage.sends()
    more = storage.adds(later, PDF, JPEG)
    first, page, second = (file.id for file in sent.attachments)
    assert shared(storage, "media", limit) == [more[1].id, second, first]
    assert shared(storage, "files", limit) == [more[0].id, page]
    uploading.delete_attachment(storage.actors[0], second)
    assert shared(storage, "media", limit) == [more[1].id, first]
    editing.delete_message(storage.actors[0], later.id)
    assert shared(storage, "media", limit) == [first]
    storage.database.change("UPDATE chat_members SET cleared_seq = 1")
    assert shared(storage, "media", limit) == shared(storage, "files", limit) == []


def test_a_cursor_outlives_its_file(storage: Storage) -> None:
    sent = storage.sends("", storage.uploads(JPEG, JPEG, JPEG))
    ids = [file.id for file in sent.attachments]
    uploading.delete_attachment(storage.actors[0], ids[1])
    with database_connection():
        membership = access_chat(storage.actors[1], storage.chat_id)
        found, has_more = attachment_queries.shared(membership, "media", limit=5, before=(sent.id, ids[1]))
    assert ([file.attachment.id for file in found], has_more) == ([ids[0]], False)


def test_after_an_absence_and_in_a_gap(storage: Storage) -> None:
    bob = storage.actors[1]
    message = storage.sends()
    cursor = settled_cursor(bob)
    kept, gone = storage.adds(message, PDF, JPEG)
    uploading.delete_attachment(storage.actors[0], gone.id)
    sent = storage.sends("", storage.uploads(PDF))
    with database_connection():
        page = catchup.page(bob, cursor, limit=10)
    assert [found.attachments for found in page.messages] == [sent.attachments]
    published = [change for change in page.changes if isinstance(change, AttachmentsUpdated)]
    assert [(change.version, change.message.attachments) for change in published] == [(2, (kept,)), (3, (kept,))]
    gap = live.changes_between(storage.chat_id, 1, 5, 10)
    assert [type(event) for event in gap] == [AttachmentsUpdated, AttachmentsUpdated, MessageSent]
    assert [event.version for event in gap] == [2, 3, 4]


def test_a_cached_page_is_never_another_than_a_fresh_one(storage: Storage) -> None:
    (alice, bob, _), chat_id = storage.actors, storage.chat_id

    def check() -> None:
        for actor in (alice, bob, alice, bob):
            with database_connection():
                membership = access_chat(actor, chat_id)
                assert pages.read_page(membership, limit=20) == message_queries.page(membership, limit=20)

    message = storage.sends()
    check()
    first, _ = storage.adds(message, PDF, JPEG)
    check()
    uploading.delete_attachment(alice, first.id)
    check()
    editing.delete_message(alice, message.id)
    check()


def test_files_cost_a_page_one_query_and_only_where_there_are_any(storage: Storage) -> None:
    storage.sends()
    with database_connection():
        membership = access_chat(storage.actors[0], storage.chat_id)
        with QueryCounter() as asked:
            message_queries.page(membership, limit=20)
        assert len(asked.queries) == 1
    for _ in range(3):
        storage.sends("", storage.uploads(PDF))
    with database_connection():
        membership = access_chat(storage.actors[0], storage.chat_id)
        with QueryCounter() as asked:
            message_queries.page(membership, limit=20)
        assert len(asked.queries) == 2
