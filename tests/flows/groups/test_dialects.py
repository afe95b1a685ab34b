"""The routes of groups in both dialects, and what lists and messages show of them."""

from __future__ import annotations

from typing import Any

import pytest
import requests

from chatapp.dialects.marketplace.group_schemas import MEMBERS_SHOWN
from tests.database import Database
from tests.flows.attachments.words import uploads
from tests.flows.groups.conftest import Group
from tests.people import Person


def system(message: dict[str, Any]) -> dict[str, Any]:
    """What a system message says."""
    assert (message.get("message_type") or message["messageType"], message["content"]) == ("system", "")
    note: dict[str, Any] = message["system"]
    return note


def test_a_group_in_the_marketplace_dialect(group: Group) -> None:
    shown = group.alice.gets(group.path).data
    assert (shown["kind"], shown["title"], shown["picture_url"]) == ("group", "Neighbours", "")
    assert (shown["member_count"], shown["role"], shown["listing_id"]) == (3, "owner", 0)
    assert [(member["id"], member["role"]) for member in shown["members"]] == [
        (group.alice.id, "owner"), (group.bob.id, "member"), (group.carol.id, "member")
    ]  # fmt: skip
    assert not {"other_user", "buyer", "seller", "buyer_id", "seller_id"} & shown.keys()
    entry = group.bob.chat(group.id)
    assert entry == {**{name: value for name, value in shown.items() if name != "members"}, "role": "member",
                     "unread_count": 1}  # fmt: skip
    assert entry["last_message"]["system"] == {"event": "created", "title": "Neighbours", "member_count": 3}
    assert entry["last_message"]["sender"]["id"] == group.alice.id
    (message,) = group.bob.history(group.id)
    assert system(message) == {"event": "created", "title": "Neighbours", "member_count": 3}
    assert (message["sender_id"], message["receiver_id"]) == (group.alice.id, None)


def test_the_marketplace_dialect_takes_usernames(group: Group, alice: Person, bob: Person, carol: Person) -> None:
    body = {"title": "Book club", "member_ids": [bob.id], "usernames": [bob.username, carol.username.upper()]}
    made = alice.posts("/groups", body)
    assert made.status == 200, made.text
    assert [member["id"] for member in made.data["members"]] == [alice.id, bob.id, carol.id]
    added = alice.posts(f"/groups/{made.data['id']}/members", {"usernames": [group.dave.username]})
    assert (added.status, added.data["member_count"]) == (200, 4)


def test_a_group_in_the_social_dialect(alice: Person, bob: Person, carol: Person) -> None:
    made = alice.social.posts("/groups", {"title": "Book club", "usernames": [bob.username, carol.username]})
    assert made.status == 201, made.text
    shown = made.data
    assert (shown["kind"], shown["title"], shown["pictureUrl"]) == ("group", "Book club", "")
    assert (shown["memberCount"], shown["role"], shown["item"]) == (3, "owner", None)
    assert "otherUser" not in shown
    assert [(member["id"], member["role"]) for member in shown["members"]] == [
        (alice.uuid, "owner"), (bob.uuid, "member"), (carol.uuid, "member")
    ]  # fmt: skip
    path = f"/groups/{shown['id']}"
    assert alice.social.patches(path, {"title": "Readers"}).data["title"] == "Readers"
    assert alice.social.patches(f"{path}/members/{bob.uuid}", {"role": "admin"}).status == 200
    assert alice.social.patches(f"{path}/members/{carol.username}", {"role": "admin"}).status == 200
    assert bob.social.deletes(f"{path}/members/{carol.username}").json["error"]["code"] == "ROLE_TOO_LOW"
    assert alice.social.deletes(f"{path}/members/{carol.uuid}").status == 200
    assert bob.social.posts(f"{path}/members", {"usernames": [carol.username]}).status == 200
    (entry,) = carol.social.conversations()
    assert (entry["id"], entry["unreadCount"], entry["memberCount"]) == (shown["id"], 1, 3)
    assert [user["id"] for user in entry["lastMessage"]["system"]["users"]] == [carol.uuid]
    assert entry["lastMessage"]["sender"]["username"] == bob.username
    notes = [system(message) for message in bob.social.history(shown["id"])][::-1]
    assert [note["event"] for note in notes] == [
        "created", "title_changed", "role_changed", "role_changed", "member_removed", "member_added"
    ]  # fmt: skip
    assert (notes[1]["title"], notes[2]["role"], notes[4]["memberCount"]) == ("Readers", "admin", 2)
    assert carol.social.posts(f"{path}/leave").status == 200
    assert carol.social.gets(path).status == 404
    assert carol.social.conversations() == []


