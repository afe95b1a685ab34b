"""Everything that people do besides sending: with messages, and with their chats."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Sequence

from chaos.load.acting import Acting, Place
from chaos.load.chat_actions import ChatActions
from chaos.load.message_actions import MessageActions
from chaos.load.paced import Paced
from chaos.load.state import LoadState

ON_MESSAGES = 0.7  # share of the actions; the others are about chats


class Actions:
    """Runs until the load ends. The rate can be changed at any time and starts at 0.

    Parameters: chats: filled by the load.

    Attributes:
        per_second: the number of actions.
        owners: of the groups among the chats; filled by the load.
    """

    def __init__(self, state: LoadState, chats: Sequence[int]) -> None:
        self._state = state
        self._chats = chats
        self._acting = Acting(state)
        self.per_second = 0.0
        self.owners: dict[int, int] = {}
        self._on_messages = MessageActions(self._acting, chats, self.owners)
        self._on_chats = ChatActions(self._acting, self.owners)

    @property
    def done(self) -> Counter[str]:
        """How often each action succeeded."""
        return self._acting.done

    def start(self, paced: Paced) -> None:
        """Act from now on."""
        paced.start(lambda: self.per_second, self._act)

    def _act(self) -> None:
        chat = random.choice(self._chats)
        person = random.choice(sorted(self._state.history.members[chat]))
        place = Place(chat, person, random.choice(self._state.dialects))
        if random.random() < ON_MESSAGES:
            self._on_messages.act(place)
        else:
            self._on_chats.act(place)
