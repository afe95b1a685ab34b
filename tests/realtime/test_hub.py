"""Which sockets of a worker receive an event, in which order, and what closes them: `chatapp.realtime.hub`.

Connections are real, over pairs of sockets; the dialects are two of the tests.
"""

from __future__ import annotations

import json
import socket
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import gevent
import pytest
from gevent.socket import socket as GeventSocket

from chatapp.auth.actor import Actor
from chatapp.events.snapshots import MessageSnapshot, Person
from chatapp.events.types import (
    AccessRevoked,
    AttachmentsUpdated,
    BlockChanged,
    ChatChanged,
    ChatDeleted,
    ChatRead,
    ConnectionReplaced,
    Event,
    MessageSent,
    PresenceChanged,
    TypingChanged,
    UnreadCounted,
)
from chatapp.queries.chat_summaries import ChatSummary
from chatapp.queries.live import ConversationUpdated, LargerChats
from chatapp.realtime.closing import Close
from chatapp.realtime.connection import Connection
from chatapp.realtime.hub import Hub
from chatapp.realtime.live_joins import JoinReads
from chatapp.realtime.transport import FrameSocket
from chatapp.realtime.unread import UnreadPusher

ALICE, BOB, CAROL = 1, 2, 3
CHAT = 7
AT = "2025-11-21T13:00:00.000Z"
TIMEOUT = 60.0
ENTRY: ChatSummary = None  # type: ignore[assignment]  # the dialects of these tests do not render it


@dataclass
class Dialect:
    """Renders the kind of an event and, if it has one, its version."""

    name: str
    acknowledges_in_order: bool = False
    pushes_conversations: bool = False
    omitted: tuple[type[Event], ...] = ()
    rendered: list[Event] = field(default_factory=list)

    def encode(self, event: Event) -> bytes | None:
        self.rendered.append(event)
        if isinstance(event, self.omitted):
            return None
        return json.dumps({"type": event.kind, "version": getattr(event, "version", None)}).encode()

    def encode_acknowledgement(self, event: MessageSent) -> bytes:
        return json.dumps({"type": "acknowledged", "version": event.version}).encode()


class Device:
    """A connection of a user, and the other end of its socket."""

    def __init__(self, hub: Hub, user_id: int, dialect: Dialect, family_id: str | None = None) -> None:
        ours, self._peer = socket.socketpair()
        self._peer.setblocking(False)
        self._socket = FrameSocket(GeventSocket(fileno=ours.detach()), write_deadline=5)
        self.connection = Connection(self._socket, dialect, remote_addr="", max_frame_bytes=1000, frames_per_second=50)
        self.connection.actor = Actor(user_id, f"uuid-{user_id}", f"user-{user_id}", family_id=family_id)
        self._hub = hub
        hub.add(self.connection)

    def frames(self) -> list[tuple[str, Any]]:
        """The type and version of each text frame that arrived since the last call."""
        gevent.idle()
        data = b""
        try:
            while piece := self._peer.recv(1 << 16):
                data += piece
        except BlockingIOError:
            pass
        found = []
        while data and data[0] == 0x81:  # all are shorter than 126 bytes
            frame = json.loads(data[2 : 2 + data[1]])
            found.append((frame["type"], frame["version"]))
            data = data[2 + data[1] :]
        return found

    def end(self) -> None:
        self._hub.remove(self.connection)
        self._peer.close()
        self._socket.close()


