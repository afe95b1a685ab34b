"""In a chat of three, a block hides what the blocked user writes from the one who blocks, and from no one else.

Alice blocks bob. Carol blocks no one.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from chatapp.ids.public import encode_chat, encode_file, encode_message
from tests.database import Database
from tests.flows.attachments.words import PDF, adds, fetches, named
from tests.flows.live.workers import on_each_worker
from tests.flows.members.larger_chats import make_larger_chat
from tests.people import Person, PersonMaker, Socket
from tests.servers import ChatServer

Row = dict[str, Any]
People = tuple[Person, Person, Person]


@pytest.fixture
def people(alice: Person, bob: Person, carol: Person) -> People:
    """The members."""
    return alice, bob, carol


@pytest.fixture
def chat_id(database: Database, people: People) -> int:
    """The chat."""
    return make_larger_chat(database, [person.id for person in people])


def moves(socket: Socket) -> list[tuple[str, int, int]]:
    """Type, first and last version of each frame that moved the version of a chat, in either dialect."""
    socket.pings()
    found = []
    for received in socket.received:
        fields = {**(received.get("payload") or {}), **received}
        if received["type"] in MOVES:
            first = fields.get("from_version", fields.get("fromVersion", fields["version"]))
            found.append((received["type"], first, fields["version"]))
    return found


MOVES = {
    "new_message", "message_edited", "message_deleted", "attachments_updated", "chat_advanced",
    "message.new", "message.updated", "message.deleted", "conversation.advanced",
}  # fmt: skip


def contents(messages: list[Row]) -> list[str]:
    """The texts, oldest first."""
    return [message["content"] for message in reversed(messages)]


def writes_and_changes(bob: Person, chat_id: int) -> Row:
    """Bob sends a message, adds a file, edits and deletes the message: four versions."""
    message = bob.sends("from bob", chat_id=chat_id)
    adds(bob, message)
    bob.edits(message, "edited by bob")
    bob.deletes_message(message)
    return message


def test_live_frames_move_the_version_without_content(people: People, chat_id: int) -> None:
    alice, bob, carol = people
    alice.blocks(bob)
    hers, hers_too, carols = alice.connects(), alice.social.connects(), carol.connects()
    carol.sends("before", chat_id=chat_id)
    writes_and_changes(bob, chat_id)
    carol.sends("after", chat_id=chat_id)
    hidden = [(version, version) for version in (2, 3, 4, 5)]
    assert moves(hers) == [
        ("new_message", 1, 1), *[("chat_advanced", *each) for each in hidden], ("new_message", 6, 6)
    ]  # fmt: skip
    assert moves(hers_too) == [
        ("message.new", 1, 1), *[("conversation.advanced", *each) for each in hidden], ("message.new", 6, 6)
    ]  # fmt: skip
    assert "bob" not in str([*hers.received, *hers_too.received])
    assert hers.receives("chat_advanced") == {
        "type": "chat_advanced", "chat_id": chat_id, "from_version": 2, "version": 2
    }  # fmt: skip
    assert hers_too.receives("conversation.advanced") == {
        "type": "conversation.advanced",
        "payload": {"conversationId": encode_chat(chat_id), "fromVersion": 2, "version": 2},
    }
    assert [kind for kind, _, _ in moves(carols)] == [
        "new_message", "new_message", "attachments_updated", "new_message", "message_edited", "message_deleted",
        "new_message",
    ]  # fmt: skip


def test_the_blocked_user_sees_everything(people: People, chat_id: int) -> None:
    alice, bob, _ = people
    alice.blocks(bob)
    his = bob.connects()
    alice.sends("from alice", chat_id=chat_id)
    assert his.receives("new_message")["message"]["content"] == "from alice"
    assert contents(bob.history(chat_id)) == ["from alice"]
    assert bob.unread() == 1


def test_a_block_holds_at_once_on_open_sockets_and_ends_with_it(people: People, chat_id: int) -> None:
    alice, bob, _ = people
    hers = alice.connects()
    for text, change in (("shown", alice.blocks), ("hidden", alice.unblocks)):
        bob.sends(text, chat_id=chat_id)
        change(bob)
    bob.sends("shown again", chat_id=chat_id)
    assert moves(hers) == [("new_message", 1, 1), ("chat_advanced", 2, 2), ("new_message", 3, 3)]
    assert contents(alice.history(chat_id)) == ["shown", "hidden", "shown again"], "nothing is lost"
    assert alice.unread() == 3


def test_the_typing_of_a_blocked_user_is_not_pushed(people: People, chat_id: int) -> None:
    alice, bob, carol = people
    carol.sends("begin", chat_id=chat_id)
    hers, his, carols = alice.connects(), bob.connects(), carol.connects()
    his.sends({"type": "typing", "chat_id": chat_id, "is_typing": True})
    assert hers.receives("typing")["is_typing"] is True
    alice.blocks(bob)
    assert hers.receives("typing") == {
        "type": "typing", "chat_id": chat_id, "user_id": bob.id, "is_typing": False, "version": 1
    }, "the block ends it"  # fmt: skip
    for is_typing in (True, False):
        his.sends({"type": "typing", "chat_id": chat_id, "is_typing": is_typing})
        assert carols.receives("typing", user_id=bob.id, is_typing=is_typing)
    carols.sends({"type": "typing", "chat_id": chat_id, "is_typing": True})
    assert hers.receives("typing")["user_id"] == carol.id


def test_pages_leave_hidden_messages_out_and_name_their_versions(people: People, chat_id: int) -> None:
    """Versions 1 to 10: every second message is bob's; his first is edited, which is version 11."""
    alice, bob, carol = people
    alice.blocks(bob)
    sent = [(bob if number % 2 else carol).sends(str(number), chat_id=chat_id) for number in range(1, 11)]
    bob.edits(sent[0], "edited")

    def page(**params: Any) -> tuple[list[str], list[int], bool]:
        """Texts oldest first, hidden versions, and whether there are more."""
        found = alice.gets("/messages", chat_id=chat_id, **params).data
        hidden = found.get("hidden", [])
        versions = [version for each in hidden for version in range(each["from_version"], each["version"] + 1)]
        return contents(found["messages"]), versions, found["has_more"]

    assert page(page=1) == (["2", "4", "6", "8", "10"], [3, 5, 7, 9, 11], False)
    assert alice.gets("/messages", chat_id=chat_id).data["total"] == 5
    assert page(page=1, limit=2) == (["8", "10"], [7, 9], True)
    assert page(page=2, limit=2) == (["4", "6"], [3, 5], True)
    assert page(page=3, limit=2) == (["2"], [11], False)
    assert page(before_id=sent[6]["id"], limit=2) == (["4", "6"], [3, 5], True)
    assert page(after_id=sent[4]["id"], limit=2) == (["6", "8"], [7, 9], True)
    assert page(after_id=sent[9]["id"]) == ([], [], False)
    assert page(before_id=sent[1]["id"]) == ([], [11], False)
    read = alice.social.gets(f"/conversations/{encode_chat(chat_id)}/messages", limit=2).data
    assert contents(read["messages"]) == ["8", "10"]
    assert read["hidden"] == [{"fromVersion": 7, "version": 7}, {"fromVersion": 9, "version": 9}]
    around = alice.social.gets(f"/messages/{encode_message(sent[5]['id'])}/context", before=1, after=1).data
    assert contents(around["messages"]) == ["4", "6", "8"]
    assert around["hidden"] == [{"fromVersion": each, "version": each} for each in (3, 5, 7, 9)]
    for person in (bob, carol):
        found = person.gets("/messages", chat_id=chat_id).data
        assert (len(found["messages"]), found["total"], "hidden" in found) == (10, 10, False)


