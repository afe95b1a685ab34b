"""Exports as a ZIP: what it has, its limits, and who wins when its user is erased meanwhile."""

from __future__ import annotations

import io
from collections.abc import Callable
from zipfile import ZipFile

import orjson
import pytest

from chatapp.actions import exports
from chatapp.actions.erasure.requests import erase_person
from chatapp.actions.exports import Export, find_export, make_next, request_export
from chatapp.errors import NotFound, Unauthorised, Unavailable
from chatapp.infra import object_storage
from config import Settings
from tests.actions.attachments.conftest import Storage
from tests.actions.attachments.conftest import inspectors as inspectors
from tests.actions.attachments.conftest import rebind as rebind
from tests.actions.attachments.conftest import storage as storage
from tests.files.corpus import JPEG, PDF
from tests.files.making_documents import padded_pdf


def zip_of(export: Export) -> ZipFile:
    """The ZIP of an export."""
    assert export.object_name is not None
    return ZipFile(io.BytesIO(b"".join(object_storage.read(export.object_name))))


def current(storage: Storage, export: Export) -> Export:
    return find_export(storage.actors[0], export.id)


def test_it_has_the_data_and_the_files(storage: Storage) -> None:
    message = storage.sends("look", storage.uploads(JPEG, PDF))
    requested = request_export(storage.actors[0])
    assert (requested.state, requested.url, requested.expires_at) == ("pending", None, None)
    assert make_next() and not make_next()
    export = current(storage, requested)
    assert export.state == "ready" and export.url is not None and export.expires_at is not None
    with zip_of(export) as archive:
        data = orjson.loads(archive.read("data.json"))
        names = sorted(name for name in archive.namelist() if name != "data.json")
        assert all(archive.read(name) for name in names)
    assert data["is_complete"] is True
    assert [sent["content"] for sent in data["messages"]] == ["look"]
    assert names == sorted(f"files/{file.id}-{file.file_name}" for file in message.attachments)


def test_while_one_is_made_another_request_returns_it(storage: Storage) -> None:
    first = request_export(storage.actors[0])
    assert request_export(storage.actors[0]) == first
    make_next()
    assert request_export(storage.actors[0]).id != first.id


def test_only_its_user_finds_it(storage: Storage) -> None:
    export = request_export(storage.actors[0])
    for actor, id in ((storage.actors[1], export.id), (storage.actors[0], "x"), (storage.actors[0], "\0")):
        with pytest.raises(NotFound, match="export_not_found"):
            find_export(actor, id)


def test_it_expires_with_its_object(storage: Storage) -> None:
    export = request_export(storage.actors[0])
    make_next()
    storage.clean_up_later()
    assert len(storage.names()) == 1, "until EXPORT_TTL"
    storage.database.change("UPDATE exports SET expires_at = now() - interval '1 second'")
    storage.database.change("UPDATE objects SET remove_at = now() - interval '1 second'")
    assert (current(storage, export).state, current(storage, export).url) == ("expired", None)
    assert storage.is_empty()
    assert exports.sweep() == 0
    storage.database.change("UPDATE exports SET expires_at = now() - interval '31 days'")
    assert exports.sweep() == 1


def test_files_beyond_the_limit_are_named(storage: Storage, monkeypatch: pytest.MonkeyPatch) -> None:
    storage.sends("look", storage.uploads(padded_pdf(50_000)))
    monkeypatch.setattr(exports, "limits", lambda: exports._Limits(60.0, 20_000))
    export = request_export(storage.actors[0])
    make_next()
    with zip_of(current(storage, export)) as archive:
        assert archive.namelist() == ["data.json", "left-out.txt"]


def test_data_beyond_the_limit_fails(storage: Storage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exports, "limits", lambda: exports._Limits(60.0, -1))
    export = request_export(storage.actors[0])
    assert make_next()
    assert (current(storage, export).state, current(storage, export).reason) == ("failed", "export_too_large")


def test_a_file_that_was_deleted_meanwhile_is_named(storage: Storage, monkeypatch: pytest.MonkeyPatch) -> None:
    storage.sends("look", storage.uploads(PDF))
    object_storage.remove(list(storage.names()))
    export = request_export(storage.actors[0])
    make_next()
    with zip_of(current(storage, export)) as archive:
        assert archive.namelist() == ["data.json", "left-out.txt"]


def test_it_waits_while_s3_is_away(storage: Storage, rebind: Callable[..., Settings]) -> None:
    export = request_export(storage.actors[0])
    rebind(S3_ENDPOINT="http://127.0.0.1:1")
    with pytest.raises(Unavailable):
        make_next()
    assert current(storage, export).state == "pending"
    rebind()
    assert make_next()


def test_one_whose_process_died_is_made_again(storage: Storage) -> None:
    export = request_export(storage.actors[0])
    storage.database.change("UPDATE exports SET state = 'running', started_at = now()")
    assert not make_next()
    storage.database.change("UPDATE exports SET started_at = now() - interval '2 hours'")
    assert make_next()
    assert current(storage, export).state == "ready"


def test_a_defect_fails_the_export_and_no_other(storage: Storage, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(path: object, actor: object) -> bool:
        raise RuntimeError

    monkeypatch.setattr(exports, "_build", fail)
    export = request_export(storage.actors[0])
    assert make_next()
    assert current(storage, export).reason == "internal_error"


def erasing_after(monkeypatch: pytest.MonkeyPatch, storage: Storage, name: str) -> None:
    """Let the user be erased after a function of the module has run."""
    run = getattr(exports, name)

    def then_erase(*values: object) -> object:
        result = run(*values)
        erase_person(storage.actors[0].id)
        return result

    monkeypatch.setattr(exports, name, then_erase)


@pytest.mark.parametrize("step", ["_take", "_build", "_lock_user"])
def test_an_erasure_wins_at_any_moment(storage: Storage, monkeypatch: pytest.MonkeyPatch, step: str) -> None:
    storage.sends("look", storage.uploads(PDF))
    request_export(storage.actors[0])
    if step == "_lock_user":
        put = object_storage.put

        def erase_and_put(*values: object) -> None:
            erase_person(storage.actors[0].id)
            put(*values)  # type: ignore[arg-type]

        monkeypatch.setattr(object_storage, "put", erase_and_put)
    else:
        erasing_after(monkeypatch, storage, step)
    assert make_next()
    assert storage.database.rows("SELECT 1 FROM exports") == []
    assert storage.is_empty()


def test_erased_users_request_none(storage: Storage) -> None:
    erase_person(storage.actors[0].id)
    with pytest.raises(Unauthorised, match="access_revoked"):
        request_export(storage.actors[0])