@dataclass
class Worker:
    """The hub of a worker, with what it reads, counts and lists.

    Attributes:
        gap: what it reads where it misses changes.
        stored, joined: the changes of the group in Postgres, and its members with the ids up to which messages are
            hidden from them.
    """

    gap: list[Event] = field(default_factory=list)
    stored: list[MessageSent] = field(default_factory=list)
    joined: dict[int, int] = field(default_factory=dict)
    counted: list[list[int]] = field(default_factory=list)
    listed: list[list[tuple[int, int]]] = field(default_factory=list)
    devices: list[Device] = field(default_factory=list)
    larger_chats: dict[int, dict[int, int]] = field(default_factory=dict)
    blocked: dict[int, list[int]] = field(default_factory=dict)
    during_reading: list[Event] = field(default_factory=list)

    def __post_init__(self) -> None:
        unread = UnreadPusher(self._count, self._list)  # type: ignore[arg-type]
        reads = JoinReads(self._read_joined, self._read_version, self._read_stored, self._read_entries)
        self.hub = Hub(lambda *gap: self.gap, lambda chat, before, seconds: before - 1, unread, self._read, reads)  # type: ignore[arg-type]
        self.hub.start()

    def connect(self, user_id: int, dialect: Dialect, **options: Any) -> Device:
        self.devices.append(Device(self.hub, user_id, dialect, **options))
        return self.devices[-1]

    def publish(self, *events: Event) -> None:
        """Deliver events of this worker."""
        for event in events:
            self.hub.receive(event, None)

    def _read(self, user_id: int) -> LargerChats:
        """The chats of a user; what changes during the reading is too late for it."""
        found = LargerChats(dict(self.larger_chats.get(user_id, {})), list(self.blocked.get(user_id, [])))
        self.publish(*self.during_reading)
        self.during_reading = []
        return found

    def _read_joined(self, chat_id: int, user_ids: Collection[int]) -> dict[int, int]:
        return {user_id: joined_id for user_id, joined_id in self.joined.items() if user_id in user_ids}

    def _read_version(self, chat_id: int) -> int:
        return max((event.version for event in self.stored), default=0)

    def _read_stored(self, chat_id: int, after: int, before: int, limit: int) -> list[ChatChanged]:
        found = sorted((e for e in self.stored if after < e.version < before), key=lambda e: e.version)
        self.publish(*self.during_reading)
        self.during_reading = []
        return list(found[:limit])

    def _read_entries(self, wanted: Sequence[tuple[int, int]]) -> list[ConversationUpdated]:
        return [ConversationUpdated((user_id,), ENTRY, is_other_online=False) for user_id, _ in wanted]

    def _count(self, user_ids: list[int]) -> dict[int, int]:
        self.counted.append(sorted(user_ids))
        return dict.fromkeys(user_ids, 1)

    def _list(self, conversations: Sequence[tuple[int, int]]) -> list[Event]:
        self.listed.append(sorted(conversations))
        return []


@pytest.fixture
def worker() -> Iterator[Worker]:
    worker = Worker()
    yield worker
    for device in worker.devices:
        device.end()


@pytest.fixture
def plain() -> Dialect:
    return Dialect("plain", omitted=(UnreadCounted,))


@pytest.fixture
def ordered() -> Dialect:
    return Dialect("ordered", acknowledges_in_order=True, pushes_conversations=True, omitted=(UnreadCounted,))


def sent(version: int, *, origin: str | None = None, key: str | None = None) -> MessageSent:
    """The message from alice to bob that gave their chat this version."""
    people = [Person(id, f"uuid-{id}", f"user-{id}", "", None) for id in (ALICE, BOB)]
    message = MessageSnapshot(
        version, CHAT, version, version, *people, "text", "", None, key, AT, AT, sent_version=version
    )
    return MessageSent((ALICE, BOB), CHAT, version, message, origin)


def read(version: int, reader_id: int = BOB) -> ChatRead:
    return ChatRead((ALICE, BOB), CHAT, version, reader_id, 1, 1, AT)


def test_an_event_reaches_every_socket_of_its_recipients_and_no_other(worker: Worker, plain: Dialect) -> None:
    phone, laptop, bobs, carols = (worker.connect(user_id, plain) for user_id in (ALICE, ALICE, BOB, CAROL))
    worker.publish(sent(1))
    assert [device.frames() for device in (phone, laptop, bobs)] == [[("message_sent", 1)]] * 3
    assert carols.frames() == []


def test_an_event_is_rendered_once_per_dialect(worker: Worker, plain: Dialect, ordered: Dialect) -> None:
    for dialect in (plain, plain, ordered, ordered):
        worker.connect(BOB, dialect)
    worker.publish(sent(1))
    assert [len(dialect.rendered) for dialect in (plain, ordered)] == [1, 1]


