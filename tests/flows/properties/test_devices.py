"""Two people, three devices, two dialects, anything in any order: in the end every device has what a fresh read has."""

from __future__ import annotations

import os
import uuid
from collections import defaultdict
from collections.abc import Callable
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule, run_state_machine_as_test

from chatapp.ids.public import encode_chat, encode_message
from chatapp_client import ChatClient, ClientError, PendingMessage, Refused
from tests.flows.properties.device import ONLY_TO_ITS_SENDER, Device, without
from tests.host import Host
from tests.people import Person, PersonMaker
from tests.servers import TIMEOUT, ChatServer, Reply, await_true
from tests.social_client import PairTranslator

SIZES = {"ci": (15, 25), "full": (200, 50)}
EXAMPLES, STEPS = SIZES[os.environ.get("HYPOTHESIS_PROFILE", "ci")]
BLOCKED = "marketplace.blocked"
ONLY_IN_MARKETPLACE = {
    "has_attachments",
    "attachments_count",
    "attachments",
    "mentions",
    "forwarded_from",
    "link_preview",
    "system",
    "sender",
    "receiver",
}

devices = st.integers(0, 2)
some = st.integers(0, 1000)
ways = st.sampled_from(["device", "marketplace", "social"])
emoji = st.sampled_from(["👍", "❤️", "❤", "👩🏽‍🚀"])
texts = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), min_size=1, max_size=20).filter(
    str.strip
)


