"""The invariants that must hold under every fault: takes a history, returns violations."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator

from chaos.completeness import SHOWN, devices_are_complete
from chaos.hiding import hidden_messages
from chaos.history import Frame, History, Mark, PinList, Row
from chaos.new_messages import new_messages


def check(history: History) -> dict[str, list[str]]:
    """Return the violations of each invariant; the list is empty where it holds."""
    return {name: list(invariant(history)) for name, invariant in INVARIANTS.items()}


def acknowledged_messages_survive(history: History) -> Iterator[str]:
    """J1: each acknowledged message is in the final read, with the acknowledged `seq`; so is each reaction.

    A message may be missing if all who read its chat have hidden it.
    """
    stored, readers = history.final_rows(), defaultdict[int, set[int]](set)
    for page in history.final_pages():
        readers[page.chat].add(page.reader)
    for send in history.sends:
        if send.outcome != "ok":
            continue
        row = stored[send.chat].get(send.id)
        if row is None and not all(history.has_hidden(person, send.chat, send.id) for person in readers[send.chat]):
            yield f"{send.key} was acknowledged as {send.id} in chat {send.chat} but is missing"
        elif row is not None and send.seq and row.seq != send.seq:
            yield f"{send.key} was acknowledged with seq {send.seq} but has {row.seq}"
    for mark in history.marks:
        row = stored[mark.chat].get(mark.id)
        if mark.device == 0 and row is not None and not _survives(mark, row):
            yield f"version {mark.version} of {mark.id} in chat {mark.chat} was acknowledged but has other reactions"


def _survives(mark: Mark, row: Row) -> bool:
    """Whether a message has the reactions of an answer, or was changed afterwards."""
    return mark.version < row.version or (mark.version, mark.reactions) == (row.version, row.reactions)


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
    received = Counter((frame.connection, frame.id, shown_with) for frame, shown_with in new_messages(history))
    yield from (
        f"connection {connection} received {id} {n} times" for (connection, id, _), n in received.items() if n > 1
    )


def no_gaps(history: History) -> Iterator[str]:
    """J3: `seq` is 1..N and `version` is 1..M; only messages that the reader may not see are missing."""
    final = history.final_rows()
    for page in history.final_pages():
        unseen = {row.seq for row in final[page.chat].values() if history.is_unseen(page.reader, page.chat, row)}
        unseen |= {hidden.seq for hidden in history.hidden.get((page.reader, page.chat), {}).values()}
        seen = [row.seq for row in page.rows]
        yield from _gaps(f"seq of chat {page.chat}", [*seen, *unseen.difference(seen)])
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
    yield from _other_pins(history)
    agreed: dict[tuple[int, int], int] = {}
    seen = [(page.chat, row.seq, row.id) for page in history.pages for row in page.rows if row.seq]
    seen += [(frame.chat, frame.seq, frame.id) for frame in history.frames if frame.seq]
    for chat, seq, id in seen:
        if agreed.setdefault((chat, seq), id) != id:
            yield f"seq {seq} of chat {chat} is {agreed[chat, seq]} and {id}"
    yield from _regressions("version", ((frame, frame.version) for frame in history.frames))
    yield from _regressions("seq", ((frame, frame.seq) for frame, repeated in new_messages(history) if not repeated))


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
    agreed: dict[int, tuple[int, dict[int, Row]]] = {}
    final = history.final_rows()
    for page in history.final_pages():
        shown = {row.id: row._replace(key="") for row in page.rows}
        reader, first = agreed.setdefault(page.chat, (page.reader, shown))
        unseen = {
            row.id
            for row in final[page.chat].values()
            if any(history.is_unseen(person, page.chat, row) for person in (reader, page.reader))
        }
        others = sorted(id for id in (first.keys() | shown.keys()) - unseen if first.get(id) != shown.get(id))
        if others:
            where = f"person {page.reader} reads chat {page.chat} in the {page.dialect} dialect"
            yield f"{where}: {others[:SHOWN]} differ from the first reader ({len(others)} in total)"


def _other_pins(history: History) -> Iterator[str]:
    """All members see the same pins in the same order, but for what they have hidden."""
    firsts: dict[int, PinList] = {}
    for found in history.pin_lists:
        first = firsts.setdefault(found.chat, found)
        hidden = {id for reader in (first.reader, found.reader) for id in history.hidden.get((reader, found.chat), {})}
        ours, others = ([pin for pin in each.pins if pin[0] not in hidden] for each in (found, first))
        if ours != others:
            yield f"person {found.reader} reads pins {ours[:SHOWN]} of chat {found.chat}, another one {others[:SHOWN]}"


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
    stored = Counter((row.sender, row.key) for rows in history.final_rows().values() for row in rows.values())
    for attempt, send in unknown.items():
        if attempt not in answered:
            yield f"{send.key} was never answered despite retries"
        elif attempt not in refused and stored[attempt] != 1:
            yield f"{send.key} was retried and is stored {stored[attempt]} times"


def members_only(history: History) -> Iterator[str]:
    """J8: only members receive anything about a chat, and presence only of people who share a chat.

    No one receives a message that is hidden from them.
    """
    yield from hidden_messages(history)
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


def no_faults(history: History) -> Iterator[str]:
    """J9: no 500, no traceback, no response with another envelope, no error in a log."""
    yield from (f"{fault.where}: {fault.text}" for fault in history.faults)


def no_leaks(history: History) -> Iterator[str]:
    """J10: resources return to their level before the fault."""
    for gauge in history.gauges:
        if gauge.after > gauge.most:
            yield f"{gauge.name}: {gauge.before:g} before, {gauge.after:g} after, at most {gauge.most:g}"


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