def test_a_dialect_may_omit_an_event(worker: Worker, plain: Dialect) -> None:
    silent = Dialect("silent", omitted=(MessageSent, UnreadCounted))
    silent_device, device = worker.connect(BOB, silent), worker.connect(BOB, plain)
    worker.publish(sent(1))
    assert (silent_device.frames(), device.frames()) == ([], [("message_sent", 1)])


def test_a_removed_connection_receives_nothing(worker: Worker, plain: Dialect) -> None:
    gone, stays = worker.connect(BOB, plain), worker.connect(BOB, plain)
    for _ in range(2):
        worker.hub.remove(gone.connection)
    worker.publish(sent(1))
    assert (gone.frames(), stays.frames()) == ([], [("message_sent", 1)])
    assert worker.hub.connections_of(BOB) == [stays.connection]


def test_connections_of_a_user_are_listed_oldest_first(worker: Worker, plain: Dialect) -> None:
    devices = [worker.connect(BOB, plain) for _ in range(3)]
    devices[0].connection.opened_at += 10
    assert worker.hub.connections_of(BOB) == [devices[index].connection for index in (1, 2, 0)]
    assert worker.hub.connections_of(CAROL) == []


def test_a_change_that_comes_over_two_channels_is_delivered_once(worker: Worker, plain: Dialect) -> None:
    alices, bobs = worker.connect(ALICE, plain), worker.connect(BOB, plain)
    for user_id in (ALICE, BOB):
        worker.hub.receive(sent(1), user_id)
    assert (alices.frames(), bobs.frames()) == ([("message_sent", 1)], [("message_sent", 1)])


def test_another_event_goes_to_the_user_of_its_channel_only(worker: Worker, plain: Dialect) -> None:
    alices, bobs = worker.connect(ALICE, plain), worker.connect(BOB, plain)
    worker.hub.receive(PresenceChanged((ALICE, BOB), CAROL, True, None), BOB)
    assert (alices.frames(), bobs.frames()) == ([], [("presence_changed", None)])


@pytest.mark.parametrize("event", [read(40), TypingChanged((ALICE, BOB), CHAT, 40, BOB, True)], ids=["read", "typing"])
def test_an_event_that_moves_no_version_carries_the_last_one_delivered(
    event: Event, worker: Worker, plain: Dialect
) -> None:
    alices = worker.connect(ALICE, plain)
    worker.publish(event, sent(41))
    assert [version for _, version in alices.frames()] == [40, 41]
    worker.publish(event)
    assert [version for _, version in alices.frames()][-1] == 41


def test_added_files_repeat_the_message_for_clients_that_know_no_other_frame(worker: Worker, plain: Dialect) -> None:
    bobs = worker.connect(BOB, plain)
    message = sent(1).message
    worker.publish(
        sent(1),
        AttachmentsUpdated((ALICE, BOB), CHAT, 2, message, are_added=True),
        AttachmentsUpdated((ALICE, BOB), CHAT, 3, message, are_added=False),
    )
    assert bobs.frames() == [
        ("message_sent", 1), ("attachments_updated", 2), ("message_repeated", 2), ("attachments_updated", 3)
    ]  # fmt: skip


@pytest.mark.parametrize("has_origin", [True, False], ids=["by its origin", "by its key"])
def test_the_sending_socket_gets_the_acknowledgement_in_place_of_the_message(
    has_origin: bool, worker: Worker, ordered: Dialect
) -> None:
    sending, other, bobs = (worker.connect(user_id, ordered) for user_id in (ALICE, ALICE, BOB))
    sending.connection.pending_key = "key"
    origin = sending.connection.id if has_origin else None
    worker.publish(sent(1), sent(2, origin=origin, key="key"), sent(3))
    assert sending.frames() == [("message_sent", 1), ("acknowledged", 2), ("message_sent", 3)]
    assert other.frames() == bobs.frames() == [("message_sent", version) for version in (1, 2, 3)]


def test_a_dialect_that_acknowledges_out_of_order_gets_the_message_as_well(worker: Worker, plain: Dialect) -> None:
    sending = worker.connect(ALICE, plain)
    worker.publish(sent(1, origin=sending.connection.id))
    assert sending.frames() == [("message_sent", 1)]


