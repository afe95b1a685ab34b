"""Messages that a person does not see: of blocked senders in a larger chat, and those hidden one by one."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from chaos.history import Hidden, History
from chaos.new_messages import new_messages


class _Shown(NamedTuple):
    """Something about a message that a person received, in this version of it."""

    person: int
    chat: int
    id: int
    version: int


def hidden_messages(history: History) -> Iterator[str]:
    """What a person received about a message that was hidden from that person at the time.

    A block hides from before the first message on. A message that the person has hidden may have arrived before, or be
    on its way: so only what came into being later counts, and what is read after recovery.
    """
    final = history.final_rows()
    shown = set(_shown(history))
    for person, chat, id, _ in sorted(shown):
        row = final[chat].get(id)
        if row is not None and history.has_blocked(person, chat, row.sender):
            yield f"person {person} received message {id} of chat {chat}, which is hidden from them"
    later = _later_versions(history)
    for person, chat, id, version in sorted(shown):
        hidden = history.hidden.get((person, chat), {}).get(id)
        if hidden is not None and version > later[chat].first_after(hidden):
            yield f"person {person} received version {version} of message {id} of chat {chat} after hiding it"
    for page in history.final_pages():
        hidden_ids = history.hidden.get((page.reader, page.chat), {})
        back = sorted(row.seq for row in page.rows if row.id in hidden_ids)
        if back:
            yield f"person {page.reader} reads seq {back} of chat {page.chat} after hiding it"
    for pins in history.pin_lists:
        back = sorted(id for id, _ in pins.pins if history.has_hidden(pins.reader, pins.chat, id))
        if back:
            yield f"person {pins.reader} reads {back} among the pins of chat {pins.chat} after hiding it"


def _shown(history: History) -> Iterator[_Shown]:
    for frame in history.frames:
        if frame.id:
            yield _Shown(history.owners[frame.device], frame.chat, frame.id, frame.version)
    for mark in history.marks:
        if mark.device:
            yield _Shown(history.owners[mark.device], mark.chat, mark.id, mark.version)
    for page in history.pages:
        if not page.is_final:
            # One's own may be the answer to a repeated send, which shows it in any case.
            others = (row for row in page.rows if row.sender != page.reader)
            yield from (_Shown(page.reader, page.chat, row.id, row.version) for row in others)


class _Later(NamedTuple):
    """When messages of a chat were first sent, and for each the lowest version that one sent then or later got."""

    sent_at: list[float]
    versions: list[int]

    def first_after(self, hidden: Hidden) -> float:
        """A version of the chat that came into being after a message was hidden."""
        index = bisect_right(self.sent_at, hidden.t)
        return self.versions[index] if index < len(self.versions) else float("inf")


def _later_versions(history: History) -> Mapping[int, _Later]:
    first_tries: dict[tuple[int, str], float] = {}
    for send in history.sends:
        first_tries[send.sender, send.key] = min(send.t0, first_tries.get((send.sender, send.key), send.t0))
    sent_at = {send.id: first_tries[send.sender, send.key] for send in history.sends if send.outcome == "ok"}
    found: dict[int, dict[int, int]] = defaultdict(dict)
    for frame, repeated in new_messages(history):
        if not repeated and frame.id in sent_at:
            versions = found[frame.chat]
            versions[frame.id] = min(frame.version, versions.get(frame.id, frame.version))
    later: dict[int, _Later] = defaultdict(lambda: _Later([], []))
    for chat, versions in found.items():
        ordered = sorted((sent_at[id], version) for id, version in versions.items())
        lowest: list[int] = []
        for _, version in reversed(ordered):
            lowest.append(min(version, lowest[-1]) if lowest else version)
        later[chat] = _Later([t for t, _ in ordered], lowest[::-1])
    return later
