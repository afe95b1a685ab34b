"""Exports and erasures over REST."""

from __future__ import annotations

import io
import uuid
from collections.abc import Callable, Iterator
from zipfile import ZipFile

import pytest
import requests

from chatapp.ops import runtime
from chatapp.ops.upkeep.exporting import make_exports
from config import load
from tests.database import Database
from tests.flows.attachments.words import PDF, adds, named
from tests.people import Person
from tests.servers import ChatServer

INTERNAL = "/api/v1/internal"


@pytest.fixture
def worker(environment: dict[str, str]) -> Iterator[None]:
    """This process makes exports, as `worker` does."""
    runtime.build(load(environment))
    yield
    runtime.close()


def test_the_document_is_streamed_in_both_dialects(alice: Person, bob: Person) -> None:
    alice.sends("hello", to=bob)
    for reply in (alice.gets("/export"), alice.social.gets("/export")):
        assert (reply.status, reply.headers["Content-Type"]) == (200, "application/json")
        assert reply.headers["Content-Disposition"].startswith("attachment")
        assert reply.headers["Cache-Control"] == "private, no-store"
        assert "Content-Length" not in reply.headers
        assert reply.json["is_complete"] is True
        assert [message["content"] for message in reply.json["messages"]] == ["hello"]
        assert reply.json["profile"][0]["email"] == f"{alice.username}@example.com"
    assert alice.server.get("/api/v1/chat/export").status == 401


def test_a_zip_is_requested_made_and_downloaded(alice: Person, bob: Person, worker: None) -> None:
    adds(alice, alice.sends("look", to=bob), named("paper.pdf", PDF))
    requested = alice.posts("/exports")
    assert requested.status == 202 and requested.data["status"] == "pending"
    assert alice.social.posts("/exports").data["id"] == requested.data["id"]
    make_exports()
    for api, expires in ((alice, "expires_at"), (alice.social, "expiresAt")):
        export = api.gets(f"/exports/{requested.data['id']}").data
        assert export["status"] == "ready" and expires in export
        with ZipFile(io.BytesIO(requests.get(export["url"], timeout=30).content)) as archive:
            assert len(archive.namelist()) == 2
    for wrong in (uuid.uuid4(), "x", "%00", "0" * 300):
        assert alice.gets(f"/exports/{wrong}").status == 404
    assert bob.gets(f"/exports/{requested.data['id']}").error == "marketplace.exportNotFound"


def test_exports_have_a_limit_of_their_own(start_server: Callable[..., ChatServer], alice: Person) -> None:
    server = start_server(LIMIT_EXPORT="2/hour")
    paths = ["/export", "/exports", "/exports"]
    methods = ["GET", "POST", "POST"]
    base = "/api/v1/marketplace/chat"
    replies = [
        server.request(method, base + path, token=alice.token) for method, path in zip(methods, paths, strict=True)
    ]
    assert [reply.status for reply in replies] == [200, 202, 429]
    assert int(replies[2].headers["Retry-After"]) > 0


def test_an_erasure_reports_what_went(
    alice: Person, bob: Person, server: ChatServer, service_token: str, database: Database
) -> None:
    alice.sends("hello", to=bob, client_message_id="key")
    path = f"{INTERNAL}/users/{alice.id}"
    unknown = server.get(f"{path}/erasure", token=service_token)
    assert (unknown.status, unknown.error) == (404, "internal.erasure_not_found")
    erased = server.delete(path, token=service_token).data
    assert erased["is_erased"] and erased["username"].startswith("deleted-")
    assert erased["erasure"]["state"] in ("redacting", "done")
    assert erased["erasure"]["erased"]["idempotency_keys"] == 1
    assert server.delete(path, token=service_token).data["erasure"]["erased"] == erased["erasure"]["erased"]
    report = server.get(f"{INTERNAL}/users/{alice.uuid}/erasure", token=service_token).data
    assert report["erasure"]["requested_at"] == erased["erasure"]["requested_at"]
    assert [message["content"] for message in bob.history(bob.chats()[0]["id"])] == ["hello"]
    assert alice.gets("/export").status == 401
    assert server.get(f"{INTERNAL}/users/987654321/erasure", token=service_token).status == 404
