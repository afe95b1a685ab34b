"""The title and the picture of a group: `chatapp.actions.groups.profile`."""

from __future__ import annotations

import pytest

from chatapp.actions import chats
from chatapp.actions.groups import membership, profile
from chatapp.auth.actor import Actor
from chatapp.errors import Forbidden, Invalid, NotFound
from tests.actions.groups.words import notes
from tests.database import Database


def uploaded(database: Database, actor: Actor, file_type: str = "image", **columns: str) -> int:
    """The id of a file that a user uploaded and has not sent."""
    values = {"state": "'ready'", "expires_at": "now() + interval '1 hour'", **columns}
    with database.autocommitting() as cursor:
        cursor.execute(
            "INSERT INTO objects (name, size, state, writable_until)"
            " VALUES ('files/' || gen_random_uuid(), 1, 'stored', now()) RETURNING name"
        )
        (name,) = cursor.fetchone()
        cursor.execute(
            "INSERT INTO attachments (uploader_id, file_type, file_name, file_size, content_type, object_name,"
            f" thumbnail_name, {', '.join(values)})"
            f" VALUES (%s, %s, 'a', 1, 'image/png', %s, %s, {', '.join(values.values())}) RETURNING id",
            (actor.id, file_type, name, name),
        )
        return int(cursor.fetchone()[0])


def test_a_title_changes_once(group_id: int, actors: list[Actor], core: Database) -> None:
    profile.change_profile(actors[0], group_id, title=" New\ttitle ")
    profile.change_profile(actors[0], group_id, title="New title")
    assert [(note.event, note.title) for note in notes(actors[1], group_id)][1:] == [("title_changed", "New title")]
    assert core.rows("SELECT title FROM chats WHERE id = %s", group_id) == [("New title",)]


def test_nothing_to_change_changes_nothing(group_id: int, actors: list[Actor], core: Database) -> None:
    before = core.counts()
    profile.change_profile(actors[0], group_id)
    profile.change_profile(actors[0], group_id, title="Neighbours", picture_attachment_id=None)
    assert core.counts() == before


def test_a_picture_belongs_to_the_message_that_sets_it(group_id: int, actors: list[Actor], core: Database) -> None:
    alice, bob = actors[:2]
    picture = uploaded(core, alice)
    profile.change_profile(alice, group_id, title="With picture", picture_attachment_id=picture)
    assert [note.event for note in notes(bob, group_id)][1:] == ["title_changed", "picture_changed"]
    ((chat_id, message_type, count, expires_at),) = core.rows(
        "SELECT a.chat_id, m.message_type, m.attachments_count, a.expires_at FROM attachments a"
        " JOIN messages m ON m.id = a.message_id WHERE a.id = %s",
        picture,
    )
    assert (chat_id, message_type, count, expires_at) == (group_id, "system", 1, None)
    assert core.rows("SELECT picture_id FROM chats WHERE id = %s", group_id) == [(picture,)]
    profile.change_profile(alice, group_id, picture_attachment_id=picture)
    profile.change_profile(alice, group_id, picture_attachment_id=None)
    assert [note.event for note in notes(bob, group_id)][2:] == ["picture_changed", "picture_changed"]
    assert core.rows("SELECT picture_id FROM chats WHERE id = %s", group_id) == [(None,)]


def test_only_ones_own_unsent_images_can_be_pictures(group_id: int, actors: list[Actor], core: Database) -> None:
    alice, bob = actors[:2]
    membership.change_role(alice, group_id, bob.id, "admin")
    sent = uploaded(core, alice)
    for id in (sent, uploaded(core, alice)):
        profile.change_profile(alice, group_id, picture_attachment_id=id)
    before = core.counts()
    for actor, id in (
        (bob, uploaded(core, alice)),
        (alice, sent),
        (alice, 987_654_321),
        (alice, uploaded(core, alice, expires_at="now() - interval '1 second'")),
        (alice, uploaded(core, alice, state="'quarantined'")),
    ):
        with pytest.raises(Invalid, match="attachment_not_found") as refused:
            profile.change_profile(actor, group_id, title="Not this either", picture_attachment_id=id)
        assert list(refused.value.fields) == ["picture_attachment_id"]
    with pytest.raises(Invalid, match="validation_failed"):
        profile.change_profile(alice, group_id, picture_attachment_id=uploaded(core, alice, "document"))
    assert {name: count for name, count in core.counts().items() if name not in ("attachments", "objects")} == {
        name: count for name, count in before.items() if name not in ("attachments", "objects")
    }


def test_members_without_a_role_change_nothing(group_id: int, actors: list[Actor]) -> None:
    with pytest.raises(Forbidden, match="role_too_low"):
        profile.change_profile(actors[1], group_id, title="Mine")
    with pytest.raises(Invalid):
        profile.change_profile(actors[1], group_id, title="")


def test_a_chat_of_two_has_no_title(actors: list[Actor]) -> None:
    chat_id = chats.find_or_create_chat(actors[0], other_id=actors[1].id)
    with pytest.raises(NotFound, match="chat_not_found"):
        profile.change_profile(actors[0], chat_id, title="Two")
