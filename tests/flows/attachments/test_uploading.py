"""Files are added to messages, visible to both users, published live, and removable."""

from __future__ import annotations

import pytest

from tests.database import Database
from tests.files.making_media import made, sound
from tests.files.making_pictures import SECRET, with_metadata
from tests.flows.attachments.conftest import Bucket, Message, objects_of
from tests.flows.attachments.words import JPEG, PDF, PNG, adds, fetches, field, named, posts_form, tries_to_add, uploads
from tests.people import CHAT, Person

pytestmark = pytest.mark.usefixtures("clean_log")


def test_both_see_what_was_added(alice: Person, bob: Person, message: Message) -> None:
    added = adds(alice, message, named("picture.png", PNG, "image/png"), named("contract.pdf", PDF))
    picture, document = added
    assert picture["message_id"] == message["id"]
    assert (picture["file_type"], picture["content_type"], picture["file_name"]) == (
        "image",
        "image/png",
        "picture.png",
    )
    assert (picture["metadata"]["width"], picture["metadata"]["height"]) == (64, 48)
    assert picture["metadata"]["scanned"] is False
    assert picture["public_url"] and picture["thumbnail_url"] and picture["state"] == "ready"
    assert (document["file_type"], document["metadata"]["pages"], document["thumbnail_url"]) == ("document", 3, "")
    (shown,) = bob.history(message["chat_id"])
    assert shown["attachments"] == added
    assert (shown["has_attachments"], shown["attachments_count"]) == (True, 2)


def test_it_is_told_live_and_to_whoever_was_away(alice: Person, bob: Person, message: Message) -> None:
    cursor = bob.cursor(message["chat_id"])
    ear = bob.connects()
    added = adds(alice, message)
    frame = ear.receives("attachments_updated", message_id=message["id"])
    assert frame["attachments"] == frame["payload"]["attachments"] == frame["message"]["attachments"] == added
    assert frame["version"] == message["version"] + 1 == frame["message"]["version"]
    assert bob.catches_up(cursor)["changes"] == [frame]


def test_the_message_is_shown_once_more_to_clients_that_know_new_messages_only(
    alice: Person, bob: Person, message: Message
) -> None:
    devices = [alice.connects(), bob.connects()]
    social = bob.social.connects()
    added = adds(alice, message)
    for device in devices:
        first, second = (device.receives_any("attachments_updated", "new_message") for _ in range(2))
        assert (first["type"], second["type"]) == ("attachments_updated", "new_message")
        assert second["message"] == second["payload"] == first["message"]
        assert (second["message"]["id"], second["payload"]["attachments"]) == (message["id"], added)
        assert second["version"] == first["version"] == message["version"] + 1
        device.receives_no("new_message", until=device.pings)
    assert social.receives("message.updated")["payload"]["version"] == message["version"] + 1
    social.receives_no("message.new", until=social.pings)


def test_files_that_were_uploaded_before_are_sent_with_a_message(alice: Person, bob: Person) -> None:
    first, second = uploads(alice, named("a.png"), named("b.jpg", JPEG))
    assert first["message_id"] == 0
    ear = bob.connects()
    sent = alice.sends("", to=bob, attachment_ids=[second["id"], first["id"]], message_type="image")
    assert [file["id"] for file in sent["attachments"]] == [second["id"], first["id"]]
    assert {file["message_id"] for file in sent["attachments"]} == {sent["id"]}
    received = ear.receives("new_message")
    assert received["message"] == received["payload"] == sent
    assert bob.history(sent["chat_id"]) == [sent]


def test_they_are_sent_over_the_socket_once(alice: Person, bob: Person) -> None:
    (file,) = uploads(alice)
    mouth, ear = alice.connects(), bob.connects()
    frame = {"receiver_id": bob.id, "attachment_ids": [file["id"]], "client_message_id": "once"}
    sent = mouth.requests(frame, "message_ack")["message"]
    assert [found["id"] for found in sent["attachments"]] == [file["id"]]
    assert ear.receives("new_message")["message"] == sent
    assert mouth.requests(frame, "message_ack")["message"] == sent
    again = mouth.requests({**frame, "client_message_id": "twice"}, "error")
    assert again["error"] == "marketplace.attachmentNotFound"


