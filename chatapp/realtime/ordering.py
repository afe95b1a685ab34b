"""One order on every socket: changes of a chat are delivered in the order of `version`, each once.

Two processes that commit and then publish can overtake each other, and the relay publishes events again. So a change
that was already delivered is dropped, and one that comes early is held while its predecessor may still arrive; after
`HOLD` the gap is read from Postgres, and sooner while Redis is away. The first two changes that a worker receives of a
chat can overtake each other, too: so where to start is read as well.
"""

from __future__ import annotations

import logging
import math
import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

import gevent
from gevent.event import Event as Signal

from chatapp.errors import ChatError
from chatapp.events.types import ChatChanged

log = logging.getLogger(__name__)

HOLD = 0.2  # seconds; overtaking takes milliseconds, so a gap older than this is a lost event
HOLD_ALONE = (
    0.02  # seconds, while no events of other workers arrive: acknowledgements wait for their place in the order
)
CHATS_REMEMBERED = (
    100_000  # the least recently changed are forgotten; the next change of a forgotten chat is a new start
)
LOOK_BACK = 10.0  # seconds; what was written earlier is not on its way to this worker any more
GAP_LIMIT = 500  # changes read for one gap; a client that misses more sees the jump and catches up by its cursor
_UNKNOWN = -1  # the version of a chat while its start is read: every change is held

Result = TypeVar("Result")
ReadGap = Callable[[int, int, int, int], Sequence[ChatChanged]]
ReadStart = Callable[[int, int, float], int]