def test_an_acknowledgement_waits_for_the_messages_before_it(worker: Worker, ordered: Dialect) -> None:
    sending = worker.connect(ALICE, ordered)
    message = sent(3, origin=sending.connection.id)
    worker.publish(sent(1), message)
    waiting = gevent.spawn(worker.hub.wait_for_acknowledgement, sending.connection, message.message)
    gevent.idle()
    assert not waiting.ready()
    worker.publish(sent(2))
    assert waiting.get(timeout=TIMEOUT) is True
    assert sending.frames() == [("message_sent", 1), ("message_sent", 2), ("acknowledged", 3)]


def test_an_acknowledgement_does_not_wait_for_ever_when_the_messages_are_lost(worker: Worker, ordered: Dialect) -> None:
    sending = worker.connect(ALICE, ordered)
    sending.connection.pending_key = "key"
    worker.gap = [sent(2), sent(3, key="key")]
    worker.publish(sent(1))
    waiting = gevent.spawn(worker.hub.wait_for_acknowledgement, sending.connection, sent(3).message)
    assert waiting.get(timeout=TIMEOUT) is True
    assert sending.frames() == [("message_sent", 1), ("message_sent", 2), ("acknowledged", 3)]


def test_a_message_that_was_delivered_before_is_left_to_the_caller(worker: Worker, ordered: Dialect) -> None:
    sending = worker.connect(ALICE, ordered)
    worker.publish(sent(1), sent(2))
    assert worker.hub.wait_for_acknowledgement(sending.connection, sent(1).message) is False
    sending.connection.acknowledged_id = sent(1).message.id
    assert worker.hub.wait_for_acknowledgement(sending.connection, sent(1).message) is True


def test_a_message_that_was_acknowledged_early_is_not_sent_again(worker: Worker, ordered: Dialect) -> None:
    sending, other = worker.connect(ALICE, ordered), worker.connect(ALICE, ordered)
    sending.connection.acknowledged_id = sent(1).message.id
    worker.publish(sent(1))
    assert (sending.frames(), other.frames()) == ([], [("message_sent", 1)])


@pytest.mark.parametrize(
    ("family_id", "closed"), [("phone", ["phone"]), (None, ["phone", "laptop"])], ids=["one log-in", "all log-ins"]
)
def test_revoked_access_closes_the_sockets_of_a_log_in(
    family_id: str | None, closed: list[str], worker: Worker, plain: Dialect
) -> None:
    devices = {name: worker.connect(BOB, plain, family_id=name) for name in ("phone", "laptop")}
    other = worker.connect(CAROL, plain, family_id="phone")
    worker.publish(AccessRevoked((BOB,), family_id))
    assert [name for name, device in devices.items() if device.connection.close_reason is Close.UNAUTHORISED] == closed
    assert other.connection.is_open


def test_a_replaced_connection_is_closed_alone(worker: Worker, plain: Dialect) -> None:
    old, new = worker.connect(BOB, plain), worker.connect(BOB, plain)
    worker.publish(ConnectionReplaced((BOB,), old.connection.id))
    assert (old.connection.close_reason, new.connection.close_reason) == (Close.REPLACED, None)


def test_a_closed_socket_does_not_keep_others_from_their_event(worker: Worker, plain: Dialect) -> None:
    closed, device = worker.connect(BOB, plain), worker.connect(BOB, plain)
    closed.connection.close(Close.TOO_SLOW)
    worker.publish(sent(1))
    assert (closed.frames(), device.frames()) == ([], [("message_sent", 1)])


@pytest.mark.parametrize(
    ("event", "counted"),
    [
        (sent(1), [ALICE, BOB]),
        (ChatDeleted((ALICE, BOB), CHAT, 1, ALICE), [ALICE, BOB]),
        (read(1, reader_id=BOB), [BOB]),
    ],
    ids=["sent", "deleted", "read"],
)
def test_an_event_recounts_the_connected_users_whose_count_it_changes(
    event: Event, counted: list[int], worker: Worker, plain: Dialect
) -> None:
    for user_id in (ALICE, BOB):
        worker.connect(user_id, plain)
    worker.publish(event)
    gevent.idle()
    assert worker.counted == [counted]