def test_consecutive_versions_are_one_range(people: People, chat_id: int) -> None:
    alice, bob, _ = people
    alice.blocks(bob)
    for number in range(3):
        bob.sends(str(number), chat_id=chat_id)
    found = alice.gets("/messages", chat_id=chat_id).data
    assert (found["messages"], found["total"], found["has_more"]) == ([], 0, False)
    assert found["hidden"] == [{"from_version": 1, "version": 3}]


def test_a_page_of_others_is_not_served_to_who_sees_less(people: People, chat_id: int) -> None:
    alice, bob, carol = people
    bob.sends("from bob", chat_id=chat_id)
    for _ in range(2):
        assert contents(carol.history(chat_id)) == contents(alice.history(chat_id)) == ["from bob"]
    alice.blocks(bob)
    assert alice.history(chat_id) == []
    assert contents(carol.history(chat_id)) == ["from bob"]
    alice.unblocks(bob)
    assert contents(alice.history(chat_id)) == ["from bob"]


def test_a_hidden_message_and_what_belongs_to_it_do_not_exist(people: People, chat_id: int) -> None:
    alice, bob, carol = people
    message = bob.sends("see https://example.com", chat_id=chat_id)
    picture, document = adds(bob, message, named("picture.png"), named("a.pdf", PDF))
    conversation = f"/conversations/{encode_chat(chat_id)}"
    of_message = f"/messages/{encode_message(message['id'])}"
    paths = [of_message, f"{of_message}/context", f"{of_message}/attachments", f"/files/{encode_file(picture['id'])}"]

    def listed(person: Person) -> list[int]:
        return [len(person.social.gets(f"{conversation}/{name}").data[name]) for name in ("links", "media", "files")]

    before = [alice.social.gets(path).status for path in paths], listed(alice)
    assert before == ([200] * 4, [1, 1, 1])
    alice.blocks(bob)
    assert [alice.social.gets(path).status for path in paths] == [404] * 4
    assert alice.social.gets(of_message).code == "MESSAGE_NOT_FOUND"
    assert alice.gets(f"/messages/{message['id']}/history").status == 404
    assert fetches(alice, document).status_code == 404
    assert listed(alice) == [0, 0, 0]
    assert ([carol.social.gets(path).status for path in paths], listed(carol)) == before
    alice.unblocks(bob)
    assert ([alice.social.gets(path).status for path in paths], listed(alice)) == before


