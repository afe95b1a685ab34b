"""A device that reads a chat, then only receives: live frames over its socket, and a catch-up from its cursor."""

from __future__ import annotations

from typing import Any

from tests.flows.state.known import Known, Translator, fresh
from tests.people import Person
from tests.servers import await_true

Json = dict[str, Any]
LIVE_WAIT = 30.0  # seconds; counts and list entries are pushed within one


class Viewer:
    """A person in one dialect.

    Parameters:
        translator: of the social dialect; None for the marketplace.
    """

    def __init__(self, person: Person, translator: Translator | None, chat_id: int) -> None:
        self._person, self._translator, self._chat_id = person, translator, chat_id
        self._socket = person.connects() if translator is None else person.social.connects()
        greeting = self._socket.greeting
        self._cursor = greeting["cursor"] if translator is None else greeting["payload"]["cursor"]
        self._before = fresh(person, translator, chat_id)
        self._applied = 0
        self._live = self._before.copy()

    def __str__(self) -> str:
        return f"{self._person.username} in the {'marketplace' if self._translator is None else 'social'} dialect"

    def assert_events_equal_state(self) -> None:
        """The state before and the events since make what a fresh read shows: those received live, and those missed."""
        expected = fresh(self._person, self._translator, self._chat_id)
        await_true(
            lambda: self._view_live() == expected.view(),
            within=LIVE_WAIT,
            what=lambda: f"live, {self}: {self._view_live()}\n!=\n{expected.view()}\n{self._socket.received}",
        )
        missed = self._catch_up()
        assert missed.view() == expected.view(), f"catch-up, {self}"
        if self._chat_id not in expected.state.deleted:
            assert missed.entry == expected.entry, f"catch-up, {self}"
        # A change of a group does not repeat its entry to every member: it follows from the messages.
        is_group = expected.entry is not None and expected.entry.get("kind") == "group"
        if self._translator is not None and not is_group and self._chat_id not in expected.state.deleted:
            await_true(
                lambda: self._view_live() is not None and self._live.entry == expected.entry,
                within=LIVE_WAIT,
                what=lambda: f"list entry, {self}: {self._live.entry}\n!=\n{expected.entry}",
            )

    def closes(self) -> None:
        """Close the socket."""
        self._socket.closes()

    def _view_live(self) -> Json:
        self._socket.sends({"type": "ping"})
        self._socket.receives("pong")
        for frame in self._socket.received[self._applied :]:
            self._live.apply(frame if self._translator is None else self._translator.frame(frame))
        self._applied = len(self._socket.received)
        return self._live.view()

    def _catch_up(self) -> Known:
        known, has_more = self._before.copy(), True
        known.total = self._person.unread()  # a count of its own, which no page carries
        while has_more:
            if self._translator is None:
                page = self._person.gets("/messages/since", cursor=self._cursor).data
            else:
                page = self._translator.page(self._person.social.gets("/messages/since", cursor=self._cursor).data)
            known.apply_page(page)
            self._cursor, has_more = page["cursor"], page["has_more"]
        return known
