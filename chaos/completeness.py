"""J5: what each device has learned from frames and catch-ups equals a fresh read."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from chaos.history import History, Row

SHOWN = 20  # items listed in one violation


@dataclass(slots=True)
class _Known:
    """What a device knows of a message; each version is that of the last change that said so.

    Attributes:
        text_version: 0 if the device does not have the message.
    """

    text_version: int = 0
    digest: int = 0
    reactions_version: int = 0
    reactions: int = 0
    pin_version: int = 0
    is_pinned: bool = False

    @property
    def version(self) -> int:
        """The last known version of the message. A pin belongs to the chat."""
        return max(self.text_version, self.reactions_version)

    def learn_text(self, version: int, digest: int, reactions: int) -> None:
        """Learn from a message, or from its deletion."""
        if version >= self.text_version:
            self.text_version, self.digest = version, digest
        if digest:
            self.learn_reactions(version, reactions)

    def learn_reactions(self, version: int, reactions: int) -> None:
        """Learn all reactions of the message. They show no text that may have been missed."""
        if version >= self.reactions_version:
            self.reactions_version, self.reactions = version, reactions

    def learn_pin(self, version: int, is_pinned: bool) -> None:
        """Learn whether the message is pinned."""
        if version >= self.pin_version:
            self.pin_version, self.is_pinned = version, is_pinned


_OfDevice = Mapping[int, _Known]  # by id of the message


def devices_are_complete(history: History) -> Iterator[str]:
    """J5: live frames and catch-ups gave each device every message in its last version, as a fresh read shows it.

    With its text go its reactions, and whether it is pinned.
    """
    final, known = history.final_rows(), _learned(history)
    pins: dict[int, set[tuple[int, int]]] = defaultdict(set)
    for found in history.pin_lists:
        pins[found.chat] |= set(found.pins)
    are_pins_read = {found.chat for found in history.pin_lists}
    for device in sorted(history.caught_up):
        owner = history.owners[device]
        for chat, rows in final.items():
            if not history.can_see(owner, chat):
                continue
            where, of_device = f"device {device}, chat {chat}", known[device, chat]
            visible = {id: row for id, row in rows.items() if not history.is_unseen(owner, chat, row)}
            yield from _missing(where, of_device, visible)
            yield from _other_reactions(where, of_device, visible)
            if chat in are_pins_read:
                yield from _other_pins(where, of_device, visible, {pin for pin in pins[chat] if pin[0] in visible})


def _learned(history: History) -> dict[tuple[int, int], defaultdict[int, _Known]]:
    """What each device knows of each chat."""
    known: dict[tuple[int, int], defaultdict[int, _Known]] = defaultdict(lambda: defaultdict(_Known))
    for frame in history.frames:
        if frame.id and frame.version:
            known[frame.device, frame.chat][frame.id].learn_text(frame.version, frame.digest, frame.reactions)
    for page in history.pages:
        if page.device is not None:
            for row in page.rows:
                known[page.device, page.chat][row.id].learn_text(row.version, row.digest, row.reactions)
    for mark in history.marks:
        of_message = known[mark.device, mark.chat][mark.id]
        if mark.reactions is not None:
            of_message.learn_reactions(mark.version, mark.reactions)
        if mark.is_pinned is not None:
            of_message.learn_pin(mark.version, mark.is_pinned)
    return known


def _missing(where: str, known: _OfDevice, rows: Mapping[int, Row]) -> Iterator[str]:
    shown = [(row, known[row.id]) for row in rows.values() if row.id in known and known[row.id].text_version]
    received = {row.id for row, _ in shown}
    yield from _listed(where, "never received", (row for row in rows.values() if row.id not in received))
    yield from _listed(where, "has an old version of", (row for row, last in shown if last.version < row.version))
    current = [(row, last) for row, last in shown if last.version >= row.version]
    yield from _listed(where, "erased", (row for row, last in current if row.digest and not last.digest))
    others = [(row, last) for row, last in current if last.digest and last.digest != row.digest]
    yield from _differing(where, "shows another content", others)


def _other_reactions(where: str, known: _OfDevice, rows: Mapping[int, Row]) -> Iterator[str]:
    """A deleted message shows none."""
    pairs = [(row, known[row.id]) for row in rows.values() if row.digest and row.id in known]
    others = [(row, last) for row, last in pairs if last.reactions != row.reactions]
    yield from _differing(where, "shows other reactions", others)


def _other_pins(where: str, known: _OfDevice, rows: Mapping[int, Row], pins: set[tuple[int, int]]) -> Iterator[str]:
    """A deletion also unpins a message."""
    pinned = {(id, last.pin_version) for id, last in known.items() if last.is_pinned and id in rows and rows[id].digest}
    others = {id for id, _ in pinned ^ pins}
    yield from _listed(where, "is wrong about the pin of", (rows[id] for id in others))


def _differing(where: str, what: str, others: Sequence[tuple[Row, _Known]]) -> Iterator[str]:
    """With the version of the first message that the device knows, and the one that was read."""
    if others:
        row, last = others[0]
        versions = f"version {last.version}, read as {row.version}"
        yield from _listed(where, f"{what} ({versions}) of", (row for row, _ in others))


def _listed(where: str, what: str, rows: Iterable[Row]) -> Iterator[str]:
    found = sorted(row.seq for row in rows)
    if found:
        yield f"{where}: {what} seq {found[:SHOWN]} ({len(found)} in total)"