def test_nothing_is_counted_for_users_without_a_connection_here(worker: Worker, plain: Dialect) -> None:
    worker.connect(ALICE, plain)
    worker.hub.remove(worker.connect(BOB, plain).connection)
    worker.publish(sent(1))
    gevent.idle()
    assert worker.counted == [[ALICE]]


def test_conversations_are_listed_for_dialects_that_push_them(worker: Worker, plain: Dialect, ordered: Dialect) -> None:
    worker.connect(ALICE, plain)
    worker.connect(BOB, ordered)
    worker.publish(sent(1))
    gevent.idle()
    assert worker.listed == [[(BOB, CHAT)]]


def test_a_deleted_chat_is_not_listed(worker: Worker, ordered: Dialect) -> None:
    worker.connect(BOB, ordered)
    worker.publish(ChatDeleted((ALICE, BOB), CHAT, 1, ALICE))
    gevent.idle()
    assert (worker.listed, worker.counted) == ([], [[BOB]])


LARGER = 70  # a chat of 1,000 members


def in_larger_chat(version: int) -> MessageSent:
    """The message of alice that gave the larger chat this version; it names no recipients."""
    event = sent(version)
    return replace(
        event, recipients=(), chat_id=LARGER, message=replace(event.message, chat_id=LARGER, counterpart=None)
    )


@pytest.fixture
def larger(worker: Worker) -> Worker:
    """A worker whose users 1 to 1,000 are members of the larger chat; the others are not."""
    worker.larger_chats.update({user_id: {LARGER: 0} for user_id in range(1, 1_001)})
    return worker


def test_an_event_of_a_larger_chat_reaches_its_connected_members(larger: Worker, plain: Dialect) -> None:
    devices = [larger.connect(user_id, plain) for user_id in (ALICE, BOB, BOB, CAROL)]
    stranger = larger.connect(1_001, plain)
    larger.publish(in_larger_chat(1), in_larger_chat(2))
    for device in devices:
        assert device.frames() == [("message_sent", 1), ("message_sent", 2)]
    assert stranger.frames() == []
    rendered = [event.kind for event in plain.rendered if not isinstance(event, UnreadCounted)]
    assert rendered == ["message_sent"] * 2, "rendered once, whatever the members"


def test_members_of_a_larger_chat_are_recounted_but_its_list_entry_is_not_read_for_each(
    larger: Worker, ordered: Dialect
) -> None:
    for user_id in (ALICE, BOB):
        larger.connect(user_id, ordered)
    larger.publish(in_larger_chat(1))
    gevent.idle()
    assert (larger.counted, larger.listed) == ([[ALICE, BOB]], [])


def test_a_member_whose_last_socket_closed_is_forgotten(larger: Worker, plain: Dialect) -> None:
    first, second, other = (larger.connect(user_id, plain) for user_id in (ALICE, ALICE, BOB))
    larger.hub.remove(first.connection)
    larger.publish(in_larger_chat(1))
    assert second.frames() == other.frames() == [("message_sent", 1)]
    for device in (second, other):
        larger.hub.remove(device.connection)
    larger.publish(in_larger_chat(2))
    assert second.frames() == other.frames() == []
    assert not larger.hub._memberships._members and not larger.hub._memberships._chats


def test_in_a_larger_chat_typing_reaches_all_but_the_user_who_types(larger: Worker, plain: Dialect) -> None:
    alice, bob = larger.connect(ALICE, plain), larger.connect(BOB, plain)
    larger.publish(in_larger_chat(1))
    for via in (None, None):  # from this worker, and over the channel of the chat
        larger.hub.receive(TypingChanged((), chat_id=LARGER, version=0, user_id=ALICE, is_typing=True), via)
    assert bob.frames() == [("message_sent", 1), ("typing_changed", 1), ("typing_changed", 1)]
    assert alice.frames() == [("message_sent", 1)]