def test_members_over_several_pages(group: Group, database: Database) -> None:
    with database.autocommitting() as cursor:
        cursor.execute(
            "WITH made AS (INSERT INTO users (subject, username) SELECT name, name"
            " FROM (SELECT 'page-' || gen_random_uuid() AS name FROM generate_series(1, 130)) names RETURNING id)"
            " INSERT INTO chat_members (chat_id, user_id, role) SELECT %s, id, 'member' FROM made",
            (group.id,),
        )
        cursor.execute("UPDATE chats SET member_count = 133 WHERE id = %s", (group.id,))
    assert len(group.alice.gets(group.path).data["members"]) == MEMBERS_SHOWN
    numbered = [group.alice.gets(f"{group.path}/members", page=page, limit=50).data for page in (1, 2, 3, 4)]
    assert [(len(page["members"]), page["has_more"], page["total"]) for page in numbered] == [
        (50, True, 133), (50, True, 133), (33, False, 133), (0, False, 133)
    ]  # fmt: skip
    found = [member["id"] for page in numbered for member in page["members"]]
    assert len(set(found)) == 133
    assert found[0] == group.alice.id
    by_cursor = group.carol.social.all_pages(f"{group.social_path}/members", "members", limit=40)
    assert [len(page) for page in by_cursor] == [40, 40, 40, 13]
    assert len({member["id"] for page in by_cursor for member in page}) == 133


@pytest.mark.parametrize("cursor", ["nonsense", "e30=", "eyJyYW5rIjoxfQ==", "x" * 400, "WzFd",
                                    "eyJyYW5rIjoiMSIsImpvaW5lZF9zZXEiOjAsInVzZXJfaWQiOjF9"])  # fmt: skip
def test_other_cursors_are_refused(group: Group, cursor: str) -> None:
    reply = group.alice.social.gets(f"{group.social_path}/members", cursor=cursor)
    assert (reply.status, reply.json["error"]["code"]) == (400, "INVALID_CURSOR")


def test_a_picture(group: Group) -> None:
    alice, bob = group.alice, group.bob
    picture = uploads(alice)[0]["id"]
    shown = alice.patches(group.path, {"picture_attachment_id": picture}).data
    assert shown["picture_url"].startswith("http")
    assert requests.get(shown["picture_url"], timeout=30).headers["Content-Type"] == "image/webp"
    assert bob.chat(group.id)["picture_url"].split("?")[0] == shown["picture_url"].split("?")[0]
    message = bob.history(group.id)[0]
    assert system(message) == {"event": "picture_changed"}
    assert [file["id"] for file in message["attachments"]] == [picture]
    again = alice.patches(group.path, {"picture_attachment_id": uploads(alice)[0]["id"], "title": "T"}).data
    assert again["picture_url"].split("?")[0] != shown["picture_url"].split("?")[0]
    assert alice.patches(group.path, {"picture_attachment_id": None}).data["picture_url"] == ""
    assert system(bob.history(group.id)[0]) == {"event": "picture_changed"}


def test_a_picture_whose_file_was_deleted_is_not_shown(group: Group) -> None:
    picture = uploads(group.alice)[0]["id"]
    group.alice.patches(group.path, {"picture_attachment_id": picture})
    assert group.alice.deletes(f"/attachments/{picture}").status == 200
    assert group.bob.chat(group.id)["picture_url"] == ""
    assert group.bob.history(group.id)[0]["attachments"] == []


def test_settings_of_a_group_are_those_of_each_member(group: Group) -> None:
    for verb in ("mute", "pin", "archive"):
        assert group.bob.posts(f"/{group.id}/{verb}").status == 200
    entry = group.bob.chat(group.id, archived="true")
    assert (entry["is_muted"], entry["is_pinned"], entry["is_archived"]) == (True, True, True)
    assert not group.carol.chat(group.id)["is_muted"]
    group.says("back")
    assert not group.bob.chat(group.id)["is_archived"]
    group.bob.posts(f"/{group.id}/archive")
    group.alice.patches(group.path, {"title": "A system message brings it back as well"})
    assert not group.bob.chat(group.id)["is_archived"]


def test_unread_messages_of_a_group_count(group: Group) -> None:
    group.says("hi")
    assert [person.unread() for person in (group.alice, group.bob)] == [0, 2]
    group.bob.reads(group.bob.history(group.id)[0])
    assert group.bob.unread() == 0
    group.alice.patches(group.path, {"title": "New"})
    assert [person.unread() for person in (group.alice, group.bob, group.carol)] == [0, 1, 3]


def test_a_deleted_group_is_gone(group: Group) -> None:
    for person in (group.bob, group.carol):
        assert person.deletes(f"/{group.id}").error == "marketplace.roleTooLow"
    assert group.alice.deletes(f"/{group.id}").status == 200
    for person in (group.alice, group.bob):
        assert person.gets(group.path).status == 404
    assert group.bob.unread() == 0


def test_a_repeated_creation_creates_one(alice: Person, bob: Person) -> None:
    body = {"title": "Once", "member_ids": [bob.id]}
    first, again = (alice.posts("/groups", body, **{"Idempotency-Key": "group-1"}).data for _ in range(2))
    assert first["id"] == again["id"]
    assert len(bob.chats()) == 1
    other = alice.posts("/groups", {**body, "title": "Other"}, **{"Idempotency-Key": "group-1"})
    assert (other.status, other.error) == (409, "marketplace.clientKeyReused")


def test_the_users_whom_it_concerns_are_named(group: Group) -> None:
    group.adds(group.dave)
    shown = system(group.alice.history(group.id)[0])["users"]
    assert [(user["id"], user["name"]) for user in shown] == [(group.dave.id, "dave")]
