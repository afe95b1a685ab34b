"""What else a user leaves: files, keys, items, exports."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from chatapp.actions import exports, item_index
from chatapp.actions.attachments import cleanup
from chatapp.actions.erasure import steps, traces
from chatapp.actions.erasure.requests import erase_person
from config import Settings
from tests.actions.attachments.conftest import Storage
from tests.files.corpus import JPEG, PDF


def test_files_go_in_batches_and_those_that_were_not_sent_too(
    storage: Storage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cleanup, "BATCH", 2)
    storage.adds(storage.sends("look", storage.uploads(JPEG)), PDF, PDF)
    storage.uploads(PDF)
    erasure = erase_person(storage.actors[0].id)
    assert erasure.report["files"] == 4
    assert storage.is_empty()


def test_an_upload_in_progress_goes_as_well(storage: Storage) -> None:
    (id,) = storage.uploads(PDF)
    erase_person(storage.actors[0].id)
    storage.database.change(
        "INSERT INTO objects (name, size, writable_until, remove_at) VALUES ('files/late', 1, now(), now() + '1 h')"
    )
    storage.database.change(
        "INSERT INTO attachments (id, uploader_id, file_name, file_size, object_name, state, expires_at)"
        " VALUES (%s, %s, 'late', 1, 'files/late', 'checking', now() + interval '1 h')",
        id,
        storage.actors[0].id,
    )
    steps.repeat(storage.actors[0].id)
    assert storage.database.rows("SELECT 1 FROM attachments") == []


def test_idempotency_keys_go_in_batches(storage: Storage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(traces, "BATCH", 2)
    for number in range(5):
        storage.sends("hello", idempotency_key=f"key {number}")
    erasure = erase_person(storage.actors[0].id)
    assert erasure.report["idempotency_keys"] == 5
    assert storage.database.rows("SELECT 1 FROM client_keys WHERE sender_id = %s", storage.actors[0].id) == []


@pytest.mark.parametrize(("policy", "title"), [("anonymise", "Bicycle"), ("remove", "")])
def test_items_are_marked_as_deleted(
    storage: Storage, rebind: Callable[..., Settings], policy: str, title: str
) -> None:
    rebind(ERASE_CONTENT=policy)
    storage.database.change(
        "INSERT INTO items (kind, id, title, image_url, seller_id, description, category, attributes, url)"
        " VALUES ('listing', 1, 'Bicycle', 'https://e.com', %s, 'Of Ana', 'Of Ana', '{\"of\": \"Ana\"}', 'https://e.com')",
        storage.actors[0].id,
    )
    storage.database.change("INSERT INTO items (kind, id, title) VALUES ('listing', 2, 'Lamp of Bo')")
    assert item_index.write_stale(("", 0))[0] == 2
    erase_person(storage.actors[0].id)
    assert storage.database.rows("SELECT title, image_url, is_deleted FROM items WHERE id = 1") == [(title, None, True)]
    described = "SELECT description, category, attributes, url FROM items WHERE id = 1"
    assert storage.database.rows(described) == [("", None, None, None)]
    assert storage.database.rows("SELECT item_id FROM item_search") == [(2,)]
    assert storage.database.rows("SELECT word FROM item_words") == [("bo",)]


def test_exports_go_with_their_objects(storage: Storage) -> None:
    exports.request_export(storage.actors[0])
    assert exports.make_next()
    exports.request_export(storage.actors[0])
    assert len(storage.names()) == 1
    assert erase_person(storage.actors[0].id).report["exports"] == 2
    assert storage.is_empty()
    assert not exports.make_next()
