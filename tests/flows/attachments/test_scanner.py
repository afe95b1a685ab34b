"""With a virus scanner: clean files pass, infected ones are refused, and no file is served before its verdict."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path

import pikepdf
import pytest

from tests.database import Database
from tests.files import clamd
from tests.files.clamd import EICAR, Clamd
from tests.flows.attachments.words import adds, fetches, named, tries_to_add, uploads
from tests.people import PersonMaker
from tests.servers import ChatServer, free_port


def infected_pdf() -> bytes:
    """A sound document, which is stored as it was sent, with the test virus on its page."""
    target = BytesIO()
    with pikepdf.new() as document:
        page = document.add_blank_page()
        page.obj.Contents = document.make_stream(b"% " + EICAR + b"\n")
        document.save(target, compress_streams=False)
    return target.getvalue()


@pytest.fixture(scope="module")
def scanning_server(start_server: Callable[..., ChatServer]) -> Iterator[ChatServer]:
    """chatapp with the real daemon."""
    program = clamd.needed_program()
    with tempfile.TemporaryDirectory(prefix="clamd-") as folder, Clamd(program, Path(folder)) as daemon:
        yield start_server(CLAMD_URL=daemon.urls[0])


@pytest.fixture(scope="module")
def blind_server(start_server: Callable[..., ChatServer]) -> ChatServer:
    """chatapp whose scanner is away."""
    return start_server(CLAMD_URL=f"tcp://127.0.0.1:{free_port()}")


def test_a_clean_file_passes(scanning_server: ChatServer, make_person: PersonMaker) -> None:
    alice, bob = (make_person(name, server=scanning_server) for name in ("alice", "bob"))
    (file,) = adds(alice, alice.sends("look", to=bob))
    assert (file["metadata"]["scanned"], file["state"]) == (True, "ready")
    assert fetches(bob, file).status_code == 200


def test_an_infected_file_is_refused(scanning_server: ChatServer, make_person: PersonMaker, database: Database) -> None:
    alice, bob = (make_person(name, server=scanning_server) for name in ("alice", "bob"))
    message = alice.sends("look", to=bob)
    refused = tries_to_add(alice, message["id"], named("clean.png"), named("infected.pdf", infected_pdf()))
    assert (refused.status, refused.error) == (422, "marketplace.fileInfected"), refused.text
    assert database.rows("SELECT 1 FROM attachments WHERE uploader_id = %s", alice.id) == []


def test_what_was_not_scanned_is_seen_by_its_author_alone(blind_server: ChatServer, make_person: PersonMaker) -> None:
    alice, bob = (make_person(name, server=blind_server) for name in ("alice", "bob"))
    message = alice.sends("look", to=bob)
    ear = bob.connects()
    (file,) = adds(alice, message)
    assert (file["state"], file["public_url"], file["thumbnail_url"]) == ("quarantined", "", "")
    assert (fetches(alice, file).status_code, fetches(bob, file).status_code) == (403, 404)
    assert bob.history(message["chat_id"])[0]["attachments"] == []
    ear.receives_no("attachments_updated", ear.pings)
    (unsent,) = uploads(alice)
    refused = alice.posts("/messages", {"receiver_id": bob.id, "attachment_ids": [unsent["id"]]})
    assert refused.status == 422
