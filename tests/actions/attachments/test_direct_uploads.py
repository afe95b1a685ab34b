"""Direct uploads are inspected before they are served, and deleted if they are not completed."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import requests

from chatapp.actions import editing
from chatapp.actions.attachments import cleanup, uploading
from chatapp.actions.attachments.direct_uploads import PresignedUpload, UploadRequest, complete_upload, prepare_uploads
from chatapp.errors import ChatError, NotFound
from chatapp.infra import object_storage
from config import Settings
from tests.actions.attachments.conftest import Storage
from tests.files.corpus import JPEG, PDF


def prepares(storage: Storage, size: int = len(PDF), name: str = "a.pdf", *, voice: bool = False) -> PresignedUpload:
    """Alice requests one URL."""
    (prepared,) = prepare_uploads(storage.actors[0], [UploadRequest(name, size, voice)])
    return prepared


def puts(prepared: PresignedUpload, content: bytes) -> int:
    """Upload bytes to the bucket; returns the status."""
    return requests.put(prepared.url, data=content, timeout=30).status_code


def refused(storage: Storage, prepared: PresignedUpload) -> str:
    """The error code of completing an upload."""
    with pytest.raises(ChatError) as error:
        complete_upload(storage.actors[0], prepared.id)
    return error.value.code


def test_a_completed_upload_is_inspected_and_can_be_sent(storage: Storage) -> None:
    alice, bob, _ = storage.actors
    prepared = prepares(storage, name="../../ведомость\u202e.exe")
    assert puts(prepared, PDF) == 200
    done = complete_upload(alice, prepared.id)
    assert (done.id, done.state, done.file_size, done.file_name) == (
        prepared.id,
        "ready",
        len(PDF),
        "ведомость.exe.pdf",
    )
    assert complete_upload(alice, prepared.id) == done
    message = storage.sends("", (done.id,))
    assert uploading.attachment_for_download(bob, done.id).attachment.object_name == done.object_name
    assert [file.id for file in message.attachments] == [done.id]
    assert complete_upload(alice, prepared.id).message_id == message.id
    storage.clean_up_later()
    assert storage.names() == {done.object_name}


def test_a_completed_upload_is_attached_to_the_given_message(storage: Storage) -> None:
    alice, bob, _ = storage.actors
    message, other = storage.sends(), storage.sends()
    prepared = prepares(storage, len(JPEG))
    puts(prepared, JPEG)
    done = complete_upload(alice, prepared.id, message_id=message.id)
    assert done.message_id == message.id
    assert complete_upload(alice, prepared.id, message_id=message.id) == done
    with pytest.raises(ChatError, match="attachment_sent"):
        complete_upload(alice, prepared.id, message_id=other.id)
    with pytest.raises(NotFound):
        complete_upload(bob, prepared.id)
    assert storage.changes() == [("attachments", 3)]


def test_an_upload_that_waits_for_the_scanner_changes_no_message_yet(
    storage: Storage, rebind: Callable[..., Settings]
) -> None:
    rebind(CLAMD_URL="tcp://127.0.0.1:1")
    message, prepared = storage.sends(), prepares(storage)
    puts(prepared, PDF)
    done = complete_upload(storage.actors[0], prepared.id, message_id=message.id)
    assert (done.message_id, done.state) == (message.id, "quarantined")
    assert storage.changes() == []


def test_concurrent_completions_are_one(storage: Storage) -> None:
    prepared = prepares(storage)
    puts(prepared, PDF)
    with ThreadPoolExecutor(2) as pool:
        both = list(pool.map(lambda _: complete_upload(storage.actors[0], prepared.id), range(2)))
    assert both[0] == both[1]
    storage.clean_up_later()
    assert len(storage.names()) == 1


def test_missing_and_forbidden_uploads_are_refused(storage: Storage) -> None:
    alice = storage.actors[0]
    svg = b"<svg onload=alert(1)>"
    missing, wrong = prepares(storage), prepares(storage, len(svg))
    assert refused(storage, missing) == "upload_missing"
    assert puts(wrong, svg) == 200
    assert refused(storage, wrong) == "file_type_not_allowed"
    assert refused(storage, wrong) == "attachment_not_found"
    puts(missing, PDF)
    assert complete_upload(alice, missing.id).state == "ready"
    for size, code in ((0, "file_empty"), (-1, "file_empty"), ((10 << 20) + 1, "file_too_large")):
        with pytest.raises(ChatError, match=code):
            prepares(storage, size)
    storage.clean_up_later()
    assert len(storage.names()) == 1


def test_an_incomplete_upload_cannot_be_read_or_sent(storage: Storage) -> None:
    alice = storage.actors[0]
    prepared = prepares(storage)
    puts(prepared, PDF)
    with pytest.raises(NotFound):
        uploading.attachment_for_download(alice, prepared.id)
    with pytest.raises(ChatError, match="attachment_not_found"):
        storage.sends("", (prepared.id,))
    uploading.delete_attachment(alice, prepared.id)
    assert storage.is_empty()


def test_bytes_put_after_the_completion_are_deleted(storage: Storage) -> None:
    prepared = prepares(storage)
    puts(prepared, PDF)
    done = complete_upload(storage.actors[0], prepared.id)
    cleanup.clean_up()
    assert storage.names() == {done.object_name}
    assert puts(prepared, PDF) == 200
    cleanup.clean_up()
    assert len(storage.names()) == 2 and storage.names() <= storage.rows()
    assert cleanup.sweep_direct_uploads() == 1
    cleanup.clean_up()
    assert storage.names() == {done.object_name} < storage.rows()  # the row stays while bytes may still arrive
    assert puts(prepared, PDF) == 200
    storage.clean_up_later()
    assert storage.names() == storage.rows() == {done.object_name}


def test_a_link_accepts_only_the_announced_size(storage: Storage) -> None:
    prepared = prepares(storage)
    assert [puts(prepared, content) for content in (PDF + b" ", PDF[:-1], b"")] == [403] * 3
    assert storage.names() == set()


def test_oversized_uploads_are_swept_from_stores_that_accept_them(storage: Storage, tmp_path: Path) -> None:
    """Uploads longer than announced are deleted, completed or not; others stay."""
    too_long, fine = prepares(storage), prepares(storage)
    puts(fine, PDF)
    (name,) = storage.database.rows("SELECT object_name FROM attachments WHERE id = %s", too_long.id)[0]
    (tmp_path / "large").write_bytes(bytes(len(PDF) + 1))
    object_storage.put(name, tmp_path / "large", "application/pdf")
    assert cleanup.sweep_direct_uploads() == 1
    cleanup.clean_up()
    assert refused(storage, too_long) == "attachment_not_found"
    assert len(storage.names()) == 1
    assert complete_upload(storage.actors[0], fine.id).state == "ready"


def test_an_oversized_upload_is_refused_at_its_completion(storage: Storage, tmp_path: Path) -> None:
    prepared = prepares(storage)
    (name,) = storage.database.rows("SELECT object_name FROM attachments WHERE id = %s", prepared.id)[0]
    (tmp_path / "large").write_bytes(PDF + b"\n")
    object_storage.put(name, tmp_path / "large", "application/pdf")
    assert refused(storage, prepared) == "file_too_large"
    assert storage.is_empty()


def test_an_upload_that_is_not_completed_expires(storage: Storage) -> None:
    prepared = prepares(storage)
    puts(prepared, PDF)
    storage.database.change("UPDATE attachments SET expires_at = now()")
    assert refused(storage, prepared) == "attachment_not_found"
    assert storage.is_empty()


def test_the_quota_counts_announced_uploads(storage: Storage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploading, "MAX_UNSENT", 2)
    prepares(storage)
    storage.uploads(PDF)
    for act in (lambda: prepares(storage), lambda: storage.uploads(PDF)):
        with pytest.raises(ChatError, match="too_many_unsent_files"):
            act()


def test_an_upload_survives_the_deletion_of_its_message(storage: Storage) -> None:
    alice = storage.actors[0]
    message, prepared = storage.sends(), prepares(storage)
    puts(prepared, PDF)
    editing.delete_message(alice, message.id)
    with pytest.raises(ChatError, match="message_deleted"):
        complete_upload(alice, prepared.id, message_id=message.id)
    assert complete_upload(alice, prepared.id).state == "ready"
