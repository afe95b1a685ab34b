"""What people do with messages: reactions, pins, stars, forwards, reports, and deleting a message for oneself."""

from __future__ import annotations

import random
import time
from collections import deque
from collections.abc import Sequence
from typing import NamedTuple

from chaos.history import Hidden, Mark, Send
from chaos.load.acting import Acting, Place
from chaos.load.rows import reactions_digest, row_of
from chaos.load.state import LoadState, Recent

EMOJIS = ("👍", "❤️", "😂", "🎉", "🇦🇹")  # fewer kinds than a message may have
UNDONE_OF = 200  # of the latest reactions, pins and stars, one is taken back at a time
DELETED = "messageDeleted"
REASONS = ("spam", "fraud", "other")


class _Undo(NamedTuple):
    """How an action is taken back."""

    place: Place
    message: int
    emoji: str = ""


class MessageActions:
    """Each action is that of a member of the chat of a recent message, in a random dialect.

    Parameters: chats: filled by the load. owners: of the groups among them.
    """

    def __init__(self, acting: Acting, chats: Sequence[int], owners: dict[int, int]) -> None:
        self._acting = acting
        self._chats = chats
        self._owners = owners
        self._hidden: set[int] = set()
        self._forwarded: set[int] = set()
        self._reacted: deque[_Undo] = deque(maxlen=UNDONE_OF)
        self._pinned: deque[_Undo] = deque(maxlen=UNDONE_OF)
        self._starred: deque[_Undo] = deque(maxlen=UNDONE_OF)
        self._forwards = 0

    @property
    def _state(self) -> LoadState:
        return self._acting.state

    def act(self, place: Place) -> None:
        """Do something with a recent message of the chat that the person sees."""
        seen = [m for m in self._state.recent[place.chat] if (place.person, m.id) not in self._state.hiding]
        if seen:
            action = random.choices(_ACTIONS, _WEIGHTS)[0]
            action(self, place, random.choice(seen))

    def _react(self, place: Place, message: Recent) -> None:
        emoji = random.choice(EMOJIS)
        if self._change_reaction("react", "POST", place, message.id, emoji):
            self._reacted.append(_Undo(place, message.id, emoji))

    def _unreact(self, place: Place, message: Recent) -> None:
        undo = _taken(self._reacted, _Undo(place, message.id, EMOJIS[0]))
        self._change_reaction("unreact", "DELETE", undo.place, undo.message, undo.emoji)

    def _change_reaction(self, what: str, method: str, place: Place, message: int, emoji: str) -> bool:
        path, refusals = f"{place.message_path(message)}/reactions", {DELETED}
        answer = self._acting.ask(what, place, method, path, message=message, refusals=refusals, json={"emoji": emoji})
        if answer.is_done:
            found = place.dialect.reactions(answer.data)
            ids = (found["chat_id"], found["message_id"], found["version"])
            self._state.history.marks.append(Mark(0, *ids, reactions=reactions_digest(found["reactions"])))
        return answer.is_done

    def _pin(self, place: Place, message: Recent) -> None:
        place = self._of_owner(place)
        if self._mark("pin", "POST", place, message.id, DELETED, "tooManyPins"):
            self._pinned.append(_Undo(place, message.id))

    def _unpin(self, place: Place, message: Recent) -> None:
        undo = _taken(self._pinned, _Undo(self._of_owner(place), message.id))
        self._mark("pin", "DELETE", undo.place, undo.message)

    def _of_owner(self, place: Place) -> Place:
        """In a group only its owner pins."""
        return place._replace(person=self._owners.get(place.chat, place.person))

    def _star(self, place: Place, message: Recent) -> None:
        if self._mark("star", "POST", place, message.id, DELETED):
            self._starred.append(_Undo(place, message.id))

    def _unstar(self, place: Place, message: Recent) -> None:
        undo = _taken(self._starred, _Undo(place, message.id))
        self._mark("star", "DELETE", undo.place, undo.message)

    def _mark(self, kind: str, method: str, place: Place, message: int, *refusals: str) -> bool:
        what, path = kind if method == "POST" else f"un{kind}", f"{place.message_path(message)}/{kind}"
        return self._acting.ask(what, place, method, path, message=message, refusals=refusals).is_done

    def _hide(self, place: Place, message: Recent) -> None:
        """Only one member hides a message, so that a final read shows it, and none that is answered or copied."""
        if message.id in self._hidden | self._forwarded | self._state.named:
            return
        self._hidden.add(message.id)
        self._state.hiding.add((place.person, message.id))
        path = f"{place.message_path(message.id)}/hide"
        if self._acting.ask_until_answered("hide", place, "POST", path).is_done:
            hidden = Hidden(message.id, message.seq, time.time())
            self._state.history.hidden[place.person, place.chat][message.id] = hidden

    def _forward(self, place: Place, message: Recent) -> None:
        """To this chat and perhaps another; some are repeated with the same key, which must send nothing again.

        The message may be deleted meanwhile; then the repetition still returns the copies.
        """
        began, self._forwards = time.time(), self._forwards + 1
        self._forwarded.add(message.id)
        own = [chat for chat in self._chats if self._state.history.can_see(place.person, chat)]
        chats = list(dict.fromkeys((place.chat, random.choice(own))))
        key = f"forward-{self._forwards}-{random.getrandbits(32):08x}"
        body = {place.name("chat_ids"): [place.dialect.shown_chat_id(chat) for chat in chats]}
        path, headers = f"{place.message_path(message.id)}/forward", {"Idempotency-Key": key}
        refusals = {DELETED}
        for _ in range(random.randint(1, 2)):
            answer = self._acting.ask_until_answered(
                "forward", place, "POST", path, refusals=refusals, json=body, headers=headers
            )
            if not answer.is_done:
                return
            refusals, copies = set(), map(row_of, place.dialect.copies(answer.data))
            for chat, copy in zip(chats, copies, strict=True):
                sent = Send(f"{key}-{chat}", chat, place.person, began, time.time(), "ok", copy.id, copy.seq)
                self._state.record(sent)

    def _report(self, place: Place, message: Recent) -> None:
        if message.sender == place.person:
            return
        shown = place.dialect.shown_message_id(message.id)
        body = {place.name("message_id"): shown, "reason": random.choice(REASONS), "text": "see above"}
        refusals = {DELETED, "tooManyReports"}
        self._acting.ask("report", place, "POST", "/reports", message=message.id, refusals=refusals, json=body)


def _taken(undone: deque[_Undo], default: _Undo) -> _Undo:
    """Take a random one."""
    if not undone:
        return default
    undone.rotate(random.randrange(len(undone)))
    return undone.pop()


_CHANCES = {
    MessageActions._react: 8,
    MessageActions._unreact: 4,
    MessageActions._pin: 2,
    MessageActions._unpin: 2,
    MessageActions._star: 2,
    MessageActions._unstar: 1,
    MessageActions._hide: 2,
    MessageActions._forward: 2,
    MessageActions._report: 1,
}
_ACTIONS, _WEIGHTS = list(_CHANCES), list(_CHANCES.values())