def test_a_catch_up_moves_the_version_without_content(people: People, chat_id: int) -> None:
    alice, bob, carol = people
    alice.blocks(bob)
    cursor, theirs = alice.cursor(chat_id), carol.cursor(chat_id)
    carol.sends("before", chat_id=chat_id)
    writes_and_changes(bob, chat_id)
    bob.sends("more", chat_id=chat_id)
    carol.sends("after", chat_id=chat_id)
    advanced = {"type": "chat_advanced", "chat_id": chat_id, "from_version": 2, "version": 6}
    found = alice.catches_up(cursor)
    assert ([message["version"] for message in found["messages"]], found["changes"]) == ([1, 7], [advanced])
    of_this = alice.catches_up(cursor, chat_id=chat_id)
    assert (of_this["messages"], of_this["changes"]) == (found["messages"], [advanced])
    resumed = alice.connects().requests({"type": "resume", "cursor": cursor}, "resumed")
    assert (resumed["messages"], resumed["changes"]) == (found["messages"], [advanced])
    social = alice.social.gets("/messages/since", cursor=cursor).data
    assert social["changes"] == [
        {
            "type": "conversation.advanced",
            "payload": {"conversationId": encode_chat(chat_id), "fromVersion": 2, "version": 6},
        }
    ]
    assert len(carol.catches_up(theirs)["messages"]) == 4


@pytest.mark.parametrize("limit", [1, 2, 3])
def test_every_version_is_on_one_page_of_a_catch_up(people: People, chat_id: int, limit: int) -> None:
    alice, bob, carol = people
    alice.blocks(bob)
    cursor = alice.cursor(chat_id)
    for number in range(9):
        (carol if number % 4 == 3 else bob).sends(str(number), chat_id=chat_id)
    found = alice.catches_up(cursor, limit=limit)
    ranges = [(change["from_version"], change["version"]) for change in found["changes"]]
    hidden = [version for first, last in ranges for version in range(first, last + 1)]
    assert sorted({*hidden, *(message["version"] for message in found["messages"])}) == list(range(1, 10))
    assert [message["content"] for message in found["messages"]] == ["3", "7"]


