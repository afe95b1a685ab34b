"""One order on every socket: changes of a chat leave in the order of its `version`, each once.

Two processes that commit and then publish can overtake each other, and the relay publishes again what was published.
So a change that was delivered is dropped, and one that comes too early is held while its predecessor may still come;
after `HOLD` the gap is read from Postgres.
"""

from __future__ import annotations

import logging
import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import gevent

from chatapp.errors import ChatError
from chatapp.events.types import ChatChanged
from chatapp.ids import snowflake

log = logging.getLogger(__name__)

HOLD = 0.2  # seconds; overtaking was measured in milliseconds, a gap older than this is a lost push
CHATS_REMEMBERED = 100_000  # least recently changed ones are forgotten first; a forgotten chat starts a new baseline
NEW_CHAT = 60.0  # seconds; older chats were forgotten, or began while this worker was not there to hear
GAP_LIMIT = 500  # changes read for one gap; a client that misses more sees the jump and catches up by its cursor

ReadGap = Callable[[int, int, int, int], Sequence[ChatChanged]]


@dataclass(slots=True)
class _ChatState:
    """Attributes: sought: the newest version that is known to be committed and is waited for; 0 for none."""

    version: int
    moved_at: float
    held: dict[int, ChatChanged] = field(default_factory=dict)
    sought: int = 0
    is_healing: bool = False


class ChatOrder:
    """The last version delivered on this worker, per chat.

    Parameters:
        deliver: called with each change when its turn has come. Must not block.
        read_gap: `(chat_id, after_version, before_version, limit)` to the changes strictly between, from Postgres.
        heard_since: whether anyone of these people listens on this worker since that moment (monotonic seconds).
    """

    def __init__(
        self,
        deliver: Callable[[ChatChanged], None],
        read_gap: ReadGap,
        heard_since: Callable[[Sequence[int], float], bool],
    ) -> None:
        self._deliver = deliver
        self._read_gap = read_gap
        self._heard_since = heard_since
        self._chats: OrderedDict[int, _ChatState] = OrderedDict()

    def admit(self, event: ChatChanged) -> None:
        """Deliver the change now, later or never."""
        state = self._chats.get(event.chat_id)
        if state is None and self._is_heard_from_the_first(event):
            state = self._chats[event.chat_id] = _ChatState(0, time.monotonic())
        if state is None or self._is_stale(state, event):
            self._chats[event.chat_id] = _ChatState(event.version, time.monotonic())
            self._forget_oldest()
            self._deliver(event)
        elif event.version == state.version + 1:
            self._advance(state, event)
            self._release(state)
        elif event.version > state.version:
            state.held.setdefault(event.version, event)
            self._heal_later(event.chat_id, state)

    def delivered(self, chat_id: int, otherwise: int) -> int:
        """The chat's version as far as it was delivered here; `otherwise` where that is not known."""
        state = self._chats.get(chat_id)
        return otherwise if state is None else state.version

    def seek(self, chat_id: int, version: int) -> None:
        """A version is known to be committed: deliver it within `HOLD`, from Postgres if its event does not come."""
        state = self._chats.get(chat_id)
        if state is not None and version > state.version:
            state.sought = max(state.sought, version)
            self._heal_later(chat_id, state)

    def is_coming(self, chat_id: int, version: int) -> bool:
        """Whether a version that is sought was not delivered yet and still can be."""
        state = self._chats.get(chat_id)
        return state is not None and state.version < version <= state.sought

    def _is_stale(self, state: _ChatState, event: ChatChanged) -> bool:
        """Nobody here was listening when the chat moved on, so nothing was missed: it is a new beginning."""
        jumped = event.version > state.version + 1
        return jumped and not state.held and not self._heard_since(event.recipients, state.moved_at)

    def _is_heard_from_the_first(self, event: ChatChanged) -> bool:
        """Whether somebody here has listened since before this chat began, so that its first change is on its way.

        Two who write to each other first, on two workers, may overtake each other as any others.
        """
        age = time.time() - snowflake.moment_of(event.chat_id).timestamp()
        return event.version > 1 and age < NEW_CHAT and self._heard_since(event.recipients, time.monotonic() - age)

    def _advance(self, state: _ChatState, event: ChatChanged) -> None:
        state.version = event.version
        state.moved_at = time.monotonic()
        self._chats.move_to_end(event.chat_id)
        self._deliver(event)

    def _release(self, state: _ChatState) -> None:
        while state.held and (event := state.held.pop(state.version + 1, None)):
            self._advance(state, event)

    def _heal_later(self, chat_id: int, state: _ChatState) -> None:
        if not state.is_healing:
            state.is_healing = True
            gevent.spawn_later(HOLD, self._heal, chat_id, state)

    def _heal(self, chat_id: int, state: _ChatState) -> None:
        """The predecessor did not come: read what is missing up to the newest known version, and go on with that."""
        state.is_healing = False
        newest = max(state.sought, *state.held, 0)
        if newest <= state.version or self._chats.get(chat_id) is not state:
            return
        missing = self._missing(chat_id, state.version, newest if newest in state.held else newest + 1)
        # What was held is as it was told, and knows the socket that it came over.
        found = {event.version: event for event in missing} | state.held
        for version in sorted(found):
            # What was held during the read, above it, may lack a predecessor of its own.
            if state.version < version <= newest:
                self._advance(state, found[version])
        state.held = {version: event for version, event in state.held.items() if version > state.version}
        state.sought = state.sought if state.sought > newest else 0
        self._release(state)
        if state.held or state.sought:
            self._heal_later(chat_id, state)

    def _missing(self, chat_id: int, after: int, before: int) -> Sequence[ChatChanged]:
        try:
            return self._read_gap(chat_id, after, before, GAP_LIMIT)
        except ChatError as error:
            # The jump in `version` stays visible to clients, who then catch up by their cursors.
            log.warning("a gap could not be read", extra={"chat_id": chat_id, "reason": error.code})
        except Exception:  # senders wait for what is held to go on
            log.exception("a gap could not be read", extra={"chat_id": chat_id})
        return ()

    def _forget_oldest(self) -> None:
        while len(self._chats) > CHATS_REMEMBERED:
            self._chats.popitem(last=False)
