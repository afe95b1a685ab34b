"""Two people, three devices, anything in any order: in the end every device has what a fresh read has."""

from __future__ import annotations

import os
import uuid
from collections.abc import Callable
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule, run_state_machine_as_test

from chatapp_client import ChatClient, ChatState, Pace, PendingMessage, Refused
from tests.host import Host
from tests.people import Person, PersonMaker
from tests.servers import ChatServer, await_true

PACE = Pace(reconnect_first=0.02, reconnect_most=0.1, answer_wait=3, retry_first=0.05, retry_most=0.2)
SIZES = {"ci": (15, 25), "full": (200, 50)}
EXAMPLES, STEPS = SIZES[os.environ.get("HYPOTHESIS_PROFILE", "ci")]

devices = st.integers(0, 2)
some = st.integers(0, 1000)
texts = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), min_size=1, max_size=20).filter(
    str.strip
)


class Device:
    """A device of a person, which may be switched off and keeps what it knows."""

    def __init__(self, person: Person) -> None:
        self.person = person
        self.state = ChatState()
        self.client: ChatClient | None = None

    def switch_on(self) -> None:
        """Start the program, or leave it on."""
        if self.client is None:
            self.client = ChatClient(self.person.server.url, self.person.token, pace=PACE, state=self.state)
            self.client.connect()

    def switch_off(self) -> None:
        """End the program; what was on its way stays pending."""
        if self.client is not None:
            self.client.close()
            self.client = None


class ThreeDevices(RuleBasedStateMachine):
    """Alice has two devices and Bob one. Every example is a chat about an item of its own."""

    alice: Person
    bob: Person
    host: Host

    def __init__(self) -> None:
        super().__init__()
        self.devices = [Device(self.alice), Device(self.alice), Device(self.bob)]
        self.sent: list[tuple[Person, str, str]] = []  # by whom, key, text
        self.messages: list[tuple[Person, int]] = []  # by whom, id

    @initialize()
    def begin(self) -> None:
        """They begin a chat with all devices on."""
        listing_id = self.host.lists("a bicycle", seller=self.bob)
        for device in self.devices:
            device.switch_on()
            assert device.client is not None
            assert device.client.await_complete(10)
        key = str(uuid.uuid4())
        first = self.alice.sends("first", listing_id=listing_id, client_message_id=key)
        self.chat_id = first["chat_id"]
        self.sent.append((self.alice, key, "first"))
        self.messages.append((self.alice, first["id"]))

    @rule(number=devices, text=texts, waits=st.booleans())
    def send(self, number: int, text: str, waits: bool) -> None:
        """A message; sometimes what comes next does not wait for its answer."""
        device = self.devices[number]
        if device.client is None:
            return
        key = str(uuid.uuid4())
        pending = device.client.send(text, chat_id=self.chat_id, key=key)
        self.sent.append((device.person, key, text))
        if waits:
            self.messages.append((device.person, pending.wait(10)["id"]))

    @rule(which=some, number=devices, over_rest=st.booleans())
    def send_again(self, which: int, number: int, over_rest: bool) -> None:
        """The same under the same key, over another device or REST."""
        person, key, text = self.sent[which % len(self.sent)]
        client = next((d.client for d in self.devices[number:] + self.devices if d.client and d.person is person), None)
        if which % len(self.sent) == 0:
            return  # that one named the item instead of the chat
        if over_rest or client is None:
            person.sends(text, chat_id=self.chat_id, client_message_id=key)
        else:
            client.send(text, chat_id=self.chat_id, key=key).wait(10)

    @rule(which=some, number=devices, text=texts, waits=st.booleans())
    def edit(self, which: int, number: int, text: str, waits: bool) -> None:
        """Somebody's own message, or one that cannot be edited by them any more."""
        self._do(which, number, waits, lambda client, message_id: client.edit(message_id, text))

    @rule(which=some, number=devices, waits=st.booleans())
    def delete(self, which: int, number: int, waits: bool) -> None:
        """Take a message back, maybe again."""
        self._do(which, number, waits, lambda client, message_id: client.delete(message_id))

    @rule(which=some, number=devices, waits=st.booleans())
    def read(self, which: int, number: int, waits: bool) -> None:
        """Read up to a message, maybe one read before."""
        self._do(which, number, waits, lambda client, message_id: client.mark_read(self.chat_id, message_id))

    @rule(number=devices)
    def lose_network(self, number: int) -> None:
        """The connection breaks without a word; the device comes back by itself."""
        client = self.devices[number].client
        if client is not None:
            client.connection.break_off()

    @precondition(lambda self: any(device.client for device in self.devices))
    @rule(number=devices)
    def switch_off(self, number: int) -> None:
        """A device ends."""
        self.devices[number].switch_off()

    @rule(number=devices)
    def switch_on(self, number: int) -> None:
        """A device starts, knowing what it knew."""
        self.devices[number].switch_on()

    def teardown(self) -> None:
        """Everybody comes back, and everything is everywhere the same."""
        try:
            if self.messages:
                self._compare()
        finally:
            for device in self.devices:
                device.switch_off()

    def _do(self, which: int, number: int, waits: bool, act: Callable[[ChatClient, int], PendingMessage]) -> None:
        device = self.devices[number]
        author, message_id = self.messages[which % len(self.messages)]
        if device.client is None:
            return
        pending = act(device.client, message_id)
        if waits:
            try:
                pending.wait(10)
            except Refused as refusal:
                assert refusal.error in ("marketplace.notAuthor", "marketplace.messageDeleted")
                assert refusal.error != "marketplace.notAuthor" or author is not device.person

    def _compare(self) -> None:
        for device in self.devices:
            device.switch_on()
        for device in self.devices:
            assert device.client is not None
            assert device.client.await_complete(10)
        for device in self.devices:
            fresh = self._fresh(device.person)
            await_true(
                lambda: self._view(device.state) == fresh,  # noqa: B023 - asked within the loop only
                within=5,
                what=lambda: f"{self._view(device.state)}\n!=\n{fresh}",  # noqa: B023
            )
        messages, _ = self._fresh(self.alice)
        assert messages == self._fresh(self.bob)[0]
        assert sorted(message["client_message_id"] for message in messages) == sorted(key for _, key, _ in self.sent)
        assert [message["seq"] for message in messages] == list(range(1, len(messages) + 1))

    def _fresh(self, person: Person) -> Any:
        """What a device that has never been on would read."""
        state = ChatState(person.id)
        state.apply_chats(chat for chat in person.chats(limit=100) if chat["id"] == self.chat_id)
        page = person.gets("/messages", chat_id=self.chat_id, limit=100).data
        assert not page["has_more"]
        for message in page["messages"]:
            state.apply_message(message)
        return self._view(state)

    def _view(self, state: ChatState) -> Any:
        return state.messages(self.chat_id), state.unread(self.chat_id)


def test_three_devices_end_in_the_same_state(server: ChatServer, host: Host, make_person: PersonMaker) -> None:
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