def test_hidden_messages_count_in_no_unread(people: People, chat_id: int) -> None:
    alice, bob, carol = people
    hers, hers_too = alice.connects(), alice.social.connects()
    bob.sends("before the block", chat_id=chat_id)
    hers.receives("unread_count", count=1)
    alice.blocks(bob)
    hers.receives("unread_count", count=0)
    hers_too.receives("notification.unread", count=0)
    bob.sends("hidden", chat_id=chat_id)
    visible = carol.sends("visible", chat_id=chat_id)
    bob.sends("hidden, too", chat_id=chat_id)
    hers.receives("unread_count", count=1)
    assert (alice.unread(), alice.social.unread(), carol.unread()) == (1, 1, 1)
    alice.sends("to a pair", to=carol)
    carol.sends("to a pair", to=alice)
    assert alice.unread() == 2, "in a pair nothing changes"
    assert alice.social.reads(encode_chat(chat_id), {"id": encode_message(visible["id"])}) == 1
    assert alice.unread() == 1
    alice.unblocks(bob)
    assert alice.unread() == 2, "the message after the pointer counts again"
    assert alice.social.reads(encode_chat(chat_id)) == 1


def test_reading_everything_reads_what_is_hidden(people: People, chat_id: int) -> None:
    alice, bob, _ = people
    alice.blocks(bob)
    bob.sends("hidden", chat_id=chat_id)
    assert alice.social.reads(encode_chat(chat_id)) == 0
    alice.unblocks(bob)
    assert alice.unread() == 0


def test_a_restart_keeps_messages_hidden(start_server: Callable[..., ChatServer], database: Database) -> None:
    server = start_server()
    maker = PersonMaker(server)
    alice, bob, carol = (maker(name) for name in ("alice", "bob", "carol"))
    chat_id = make_larger_chat(database, [person.id for person in (alice, bob, carol)])
    alice.blocks(bob)
    cursor = alice.cursor(chat_id)
    bob.sends("before", chat_id=chat_id)
    server.stop()
    server.start()
    hers = alice.connects()
    bob.sends("after", chat_id=chat_id)
    carol.sends("visible", chat_id=chat_id)
    assert moves(hers) == [("chat_advanced", 2, 2), ("new_message", 3, 3)]
    assert contents(alice.history(chat_id)) == ["visible"]
    assert [(each["from_version"], each["version"]) for each in alice.catches_up(cursor)["changes"]] == [(1, 2)]
    assert alice.unread() == 1
    maker.close_sockets()


def test_a_block_reaches_the_sockets_of_all_workers(
    make_person: PersonMaker, two_workers: ChatServer, database: Database
) -> None:
    alice, bob, carol = (make_person(name, server=two_workers) for name in ("alice", "bob", "carol"))
    chat_id = make_larger_chat(database, [person.id for person in (alice, bob, carol)])
    alice.sends("hi", to=bob)
    hers = on_each_worker(alice, two_workers, connect=alice.social.connects)
    for blocks, kind in ((True, "conversation.advanced"), (False, "message.new")):
        (alice.blocks if blocks else alice.unblocks)(bob)
        for socket in hers:
            socket.receives("conversation.updated", isBlocked=blocks)  # this worker knows of the change
        version = bob.sends("x", chat_id=chat_id)["version"]
        for socket in hers:
            assert socket.receives(kind)["payload"]["version"] == version


def test_blocked_people_are_shown_where_that_is_configured(
    start_server: Callable[..., ChatServer], database: Database
) -> None:
    maker = PersonMaker(start_server(BLOCKED_IN_GROUPS="shown"))
    alice, bob, carol = (maker(name) for name in ("alice", "bob", "carol"))
    chat_id = make_larger_chat(database, [person.id for person in (alice, bob, carol)])
    early = alice.connects()
    alice.blocks(bob)
    cursor = alice.cursor(chat_id)
    late = alice.connects()
    message = bob.sends("from bob", chat_id=chat_id)
    for socket in (early, late):
        assert socket.receives("new_message")["message"]["content"] == "from bob"
    found = alice.gets("/messages", chat_id=chat_id).data
    assert (contents(found["messages"]), found["total"], "hidden" in found) == (["from bob"], 1, False)
    assert alice.social.gets(f"/messages/{encode_message(message['id'])}").status == 200
    missed = alice.catches_up(cursor)
    assert (contents(missed["messages"]), missed["changes"]) == (["from bob"], [])
    assert alice.unread() == 1
    refused = bob.posts("/messages", {"receiver_id": alice.id, "content": "no"})
    assert refused.error == "marketplace.blocked", "between the two nothing changes"
    maker.close_sockets()
