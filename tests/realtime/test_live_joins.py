"""Users who join and leave a group while they are connected: `chatapp.realtime.live_joins`."""

from __future__ import annotations

from dataclasses import replace

import gevent
import pytest

from chatapp.errors import Unavailable
from chatapp.events.snapshots import MessageExtras, SystemNote
from chatapp.events.types import ChatDeleted, ChatJoined, ChatLeft, MessageEdited, MessageSent, TypingChanged
from chatapp.realtime import live_joins
from tests.realtime.test_hub import ALICE, BOB, CAROL, LARGER, Device, Dialect, Worker, in_larger_chat
from tests.realtime.test_hub import larger as larger
from tests.realtime.test_hub import plain as plain
from tests.realtime.test_hub import worker as worker

Seen = list[tuple[str, int | None]]


def settled(device: Device) -> Seen:
    """The frames about the group, after every greenlet has run."""
    for _ in range(5):
        gevent.idle()
    return [frame for frame in device.frames() if frame[0] != "unread_counted"]


def joins(worker: Worker, version: int, *user_ids: int) -> None:
    """Users join the group: by the system message with this version, which is the first that they see."""
    worker.joined |= dict.fromkeys(user_ids, version - 1)  # ids of these messages equal their versions
    stores(worker, version)
    worker.publish(ChatJoined(user_ids, LARGER, version))


def leaves(worker: Worker, version: int, user_id: int) -> ChatLeft:
    """A user leaves the group at this version."""
    worker.joined.pop(user_id, None)
    event = ChatLeft((user_id,), LARGER, version)
    worker.publish(event)
    return event


def stores(worker: Worker, *versions: int) -> None:
    """Messages are committed, and not published yet."""
    worker.stored += [in_larger_chat(version) for version in versions]


def says_left(version: int, user_id: int) -> MessageSent:
    """The system message that says that a user left."""
    event = in_larger_chat(version)
    sender = replace(event.message.sender, id=user_id)
    extras = MessageExtras(system=SystemNote("left", member_count=2))
    return replace(event, message=replace(event.message, sender=sender, message_type="system", extras=extras))


def test_the_first_member_of_a_worker_gets_the_group_and_then_what_follows(worker: Worker, plain: Dialect) -> None:
    carol = worker.connect(CAROL, plain)
    stores(worker, 1, 2, 3)
    joins(worker, 4, CAROL)
    assert settled(carol) == [("conversation_joined", 3), ("message_sent", 4)]
    worker.publish(in_larger_chat(4))
    assert settled(carol) == [], "it was delivered already"
    worker.publish(in_larger_chat(5))
    assert settled(carol) == [("message_sent", 5)]


def test_all_sockets_of_all_who_join_get_it(worker: Worker, plain: Dialect) -> None:
    devices = [worker.connect(user_id, plain) for user_id in (BOB, CAROL, CAROL)]
    other = worker.connect(99, plain)
    joins(worker, 1, ALICE, BOB, CAROL)
    assert [settled(device) for device in devices] == [[("conversation_joined", 0), ("message_sent", 1)]] * 3
    assert settled(other) == []


def test_beside_other_members_it_begins_where_they_are(worker: Worker, plain: Dialect) -> None:
    worker.larger_chats[BOB] = {LARGER: 0}
    bob, carol = worker.connect(BOB, plain), worker.connect(CAROL, plain)
    worker.publish(in_larger_chat(1), in_larger_chat(2))
    joins(worker, 3, CAROL)
    worker.publish(in_larger_chat(3), in_larger_chat(4))
    stores(worker, 4)
    assert settled(carol) == [("conversation_joined", 2), ("message_sent", 3), ("message_sent", 4)]
    worker.publish(in_larger_chat(5))
    assert settled(carol) == [("message_sent", 5)]
    assert settled(bob) == [("message_sent", version) for version in range(1, 6)]


def test_an_earlier_change_that_is_late_does_not_come_after_a_later_version(worker: Worker, plain: Dialect) -> None:
    worker.larger_chats[BOB] = {LARGER: 0}
    worker.connect(BOB, plain)
    carol = worker.connect(CAROL, plain)
    worker.publish(in_larger_chat(1))
    joins(worker, 3, CAROL)
    assert settled(carol) == [("conversation_joined", 1)], "2 has not arrived here"
    worker.publish(in_larger_chat(2), in_larger_chat(3))
    assert settled(carol) == [("chat_advanced", 2), ("message_sent", 3)]


