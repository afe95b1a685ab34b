"""A user's own settings of a chat: in both dialects, on all devices at once, and in catch-ups."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest

from chatapp.actions.chat_settings import MAX_PINNED
from chatapp.clock import now, rfc3339
from chatapp.ids.public import encode_chat
from tests.database import Database
from tests.flows.members.larger_chats import make_larger_chat
from tests.flows.social.refusals import assert_refused
from tests.people import Person, PersonMaker, Socket
from tests.servers import Reply

pytestmark = pytest.mark.usefixtures("clean_log")

LATER = "2199-01-01T00:00:00.000Z"
Change = Callable[[Person, int, str], Reply]


def in_marketplace(who: Person, chat_id: int, verb: str) -> Reply:
    """Change a setting."""
    return who.posts(f"/{chat_id}/{verb}", {"until": LATER} if verb in ("snooze", "mute") else None)


def in_social(who: Person, chat_id: int, verb: str) -> Reply:
    """Change a setting."""
    body = {"until": LATER} if verb in ("snooze", "mute") else None
    return who.social.posts(f"/conversations/{encode_chat(chat_id)}/{verb}", body)


DIALECTS = {"marketplace": in_marketplace, "social": in_social}
# What each change sets, as the marketplace and the social dialect name it.
SET: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "archive": ({"is_archived": True}, {"isArchived": True}),
    "mute": ({"is_muted": True, "muted_until": LATER}, {"isMuted": True, "mutedUntil": LATER}),
    "pin": ({"is_pinned": True}, {"isPinned": True}),
    "snooze": ({"snoozed_until": LATER}, {"snoozedUntil": LATER}),
    "mark-unread": ({"is_marked_unread": True}, {"isMarkedUnread": True}),
}
UNSET: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "unarchive": ({"is_archived": False}, {"isArchived": False}),
    "unmute": ({"is_muted": False, "muted_until": None}, {"isMuted": False}),
    "unpin": ({"is_pinned": False}, {"isPinned": False}),
    "unsnooze": ({"snoozed_until": None}, {}),
}


def entry(who: Person, chat_id: int) -> dict[str, Any]:
    """The entry of a chat, in whichever list it is."""
    for params in ({}, {"archived": "true"}, {"snoozed": "true"}):
        for chat in who.chats(limit=100, **params):
            if chat["id"] == chat_id:
                return chat
    raise AssertionError("in no list")


def social_entry(who: Person, chat_id: int) -> dict[str, Any]:
    """The same in the social dialect."""
    for params in ({}, {"archived": "true"}, {"snoozed": "true"}):
        for chat in who.social.gets("/conversations", limit=50, **params).data["conversations"]:
            if chat["id"] == encode_chat(chat_id):
                return dict(chat)
    raise AssertionError("in no list")


def contains(shown: dict[str, Any], expected: dict[str, Any]) -> bool:
    """Whether these fields have these values."""
    return all(shown[name] == value for name, value in expected.items())


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("verb", SET)
def test_a_change_reaches_lists_devices_and_catch_ups_of_both_dialects(
    alice: Person, bob: Person, dialect: str, verb: str
) -> None:
    chat_id = alice.sends("hi", to=bob)["chat_id"]
    cursor, social_cursor = bob.cursor(chat_id), bob.social.gets("/messages/since").data["cursor"]
    device, social_device, other = bob.connects(), bob.social.connects(), alice.connects()
    assert DIALECTS[dialect](bob, chat_id, verb).status == 200
    values, social_values = SET[verb]
    frame = device.receives("chat_settings_updated", chat_id=chat_id)
    assert contains(frame["settings"], values)
    assert contains(social_device.receives("conversation.updated", **social_values)["payload"], social_values)
    shown, social_shown = entry(bob, chat_id), social_entry(bob, chat_id)
    assert contains(shown, values)
    assert contains(social_shown, social_values)
    assert {name: shown[name] for name in frame["settings"]} == frame["settings"]
    assert frame["settings_version"] == shown["settings_version"] == social_shown["settingsVersion"] == 1
    assert contains(bob.catches_up(cursor)["chats"][chat_id], values)
    caught_up = bob.social.gets("/messages/since", cursor=social_cursor).data
    assert [contains(chat, social_values) for chat in caught_up["conversations"]] == [True]
    assert not contains(entry(alice, chat_id), values)
    other.receives_no("chat_settings_updated", until=other.pings)


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("verb", UNSET)
def test_a_change_is_undone_everywhere(alice: Person, bob: Person, dialect: str, verb: str) -> None:
    chat_id = alice.sends("hi", to=bob)["chat_id"]
    assert DIALECTS[dialect](bob, chat_id, verb.removeprefix("un")).status == 200
    device = bob.connects()
    assert DIALECTS[dialect](bob, chat_id, verb).status == 200
    values, social_values = UNSET[verb]
    assert contains(device.receives("chat_settings_updated")["settings"], values)
    assert contains(entry(bob, chat_id), values)
    shown = social_entry(bob, chat_id)
    assert contains(shown, social_values)
    assert not {"mutedUntil", "snoozedUntil"} & shown.keys()


@pytest.mark.parametrize("verb", ["archive", "snooze"])
@pytest.mark.parametrize("is_larger", [False, True])
@pytest.mark.parametrize("writer", ["alice", "bob"])
def test_a_message_brings_the_chat_back(
    alice: Person, bob: Person, carol: Person, database: Database, verb: str, is_larger: bool, writer: str
) -> None:
    people = {"alice": alice, "bob": bob}
    members = [alice.id, bob.id, carol.id]
    chat_id = make_larger_chat(database, members) if is_larger else alice.sends("hi", to=bob)["chat_id"]
    device = bob.connects()
    assert in_marketplace(bob, chat_id, verb).status == 200
    seq = device.receives("chat_settings_updated")["seq"]
    if not is_larger:
        assert bob.chats() == bob.social.conversations() == []
        (listed,) = bob.chats(**{"archived" if verb == "archive" else "snoozed": "true"})
        assert listed["id"] == chat_id
    assert people[writer].sends("again", chat_id=chat_id)["seq"] > seq
    if not is_larger:
        (listed,) = bob.chats()
        assert (listed["is_archived"], listed["snoozed_until"]) == (False, None)
        assert [chat["id"] for chat in bob.social.conversations()] == [encode_chat(chat_id)]


def test_an_archived_chat_is_in_the_archive_only(alice: Person, bob: Person) -> None:
    chat_id = alice.sends("hi", to=bob)["chat_id"]
    for verb in ("snooze", "archive"):
        in_marketplace(bob, chat_id, verb)
    assert bob.chats() == bob.chats(snoozed="true") == []
    assert [chat["id"] for chat in bob.chats(archived="true")] == [chat_id]
    assert bob.chats(q=alice.username) == []
    assert [chat["id"] for chat in bob.chats(q=alice.username, archived="true", snoozed="true")] == [chat_id]
    in_marketplace(bob, chat_id, "unarchive")
    assert [chat["id"] for chat in bob.chats(q=alice.username, snoozed="true")] == [chat_id]


def test_a_snooze_that_has_ended_hides_nothing(alice: Person, bob: Person, database: Database) -> None:
    chat_id = alice.sends("hi", to=bob)["chat_id"]
    in_marketplace(bob, chat_id, "snooze")
    database.change(
        "UPDATE chat_members SET snoozed_until = now() WHERE chat_id = %s AND user_id = %s", chat_id, bob.id
    )
    (listed,) = bob.chats()
    assert listed["snoozed_until"] is None
    assert bob.chats(snoozed="true") == []


@pytest.mark.parametrize("until", ["2020-01-01T00:00:00Z", "now"])
def test_a_snooze_ends_in_the_future(alice: Person, bob: Person, database: Database, until: str) -> None:
    chat_id = alice.sends("hi", to=bob)["chat_id"]
    before = database.counts()
    body = {"until": rfc3339(now()) if until == "now" else until}
    reply = bob.posts(f"/{chat_id}/snooze", body)
    assert (reply.status, reply.error) == (422, "marketplace.validationFailed")
    assert set(reply.json["details"]) == {"until"}
    path = f"/conversations/{encode_chat(chat_id)}/snooze"
    assert_refused(bob.social.posts(path, body), 422, "VALIDATION_FAILED")
    assert database.counts() == before
    assert entry(bob, chat_id)["settings_version"] == 0


@pytest.mark.parametrize("body", [None, {}, {"until": None}, {"until": 5}, {"until": "soon"}, {"until": LATER, "x": 1}])
def test_a_snooze_needs_a_time(alice: Person, bob: Person, body: Any) -> None:
    chat_id = alice.sends("hi", to=bob)["chat_id"]
    expected = 415 if body is None else 422
    assert bob.posts(f"/{chat_id}/snooze", body).status == expected
    assert bob.social.posts(f"/conversations/{encode_chat(chat_id)}/snooze", body).status == expected
    assert entry(bob, chat_id)["settings_version"] == 0


def test_a_mute_without_an_end_has_no_time(alice: Person, bob: Person) -> None:
    chat_id = alice.sends("hi", to=bob)["chat_id"]
    assert bob.posts(f"/{chat_id}/mute").status == 200
    assert contains(entry(bob, chat_id), {"is_muted": True, "muted_until": None})
    shown = social_entry(bob, chat_id)
    assert shown["isMuted"] is True
    assert "mutedUntil" not in shown


def test_a_mute_expires(alice: Person, bob: Person) -> None:
    chat_id = alice.sends("hi", to=bob)["chat_id"]
    device = bob.connects()
    past = rfc3339(now() - dt.timedelta(seconds=1))
    assert bob.posts(f"/{chat_id}/mute", {"until": past}).status == 200
    expected = {"is_muted": False, "muted_until": None}
    assert contains(device.receives("chat_settings_updated")["settings"], expected)
    assert contains(entry(bob, chat_id), expected)


def fill_pins(database: Database, who: Person, *, but: int) -> None:
    """Pin other chats of a user, up to the limit less some."""
    database.change(
        "WITH made AS (INSERT INTO chats (kind, title, member_count)"
        " SELECT 'group', 'Friends', 1 FROM generate_series(1, %s) RETURNING id)"
        " INSERT INTO chat_members (chat_id, user_id, role, pinned_at) SELECT id, %s, 'member', now() FROM made",
        MAX_PINNED - but,
        who.id,
    )


def test_a_hundred_chats_can_be_pinned(alice: Person, bob: Person, carol: Person, database: Database) -> None:
    with_alice, with_carol = (who.sends("hi", to=bob)["chat_id"] for who in (alice, carol))
    fill_pins(database, bob, but=1)
    for _ in range(2):
        assert bob.posts(f"/{with_alice}/pin").status == 200
    reply = bob.posts(f"/{with_carol}/pin")
    assert (reply.status, reply.error) == (409, "marketplace.tooManyPinnedChats")
    path = f"/conversations/{encode_chat(with_carol)}/pin"
    assert_refused(bob.social.posts(path), 409, "TOO_MANY_PINNED_CHATS")
    state = "SELECT pinned_at, settings_version FROM chat_members WHERE chat_id = %s AND user_id = %s"
    assert database.rows(state, with_carol, bob.id) == [(None, 0)]
    assert bob.posts(f"/{with_alice}/unpin").status == 200
    assert bob.social.posts(path).status == 200


def test_the_social_list_begins_with_pinned_conversations(alice: Person, make_person: PersonMaker) -> None:
    chats = [alice.sends("hi", to=make_person())["chat_id"] for _ in range(6)]
    for chat_id in (chats[1], chats[4], chats[0]):
        assert in_social(alice, chat_id, "pin").status == 200
    expected = [encode_chat(chats[place]) for place in (0, 4, 1, 5, 3, 2)]
    assert [chat["id"] for chat in alice.social.conversations()] == expected
    for limit in (1, 2, 3, 4):
        pages = alice.social.all_pages("/conversations", "conversations", limit=limit)
        assert [chat["id"] for page in pages for chat in page] == expected


def test_a_mark_as_unread_changes_neither_counts_nor_receipts(alice: Person, bob: Person) -> None:
    sent = alice.sends("hi", to=bob)
    bob.reads(sent)
    hers = alice.connects()
    assert bob.posts(f"/{sent['chat_id']}/mark-unread").data == {"message": "marketplace.chatMarkedAsUnread"}
    shown = entry(bob, sent["chat_id"])
    assert (shown["is_marked_unread"], shown["unread_count"], bob.unread()) == (True, 0, 0)
    assert alice.history(sent["chat_id"])[0]["is_read"] is True
    hers.receives_no("message_read", until=hers.pings)


ENDS: dict[str, Callable[[Person, dict[str, Any]], object]] = {
    "reading over REST": lambda bob, sent: bob.reads(sent),
    "reading in the social dialect": lambda bob, sent: bob.social.reads(encode_chat(sent["chat_id"])),
    "reading over a socket": lambda bob, sent: bob.connects().sends({"type": "mark_read", "message_id": sent["id"]}),
}


@pytest.mark.parametrize("is_read", [False, True])
@pytest.mark.parametrize("end", ENDS)
def test_reading_ends_a_mark_as_unread_on_all_devices(alice: Person, bob: Person, end: str, is_read: bool) -> None:
    sent = alice.sends("hi", to=bob)
    if is_read:
        bob.reads(sent)
    in_marketplace(bob, sent["chat_id"], "mark-unread")
    devices = [bob.connects(), bob.social.connects()]
    ENDS[end](bob, sent)
    frame = devices[0].receives("chat_settings_updated")
    assert (frame["settings"]["is_marked_unread"], frame["settings_version"]) == (False, 2)
    devices[1].receives("conversation.updated", isMarkedUnread=False)
    assert entry(bob, sent["chat_id"])["is_marked_unread"] is False


def test_writing_ends_a_mark_as_unread(alice: Person, bob: Person) -> None:
    sent = alice.sends("hi", to=bob)
    in_marketplace(bob, sent["chat_id"], "mark-unread")
    alice.sends("more", to=bob)
    assert entry(bob, sent["chat_id"])["is_marked_unread"] is True
    bob.sends("yes", to=alice)
    assert entry(bob, sent["chat_id"])["is_marked_unread"] is False
    device = bob.connects()
    bob.reads(sent)
    device.receives_no("chat_settings_updated", until=device.pings)  # the mark ended before


def test_reading_in_a_larger_chat_ends_a_mark_as_unread(
    alice: Person, bob: Person, carol: Person, database: Database
) -> None:
    chat_id = make_larger_chat(database, [alice.id, bob.id, carol.id])
    sent = alice.sends("hi", chat_id=chat_id)
    device = bob.connects()
    for expected in (1, 3):
        in_marketplace(bob, chat_id, "mark-unread")
        device.receives("chat_settings_updated", settings_version=expected)
        bob.reads(sent)
        assert device.receives("chat_settings_updated")["settings"]["is_marked_unread"] is False


def test_reading_updates_the_other_devices_of_the_reader(alice: Person, bob: Person) -> None:
    sent = alice.sends("hi", to=bob)
    device, social_device = bob.connects(), bob.social.connects()
    reading = bob.connects()
    reading.sends({"type": "mark_read", "message_id": sent["id"]})
    for other in (reading, device):
        assert other.receives("message_read", read_by=bob.id)["up_to_seq"] == sent["seq"]
        other.receives("unread_count", count=0)
    assert social_device.receives("message.read", readBy=bob.uuid)["payload"]["upToSeq"] == sent["seq"]
    social_device.receives("notification.unread", count=0)
    social_device.receives("conversation.updated", unreadCount=0)


def test_settings_survive_a_block_and_end_with_the_chat(alice: Person, bob: Person) -> None:
    chat_id = alice.sends("hi", to=bob)["chat_id"]
    alice.blocks(bob)
    for verb in SET:
        assert in_marketplace(bob, chat_id, verb).status == 200
    assert bob.puts(f"/{chat_id}/draft", {"content": "still here"}).status == 200
    assert alice.deletes(f"/{chat_id}").status == 200
    for verb in SET:
        reply = in_marketplace(bob, chat_id, verb)
        assert (reply.status, reply.error) == (404, "marketplace.chatNotFound")


def test_settings_frames_of_one_membership_rise_in_version(alice: Person, bob: Person) -> None:
    chat_id = alice.sends("hi", to=bob)["chat_id"]
    devices: list[Socket] = [bob.connects(), bob.connects()]
    for verb in ("pin", "mute", "unpin", "archive"):
        in_marketplace(bob, chat_id, verb)
    for device in devices:
        frames = device.receives_all("chat_settings_updated", 4)
        assert [frame["settings_version"] for frame in frames] == [1, 2, 3, 4]
        shown = entry(bob, chat_id)
        assert {name: shown[name] for name in frames[-1]["settings"]} == frames[-1]["settings"]
