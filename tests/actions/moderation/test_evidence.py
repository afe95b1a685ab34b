"""Evidence: which messages and files a report keeps, and for how long."""

from __future__ import annotations

from chatapp.actions import editing, removal
from chatapp.actions.attachments import cleanup
from chatapp.actions.moderation.evidence import AROUND
from chatapp.auth.actor import Actor
from tests.actions.attachments.conftest import Storage
from tests.actions.attachments.conftest import inspectors as inspectors
from tests.actions.attachments.conftest import rebind as rebind
from tests.actions.attachments.conftest import storage as storage
from tests.actions.moderation.words import decided, reported, said, stored
from tests.files.corpus import JPEG


def test_it_has_the_surroundings_on_both_sides(actors: list[Actor], chat_id: int) -> None:
    alice, bob, _ = actors
    messages = [said(bob if number % 3 else alice, chat_id, f"number {number}") for number in range(30)]
    report = reported(bob, messages[15])
    kept = [message["id"] for message in stored(report).evidence]
    assert kept == [message.id for message in messages[15 - AROUND : 15 + AROUND + 1]]
    assert stored(report).people == sorted([alice.id, bob.id])


def test_at_the_ends_of_a_chat_it_has_fewer(actors: list[Actor], chat_id: int) -> None:
    alice, bob, _ = actors
    messages = [said(alice, chat_id, f"number {number}") for number in range(4)]
    for message in (messages[0], messages[-1]):
        assert [one["id"] for one in stored(reported(bob, message)).evidence] == [one.id for one in messages]


def test_it_is_what_was_there_when_it_was_reported(actors: list[Actor], chat_id: int) -> None:
    alice, bob, _ = actors
    before, message = said(alice, chat_id, "before"), said(alice, chat_id, "first words")
    editing.edit_message(alice, message.id, "second words")
    editing.delete_message(alice, before.id)
    report = reported(bob, message)
    editing.edit_message(alice, message.id, "third words")
    said(alice, chat_id, "after")
    first, second = stored(report).evidence
    assert (first["content"], first["is_deleted"]) == ("", True)
    assert (second["content"], second["is_edited"]) == ("second words", True)
    assert second["sender"] == {"id": alice.id, "uuid": alice.uuid, "username": "alice", "name": ""}


def test_files_stay_while_the_report_is_open(storage: Storage) -> None:
    message = storage.sends(ids=storage.uploads(JPEG))
    (file,) = message.attachments
    names = {file.object_name, file.thumbnail_name}
    report = reported(storage.actors[1], message)
    second = reported(storage.actors[1], storage.sends("beside it"))
    editing.delete_message(storage.actors[0], message.id)
    storage.clean_up_later()
    assert storage.names() == names == storage.rows()
    assert {kept["object_name"] for one in stored(report).evidence for kept in one["attachments"]} == {file.object_name}

    decided(report, "dismiss")
    storage.clean_up_later()
    assert storage.names() == names, "the second report, which has the message among its surroundings, keeps them"
    decided(second, "remove_message")
    assert storage.is_empty()


def test_files_of_a_deleted_chat_stay_too(storage: Storage) -> None:
    message = storage.sends(ids=storage.uploads(JPEG))
    report = reported(storage.actors[1], message)
    removal.delete_chat(storage.actors[0], storage.chat_id)
    cleanup.clean_up()
    assert len(storage.names()) == 2
    decided(report, "ban", reason="fraud")
    assert storage.is_empty()


def test_files_that_are_still_sent_stay_after_the_decision(storage: Storage) -> None:
    message = storage.sends(ids=storage.uploads(JPEG))
    decided(reported(storage.actors[1], message), "dismiss")
    storage.clean_up_later()
    assert len(storage.names()) == 2
