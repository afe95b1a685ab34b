"""Words for tests of files: `adds(alice, message, named("cat.jpg", JPEG))`, `fetches(bob, attachment)`."""

from __future__ import annotations

from typing import Any

import requests

from tests.files import making_documents, making_pictures
from tests.people import CHAT, SOCIAL, Person
from tests.servers import TIMEOUT, Reply

Part = tuple[str, Any]

PNG = making_pictures.saved(making_pictures.scene(), "PNG")
JPEG = making_pictures.saved(making_pictures.scene(), "JPEG")
PDF = making_documents.pdf(3)


def named(
    name: str | bytes, content: bytes = PNG, kind: str = "application/octet-stream", *, part: str = "files"
) -> Part:
    """A part of a form: a file."""
    return part, (name, content, kind)


def field(name: str, value: str) -> Part:
    """A part of a form: no file."""
    return name, (None, value)


def posts_form(person: Person, path: str, *parts: Part, **headers: str) -> Reply:
    """POST a form."""
    return person.server.post(path, token=person.token, files=list(parts), headers=headers)


def tries_to_add(person: Person, message_id: int, *parts: Part, **headers: str) -> Reply:
    """Add files to a message over the marketplace dialect, whatever comes of it."""
    return posts_form(person, f"{CHAT}/messages/{message_id}/attachments", *parts, **headers)


def adds(person: Person, message: dict[str, Any], *parts: Part) -> list[dict[str, Any]]:
    """Add files to a message."""
    reply = tries_to_add(person, message["id"], *(parts or (named("picture.png"),)))
    assert reply.status == 200, reply.text
    added: list[dict[str, Any]] = reply.data
    return added


def uploads(person: Person, *parts: Part) -> list[dict[str, Any]]:
    """Upload files that are sent later."""
    reply = posts_form(person, f"{CHAT}/attachments", *(parts or (named("picture.png"),)))
    assert reply.status == 200, reply.text
    uploaded: list[dict[str, Any]] = reply.data
    return uploaded


def fetches(person: Person, attachment: dict[str, Any], method: str = "GET", **headers: str) -> requests.Response:
    """Download through the server."""
    return fetches_path(person, f"{CHAT}/attachments/{attachment['id']}/download", method, **headers)


def fetches_path(person: Person, path: str, method: str = "GET", **headers: str) -> requests.Response:
    """The same from any path."""
    sent = {
        "Authorization": f"Bearer {person.token}",
        **{name.replace("_", "-"): text for name, text in headers.items()},
    }
    return requests.request(method, person.server.url + path, headers=sent, timeout=TIMEOUT)


def social_file(attachment_id: str) -> str:
    """The path of a file in the social dialect."""
    return f"{SOCIAL}/files/{attachment_id}"
