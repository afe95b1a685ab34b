"""Adding files to messages and deleting them; the bucket holds exactly the visible files."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext

import pytest
import requests

from chatapp.actions import chat_hints, editing, removal
from chatapp.actions.attachments import uploading
from chatapp.actions.attachments.uploading import Upload
from chatapp.actions.chats import Target, find_or_create_chat
from chatapp.actions.erasure.requests import erase_person
from chatapp.actions.sending import send_to
from chatapp.errors import ChatError, Conflict, Forbidden, Invalid, NotFound, TooLarge, Unavailable
from chatapp.events.encoding import from_json
from chatapp.events.snapshots import MessageSnapshot
from chatapp.events.types import AttachmentsUpdated
from chatapp.infra import object_storage
from chatapp.infra.postgres import database_connection, db
from chatapp.queries import catchup
from chatapp.queries import messages as message_queries
from config import Settings
from tests.actions.attachments.conftest import Storage, settled_cursor
from tests.files.corpus import JPEG, PDF
from tests.query_counter import QueryCounter


def current(message_id: int) -> MessageSnapshot:
    """The current state of a message."""
    with database_connection():
        return message_queries.snapshots_by_id([message_id])[0]


def published(storage: Storage) -> list[AttachmentsUpdated]:
    """The published events about files."""
    rows = storage.database.rows("SELECT events FROM outbox ORDER BY id")
    return [event for (text,) in rows for event in from_json(text) if isinstance(event, AttachmentsUpdated)]


def refusal(act: Callable[[], object]) -> ChatError:
    """The error that is raised."""
    with pytest.raises(ChatError) as refused:
        act()
    return refused.value


def test_files_are_added_to_a_message_and_published(storage: Storage) -> None:
    message = storage.sends()
    added = storage.adds(message, JPEG, PDF)
    assert [(file.file_type, file.state, file.metadata["scanned"]) for file in added] == [
        ("image", "ready", False),
        ("document", "ready", False),
    ]
    now = current(message.id)
    assert (now.attachments, now.attachments_count, now.version) == (tuple(added), 2, 2)
    (event,) = published(storage)
    assert (event.version, event.message.attachments, event.message_id) == (2, tuple(added), message.id)
    assert storage.changes() == [("attachments", 2)]
    assert (
        storage.names()
        == storage.rows()
        == {name for file in added for name in (file.object_name, file.thumbnail_name) if name}
    )
    assert storage.adds(message, JPEG)[0].id not in {file.id for file in added}
    assert [file.file_type for file in current(message.id).attachments] == ["image", "document", "image"]


def test_all_files_are_added_or_none(storage: Storage) -> None:
    message = storage.sends()
    refused = refusal(lambda: storage.adds(message, JPEG, b"MZ\x90 no picture"))
    assert (refused.code, refused.data["index"]) == ("file_type_not_allowed", 1)
    assert refusal(lambda: storage.adds(message)).code == "files_required"
    assert refusal(lambda: storage.adds(message, *[JPEG] * 11)).code == "too_many_files"
    assert isinstance(refusal(lambda: storage.adds(message, bytes((10 << 20) + 1))), TooLarge)
    assert storage.is_empty()
    assert current(message.id).version == 1


def test_a_message_has_at_most_ten_files(storage: Storage) -> None:
    message = storage.sends(ids=storage.uploads(JPEG, JPEG))
    storage.adds(message, *[PDF] * 8)
    assert refusal(lambda: storage.adds(message, PDF)).code == "too_many_files"
    assert refusal(lambda: storage.sends(ids=tuple(range(1, 12)))).code == "too_many_files"
    assert len(storage.names()) == 12


def test_only_the_author_adds_and_deletes_files(storage: Storage) -> None:
    _, bob, carol = storage.actors
    message = storage.sends()
    (file,) = storage.adds(message, PDF)
    for actor, error in ((bob, Forbidden), (carol, NotFound)):
        upload = [storage.upload(PDF)]
        assert type(refusal(lambda: uploading.add_files(actor, message.id, nullcontext(upload)))) is error  # noqa: B023
        assert type(refusal(lambda: uploading.delete_attachment(actor, file.id))) is error  # noqa: B023
    assert uploading.attachment_for_download(bob, file.id).attachment == file
    assert isinstance(refusal(lambda: uploading.attachment_for_download(carol, file.id)), NotFound)


def test_an_upload_with_the_same_key_is_executed_once(storage: Storage) -> None:
    alice = storage.actors[0]
    message = storage.sends()
    upload = [storage.upload(PDF)]
    first = uploading.add_files(alice, message.id, nullcontext(upload), idempotency_key="k")
    assert uploading.add_files(alice, message.id, nullcontext(upload), idempotency_key="k") == first
    other = nullcontext([storage.upload(JPEG)])
    assert isinstance(refusal(lambda: uploading.add_files(alice, message.id, other, idempotency_key="k")), Conflict)
    assert current(message.id).attachments_count == 1


def test_an_upload_reads_its_message_once_before_the_body_and_once_after(storage: Storage) -> None:
    message = storage.sends()
    storage.adds(message, PDF)  # prepares the statements
    queries_before: list[str] = []

    @contextmanager
    def receive_body() -> Iterator[list[Upload]]:
        queries_before.extend(sql for sql, _ in counter.queries)
        assert db.use.in_use == 0, "no connection waits for the body"
        yield [storage.upload(PDF)]

    with QueryCounter() as counter:
        uploading.add_files(storage.actors[0], message.id, receive_body())
    assert len(queries_before) == 1, queries_before
    assert len(counter.queries) == 14, counter.queries


def test_uploaded_files_are_sent_once_and_by_their_uploader(storage: Storage) -> None:
    _, bob, carol = storage.actors
    ids = storage.uploads(JPEG, PDF)
    assert refusal(lambda: uploading.attachment_for_download(bob, ids[0])).code == "attachment_not_found"
    message = storage.sends("", ids, idempotency_key="k")
    assert [file.id for file in message.attachments] == list(ids)
    assert current(message.id).attachments == message.attachments
    assert storage.sends("", ids, idempotency_key="k").id == message.id
    assert isinstance(refusal(lambda: storage.sends("", ids[:1], idempotency_key="k")), Conflict)
    assert refusal(lambda: storage.sends("again", ids)).code == "attachment_not_found"
    before = storage.database.counts()["chats"]
    target = Target(other_id=carol.id)
    send = lambda ids: send_to(bob, target, "", strict_items=True, attachment_ids=ids)  # noqa: E731
    assert refusal(lambda: send(storage.uploads(PDF))).code == "attachment_not_found"
    assert storage.database.counts()["chats"] == before
    assert uploading.attachment_for_download(bob, ids[0]).attachment == message.attachments[0]


@pytest.mark.parametrize(
    ("message_type", "contents", "code"),
    [
        ("image", (PDF,), "message_type_mismatch"),
        ("voice", (JPEG,), "message_type_mismatch"),
        ("image", (), "attachments_required"),
        ("text", (), "content_required"),
        ("file", (JPEG, PDF), None),
        ("image", (JPEG,), None),
    ],
)
def test_message_types_match_their_files(
    storage: Storage, message_type: str, contents: tuple[bytes, ...], code: str | None
) -> None:
    ids = storage.uploads(*contents) if contents else ()
    content = "words" if code == "attachments_required" else ""
    if code is None:
        assert storage.sends(content, ids, message_type=message_type).attachments_count == len(ids)
    else:
        assert refusal(lambda: storage.sends(content, ids, message_type=message_type)).code == code


def test_deleting_a_file_deletes_its_bytes(storage: Storage) -> None:
    alice = storage.actors[0]
    message = storage.sends()
    kept, gone = storage.adds(message, PDF, JPEG)
    uploading.delete_attachment(alice, gone.id)
    assert current(message.id).attachments == (kept,)
    assert published(storage)[-1].message.attachments == (kept,)
    assert refusal(lambda: uploading.delete_attachment(alice, gone.id)).code == "attachment_not_found"
    storage.clean_up_later()
    assert storage.names() == storage.rows() == {kept.object_name}
    (unsent,) = storage.uploads(PDF)
    uploading.delete_attachment(alice, unsent)
    storage.clean_up_later()
    assert storage.names() == {kept.object_name}


def test_an_object_stays_until_its_last_reference_is_deleted(storage: Storage) -> None:
    alice = storage.actors[0]
    (first,) = storage.adds(storage.sends(), PDF)
    other = storage.sends()
    storage.database.change(
        "INSERT INTO attachments (message_id, chat_id, uploader_id, file_type, file_name, file_size, content_type,"
        " object_name, state) SELECT %s, chat_id, uploader_id, file_type, file_name, file_size, content_type,"
        " object_name, state FROM attachments WHERE id = %s",
        other.id,
        first.id,
    )
    uploading.delete_attachment(alice, first.id)
    storage.clean_up_later()
    assert storage.names() == {first.object_name}
    editing.delete_message(alice, other.id)
    assert storage.is_empty()


def test_deleting_a_message_deletes_its_files(storage: Storage) -> None:
    message = storage.sends("", storage.uploads(JPEG))
    storage.adds(message, PDF)
    editing.delete_message(storage.actors[0], message.id)
    assert (current(message.id).attachments, current(message.id).attachments_count) == ((), 0)
    assert refusal(lambda: storage.adds(message, PDF)).code == "message_deleted"
    assert storage.is_empty()


def test_the_text_beside_a_file_can_be_removed(storage: Storage) -> None:
    alice = storage.actors[0]
    message = storage.sends("words", storage.uploads(PDF))
    assert editing.edit_message(alice, message.id, "").content == ""
    bare = storage.sends("words")
    assert refusal(lambda: editing.edit_message(alice, bare.id, "")).code == "content_required"


@pytest.mark.parametrize("is_big", [False, True])
def test_deleting_a_chat_deletes_its_files(storage: Storage, is_big: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(removal, "AT_ONCE", 0 if is_big else 1000)
    monkeypatch.setattr(removal, "FILES_BATCH", 2)
    storage.adds(storage.sends("", storage.uploads(JPEG)), PDF, PDF)
    removal.delete_chat(storage.actors[0], storage.chat_id)
    removal.purge_deleted_chats()
    assert storage.is_empty()


def test_erasing_a_user_deletes_their_files(storage: Storage) -> None:
    alice, bob, _ = storage.actors
    message = storage.sends("words", storage.uploads(JPEG))
    storage.uploads(PDF)
    cursor = settled_cursor(bob)
    erase_person(alice.id)
    assert current(message.id).attachments == ()
    assert isinstance(refusal(lambda: uploading.attachment_for_download(bob, message.attachments[0].id)), NotFound)
    assert storage.is_empty()
    assert (current(message.id).content, current(message.id).version) == ("words", 2)
    assert [event.version for event in published(storage)] == [2]
    with database_connection():
        (change,) = catchup.page(bob, cursor, limit=10).changes
    assert isinstance(change, AttachmentsUpdated)
    assert (change.version, change.message.attachments) == (2, ())


def test_while_s3_is_away_nothing_is_added_or_left(storage: Storage, rebind: Callable[..., Settings]) -> None:
    message = storage.sends("words", storage.uploads(PDF))
    rebind(S3_ENDPOINT="http://127.0.0.1:1")
    for act in (lambda: storage.adds(message, JPEG), lambda: storage.uploads(JPEG)):
        refused = refusal(act)
        assert (type(refused), refused.code) == (Unavailable, "s3_unavailable")
    editing.delete_message(storage.actors[0], message.id)
    with pytest.raises(Unavailable):
        storage.clean_up_later()
    assert current(message.id).is_deleted
    rebind()
    assert storage.is_empty()


def test_a_chat_can_begin_with_a_file(storage: Storage) -> None:
    alice, _, carol = storage.actors
    target = Target(other_id=carol.id)
    ids = storage.uploads(PDF)
    sent = [send_to(alice, target, "", strict_items=True, attachment_ids=ids, idempotency_key="k") for _ in range(2)]
    assert sent[0].id == sent[1].id
    assert sent[0].chat_id == find_or_create_chat(alice, other_id=carol.id)


def test_a_worker_without_a_hint_finds_the_message_of_a_used_key(storage: Storage) -> None:
    """Its files are no longer unsent, which must not look like files that cannot be sent."""
    alice, bob, _ = storage.actors
    target, ids = Target(other_id=bob.id), storage.uploads(PDF)

    def send() -> MessageSnapshot:
        chat_hints.forget(alice, target)
        return send_to(alice, target, "", strict_items=True, attachment_ids=ids, idempotency_key="k")

    assert send().id == send().id


def test_a_link_returns_the_bytes_with_signed_headers(storage: Storage) -> None:
    (file,) = storage.adds(storage.sends(), PDF)
    link = object_storage.presign_download(
        file.object_name, disposition='attachment; filename="a.pdf"', content_type="application/pdf"
    )
    answer = requests.get(link, timeout=30)
    assert (answer.content, answer.headers["Content-Disposition"]) == (PDF, 'attachment; filename="a.pdf"')
    assert requests.get(link.replace("a.pdf", "b.pdf"), timeout=30).status_code == 403
    assert b"".join(object_storage.read(file.object_name, offset=5, length=7)) == PDF[5:12]


def test_naming_a_file_twice_is_invalid(storage: Storage) -> None:
    """The same attachment named twice is one mistake of the client's."""
    (id,) = storage.uploads(PDF)
    assert isinstance(refusal(lambda: storage.sends("", (id, id))), Invalid)
