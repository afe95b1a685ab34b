"""One order on every socket: changes of a chat are delivered in the order of `version`, each once.

Two processes that commit and then publish can overtake each other, and the relay publishes events again. So a change
that was already delivered is dropped, and one that comes early is held while its predecessor may still arrive; after
`HOLD` the gap is read from Postgres.
"""

from __future__ import annotations

import logging
import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import gevent
from gevent.event import Event as Signal

from chatapp.errors import ChatError
from chatapp.events.types import ChatChanged
from chatapp.ids import snowflake

log = logging.getLogger(__name__)

HOLD = 0.2  # seconds; overtaking takes milliseconds, so a gap older than this is a lost event
CHATS_REMEMBERED = (
    100_000  # the least recently changed are forgotten; the next change of a forgotten chat is a new start
)
NEW_CHAT = 60.0  # seconds; an older chat without a state was forgotten, or began before this worker did
GAP_LIMIT = 500  # changes read for one gap; a client that misses more sees the jump and catches up by its cursor

ReadGap = Callable[[int, int, int, int], Sequence[ChatChanged]]


@dataclass(slots=True)
class _ChatState:
    """The delivery of one chat.

    Attributes:
        version: of the last change delivered.
        delivered_at: when, in monotonic seconds.
        held: changes that came early, by version.
        expected: the newest version known to be committed that a caller waits for; 0 if there is none.
        is_filling: whether `_fill_gap` is scheduled.
        progress: set at the next delivery, if a caller waits for one.
    """

    version: int
    delivered_at: float
    held: dict[int, ChatChanged] = field(default_factory=dict)
    expected: int = 0
    is_filling: bool = False
    progress: Signal | None = None

    def notify(self) -> None:
        """Wake the callers that wait."""
        if self.progress is not None:
            self.progress.set()
            self.progress = None

    def wait(self) -> None:
        """Wait for `notify`."""
        if self.progress is None:
            self.progress = Signal()
        self.progress.wait()


class ChatOrder:
    """The last version delivered on this worker, per chat.

    Parameters:
        deliver: called with each change when it is due. Must not block.
        read_gap: `(chat_id, after_version, before_version, limit)` to the changes strictly between, from Postgres.
        has_listeners: whether one of the users that an event reaches has been connected to this worker since a moment
            (monotonic seconds).
    """

    def __init__(
        self,
        deliver: Callable[[ChatChanged], None],
        read_gap: ReadGap,
        has_listeners: Callable[[ChatChanged, float], bool],
    ) -> None:
        self._deliver = deliver
        self._read_gap = read_gap
        self._has_listeners = has_listeners
        self._chats: OrderedDict[int, _ChatState] = OrderedDict()

    def admit(self, event: ChatChanged) -> None:
        """Deliver the change now, deliver it later, or drop it."""
        state = self._chats.get(event.chat_id)
        if state is None and self._had_listeners_from_start(event):
            state = self._chats[event.chat_id] = _ChatState(0, time.monotonic())
        if state is None or self._is_outdated(state, event):
            self._start(event)
        elif event.version == state.version + 1:
            self._advance(state, event)
            self._release(state)
        elif event.version > state.version:
            state.held.setdefault(event.version, event)
            self._schedule_filling(event.chat_id, state)

    def delivered_version(self, chat_id: int, default: int) -> int:
        """The version of the last change delivered here; `default` if it is not known."""
        state = self._chats.get(chat_id)
        return default if state is None else state.version

    def wait_until_delivered(self, chat_id: int, version: int) -> None:
        """Wait until a committed version was delivered, or cannot be any more.

        If its event does not come within `HOLD`, it is read from Postgres. Returns at once if nothing is known of the
        chat.
        """
        state = self._chats.get(chat_id)
        if state is None or version <= state.version:
            return
        state.expected = max(state.expected, version)
        self._schedule_filling(chat_id, state)
        while state.version < version <= state.expected and self._chats.get(chat_id) is state:
            state.wait()

    def _start(self, event: ChatChanged) -> None:
        """Begin with this change: there is no earlier one that a listener could have missed."""
        replaced = self._chats.get(event.chat_id)
        self._chats[event.chat_id] = _ChatState(event.version, time.monotonic())
        if replaced is not None:
            replaced.notify()
        while len(self._chats) > CHATS_REMEMBERED:
            _, forgotten = self._chats.popitem(last=False)
            forgotten.notify()
        self._deliver(event)

    def _is_outdated(self, state: _ChatState, event: ChatChanged) -> bool:
        """Whether no user listened here when the chat moved on, so that nothing was missed."""
        is_jump = event.version > state.version + 1
        return is_jump and not state.held and not self._has_listeners(event, state.delivered_at)

    def _had_listeners_from_start(self, event: ChatChanged) -> bool:
        """Whether a user has listened here since before this chat began, so that its first change is on its way.

        The first messages of two users who write to each other on two workers can overtake each other, too.
        """
        age = time.time() - snowflake.moment_of(event.chat_id).timestamp()
        return event.version > 1 and age < NEW_CHAT and self._has_listeners(event, time.monotonic() - age)

    def _advance(self, state: _ChatState, event: ChatChanged) -> None:
        state.version = event.version
        state.delivered_at = time.monotonic()
        self._chats.move_to_end(event.chat_id)
        self._deliver(event)
        state.notify()

    def _release(self, state: _ChatState) -> None:
        while state.held and (event := state.held.pop(state.version + 1, None)):
            self._advance(state, event)

    def _schedule_filling(self, chat_id: int, state: _ChatState) -> None:
        if not state.is_filling:
            state.is_filling = True
            gevent.spawn_later(HOLD, self._fill_gap, chat_id, state)

    def _fill_gap(self, chat_id: int, state: _ChatState) -> None:
        """Read what is missing up to the newest known version, unless it has arrived, and deliver it."""
        state.is_filling = False
        newest = max(state.expected, *state.held, 0)
        if newest <= state.version or self._chats.get(chat_id) is not state:
            return
        missing = self._missing(chat_id, state.version, newest if newest in state.held else newest + 1)
        # A held event takes precedence over its row: only the event names the socket that it came over.
        found = {event.version: event for event in missing} | state.held
        for version in sorted(found):
            # What was held during the read and is newer than `newest` may lack a predecessor itself.
            if state.version < version <= newest:
                self._advance(state, found[version])
        state.held = {version: event for version, event in state.held.items() if version > state.version}
        state.expected = state.expected if state.expected > newest else 0
        self._release(state)
        state.notify()
        if state.held or state.expected:
            self._schedule_filling(chat_id, state)

    def _missing(self, chat_id: int, after: int, before: int) -> Sequence[ChatChanged]:
        try:
            return self._read_gap(chat_id, after, before, GAP_LIMIT)
        except ChatError as error:
            # The jump in `version` stays visible to clients, which then catch up by their cursors.
            log.warning("gap not read", extra={"chat_id": chat_id, "reason": error.code})
        except Exception:  # what is held must be delivered all the same
            log.exception("gap not read", extra={"chat_id": chat_id})
        return ()
