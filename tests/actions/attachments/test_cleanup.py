"""Interrupted uploads leave nothing behind, and quarantine ends when the scanner is back."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from chatapp.actions.attachments import cleanup, ingest, object_records, uploading
from chatapp.errors import Forbidden, Invalid, NotFound, Unavailable
from chatapp.infra import object_storage
from chatapp.infra.postgres import database_connection
from chatapp.ops.upkeep import orphans
from chatapp.queries import attachments as attachment_queries
from chatapp.queries import messages as message_queries
from chatapp.transaction import unit_of_work
from config import Settings
from tests.actions.attachments.conftest import Storage
from tests.files.clamd import EICAR, PACKAGE, Clamd, program
from tests.files.corpus import JPEG, PDF
from tests.servers import await_true

NO_SCANNER = "tcp://127.0.0.1:1"


class Killed(BaseException):
    """The worker was killed at this point."""


@pytest.mark.parametrize("after", [0, 1, 2])
def test_a_worker_killed_while_storing_leaves_nothing(
    storage: Storage, after: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    message = storage.sends()
    put, calls = object_storage.put, iter(range(3))

    def put_until_killed(name: str, path: Path, content_type: str) -> None:
        if next(calls) == after:
            raise Killed
        put(name, path, content_type)

    monkeypatch.setattr(object_storage, "put", put_until_killed)
    with pytest.raises(Killed):
        storage.adds(message, JPEG, PDF)
    assert len(storage.names()) == after and storage.names() <= storage.rows()
    storage.clean_up_later()
    assert len(storage.rows()) == 3, "an upload has an hour"
    storage.database.change("UPDATE attachments SET expires_at = now()")
    storage.database.change("UPDATE objects SET remove_at = now()")
    assert storage.is_empty()


def test_an_upload_that_took_too_long_is_not_shown(storage: Storage, monkeypatch: pytest.MonkeyPatch) -> None:
    message = storage.sends()
    put = object_storage.put

    def put_slowly(name: str, path: Path, content_type: str) -> None:
        put(name, path, content_type)
        storage.database.change("UPDATE attachments SET expires_at = now()")
        storage.database.change("UPDATE objects SET remove_at = now()")
        cleanup.clean_up()

    monkeypatch.setattr(object_storage, "put", put_slowly)
    with pytest.raises(Unavailable):
        storage.adds(message, PDF)
    assert storage.is_empty()
    assert storage.changes() == []


def test_concurrent_deletion_of_the_last_two_references_deletes_the_object(storage: Storage) -> None:
    """Without a lock, each transaction would see the reference of the other."""
    (first,) = storage.adds(storage.sends(), PDF)
    row = (
        "INSERT INTO attachments (uploader_id, file_type, file_name, file_size, content_type, object_name, state,"
        " expires_at) SELECT uploader_id, file_type, file_name, file_size, content_type, object_name, state, now()"
        " FROM attachments WHERE id = %s"
    )
    storage.database.change(row, first.id)

    other = storage.database.rows("SELECT id FROM attachments WHERE id <> %s", first.id)[0][0]

    def release() -> None:
        with unit_of_work():
            object_records.release([other])

    waiting = "SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
    with ThreadPoolExecutor(1) as pool:
        with unit_of_work():
            object_records.release([first.id])
            second = pool.submit(release)
            await_true(lambda: second.done() or storage.database.rows(waiting))
        second.result(10)
    assert storage.is_empty()


def test_unsent_files_expire(storage: Storage) -> None:
    ids = storage.uploads(JPEG, PDF)
    storage.clean_up_later()
    assert len(storage.names()) == 3
    storage.database.change("UPDATE attachments SET expires_at = now()")
    with pytest.raises(Invalid):
        storage.sends("", ids)
    assert storage.is_empty()


def test_files_of_a_dropped_message_expire_without_a_change(storage: Storage) -> None:
    """Messages are dropped with their partition, files are deleted by the job."""
    message = storage.sends()
    storage.adds(message, JPEG)
    changes = storage.changes()
    storage.database.change("DELETE FROM messages WHERE id = %s", message.id)
    storage.database.change("UPDATE attachments SET expires_at = now()")
    assert storage.is_empty()
    assert storage.changes() == changes


def test_the_audit_compares_bucket_and_rows(storage: Storage, tmp_path: Path) -> None:
    alice = storage.actors[0]
    message = storage.sends("words")
    picture, page = storage.adds(message, JPEG, PDF)
    stray = tmp_path / "stray"
    stray.write_bytes(b"stray")
    object_storage.put("files/stray", stray, "text/plain")
    assert picture.thumbnail_name is not None
    object_storage.remove([page.object_name, picture.thumbnail_name])
    with unit_of_work():
        object_records.confirm_stored(object_records.register([1]))
    assert orphans.audit().total == 0, "younger than an hour"
    found = orphans.audit(0)
    assert (found.strays, found.unused, found.missing) == (1, 1, 2)
    assert storage.database.rows("SELECT orphans FROM file_audits") == [(4,)]
    storage.clean_up_later()
    (left,) = attachment_queries_of(alice, message.id)
    assert (left.object_name, left.thumbnail_name) == (picture.object_name, None)
    assert storage.names() == storage.rows() == {picture.object_name}
    assert orphans.audit(0).total == 0
    assert storage.changes()[-1] == ("attachments", 3)


def test_the_audit_deletes_nothing_for_an_empty_or_foreign_bucket(
    storage: Storage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(orphans, "LIMIT", 1)
    storage.adds(storage.sends(), JPEG, PDF)
    names = sorted(storage.names())
    storage.database.change("DELETE FROM attachments")
    storage.database.change("DELETE FROM objects")
    assert (orphans.audit(0).strays, sorted(storage.names())) == (3, names)
    object_storage.remove(names)
    storage.adds(storage.sends(), JPEG, PDF)
    object_storage.remove(sorted(storage.names()))
    assert orphans.audit(0).missing == 3
    storage.clean_up_later()
    assert len(storage.rows()) == 3


def test_the_audit_deletes_nothing_for_a_day_after_a_restore(storage: Storage, tmp_path: Path) -> None:
    """The bucket is newer than the rows: files uploaded after the dump have no row."""
    (kept,) = storage.adds(storage.sends(), PDF)
    (lost,) = storage.adds(storage.sends(), PDF)
    newer = tmp_path / "newer"
    newer.write_bytes(b"uploaded after the dump")
    object_storage.put("files/newer", newer, "text/plain")
    object_storage.remove([lost.object_name])
    with unit_of_work():
        object_records.confirm_stored(object_records.register([1]))
    names, rows = storage.names(), storage.rows()
    storage.database.change("UPDATE cluster_epoch SET renewed_at = now() - interval '23 hours'")
    found = orphans.audit(0)
    assert (found.strays, found.unused, found.missing) == (1, 1, 1)
    storage.clean_up_later()
    assert (storage.names(), storage.rows()) == (names, rows)
    assert storage.database.rows("SELECT orphans FROM file_audits") == [(3,)]
    storage.database.change("UPDATE cluster_epoch SET renewed_at = now() - interval '25 hours'")
    assert orphans.audit(0) == found
    storage.clean_up_later()
    assert storage.names() == storage.rows() == {kept.object_name}


def attachment_queries_of(actor, message_id):  # type: ignore[no-untyped-def]
    """The files of a message that are visible to a user."""
    with database_connection():
        return attachment_queries.of_message(actor, message_id)


def test_files_stay_in_quarantine_while_the_scanner_is_away(storage: Storage, rebind: Callable[..., Settings]) -> None:
    alice, bob, _ = storage.actors
    rebind(CLAMD_URL=NO_SCANNER)
    message = storage.sends()
    (file,) = storage.adds(message, PDF)
    (unsent,) = storage.uploads(PDF)
    assert (file.state, file.metadata["scanned"]) == ("quarantined", False)
    assert attachment_queries_of(alice, message.id) == [file]
    assert attachment_queries_of(bob, message.id) == []
    with database_connection():
        assert message_queries.snapshots_by_id([message.id])[0].attachments_count == 0
    for actor, error in ((alice, Forbidden), (bob, NotFound)):
        with pytest.raises(error):
            uploading.attachment_for_download(actor, file.id)
    with pytest.raises(Invalid, match="attachment_not_found"):
        storage.sends("", (unsent,))
    assert cleanup.scan_quarantined() == 0
    assert storage.changes() == []
    uploading.delete_attachment(alice, file.id)
    assert storage.changes() == []


@pytest.fixture(scope="module")
def daemon() -> Iterator[Clamd]:
    """A clamd with a signature for tests."""
    found = program()
    if found is None:
        if os.environ.get("CI", "").lower() in ("1", "true"):
            pytest.fail(f"clamd cannot be installed here (package {PACKAGE})")
        pytest.skip(f"clamd cannot be installed here (package {PACKAGE})")
    folder = Path(tempfile.mkdtemp(prefix="clamd-"))
    with Clamd(found, folder) as running:
        yield running
    shutil.rmtree(folder, ignore_errors=True)


def test_quarantine_ends_with_a_verdict(storage: Storage, rebind: Callable[..., Settings], daemon: Clamd) -> None:
    alice, bob, _ = storage.actors
    infected = PDF.replace(b"%%EOF", b"%" + EICAR + b"\n%%EOF")
    rebind(CLAMD_URL=NO_SCANNER)
    message = storage.sends()
    clean, bad = storage.adds(message, PDF, infected)
    assert bad.state == "quarantined"
    (unsent,) = storage.uploads(JPEG)
    rebind(CLAMD_URL=daemon.urls[0])
    assert cleanup.scan_quarantined() == 3
    (shown,) = attachment_queries_of(bob, message.id)
    assert (shown.id, shown.state, shown.metadata["scanned"]) == (clean.id, "ready", True)
    assert attachment_queries_of(alice, message.id) == [shown]
    assert storage.changes() == [("attachments", 2)]
    storage.sends("", (unsent,))
    storage.clean_up_later()
    assert bad.object_name not in storage.names()
    with pytest.raises(Invalid, match="file_infected"):
        storage.adds(message, infected)
    assert ingest.has_scanner()