def test_what_arrives_while_it_is_read_is_not_missed(worker: Worker, plain: Dialect) -> None:
    carol = worker.connect(CAROL, plain)
    worker.during_reading = [in_larger_chat(2)]
    joins(worker, 1, CAROL)
    stores(worker, 2)
    assert settled(carol) == [("conversation_joined", 0), ("message_sent", 1), ("message_sent", 2)]


def test_signals_wait_for_the_first_member(worker: Worker, plain: Dialect) -> None:
    carol = worker.connect(CAROL, plain)
    joins(worker, 1, CAROL)
    worker.publish(TypingChanged((), LARGER, 0, ALICE, True), TypingChanged((), LARGER, 1, ALICE, False))
    worker.publish(TypingChanged((), LARGER, 1, CAROL, True))  # not to herself
    assert settled(carol) == [
        ("conversation_joined", 0),
        ("message_sent", 1),
        ("typing_changed", 1),
        ("typing_changed", 1),
    ]


def test_a_signal_does_not_follow_the_change_that_it_preceded(worker: Worker, plain: Dialect) -> None:
    carol = worker.connect(CAROL, plain)
    joins(worker, 1, CAROL)
    worker.publish(TypingChanged((), LARGER, 1, ALICE, True))
    stores(worker, 2)
    assert settled(carol) == [("conversation_joined", 0), ("message_sent", 1), ("message_sent", 2)]


def test_signals_to_a_group_that_no_one_joins_are_dropped(worker: Worker, plain: Dialect) -> None:
    carol = worker.connect(CAROL, plain)
    worker.publish(ChatJoined((CAROL,), LARGER, 1), TypingChanged((), LARGER, 1, ALICE, True))
    assert settled(carol) == []
    joins(worker, 1, CAROL)
    assert settled(carol) == [("conversation_joined", 0), ("message_sent", 1)]


def test_changes_of_earlier_messages_are_shown_as_versions(worker: Worker, plain: Dialect) -> None:
    worker.larger_chats[BOB] = {LARGER: 0}
    bob, carol = worker.connect(BOB, plain), worker.connect(CAROL, plain)
    worker.publish(in_larger_chat(1), in_larger_chat(2))
    joins(worker, 3, CAROL)
    worker.publish(in_larger_chat(3))
    settled(carol)
    edits = [MessageEdited((), LARGER, 3 + number, in_larger_chat(number).message) for number in (1, 2, 3)]
    worker.publish(*edits)
    assert settled(carol) == [("chat_advanced", 4), ("chat_advanced", 5), ("message_edited", 6)]
    assert settled(bob)[-3:] == [("message_edited", version) for version in (4, 5, 6)]


def test_an_old_event_of_a_join_admits_no_one(worker: Worker, plain: Dialect) -> None:
    carol = worker.connect(CAROL, plain)
    stores(worker, 1)
    worker.publish(ChatJoined((CAROL,), LARGER, 1))  # she has left since
    assert settled(carol) == []
    worker.publish(in_larger_chat(2))
    assert settled(carol) == []


def test_who_leaves_receives_nothing_from_then_on(larger: Worker, plain: Dialect) -> None:
    bob, bobs_other, carol = (larger.connect(user_id, plain) for user_id in (BOB, BOB, CAROL))
    larger.publish(in_larger_chat(1))
    leaves(larger, 2, BOB)
    larger.publish(says_left(2, BOB), in_larger_chat(3))
    for device in (bob, bobs_other):
        assert settled(device) == [("message_sent", 1), ("chat_left", 2)]
    assert settled(carol) == [("message_sent", version) for version in (1, 2, 3)]


def test_the_system_message_alone_ends_it_as_well(larger: Worker, plain: Dialect) -> None:
    bob, carol = larger.connect(BOB, plain), larger.connect(CAROL, plain)
    larger.publish(in_larger_chat(1), says_left(2, BOB), in_larger_chat(3))
    assert settled(bob) == [("message_sent", 1)]
    assert len(settled(carol)) == 3


