"""Responses of file routes match the documents, in both dialects."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.files.corpus import made
from tests.files.making_media import sound
from tests.flows.attachments.words import PNG, named
from tests.flows.contract.file_routes import MARKETPLACE_ROUTES, SOCIAL_ROUTES
from tests.flows.contract.test_frames import openapi, problems
from tests.people import CHAT, SOCIAL, Person
from tests.servers import Reply

ROUTES = [(CHAT, *route) for route in MARKETPLACE_ROUTES] + [(SOCIAL, *route) for route in SOCIAL_ROUTES]


@pytest.mark.parametrize(("base", "method", "path"), ROUTES)
def test_responses_match_the_document(alice: Person, bob: Person, base: str, method: str, path: str) -> None:
    ids = _path_parameters(alice, bob, base, path)
    is_form = method == "post" and path.endswith(("attachments", "/files"))
    announced = (
        {"file_name": "a.png", "file_size": len(PNG)} if base == CHAT else {"fileName": "a.png", "fileSize": len(PNG)}
    )

    def request(token: str | None, ids_in_path: dict[str, Any], *, is_invalid: bool = False) -> Reply:
        options: dict[str, Any] = {}
        if is_form:
            options["files"] = [named("a.png", b"no" if is_invalid else PNG)]
        elif path.endswith("uploads"):
            options["json"] = {"files": [] if is_invalid else [announced]}
        elif is_invalid and method == "get" and "conversations" in path:
            options["params"] = {"cursor": "bad"}
        elif is_invalid and "{" in path and method == "get":
            options["headers"] = {"Range": "bytes=999999-"}
        return alice.server.request(method, base + path.format(**ids_in_path), token=token, **options)

    refused_user = bob if method == "delete" else alice
    replies = [request(None, ids), request(refused_user.token, ids, is_invalid=True), request(alice.token, ids)]
    assert replies[0].status == 401
    assert replies[-1].status in (200, 201), replies[-1].text
    if "{" in path:
        replies.append(request(alice.token, dict.fromkeys(ids, 987654321)))
        assert replies[-1].status == 404
    for reply in replies:
        if reply.json is not None:
            assert problems(alice.server, method, base + path, reply) == []
        else:
            assert "*/*" in openapi(alice.server.url)["paths"][base + path][method]["responses"]["200"]["content"]


def _recording() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        return made(sound, "ipod", "aac", folder=Path(folder), seconds=2.0)


def _path_parameters(alice: Person, bob: Person, base: str, path: str) -> dict[str, Any]:
    """Path parameters of a message with a file that alice sent, or of an upload that is not completed yet."""
    file = named("voice.m4a", _recording()) if path.endswith("waveform") else named("a")
    if base == CHAT:
        message = alice.sends("look", to=bob)
        form = alice.server.post(f"{CHAT}/messages/{message['id']}/attachments", token=alice.token, files=[file])
        link = alice.posts("/attachments/uploads", {"files": [{"file_name": "a.png", "file_size": len(PNG)}]}).data[0]
    else:
        message = alice.social.sends("look", to=bob)
        form_path = f"{SOCIAL}/messages/{message['id']}/attachments"
        form = alice.server.post(form_path, token=alice.token, files=[file])
        link = alice.social.posts("/files/uploads", {"files": [{"fileName": "a.png", "fileSize": len(PNG)}]}).data[0]
    requests.put(link.get("upload_url") or link["uploadUrl"], data=PNG, timeout=30).raise_for_status()
    id = link["id"] if path.endswith("complete") else form.data[0]["id"]
    conversation_id = message.get("conversationId")
    return {"message_id": message["id"], "conversation_id": conversation_id, "attachment_id": id, "file_id": id}
