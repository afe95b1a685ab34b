"""Messages that devices send in turn, and what their users do right after one."""

from __future__ import annotations

import itertools
import random
from collections import deque
from collections.abc import Sequence
from typing import NamedTuple

from chaos.load.device import Device
from chaos.load.message_actions import EMOJIS
from chaos.load.pending import Reference
from chaos.load.state import LoadState

# Shares of sends that are followed by such an action.
READS, EDITS, DELETES, OVER_REST, REACTIONS = 0.05, 0.04, 0.01, 0.03, 0.04
REPLIES, COPIES = 0.06, 0.03  # shares of sends that answer or copy a recent message of the chat
UNDONE_OF = 200  # of the latest reactions, one is taken back at a time


class _Reaction(NamedTuple):
    device: Device
    message: int
    emoji: str


class Turns:
    """Lets devices send in turn.

    Attributes:
        count: of messages.
        has_actions: whether some messages answer or copy others, or are reacted to.
    """

    def __init__(self, state: LoadState, padding: int) -> None:
        self._state = state
        self._padding = padding
        self._speakers: itertools.cycle[tuple[Device, int]] = itertools.cycle(())
        self._reactions: deque[_Reaction] = deque(maxlen=UNDONE_OF)
        self.count = 0
        self.has_actions = False

    def shuffle(self, speakers: Sequence[tuple[Device, int]]) -> None:
        """Set who sends in which chat, in random order."""
        self._speakers = itertools.cycle(random.sample(speakers, len(speakers)))

    def send_next(self) -> None:
        """Let the next device send a message."""
        self.count += 1
        device, chat = next(self._speakers)
        while device.bytes_per_second is not None:  # a device that does not read would soon block the load
            device, chat = next(self._speakers)
        if device.outgoing.is_saturated:
            return
        key = f"{device.number}-{self.count}-{random.getrandbits(32):08x}"
        about = self._reference(device, chat)
        is_copy = about is not None and about.field == "forward_message_id"
        device.outgoing.send(chat, key, "" if is_copy else f"{key} {'x' * self._padding}", about)
        if device.outgoing.own and device.is_connected:
            self._follow_up(device, chat, key)

    def _reference(self, device: Device, chat: int) -> Reference | None:
        dice = random.random()
        if not self.has_actions or dice >= REPLIES + COPIES:
            return None
        message = self._state.name_recent(chat, device.person)
        field = "reply_to_id" if dice < REPLIES else "forward_message_id"
        return Reference(field, message) if message else None

    def _follow_up(self, device: Device, chat: int, key: str) -> None:
        own, dice = device.outgoing.own, random.random()
        if dice < EDITS:
            device.send_frame({"type": "edit_message", "message_id": own[-1], "content": f"edited {key}"})
        elif dice < EDITS + DELETES:
            self._delete(device, own.pop())
        elif dice < EDITS + DELETES + READS:
            device.read(chat)
        elif dice < EDITS + DELETES + READS + OVER_REST:
            waiting = device.outgoing.pending.get(key)
            if waiting is not None:
                # The same key over socket and REST at once, in either dialect.
                device.outgoing.send_by_rest(waiting, self._state.dialects[self.count % 2])
        elif dice < EDITS + DELETES + READS + OVER_REST + REACTIONS and self.has_actions:
            self._react(device, chat)

    def _delete(self, device: Device, message: int) -> None:
        if message not in self._state.named:
            self._state.deleted.add(message)
            device.send_frame({"type": "delete_message", "message_id": message})

    def _react(self, device: Device, chat: int) -> None:
        """React to a recent message, or take a reaction back, over the socket."""
        if self._reactions and random.random() < 0.4:
            self._reactions.rotate(random.randrange(len(self._reactions)))
            device, message, emoji = self._reactions.pop()
            device.send_frame({"type": "remove_reaction", "message_id": message, "emoji": emoji})
        elif self._state.recent[chat]:
            found = _Reaction(device, random.choice(self._state.recent[chat]).id, random.choice(EMOJIS))
            self._reactions.append(found)
            device.send_frame({"type": "add_reaction", "message_id": found.message, "emoji": found.emoji})