def test_a_repeated_upload_adds_nothing(alice: Person, message: Message) -> None:
    key = {"Idempotency-Key": "upload-1"}
    first = tries_to_add(alice, message["id"], named("a.png"), **key)
    again = tries_to_add(alice, message["id"], named("a.png"), **key)
    assert first.data == again.data
    assert tries_to_add(alice, message["id"], named("other.png"), **key).status == 409


def test_nothing_of_what_a_photo_tells_is_stored(
    alice: Person, message: Message, bucket: Bucket, database: Database
) -> None:
    (photo,) = adds(alice, message, named("DSC_0001.JPG", with_metadata("JPEG", orientation=6)))
    assert (photo["metadata"]["width"], photo["metadata"]["height"]) == (48, 64)
    for name in objects_of(database, photo["id"]):
        stored = bucket.bytes_of(name)
        assert SECRET not in stored and b"Exif" not in stored
    assert SECRET not in fetches(alice, photo).content


def test_a_voice_message_becomes_opus(alice: Person, bob: Person, tmp_path_factory: pytest.TempPathFactory) -> None:
    recorded = made(sound, "ipod", "aac", folder=tmp_path_factory.mktemp("sound"), seconds=2.0)
    (voice,) = uploads(alice, named("voice.m4a", recorded), field("voice", "1"))
    assert (voice["content_type"], voice["metadata"]["voice"]) == ("audio/ogg", True)
    assert len(voice["metadata"]["waveform"]) == 64
    sent = alice.sends("", to=bob, attachment_ids=[voice["id"]], message_type="voice")
    assert sent["message_type"] == "voice"


def test_a_file_that_is_removed_is_gone_for_both(
    alice: Person, bob: Person, message: Message, database: Database
) -> None:
    kept, removed = adds(alice, message, named("a.png"), named("b.png"))
    names = objects_of(database, removed["id"])
    ear = bob.connects()
    assert alice.deletes(f"/attachments/{removed['id']}").data == {"message": "marketplace.attachmentDeleted"}
    assert ear.receives("attachments_updated")["attachments"] == [kept]
    ear.receives_no("new_message", until=ear.pings)
    assert fetches(bob, removed).status_code == 404
    assert alice.deletes(f"/attachments/{removed['id']}").status == 404
    rows = database.rows("SELECT 1 FROM objects WHERE name = ANY(%s) AND state <> 'doomed'", names)
    assert rows == []


def test_a_message_that_is_taken_back_loses_its_files(alice: Person, bob: Person, message: Message) -> None:
    (file,) = adds(alice, message)
    left = alice.deletes_message(message)
    assert (left["attachments"], left["attachments_count"]) == ([], 0)
    assert fetches(bob, file).status_code == fetches(alice, file).status_code == 404
    assert tries_to_add(alice, message["id"], named("late.png")).status == 409


def test_a_file_that_is_not_sent_can_be_dropped(alice: Person) -> None:
    (file,) = uploads(alice)
    assert fetches(alice, file).status_code == 200
    assert alice.deletes(f"/attachments/{file['id']}").status == 200
    assert fetches(alice, file).status_code == 404


def test_a_message_has_ten_files_at_most(alice: Person, message: Message) -> None:
    adds(alice, message, *[named(f"{number}.png") for number in range(9)])
    refused = tries_to_add(alice, message["id"], named("10.png"), named("11.png"))
    assert (refused.status, refused.error) == (422, "marketplace.tooManyFiles")
    assert len(adds(alice, message, named("10.png"))) == 1


def test_an_empty_choice_of_a_browser_is_no_file(alice: Person) -> None:
    refused = posts_form(alice, f"{CHAT}/attachments", named("", b""))
    assert (refused.status, refused.error) == (422, "marketplace.filesRequired")
