"""What happens while files are on their way: each time something else was faster by one step."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext
from typing import Any

import pytest

from chatapp.actions import blocking, editing, removal
from chatapp.actions.attachments import attaching, cleanup, direct_uploads, object_records, uploading
from chatapp.actions.attachments.direct_uploads import UploadRequest, complete_upload, prepare_uploads
from chatapp.actions.attachments.uploading import Upload
from chatapp.errors import ChatError, Unavailable
from chatapp.infra import object_storage
from chatapp.infra.postgres import database_connection
from chatapp.models import Message
from chatapp.queries import messages as message_queries
from chatapp.transaction import unit_of_work
from tests.actions.attachments.conftest import Storage
from tests.files.corpus import JPEG, PDF
from tests.files.making_media import made, sound

Before = Callable[[Any, str, Callable[[], object]], None]


@pytest.fixture
def before(monkeypatch: pytest.MonkeyPatch) -> Before:
    """Lets something happen once, just before a function of a module runs."""

    def arrange(module: Any, name: str, happens: Callable[[], object]) -> None:
        function, pending = getattr(module, name), [happens]

        def run(*arguments: Any, **options: Any) -> Any:
            if pending:
                pending.pop()()
            return function(*arguments, **options)

        monkeypatch.setattr(module, name, run)

    return arrange


def code(act: Callable[[], object]) -> str:
    """What it is refused with."""
    with pytest.raises(ChatError) as refused:
        act()
    return refused.value.code


@pytest.mark.parametrize(
    ("faster", "expected"),
    [
        (lambda storage, message: editing.delete_message(storage.actors[0], message.id), "message_deleted"),
        (lambda storage, _: removal.delete_chat(storage.actors[0], storage.chat_id), "message_not_found"),
        (lambda storage, _: blocking.block(storage.actors[1], storage.actors[0].username), "blocked"),
    ],
    ids=["message", "chat", "block"],
)
def test_files_for_what_is_gone_or_blocked_are_dropped(
    storage: Storage, before: Before, faster: Callable[..., object], expected: str
) -> None:
    message = storage.sends()
    before(object_storage, "put", lambda: faster(storage, message))
    assert code(lambda: storage.adds(message, PDF)) == expected
    assert storage.is_empty()


def test_the_same_upload_twice_at_once_is_one(storage: Storage, before: Before) -> None:
    alice, message = storage.actors[0], storage.sends()
    upload = [Upload(storage.upload(PDF).path, "page.pdf")]
    first: list[Any] = []

    def add() -> list[Any]:
        return uploading.add_files(alice, message.id, nullcontext(upload), idempotency_key="k")

    before(object_storage, "put", lambda: first.extend(add()))
    assert add() == first
    storage.clean_up_later()
    assert storage.names() == {file.object_name for file in first}


def test_a_file_that_was_sent_or_removed_meanwhile_is_not_removed_again(storage: Storage) -> None:
    alice = storage.actors[0]
    (sent,) = storage.uploads(PDF)
    access = uploading.access_attachment

    def sent_meanwhile(actor: Any, attachment_id: int) -> Any:
        found = access(actor, attachment_id)
        storage.database.change(
            "UPDATE attachments SET message_id = 1, chat_id = 1, expires_at = NULL WHERE id = %s", attachment_id
        )
        return found

    def gone_meanwhile(actor: Any, attachment_id: int) -> Any:
        found = access(actor, attachment_id)
        storage.database.change("DELETE FROM attachments WHERE id = %s", attachment_id)
        return found

    (gone,) = storage.uploads(PDF)
    for meanwhile, id, expected in (
        (sent_meanwhile, sent, "attachment_sent"),
        (gone_meanwhile, gone, "attachment_not_found"),
    ):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(uploading, "access_attachment", meanwhile)
            assert code(lambda: uploading.delete_attachment(alice, id)) == expected  # noqa: B023


def test_what_is_on_its_way_out_is_not_attached(storage: Storage) -> None:
    message = storage.sends()
    (id,) = storage.uploads(PDF)
    storage.database.change("UPDATE attachments SET expires_at = now()")
    with unit_of_work():
        row = Message.select().where(Message.id == message.id).first()
        assert code(lambda: attaching.attach(row, [id])) == "attachment_not_found"
        assert code(lambda: object_records.confirm_stored(["files/none"])) == "s3_unavailable"


def test_postgres_may_go_away_while_a_failed_upload_is_dropped(
    storage: Storage, monkeypatch: pytest.MonkeyPatch
) -> None:
    alice, message = storage.actors[0], storage.sends()
    (prepared,) = prepare_uploads(alice, [UploadRequest("a.jpg", len(JPEG))])
    path = storage.upload(JPEG).path
    object_storage.put(storage.database.rows("SELECT object_name FROM attachments")[0][0], path, "image/jpeg")

    def away(*_: object) -> None:
        raise Unavailable("s3")

    def gone(*_: object) -> None:
        raise Unavailable("database")

    with monkeypatch.context() as patch:
        patch.setattr(object_storage, "put", away)
        patch.setattr(object_records, "release_unfinished", gone)
        patch.setattr(object_records, "schedule_deletion", gone)
        assert code(lambda: storage.adds(message, PDF)) == "s3_unavailable"
        assert code(lambda: complete_upload(alice, prepared.id)) == "s3_unavailable"
    assert complete_upload(alice, prepared.id).file_type == "image"
    uploading.delete_attachment(alice, prepared.id)
    storage.database.change("UPDATE attachments SET expires_at = now()")
    storage.database.change("UPDATE objects SET remove_at = now()")
    assert storage.is_empty()


def test_a_completed_upload_is_attached_later(storage: Storage, before: Before) -> None:
    alice, message = storage.actors[0], storage.sends()
    first, second = prepare_uploads(alice, [UploadRequest(name, len(PDF)) for name in ("a.pdf", "b.pdf")])
    for name, path in ((row[0], storage.upload(PDF).path) for row in storage.database.rows("SELECT name FROM objects")):
        object_storage.put(name, path, "application/pdf")
    complete_upload(alice, first.id)
    assert complete_upload(alice, first.id, message_id=message.id).message_id == message.id
    before(object_storage, "put", lambda: complete_upload(alice, second.id))
    assert complete_upload(alice, second.id, message_id=message.id).message_id == message.id
    bob = storage.actors[1]
    assert code(lambda: complete_upload(bob, first.id)) == "attachment_not_found"
    storage.clean_up_later()
    assert len(storage.names()) == 2


def test_a_voice_message_takes_voice(storage: Storage, tmp_path: Any) -> None:
    tone = made(sound, "mp3", "libmp3lame", folder=tmp_path)
    upload = storage.upload(tone, voice=True)
    (file,) = uploading.upload_unattached(storage.actors[0], [upload])
    message = storage.sends("", (file.id,), message_type="voice")
    assert message.attachments[0].metadata["voice"] is True
    (added,) = storage.adds(message, tone)
    assert (added.content_type, added.metadata["voice"]) == ("audio/ogg", True)
    assert code(lambda: storage.adds(message, JPEG)) == "voice_not_audio"


def test_a_verdict_comes_too_late(storage: Storage) -> None:
    """Removed, or sent to a chat, while it was scanned."""
    (id,) = storage.uploads(PDF)
    cleanup._end_quarantine(id, is_clean=False)  # it is ready, and not in quarantine any more
    cleanup._end_quarantine(1, is_clean=True)
    assert len(storage.rows()) == 1
    assert cleanup.scan_quarantined() == 0


def test_more_than_one_batch_expires(storage: Storage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cleanup, "BATCH", 2)
    message = storage.sends("", storage.uploads(PDF, PDF, PDF))
    storage.uploads(PDF, PDF)
    storage.database.change("UPDATE attachments SET expires_at = now()")
    assert storage.is_empty()
    with database_connection():
        (current,) = message_queries.snapshots_by_id([message.id])
    assert (current.attachments, current.version) == ((), 3)


def test_what_s3_keeps_is_removed_the_next_time(storage: Storage, monkeypatch: pytest.MonkeyPatch) -> None:
    alice = storage.actors[0]
    (id,) = storage.uploads(PDF)
    uploading.delete_attachment(alice, id)
    with monkeypatch.context() as patch:
        patch.setattr(object_storage, "remove", lambda names: [])
        assert cleanup.clean_up() == 0
    assert len(storage.rows()) == 1
    assert storage.is_empty()
    assert direct_uploads.LIFETIME.total_seconds() == object_records.UPLOAD_TIME
