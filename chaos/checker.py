"""The invariants that must hold under every fault: takes a history, returns violations."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from chaos.history import Frame, History, Row

SHOWN = 20  # items listed in one violation
_NEW = {"new_message", "message_sent"}  # `message_sent` replaces `new_message` on the social socket that sent it


def check(history: History) -> dict[str, list[str]]:
    """Return the violations of each invariant; the list is empty where it holds."""
    return {name: list(invariant(history)) for name, invariant in INVARIANTS.items()}


def acknowledged_messages_survive(history: History) -> Iterator[str]:
    """J1: each acknowledged message is in the final read, with the acknowledged `seq`."""
    stored = {(page.chat, row.id): row for page in history.final_pages() for row in page.rows}
    for send in history.sends:
        if send.outcome != "ok":
            continue
        row = stored.get((send.chat, send.id))
        if row is None:
            yield f"{send.key} was acknowledged as {send.id} in chat {send.chat} but is missing"
        elif send.seq and row.seq != send.seq:
            yield f"{send.key} was acknowledged with seq {send.seq} but has {row.seq}"


def no_duplicates(history: History) -> Iterator[str]:
    """J2: one id per key, one message per seq, one live frame per message and connection."""
    ids: dict[tuple[int, str], set[int]] = defaultdict(set)
    for send in history.sends:
        if send.outcome == "ok":
            ids[send.sender, send.key].add(send.id)
    for page in history.pages:
        for row in page.rows:
            if row.key:
                ids[row.sender, row.key].add(row.id)
    yield from (
        f"key {key} of {sender} has ids {sorted(found)}" for (sender, key), found in ids.items() if len(found) > 1
    )
    for page in history.final_pages():
        for what in ("seq", "id"):
            counted = Counter(getattr(row, what) for row in page.rows)
            yield from (f"{what} {value} occurs {n} times in chat {page.chat}" for value, n in counted.items() if n > 1)
    received = Counter((frame.connection, frame.id, shown_with) for frame, shown_with in _new_messages(history))
    yield from (
        f"connection {connection} received {id} {n} times" for (connection, id, _), n in received.items() if n > 1
    )


def _new_messages(history: History) -> Iterator[tuple[Frame, int]]:
    """Live frames of new messages, in order, each with a version that distinguishes repeated frames.

    The marketplace repeats `new_message` with each `attachments_updated` that added files; the version is that of the
    update, and 0 for a first frame.
    """
    updated: set[tuple[int, int, int]] = set()
    for frame in history.frames:
        group = (frame.connection, frame.id, frame.version)
        if frame.kind == "attachments_updated":
            updated.add(group)
        elif frame.kind in _NEW:
            yield frame, frame.version if group in updated else 0


def no_gaps(history: History) -> Iterator[str]:
    """J3: `seq` is 1..N and `version` is 1..M; only messages that the reader may not see are missing."""
    final = _final_rows(history)
    for page in history.final_pages():
        hidden = [row for row in final[page.chat].values() if history.is_hidden(page.reader, page.chat, row.sender)]
        yield from _gaps(f"seq of chat {page.chat}", [row.seq for row in (*page.rows, *hidden)])
    for chat, versions in history.versions.items():
        yield from _gaps(f"version of chat {chat}", versions)


def _gaps(what: str, found: list[int]) -> Iterator[str]:
    if sorted(found) != list(range(1, len(found) + 1)):
        missing = sorted(set(range(1, max(found) + 1)) - set(found))
        yield f"{what}: {len(found)} up to {max(found)}, missing {missing[:SHOWN]}"


def single_order(history: History) -> Iterator[str]:
    """J4: all readers agree on `seq` and content; on one connection `seq` and `version` only rise.

    An acknowledgement that replaces the live frame has the position of that frame.
    """
    yield from _disagreements(history)
    agreed: dict[tuple[int, int], int] = {}
    seen = [(page.chat, row.seq, row.id) for page in history.pages for row in page.rows if row.seq]
    seen += [(frame.chat, frame.seq, frame.id) for frame in history.frames if frame.seq]
    for chat, seq, id in seen:
        if agreed.setdefault((chat, seq), id) != id:
            yield f"seq {seq} of chat {chat} is {agreed[chat, seq]} and {id}"
    yield from _regressions("version", ((frame, frame.version) for frame in history.frames))
    yield from _regressions("seq", ((frame, frame.seq) for frame, repeated in _new_messages(history) if not repeated))


def _regressions(what: str, values: Iterable[tuple[Frame, int]]) -> Iterator[str]:
    """Find values that are lower than an earlier one of the same chat on the same connection."""
    highest: dict[tuple[int, int], int] = {}
    for frame, value in values:
        group = (frame.connection, frame.chat)
        if value < highest.get(group, 0):
            where = f"connection {frame.connection}, chat {frame.chat}"
            yield f"{where}: {what} {value} of {frame.kind} after {highest[group]}"
        highest[group] = max(value, highest.get(group, 0))


def _disagreements(history: History) -> Iterator[str]:
    """In the final read all members see the same in both dialects."""
    agreed: dict[int, tuple[int, dict[int, tuple[int, int, int]]]] = {}
    final = _final_rows(history)
    for page in history.final_pages():
        shown = {row.id: (row.seq, row.version, row.digest) for row in page.rows}
        reader, first = agreed.setdefault(page.chat, (page.reader, shown))
        hidden = {
            row.id
            for row in final[page.chat].values()
            if any(history.is_hidden(person, page.chat, row.sender) for person in (reader, page.reader))
        }
        others = sorted(id for id in (first.keys() | shown.keys()) - hidden if first.get(id) != shown.get(id))
        if others:
            where = f"person {page.reader} reads chat {page.chat} in the {page.dialect} dialect"
            yield f"{where}: {others[:SHOWN]} differ from the first reader ({len(others)} in total)"


def devices_are_complete(history: History) -> Iterator[str]:
    """J5: live frames and catch-ups gave each device every message in its last version, as a fresh read shows it."""
    final = _final_rows(history)
    known: dict[tuple[int, int], dict[int, _Known]] = defaultdict(dict)
    for frame in history.frames:
        if frame.id and frame.version:
            _learn(known[frame.device, frame.chat], frame.id, _Known(frame.version, frame.digest))
    for page in history.pages:
        if page.device is not None:
            for row in page.rows:
                _learn(known[page.device, page.chat], row.id, _Known(row.version, row.digest))
    for device in sorted(history.caught_up):
        for chat, rows in final.items():
            owner = history.owners[device]
            if history.can_see(owner, chat):
                visible = {id: row for id, row in rows.items() if not history.is_hidden(owner, chat, row.sender)}
                yield from _missing(f"device {device}, chat {chat}", known[device, chat], visible)


class _Known(NamedTuple):
    """What a device knows of a message."""

    version: int
    digest: int


def _learn(known: dict[int, _Known], id: int, found: _Known) -> None:
    if id not in known or found.version >= known[id].version:
        known[id] = found


def _missing(where: str, known: dict[int, _Known], rows: dict[int, Row]) -> Iterator[str]:
    missing = sorted(row.seq for row in rows.values() if row.id not in known)
    if missing:
        yield f"{where}: never received seq {missing[:SHOWN]} ({len(missing)} in total)"
    shown = [(row, known[row.id]) for row in rows.values() if row.id in known]
    stale = sorted(row.seq for row, last in shown if last.version < row.version)
    if stale:
        yield f"{where}: has an old version of seq {stale[:SHOWN]} ({len(stale)} in total)"
    current = [(row, last) for row, last in shown if last.version >= row.version]
    erased = sorted(row.seq for row, last in current if row.digest and not last.digest)
    if erased:
        yield f"{where}: erased seq {erased[:SHOWN]} ({len(erased)} in total)"
    other = sorted(row.seq for row, last in current if last.digest and last.digest != row.digest)
    if other:
        yield f"{where}: shows another content of seq {other[:SHOWN]} ({len(other)} in total)"


def refused_messages_are_invisible(history: History) -> Iterator[str]:
    """J6: a refused message is never visible, unless another attempt with its key was accepted."""
    answers: dict[tuple[int, str], set[str]] = defaultdict(set)
    for send in history.sends:
        answers[send.sender, send.key].add(send.outcome)
    refused = {key for (_, key), outcomes in answers.items() if outcomes == {"fail"}}
    visible = {frame.key for frame in history.frames} | {row.key for page in history.pages for row in page.rows}
    yield from (f"{key} was refused but is visible" for key in sorted(refused & visible))


def retries_store_once(history: History) -> Iterator[str]:
    """J7: a send with an unknown outcome is answered on retry, and stored exactly once."""
    unknown = {(send.sender, send.key): send for send in history.sends if send.outcome == "unknown"}
    answered = {(send.sender, send.key) for send in history.sends if send.outcome != "unknown"}
    refused = {(send.sender, send.key) for send in history.sends if send.outcome == "fail"}
    stored = Counter((row.sender, row.key) for rows in _final_rows(history).values() for row in rows.values())
    for attempt, send in unknown.items():
        if attempt not in answered:
            yield f"{send.key} was never answered despite retries"
        elif attempt not in refused and stored[attempt] != 1:
            yield f"{send.key} was retried and is stored {stored[attempt]} times"


def members_only(history: History) -> Iterator[str]:
    """J8: only members receive anything about a chat, and presence only of people who share a chat.

    No one receives a message that is hidden from them.
    """
    yield from _hidden_messages(history)
    for frame in history.frames:
        if not history.can_see(history.owners[frame.device], frame.chat):
            yield f"device {frame.device} received {frame.kind} of chat {frame.chat}"
    for page in history.pages:
        if not history.can_see(page.reader, page.chat):
            yield f"person {page.reader} read chat {page.chat}"
    partners: dict[int, set[int]] = defaultdict(set)
    for members in history.members.values():
        for person in members:
            partners[person] |= members
    for presence in history.presence:
        if presence.person not in partners[history.owners[presence.device]]:
            yield f"device {presence.device} received the presence of person {presence.person}"


def _hidden_messages(history: History) -> Iterator[str]:
    final = _final_rows(history)
    shown = [(history.owners[frame.device], frame.chat, frame.id) for frame in history.frames if frame.id]
    shown += [(page.reader, page.chat, row.id) for page in history.pages for row in page.rows]
    for person, chat, id in shown:
        row = final[chat].get(id)
        if row is not None and history.is_hidden(person, chat, row.sender):
            yield f"person {person} received message {id} of chat {chat}, which is hidden from them"


def no_faults(history: History) -> Iterator[str]:
    """J9: no 500, no traceback, no response with another envelope, no error in a log."""
    yield from (f"{fault.where}: {fault.text}" for fault in history.faults)


def no_leaks(history: History) -> Iterator[str]:
    """J10: resources return to their level before the fault."""
    for gauge in history.gauges:
        if gauge.after > gauge.most:
            yield f"{gauge.name}: {gauge.before:g} before, {gauge.after:g} after, at most {gauge.most:g}"


def _final_rows(history: History) -> dict[int, dict[int, Row]]:
    """Messages of each chat by id, over all final reads; with the key if any reader was shown it."""
    rows: dict[int, dict[int, Row]] = defaultdict(dict)
    for page in history.final_pages():
        for row in page.rows:
            known = rows[page.chat].get(row.id)
            if known is None or not known.key:
                rows[page.chat][row.id] = row
    return rows


INVARIANTS: dict[str, Callable[[History], Iterator[str]]] = {
    "J1": acknowledged_messages_survive,
    "J2": no_duplicates,
    "J3": no_gaps,
    "J4": single_order,
    "J5": devices_are_complete,
    "J6": refused_messages_are_invisible,
    "J7": retries_store_once,
    "J8": members_only,
    "J9": no_faults,
    "J10": no_leaks,
}