@dataclass(slots=True)
class _ChatState:
    """The delivery of one chat.

    Attributes:
        version: of the last change delivered, or `_UNKNOWN`.
        delivered_at: when, in monotonic seconds.
        held: changes that came early, by version.
        expected: the newest version known to be committed that a caller waits for; 0 if there is none.
        is_filling: whether `_fill_gap` is scheduled, or `_find_start` runs.
        progress: set at the next delivery, if a caller waits for one.
        after_start: what to call once the start is known, with the newest version that had come before.
    """

    version: int
    delivered_at: float
    held: dict[int, ChatChanged] = field(default_factory=dict)
    expected: int = 0
    is_filling: bool = False
    progress: Signal | None = None
    after_start: list[tuple[int, Callable[[int], None]]] = field(default_factory=list)

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
        read_start: `(chat_id, before_version, seconds)` to the version below `before_version` that the chat had so many
            seconds ago, from Postgres.
        listening_since: the time, in monotonic seconds, at which the first of the users that an event reaches connected
            to this worker; None if none is connected.
        receives_others: whether events of other workers arrive.
    """

    def __init__(
        self,
        deliver: Callable[[ChatChanged], None],
        read_gap: ReadGap,
        read_start: ReadStart,
        listening_since: Callable[[ChatChanged], float | None],
        receives_others: Callable[[], bool] = lambda: True,
    ) -> None:
        self._deliver = deliver
        self._receives_others = receives_others
        self._read_gap = read_gap
        self._read_start = read_start
        self._listening_since = listening_since
        self._chats: OrderedDict[int, _ChatState] = OrderedDict()

    def admit(self, event: ChatChanged) -> None:
        """Deliver the change now, deliver it later, or drop it."""
        state = self._chats.get(event.chat_id)
        if state is None or self._is_outdated(state, event):
            self._start(event, 0 if state is None else state.version)
        elif event.version == state.version + 1:
            self._advance(state, event)
            self._release(state)
        elif event.version > state.version:
            state.held.setdefault(event.version, event)
            self._schedule_filling(event.chat_id, state)

    def last_version(self, chat_id: int) -> int | None:
        """The version of the last change delivered here; None if it is not known, or is being read at the moment."""
        state = self._chats.get(chat_id)
        return None if state is None or state.version == _UNKNOWN else state.version

    def begin(self, chat_id: int, version: int) -> None:
        """Deliver only what follows this version. For a chat that no user of this worker receives yet."""
        self._remember(chat_id, _ChatState(version, time.monotonic()))

    def with_version(self, chat_id: int, default: int, deliver: Callable[[int], None]) -> None:
        """Call `deliver` with the version of the last change delivered here; `default` if nothing is known of the chat.

        Where the start of the chat is read at the moment, it is called afterwards, and still between the same changes.
        """
        state = self._chats.get(chat_id)
        if state is None:
            deliver(default)
        elif state.version == _UNKNOWN:
            state.after_start.append((max(state.held, default=0), deliver))
        else:
            deliver(state.version)

    def wait_until_delivered(self, chat_id: int, version: int) -> None:
        """Wait until a committed version was delivered, or cannot be any more.

        If its event does not come within `HOLD`, it is read from Postgres. If nothing is known of the chat, where it
        starts is read first: a change from before the version may still be on its way.
        """
        state: _ChatState | None = self._chats.get(chat_id) or self._start_before(chat_id, version)
        while state is not None and state.version < version:
            state.expected = max(state.expected, version)
            self._schedule_filling(chat_id, state)
            while state.version < version <= state.expected and self._chats.get(chat_id) is state:
                state.wait()
            current = self._chats.get(chat_id)
            state = None if current is state else current  # the chat may have begun again

    def _start(self, event: ChatChanged, known: int) -> None:
        """Begin with this change, unless a listener could have missed an earlier one after `known`: that is read."""
        since = self._listening_since(event)
        if since is None or event.version <= known + 1:
            self.begin(event.chat_id, event.version)
            self._deliver(event)
        else:
            state = _ChatState(_UNKNOWN, since, {event.version: event}, is_filling=True)
            self._remember(event.chat_id, state)
            gevent.spawn(self._find_start, event.chat_id, state, known)

    def _start_before(self, chat_id: int, version: int) -> _ChatState:
        """Begin before a change that is committed, and whose event has not come yet."""
        state = _ChatState(_UNKNOWN, time.monotonic() - LOOK_BACK, expected=version, is_filling=True)
        self._remember(chat_id, state)
        gevent.spawn(self._find_start, chat_id, state, 0)
        return state

    def _remember(self, chat_id: int, state: _ChatState) -> None:
        replaced = self._chats.get(chat_id)
        self._chats[chat_id] = state
        if replaced is not None:
            replaced.notify()
        while len(self._chats) > CHATS_REMEMBERED:
            _, forgotten = self._chats.popitem(last=False)
            forgotten.notify()

    def _find_start(self, chat_id: int, state: _ChatState, known: int) -> None:
        """Deliver what the listeners cannot have seen when they connected, and what was held meanwhile.

        Parameters:
            known: the version that was delivered here before they connected.
        """
        first = min(state.held, default=state.expected + 1)
        seconds = min(time.monotonic() - state.delivered_at, LOOK_BACK)
        start = self._read(chat_id, lambda: self._read_start(chat_id, first, seconds), first - 1)
        if self._chats.get(chat_id) is not state:
            return
        state.version = start = max(start, known)
        state.is_filling = False
        state.held = {version: event for version, event in state.held.items() if version > start}
        for newest, deliver in state.after_start:
            self._release(state, newest)
            deliver(state.version)
        self._release(state)
        state.notify()
        if state.held or state.expected > state.version:
            self._schedule_filling(chat_id, state)

    def _is_outdated(self, state: _ChatState, event: ChatChanged) -> bool:
        """Whether no user listened here when the chat moved on: then what lies between need not be delivered."""
        if event.version <= state.version + 1 or state.held or state.version == _UNKNOWN:
            return False
        since = self._listening_since(event)
        return since is None or since > state.delivered_at

    def _advance(self, state: _ChatState, event: ChatChanged) -> None:
        state.version = event.version
        state.delivered_at = time.monotonic()
        self._chats.move_to_end(event.chat_id)
        self._deliver(event)
        state.notify()

    def _release(self, state: _ChatState, newest: float = math.inf) -> None:
        """Deliver held changes that are due. Parameters: newest: none after this version."""
        while state.held and state.version < newest and (event := state.held.pop(state.version + 1, None)):
            self._advance(state, event)

    def _schedule_filling(self, chat_id: int, state: _ChatState) -> None:
        if not state.is_filling:
            state.is_filling = True
            gevent.spawn_later(HOLD if self._receives_others() else HOLD_ALONE, self._fill_gap, chat_id, state)

    def _fill_gap(self, chat_id: int, state: _ChatState) -> None:
        """Read what is missing up to the newest known version, unless it has arrived, and deliver it."""
        state.is_filling = False
        newest = max(state.expected, *state.held, 0)
        if newest <= state.version or self._chats.get(chat_id) is not state:
            return
        before = newest if newest in state.held else newest + 1
        nothing: Sequence[ChatChanged] = ()
        missing = self._read(chat_id, lambda: self._read_gap(chat_id, state.version, before, GAP_LIMIT), nothing)
        if self._chats.get(chat_id) is not state:  # it began again during the read, with a later change
            return
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

    def _read(self, chat_id: int, read: Callable[[], Result], default: Result) -> Result:
        """What is read; `default` if that fails, since what is held must be delivered all the same.

        Then the jump in `version` stays visible to clients, which catch up by their cursors.
        """
        try:
            return read()
        except ChatError as error:
            log.warning("gap not read", extra={"chat_id": chat_id, "reason": error.code})
        except Exception:
            log.exception("gap not read", extra={"chat_id": chat_id})
        return default