def test_a_gap_in_a_larger_chat_is_read_for_its_listeners(larger: Worker, plain: Dialect) -> None:
    bob = larger.connect(BOB, plain)
    larger.publish(in_larger_chat(1))
    larger.gap = [in_larger_chat(2)]
    larger.publish(in_larger_chat(3))
    larger.hub._order.wait_until_delivered(LARGER, 3)
    assert bob.frames() == [("message_sent", version) for version in (1, 2, 3)]


def block_of(viewer_id: int, *, is_blocked: bool) -> BlockChanged:
    """The user blocks or unblocks alice."""
    return BlockChanged((viewer_id,), blocked_id=ALICE, is_blocked=is_blocked, chat_ids=(), larger_chat_ids=(LARGER,))


def test_who_blocks_the_author_gets_the_version_of_a_change_and_nothing_else(larger: Worker, plain: Dialect) -> None:
    larger.blocked[BOB] = [ALICE]
    bob, bobs_other, carol = (larger.connect(user_id, plain) for user_id in (BOB, BOB, CAROL))
    message = in_larger_chat(1).message
    typing = TypingChanged((), chat_id=LARGER, version=0, user_id=ALICE, is_typing=True)
    larger.publish(in_larger_chat(1), AttachmentsUpdated((), LARGER, 2, message, are_added=True), typing)
    assert bob.frames() == bobs_other.frames() == [("chat_advanced", 1), ("chat_advanced", 2)]
    assert carol.frames() == [
        ("message_sent", 1), ("attachments_updated", 2), ("message_repeated", 2), ("typing_changed", 2)
    ]  # fmt: skip
    advanced = [event for event in plain.rendered if event.kind == "chat_advanced"]
    assert len(advanced) == 2, "rendered once, whatever the number of those who block"
    gevent.idle()
    assert larger.counted == [[CAROL]]


def test_a_block_that_changes_holds_for_connected_users(larger: Worker, plain: Dialect) -> None:
    bob = larger.connect(BOB, plain)
    for version, is_blocked in ((1, True), (2, False), (3, True)):
        larger.blocked[BOB] = [ALICE] if is_blocked else []
        larger.publish(block_of(BOB, is_blocked=is_blocked), in_larger_chat(version))
    assert [frame for frame in bob.frames() if frame[0] != "block_changed"] == [
        ("chat_advanced", 1), ("message_sent", 2), ("chat_advanced", 3)
    ]  # fmt: skip
    larger.publish(ChatDeleted((ALICE, BOB), LARGER, 4, ALICE))
    assert bob.frames() == [("chat_deleted", 4)], "what names its recipients reaches them"


def test_an_old_event_of_a_block_does_not_end_a_new_one(larger: Worker, plain: Dialect) -> None:
    larger.blocked[BOB] = [ALICE]
    bob = larger.connect(BOB, plain)
    larger.publish(block_of(BOB, is_blocked=False))
    gevent.idle()
    larger.publish(in_larger_chat(1))
    assert ("chat_advanced", 1) in bob.frames()


def test_a_block_that_changes_while_blocks_are_read_is_not_missed(larger: Worker, plain: Dialect) -> None:
    larger.during_reading = [block_of(BOB, is_blocked=True)]
    larger.blocked = BlocksLater({BOB: [ALICE]})
    bob = larger.connect(BOB, plain)
    larger.publish(in_larger_chat(1))
    assert bob.frames() == [("block_changed", None), ("chat_advanced", 1)]


class BlocksLater(dict[int, list[int]]):
    """Blocks that are committed after they were read for the first time."""

    is_committed = False

    def get(self, key: int, default: Any = None) -> Any:
        found = super().get(key, default) if self.is_committed else default
        self.is_committed = True
        return found


def test_hidden_changes_are_delivered_in_order(larger: Worker, plain: Dialect) -> None:
    larger.blocked[BOB] = [ALICE]
    bob = larger.connect(BOB, plain)
    larger.publish(in_larger_chat(1), in_larger_chat(3))
    assert bob.frames() == [("chat_advanced", 1)]
    larger.publish(in_larger_chat(2))
    assert bob.frames() == [("chat_advanced", 2), ("chat_advanced", 3)]