class ThreeDevices(RuleBasedStateMachine):
    """Alice has two devices and Bob one, each of either dialect. Every example is a chat about an item of its own."""

    alice: Person
    bob: Person
    host: Host

    def __init__(self) -> None:
        super().__init__()
        self.devices: list[Device] = []
        self.translator = PairTranslator({person.uuid: person.id for person in (self.alice, self.bob)})
        self.sent: list[tuple[Person, str, str]] = []  # sender, key, text
        self.attempts: dict[str, list[PendingMessage]] = defaultdict(list)  # over devices, by key
        self.stored: set[str] = set()  # keys of messages that were answered
        self.messages: list[tuple[Person, int]] = []  # sender, id
        self.blockers: set[Person] = set()
        self.was_blocked = False

    @initialize(are_social=st.tuples(st.booleans(), st.booleans(), st.booleans()))
    def begin(self, are_social: tuple[bool, ...]) -> None:
        """They begin a chat with all devices on."""
        for person, is_social in zip((self.alice, self.alice, self.bob), are_social, strict=True):
            self.devices.append(Device(person, self.translator if is_social else None))
        listing_id = self.host.lists("a bicycle", seller=self.bob)
        for device in self.devices:
            device.switch_on()
            assert device.client is not None
            assert device.client.await_complete(TIMEOUT)
        key = str(uuid.uuid4())
        first = self.alice.sends("first", listing_id=listing_id, client_message_id=key)
        self.chat_id = first["chat_id"]
        self._stored(self.alice, key, first["id"])
        self.sent.append((self.alice, key, "first"))

    @rule(number=devices, text=texts, waits=st.booleans())
    def send(self, number: int, text: str, waits: bool) -> None:
        """A message; sometimes what comes next does not wait for its answer."""
        device = self.devices[number]
        if device.client is None:
            return
        key = str(uuid.uuid4())
        self.sent.append((device.person, key, text))
        self._send_frame(device.client, device.person, key, text, waits)

    @rule(which=some, number=devices, way=ways)
    def send_again(self, which: int, number: int, way: str) -> None:
        """The same under the same key, over another device, or over REST in either dialect."""
        person, key, text = self.sent[which % len(self.sent)]
        client = next((d.client for d in self.devices[number:] + self.devices if d.client and d.person is person), None)
        if which % len(self.sent) == 0:
            return  # that one named the item instead of the chat
        if way == "device" and client is not None:
            self._send_frame(client, person, key, text, waits=True)
        elif way == "social":
            path = f"/conversations/{encode_chat(self.chat_id)}/messages"
            self._answered(person, key, person.social.posts(path, {"content": text, "tempId": key}))
        else:
            body = {"chat_id": self.chat_id, "content": text, "client_message_id": key}
            self._answered(person, key, person.posts("/messages", body))

    @rule(which=some, number=devices, text=texts, waits=st.booleans())
    def edit(self, which: int, number: int, text: str, waits: bool) -> None:
        """One of the user's own messages, or one that they can no longer edit."""
        self._do(which, number, waits, lambda client, message_id: client.edit(message_id, text))

    @rule(which=some, number=devices, waits=st.booleans())
    def delete(self, which: int, number: int, waits: bool) -> None:
        """Take a message back, maybe again."""
        self._do(which, number, waits, lambda client, message_id: client.delete(message_id))

    @rule(which=some, number=devices, emoji=emoji, is_added=st.booleans(), waits=st.booleans())
    def react(self, which: int, number: int, emoji: str, is_added: bool, waits: bool) -> None:
        """React to a message, or take a reaction back, maybe one that is not there."""

        def act(client: ChatClient, message_id: int) -> PendingMessage:
            return client.react(message_id, emoji) if is_added else client.unreact(message_id, emoji)

        self._do(which, number, waits, act)

    @rule(which=some, number=devices, is_pinned=st.booleans(), waits=st.booleans())
    def pin(self, which: int, number: int, is_pinned: bool, waits: bool) -> None:
        """Pin a message, or unpin it."""
        self._do(which, number, waits, lambda client, message_id: client.pin(message_id, is_pinned=is_pinned))

    @rule(which=some, number=devices, is_starred=st.booleans(), waits=st.booleans())
    def star(self, which: int, number: int, is_starred: bool, waits: bool) -> None:
        """Star a message, or take the star away."""
        self._do(which, number, waits, lambda client, message_id: client.star(message_id, is_starred=is_starred))

    @rule(which=some, is_alice=st.booleans(), in_social=st.booleans())
    def forward(self, which: int, is_alice: bool, in_social: bool) -> None:
        """Send a copy of a message to the same chat, over REST in either dialect."""
        person = self.alice if is_alice else self.bob
        _, message_id = self.messages[which % len(self.messages)]
        if in_social:
            path = f"/messages/{encode_message(message_id)}/forward"
            reply = person.social.posts(path, {"conversationIds": [encode_chat(self.chat_id)]})
        else:
            reply = person.posts(f"/messages/{message_id}/forward", {"chat_ids": [self.chat_id]})
        assert reply.status < 300 or reply.status == 409 or (reply.status == 403 and self.blockers), reply.text
        if reply.status < 300:
            (copy,) = reply.data["messages"] if in_social else reply.data
            self.messages.append((person, self.translator.message(copy)["id"] if in_social else copy["id"]))

    @rule(which=some, number=devices, waits=st.booleans())
    def read(self, which: int, number: int, waits: bool) -> None:
        """Read up to a message, maybe one read before."""
        self._do(which, number, waits, lambda client, message_id: client.mark_read(self.chat_id, message_id))

    @rule(is_alice=st.booleans(), lasts=st.booleans())
    def block(self, is_alice: bool, lasts: bool) -> None:
        """One blocks the other, for a moment or until they think better of it."""
        person, other = (self.alice, self.bob) if is_alice else (self.bob, self.alice)
        person.blocks(other)
        self.blockers.add(person)
        self.was_blocked = True
        if not lasts:
            self._unblock(person)

    @precondition(lambda self: self.blockers)
    @rule()
    def unblock(self) -> None:
        """The blocker removes the block."""
        for person in list(self.blockers):
            self._unblock(person)

    @rule(number=devices)
    def lose_network(self, number: int) -> None:
        """The connection breaks without a word; the device comes back by itself."""
        client = self.devices[number].client
        if client is not None:
            client.connection.abort()

    @precondition(lambda self: any(device.client for device in self.devices))
    @rule(number=devices)
    def switch_off(self, number: int) -> None:
        """A device ends."""
        self.devices[number].switch_off()

    @rule(number=devices)
    def switch_on(self, number: int) -> None:
        """A device starts, knowing what it knew."""
        self.devices[number].switch_on()

    @rule(which=some, number=devices, in_social=st.booleans(), deletes=st.booleans())
    def miss(self, which: int, number: int, in_social: bool, deletes: bool) -> None:
        """A device that knows everything is off while a message that it knows changes."""
        device = self.devices[number]
        device.switch_off()
        device.switch_on()
        assert device.client is not None
        assert device.client.await_complete(TIMEOUT)
        device.switch_off()
        author, message_id = self.messages[which % len(self.messages)]
        side = author.social if in_social else author
        path = f"/messages/{encode_message(message_id) if in_social else message_id}"
        reply = side.deletes(path) if deletes else side.patches(path, {"content": f"missed by {number}"})
        refusals = {409, 403} if self.blockers else {409}  # taken back before; behind a block
        assert reply.status == 200 or reply.status in refusals, reply.text
        device.switch_on()

    def teardown(self) -> None:
        """Everybody comes back, and everything is everywhere the same."""
        try:
            if self.messages:
                self._compare()
        finally:
            for device in self.devices:
                device.switch_off()
            for person in list(self.blockers):
                self._unblock(person)

    def _unblock(self, person: Person) -> None:
        person.unblocks(self.bob if person is self.alice else self.alice)
        self.blockers.discard(person)

    def _stored(self, person: Person, key: str, message_id: int) -> None:
        if key not in self.stored:
            self.stored.add(key)
            self.messages.append((person, message_id))

    def _send_frame(self, client: ChatClient, person: Person, key: str, text: str, waits: bool) -> None:
        pending = client.send(text, chat_id=self.chat_id, key=key)
        self.attempts[key].append(pending)
        if waits:
            try:
                self._stored(person, key, pending.wait(TIMEOUT)["id"])
            except Refused as refusal:
                self._refused(key, refusal.error)

    def _answered(self, person: Person, key: str, reply: Reply) -> None:
        if reply.status < 300:
            found = reply.data if isinstance(reply.data["id"], int) else self.translator.message(reply.data)
            self._stored(person, key, found["id"])
        else:
            self._refused(key, reply.error if isinstance(reply.json["error"], str) else BLOCKED)
            assert reply.status == 403, reply.text

    def _refused(self, key: str, error: str) -> None:
        """A block refuses what is new; what was sent before it is still answered."""
        assert error == BLOCKED
        assert self.blockers
        assert key not in self.stored

    def _do(self, which: int, number: int, waits: bool, act: Callable[[ChatClient, int], PendingMessage]) -> None:
        device = self.devices[number]
        author, message_id = self.messages[which % len(self.messages)]
        if device.client is None:
            return
        pending = act(device.client, message_id)
        if waits:
            try:
                pending.wait(TIMEOUT)
            except Refused as refusal:
                assert refusal.error in ("marketplace.notAuthor", "marketplace.messageDeleted", BLOCKED)
                assert refusal.error != "marketplace.notAuthor" or author is not device.person
                assert refusal.error != BLOCKED or self.blockers

    def _compare(self) -> None:
        for device in self.devices:
            device.switch_on()
        for device in self.devices:
            assert device.client is not None
            assert device.client.await_complete(TIMEOUT)
        for device in self.devices:
            fresh = device.fresh(self.chat_id)
            await_true(
                lambda: device.view(self.chat_id) == fresh,  # noqa: B023 - asked within the loop only
                what=lambda: f"{device.view(self.chat_id)}\n!=\n{fresh}",  # noqa: B023
            )
        self._compare_dialects()
        self._compare_with_answers()

    def _compare_dialects(self) -> None:
        """Both people read the same in both dialects; while a block stands, not what the other has read since."""
        views = []
        for person in (self.alice, self.bob):
            marketplace, social = (
                Device(person, translator).fresh(self.chat_id) for translator in (None, self.translator)
            )
            left_out = ONLY_IN_MARKETPLACE | {ONLY_TO_ITS_SENDER}
            bare, in_social = ([without(message, left_out) for message in view[0]] for view in (marketplace, social))
            assert (bare, marketplace[1:]) == (in_social, social[1:])
            views.append([_to_all(without(message, {"is_read"} if self.blockers else set())) for message in bare])
        assert views[0] == views[1]
        assert [message["seq"] for message in views[0]] == list(range(1, len(views[0]) + 1))

    def _compare_with_answers(self) -> None:
        """What was answered is there, what was refused is not, and nothing is there twice."""
        messages = Device(self.alice, None).fresh(self.chat_id)[0]
        keys = [message["client_message_id"] for message in messages]
        found = [key for key in keys if key is not None]  # copies have none; taken back, they do not name their origin
        refused = set()
        for key, attempts in self.attempts.items():
            outcomes = {_outcome(pending) for pending in attempts}
            if "stored" in outcomes:
                self.stored.add(key)
            elif outcomes == {"refused"}:
                refused.add(key)
        assert len(set(found)) == len(found)
        assert self.stored <= set(found) <= {key for _, key, _ in self.sent}
        assert not (refused - self.stored) & set(found)
        if not self.was_blocked:
            assert sorted(found) == sorted(key for _, key, _ in self.sent)


def _to_all(message: dict[str, Any]) -> dict[str, Any]:
    """A message without what only its reader knows of its reactions."""
    return {**message, "reactions": [without(reaction, {"mine"}) for reaction in message["reactions"]]}


def _outcome(pending: PendingMessage) -> str:
    try:
        pending.wait(0)
    except Refused:
        return "refused"
    except ClientError:
        return "unknown"  # the device was switched off, and sent it again when it was on
    return "stored"


def test_three_devices_of_two_dialects_end_in_the_same_state(
    server: ChatServer, host: Host, make_person: PersonMaker
) -> None:
    class Machine(ThreeDevices):
        alice = make_person("alice")
        bob = make_person("bob")

    Machine.host = host
    run_state_machine_as_test(  # type: ignore[no-untyped-call]
        Machine,
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=STEPS,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            print_blob=True,
        ),
    )
