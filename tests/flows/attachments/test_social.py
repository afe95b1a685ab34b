"""Files in the social dialect: added, sent, listed, published live, and shown in the galleries of a conversation."""

from __future__ import annotations

from typing import Any

import pytest
import requests

from tests.flows.attachments.words import JPEG, PDF, PNG, fetches_path, field, named, posts_form, social_file
from tests.people import SOCIAL, Person
from tests.social_api import frame

pytestmark = pytest.mark.usefixtures("clean_log")


def adds(person: Person, message: dict[str, Any], *parts: Any) -> list[dict[str, Any]]:
    """Add files to a message."""
    reply = posts_form(person, f"{SOCIAL}/messages/{message['id']}/attachments", *(parts or (named("a.png"),)))
    assert reply.status == 201, reply.text
    added: list[dict[str, Any]] = reply.data
    return added


def uploads(person: Person, *parts: Any) -> list[dict[str, Any]]:
    """Upload files that are sent later."""
    reply = posts_form(person, f"{SOCIAL}/files", *(parts or (named("a.png"),)))
    assert reply.status == 201, reply.text
    uploaded: list[dict[str, Any]] = reply.data
    return uploaded


def test_files_of_a_message(alice: Person, bob: Person) -> None:
    message = alice.social.sends("look", to=bob)
    ear = bob.social.connects()
    picture, document = adds(alice, message, named("cat.jpg", JPEG), named("contract.pdf", PDF))
    assert (picture["messageId"], picture["conversationId"]) == (message["id"], message["conversationId"])
    assert (picture["fileType"], picture["contentType"], picture["state"]) == ("image", "image/jpeg", "ready")
    assert picture["metadata"]["dominantColor"].startswith("#")
    assert "thumbnailUrl" in picture and "thumbnailUrl" not in document
    assert requests.get(picture["url"], timeout=30).status_code == 200
    updated = ear.receives("message.updated")["payload"]
    assert (updated["id"], updated["attachments"]) == (message["id"], [picture, document])
    assert bob.social.gets(f"/messages/{message['id']}/attachments").data == [picture, document]
    assert bob.social.history(message["conversationId"])[0]["attachments"] == [picture, document]
    assert fetches_path(bob, social_file(document["id"])).content == PDF
    assert alice.social.deletes(f"/files/{picture['id']}").status == 200
    assert ear.receives("message.updated")["payload"]["attachments"] == [document]


def test_files_are_sent_with_a_message(alice: Person, bob: Person) -> None:
    first, second = uploads(alice, named("a.png"), named("b.jpg", JPEG))
    assert "messageId" not in first
    ear = bob.social.connects()
    sent = alice.social.sends("", to=bob, attachmentIds=[second["id"], first["id"]], messageType="image")
    assert [file["id"] for file in sent["attachments"]] == [second["id"], first["id"]]
    assert ear.receives("message.new")["payload"]["attachments"] == sent["attachments"]
    (third,) = uploads(alice)
    mouth = alice.social.connects()
    mouth.sends(
        frame(
            "message.send", conversationId=sent["conversationId"], content="", tempId="t", attachmentIds=[third["id"]]
        )
    )
    acknowledged = mouth.receives("message.sent")["payload"]["message"]
    assert ear.receives("message.new")["payload"]["attachments"] == acknowledged["attachments"]


def test_who_was_away_is_told(alice: Person, bob: Person) -> None:
    message = alice.social.sends("look", to=bob)
    bob.awaits_old_transactions()
    cursor = bob.social.gets("/messages/since").data["cursor"]
    (file,) = adds(alice, message)
    (change,) = bob.social.gets("/messages/since", cursor=cursor).data["changes"]
    assert (change["type"], change["payload"]["attachments"]) == ("message.updated", [file])


def test_galleries_show_what_was_shared_page_by_page(alice: Person, bob: Person) -> None:
    media, documents = [], []
    for number in range(3):
        message = alice.social.sends(str(number), to=bob)
        added = adds(alice, message, named(f"{number}.png"), named(f"{number}.pdf", PDF), named(f"{number}.jpg", JPEG))
        media += [added[0], added[2]]
        documents.append(added[1])
    conversation = f"/conversations/{message['conversationId']}"
    pages = bob.social.all_pages(f"{conversation}/media", "media", limit=2)
    assert [len(page) for page in pages] == [2, 2, 2]
    shown = [file for page in pages for file in page]
    assert [file["id"] for file in shown] == [file["id"] for file in reversed(media)]
    assert {file["senderId"] for file in shown} == {alice.uuid}
    (page,) = bob.social.all_pages(f"{conversation}/files", "files")
    assert [file["fileName"] for file in page] == ["2.pdf", "1.pdf", "0.pdf"]
    cursor = bob.social.gets(f"{conversation}/media", limit=2).data["meta"]["nextCursor"]
    assert alice.social.deletes(f"/files/{shown[1]['id']}").status == 200
    after = bob.social.gets(f"{conversation}/media", limit=2, cursor=cursor).data["media"]
    assert [file["id"] for file in after] == [file["id"] for file in shown[2:4]]
    assert alice.social.deletes(f"/messages/{message['id']}").status == 200
    assert len(bob.social.all_pages(f"{conversation}/files", "files")[0]) == 2


def test_a_cursor_of_elsewhere_is_refused(alice: Person, bob: Person, carol: Person) -> None:
    cursors = []
    for other in (bob, carol):
        for text in ("a", "b"):
            message = alice.social.sends(text, to=other)
            adds(alice, message)
        path = f"/conversations/{message['conversationId']}"
        cursors.append(alice.social.gets(f"{path}/media", limit=1).data["meta"]["nextCursor"])
        cursors.append(alice.social.gets(f"{path}/messages", limit=1).data["meta"]["nextCursor"])
    for cursor in (cursors[0], cursors[3], cursors[2][:-4], "e30=", "x", "9" * 1000):
        assert alice.social.gets(f"{path}/media", cursor=cursor).code == "INVALID_CURSOR"
    assert alice.social.gets(f"{path}/messages", cursor=cursors[2]).code == "INVALID_CURSOR"


def test_direct_uploads(alice: Person, bob: Person) -> None:
    message = alice.social.sends("look", to=bob)
    prepared = alice.social.posts("/files/uploads", {"files": [{"fileName": "cat.png", "fileSize": len(PNG)}]})
    assert prepared.status == 201, prepared.text
    (link,) = prepared.data
    assert requests.put(link["uploadUrl"], data=PNG, timeout=30).status_code == 200
    done = alice.social.posts(f"/files/uploads/{link['id']}/complete", {"messageId": message["id"]})
    assert (done.data["id"], done.data["messageId"]) == (link["id"], message["id"])
    assert alice.social.posts(f"/files/uploads/{link['id']}/complete", {"messageId": message["id"]}).data == done.data
    assert bob.social.posts(f"/files/uploads/{link['id']}/complete").code == "ATTACHMENT_NOT_FOUND"


def test_a_location_is_not_sent_here_and_types_must_fit(alice: Person, bob: Person) -> None:
    conversation = alice.social.opens(bob)["id"]
    for body in ({"content": "x", "messageType": "location"}, {"content": "x", "messageType": "image"}):
        refused = alice.social.posts(f"/conversations/{conversation}/messages", body)
        assert refused.status == 422, refused.text
    refused = posts_form(alice, f"{SOCIAL}/files", named("a.png"), field("voice", "true"))
    assert refused.code == "VOICE_NOT_AUDIO"
