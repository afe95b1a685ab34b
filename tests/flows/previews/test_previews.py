"""Link previews in messages of both dialects: over REST, live, and in catch-ups."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from chatapp.ids.public import encode_chat, encode_message
from tests.flows.marketplace.conftest import clean_log as clean_log
from tests.flows.previews.adding import PREVIEW, URL, add_preview
from tests.people import Person

pytestmark = pytest.mark.usefixtures("clean_log")

SHOWN = {
    "url": URL,
    "title": "Bicycle",
    "description": "Red",
    "site_name": "example.com",
    "image_url": "https://example.com/red.png",
}
SOCIAL_SHOWN = {
    "url": URL,
    "title": "Bicycle",
    "description": "Red",
    "siteName": "example.com",
    "imageUrl": "https://example.com/red.png",
}


def test_a_preview_arrives_as_an_update_without_an_edit_mark(
    alice: Person, bob: Person, environment: dict[str, str]
) -> None:
    sent = alice.sends(f"see {URL}", to=bob)
    chat_id, conversation = sent["chat_id"], encode_chat(sent["chat_id"])
    assert sent["link_preview"] is None
    cursor = bob.cursor(chat_id)
    device, social_device, own = bob.connects(), bob.social.connects(), alice.connects()
    add_preview(environment, sent["id"])
    for socket in (device, own):
        frame = socket.receives("message_updated", message_id=sent["id"])
        assert (frame["version"], frame["message"]["version"], frame["message"]["is_edited"]) == (2, 2, False)
        assert frame["message"]["link_preview"] == SHOWN
        assert frame["message"]["content"] == sent["content"]
    social: dict[str, Any] = social_device.receives("message.updated")["payload"]
    assert (social["version"], social["isEdited"], social["linkPreview"]) == (2, False, SOCIAL_SHOWN)
    assert bob.history(chat_id)[0]["link_preview"] == SHOWN
    assert bob.social.history(conversation)[0]["linkPreview"] == SOCIAL_SHOWN
    assert bob.social.gets(f"/messages/{encode_message(sent['id'])}").data["linkPreview"] == SOCIAL_SHOWN
    (change,) = bob.catches_up(cursor)["changes"]
    assert change == {**frame, "message": {**frame["message"], "is_read": change["message"]["is_read"]}}


def test_a_preview_without_a_picture(alice: Person, bob: Person, environment: dict[str, str]) -> None:
    sent = alice.sends(URL, to=bob)
    add_preview(environment, sent["id"], replace(PREVIEW, image_url=None))
    assert bob.history(sent["chat_id"])[0]["link_preview"]["image_url"] is None
    assert "imageUrl" not in bob.social.history(encode_chat(sent["chat_id"]))[0]["linkPreview"]


def test_an_edit_without_the_link_removes_the_preview(alice: Person, bob: Person, environment: dict[str, str]) -> None:
    sent = alice.sends(URL, to=bob)
    add_preview(environment, sent["id"])
    device, social_device = bob.connects(), bob.social.connects()
    assert alice.edits(sent, f"{URL} is sold")["link_preview"] == SHOWN
    assert device.receives("message_edited")["message"]["link_preview"] == SHOWN
    alice.edits(sent, "It is sold")
    assert device.receives("message_edited")["message"]["link_preview"] is None
    social_device.receives("message.updated")
    assert "linkPreview" not in social_device.receives("message.updated")["payload"]
    assert bob.history(sent["chat_id"])[0]["link_preview"] is None


def test_a_deleted_message_has_no_preview(alice: Person, bob: Person, environment: dict[str, str]) -> None:
    sent = alice.sends(URL, to=bob)
    add_preview(environment, sent["id"])
    assert alice.deletes_message(sent)["link_preview"] is None
    assert bob.history(sent["chat_id"])[0]["link_preview"] is None
