"""A foreign row is refused at the cost of a missing one, so the time of a refusal does not distinguish them."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext

import pytest

from chatapp.access import access_attachment, access_message
from chatapp.actions import editing, reading
from chatapp.actions.attachments import direct_uploads, uploading
from chatapp.actions.chats import open_direct_chat
from chatapp.actions.sending import send_message
from chatapp.auth.actor import Actor
from chatapp.errors import NotFound
from chatapp.infra.postgres import database_connection
from tests.database import Database
from tests.query_counter import QueryCounter

Act = Callable[[Actor, int], object]

MISSING = 1 << 40
ON_MESSAGES: dict[str, Act] = {
    "access": access_message,
    "edit": lambda actor, id: editing.edit_message(actor, id, "mine"),
    "delete": editing.delete_message,
    "read": reading.mark_message_read,
    "add files": lambda actor, id: uploading.add_files(actor, id, nullcontext([])),
}
ON_FILES: dict[str, Act] = {
    "access": access_attachment,
    "download": uploading.attachment_for_download,
    "delete": uploading.delete_attachment,
    "complete": direct_uploads.complete_upload,
}


def asked_of(act: Act, actor: Actor, id: int) -> list[str]:
    """The statements of an attempt that is refused."""
    with database_connection(), QueryCounter() as asked, pytest.raises(NotFound):
        act(actor, id)
    return [sql for sql, _ in asked.queries]


@pytest.fixture
def message_id(actors: list[Actor]) -> int:
    """A message of Alice's to Bob."""
    return send_message(actors[0], open_direct_chat(actors[0], "bob"), "hi").id


@pytest.fixture
def attachment_id(actors: list[Actor], message_id: int, core: Database) -> int:
    """A file of it."""
    core.change("INSERT INTO objects (name, size, state, writable_until) VALUES ('file', 1, 'stored', now())")
    core.change(
        "INSERT INTO attachments (message_id, chat_id, uploader_id, file_type, file_name, file_size, content_type,"
        " object_name, state) SELECT id, chat_id, sender_id, 'document', 'a.pdf', 1, 'application/pdf', 'file', 'ready'"
        " FROM messages WHERE id = %s",
        message_id,
    )
    return int(core.rows("SELECT id FROM attachments")[0][0])


@pytest.mark.parametrize("way", ON_MESSAGES)
def test_a_foreign_message_costs_what_a_missing_one_costs(actors: list[Actor], message_id: int, way: str) -> None:
    foreign = asked_of(ON_MESSAGES[way], actors[2], message_id)
    assert foreign == asked_of(ON_MESSAGES[way], actors[2], MISSING)
    assert len(foreign) == 1


@pytest.mark.parametrize("way", ON_FILES)
@pytest.mark.parametrize("state", ["ready", "quarantined"])
def test_a_foreign_file_costs_what_a_missing_one_costs(
    actors: list[Actor], attachment_id: int, core: Database, way: str, state: str
) -> None:
    core.change("UPDATE attachments SET state = %s", state)
    assert asked_of(ON_FILES[way], actors[2], attachment_id) == asked_of(ON_FILES[way], actors[2], MISSING)
    assert core.rows("SELECT xmax::text FROM attachments") == [("0",)], "and its row was not locked"


def test_what_is_ones_own_is_found_by_the_same_query(
    actors: list[Actor], message_id: int, attachment_id: int, core: Database
) -> None:
    for member in actors[:2]:
        with database_connection(), QueryCounter() as asked:
            message, membership = access_message(member, message_id)
            attachment = access_attachment(member, attachment_id)
        assert len(asked.queries) == 2
        assert (message.id, message.content, message.location) == (message_id, "hi", None)
        assert (membership.chat.id, membership.member.user_id) == (message.chat_id, member.id)
        assert (attachment.message_id, attachment.file_name, attachment.metadata) == (message_id, "a.pdf", {})
    core.change("UPDATE attachments SET state = 'quarantined'")
    with database_connection():
        assert access_attachment(actors[0], attachment_id).state == "quarantined"
        with pytest.raises(NotFound):
            access_attachment(actors[1], attachment_id)