def test_an_old_event_of_a_leave_ends_nothing(larger: Worker, plain: Dialect) -> None:
    bob, carol = larger.connect(BOB, plain), larger.connect(CAROL, plain)
    larger.publish(in_larger_chat(1), in_larger_chat(2))
    stores(larger, 1, 2, 3)
    larger.joined[BOB] = 0  # he has joined again since
    larger.publish(ChatLeft((BOB,), LARGER, 1), in_larger_chat(3))
    seen = [("message_sent", version) for version in (1, 2, 3)]
    assert settled(bob) == settled(carol) == seen


def test_who_leaves_while_being_admitted_is_not(worker: Worker, plain: Dialect) -> None:
    carol = worker.connect(CAROL, plain)
    stores(worker, 2)
    worker.during_reading = [ChatLeft((CAROL,), LARGER, 2)]
    memberships = iter([{CAROL: 0}, {}])
    object.__setattr__(worker.hub._joins._reads, "joined_ids", lambda *args: next(memberships))
    joins(worker, 1, CAROL)
    assert settled(carol) == [("chat_left", 2)]
    worker.publish(in_larger_chat(3))
    assert settled(carol) == []


def test_who_has_disconnected_meanwhile_is_forgotten(worker: Worker, plain: Dialect) -> None:
    carol = worker.connect(CAROL, plain)
    joins(worker, 1, CAROL)
    worker.hub.remove(carol.connection)
    assert settled(carol) == []
    assert not worker.hub._memberships._members and not worker.hub._joins._pending


def test_a_join_while_the_user_connects_is_not_missed(worker: Worker, plain: Dialect) -> None:
    reads: list[int] = []

    def read_again(user_id: int, default: object = None) -> dict[int, int]:
        reads.append(user_id)
        return {LARGER: 0} if len(reads) > 1 else {}

    worker.larger_chats = type("Late", (dict,), {"get": staticmethod(read_again)})()
    worker.during_reading = [ChatJoined((CAROL,), LARGER, 1)]
    carol = worker.connect(CAROL, plain)
    worker.publish(in_larger_chat(1))
    assert len(reads) == 2
    assert ("message_sent", 1) in settled(carol)


def test_without_postgres_no_one_joins_and_who_leaves_is_told(larger: Worker, plain: Dialect) -> None:
    def refuse(*args: object) -> dict[int, int]:
        raise Unavailable("database")

    object.__setattr__(larger.hub._joins._reads, "joined_ids", refuse)
    bob, stranger = larger.connect(BOB, plain), larger.connect(5_000, plain)
    leaves(larger, 1, BOB)
    joins(larger, 2, 5_000)
    assert settled(bob) == [("chat_left", 1)]
    assert settled(stranger) == []


def test_a_group_that_no_one_can_read_any_more_admits_no_one(worker: Worker, plain: Dialect) -> None:
    def refuse(*args: object) -> int:
        raise Unavailable("database")

    object.__setattr__(worker.hub._joins._reads, "current_version", refuse)
    carol = worker.connect(CAROL, plain)
    joins(worker, 1, CAROL)
    assert settled(carol) == []
    assert not worker.hub._joins._pending


def test_a_deleted_group_has_no_members(larger: Worker, plain: Dialect) -> None:
    bob = larger.connect(BOB, plain)
    larger.publish(in_larger_chat(1), ChatDeleted((), LARGER, 2, ALICE))
    assert settled(bob) == [("message_sent", 1), ("chat_deleted", 2)]
    assert not larger.hub._memberships._members


def test_a_system_message_about_an_earlier_time_ends_nothing(larger: Worker, plain: Dialect) -> None:
    larger.larger_chats[BOB] = {LARGER: 2}  # he left with 2, and joined again with 3
    bob = larger.connect(BOB, plain)
    larger.publish(in_larger_chat(1), says_left(2, BOB), in_larger_chat(3))
    assert settled(bob) == [("chat_advanced", 1), ("chat_advanced", 2), ("message_sent", 3)]


def test_who_misses_more_than_the_limit_sees_the_gap(
    worker: Worker, plain: Dialect, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live_joins, "MISSED_LIMIT", 3)
    carol = worker.connect(CAROL, plain)
    stores(worker, 2, 3, 4, 5)
    joins(worker, 1, CAROL)
    assert settled(carol) == [("conversation_joined", 0)]
    worker.publish(in_larger_chat(6))
    assert settled(carol) == [("message_sent", 6)]
