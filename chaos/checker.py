"""The invariants that hold whatever breaks: a history in, violations out."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator

from chaos.history import Frame, History, Row

SHOWN = 20  # violations of one kind that are worth reading
_NEW = {"new_message", "message_sent"}  # the second stands for the first on the social socket that sent the message


def check(history: History) -> dict[str, list[str]]:
    """Violations by invariant; an invariant that holds has an empty list."""
    return {name: list(invariant(history)) for name, invariant in INVARIANTS.items()}


def acknowledged_is_there(history: History) -> Iterator[str]:
    """J1: what was acknowledged is read in the end, at the place that was told."""
    stored = {(page.chat, row.id): row for page in history.final_pages() for row in page.rows}
    for send in history.sends:
        if send.outcome != "ok":
            continue
        row = stored.get((send.chat, send.id))
        if row is None:
            yield f"{send.key} was acknowledged as {send.id} in chat {send.chat} and is lost"
        elif send.seq and row.seq != send.seq:
            yield f"{send.key} was acknowledged as seq {send.seq} and is {row.seq}"


def once(history: History) -> Iterator[str]:
    """J2: one id a key, one message a seq, one live frame a message and connection."""
    ids: dict[tuple[int, str], set[int]] = defaultdict(set)
    for send in history.sends:
        if send.outcome == "ok":
            ids[send.sender, send.key].add(send.id)
    for page in history.pages:
        for row in page.rows:
            if row.key:
                ids[row.sender, row.key].add(row.id)
    yield from (f"key {key} of {sender} is {sorted(found)}" for (sender, key), found in ids.items() if len(found) > 1)
    for page in history.final_pages():
        for what in ("seq", "id"):
            counted = Counter(getattr(row, what) for row in page.rows)
            yield from (f"{what} {value} is {n} times in chat {page.chat}" for value, n in counted.items() if n > 1)
    told = Counter((frame.connection, frame.id, shown_with) for frame, shown_with in _new_messages(history))
    yield from (f"connection {connection} heard of {id} {n} times" for (connection, id, _), n in told.items() if n > 1)


def _new_messages(history: History) -> Iterator[tuple[Frame, int]]:
    """Live frames that show a message as new, in their order, each with the version of the files it is repeated for.

    The marketplace repeats `new_message` once beside each `attachments_updated` that added files; for any other frame
    the version is 0.
    """
    updated: set[tuple[int, int, int]] = set()
    for frame in history.frames:
        place = (frame.connection, frame.id, frame.version)
        if frame.kind == "attachments_updated":
            updated.add(place)
        elif frame.kind in _NEW:
            yield frame, frame.version if place in updated else 0


def no_holes(history: History) -> Iterator[str]:
    """J3: `seq` is 1..N and `version` is 1..M."""
    for page in history.final_pages():
        yield from _holes(f"seq of chat {page.chat}", [row.seq for row in page.rows])
    for chat, versions in history.versions.items():
        yield from _holes(f"version of chat {chat}", versions)


def _holes(what: str, found: list[int]) -> Iterator[str]:
    if sorted(found) != list(range(1, len(found) + 1)):
        missing = sorted(set(range(1, max(found) + 1)) - set(found))
        yield f"{what}: {len(found)} up to {max(found)}, missing {missing[:SHOWN]}"


def one_order(history: History) -> Iterator[str]:
    """J4: all agree which message a seq is, and what it says; a connection sees `seq` and `version` rise.

    An acknowledgement that stands for the live frame has that frame's place in the order.
    """
    yield from _readers_agree(history)
    agreed: dict[tuple[int, int], int] = {}
    seen = [(page.chat, row.seq, row.id) for page in history.pages for row in page.rows if row.seq]
    seen += [(frame.chat, frame.seq, frame.id) for frame in history.frames if frame.seq]
    for chat, seq, id in seen:
        if agreed.setdefault((chat, seq), id) != id:
            yield f"seq {seq} of chat {chat} is {agreed[chat, seq]} and {id}"
    yield from _going_back("version", ((frame, frame.version) for frame in history.frames))
    yield from _going_back("seq", ((frame, frame.seq) for frame, repeated in _new_messages(history) if not repeated))


def _going_back(what: str, values: Iterable[tuple[Frame, int]]) -> Iterator[str]:
    """Where a value is lower than an earlier one of the same chat on the same connection."""
    highest: dict[tuple[int, int], int] = {}
    for frame, value in values:
        place = (frame.connection, frame.chat)
        if value < highest.get(place, 0):
            where = f"connection {frame.connection}, chat {frame.chat}"
            yield f"{where}: {what} {value} of {frame.kind} after {highest[place]}"
        highest[place] = max(value, highest.get(place, 0))


def _readers_agree(history: History) -> Iterator[str]:
    """In the end all members read the same in every dialect."""
    agreed: dict[int, dict[int, tuple[int, int, int]]] = {}
    for page in history.final_pages():
        shown = {row.id: (row.seq, row.version, row.digest) for row in page.rows}
        first = agreed.setdefault(page.chat, shown)
        others = sorted(id for id in first.keys() | shown.keys() if first.get(id) != shown.get(id))
        if others:
            where = f"person {page.reader} reads chat {page.chat} in the {page.dialect} dialect"
            yield f"{where}: {others[:SHOWN]} are others than for the first reader ({len(others)} in all)"


def nothing_missed(history: History) -> Iterator[str]:
    """J5: what a device heard and caught up with is everything, in its last version."""
    final = _final_rows(history)
    known: dict[tuple[int, int], dict[int, int]] = defaultdict(dict)
    for frame in history.frames:
        if frame.id and frame.version:
            _learn(known[frame.device, frame.chat], frame.id, frame.version)
    for page in history.pages:
        if page.device is not None:
            for row in page.rows:
                _learn(known[page.device, page.chat], row.id, row.version)
    for device in sorted(history.caught_up):
        for chat, rows in final.items():
            if history.seen_by(history.owners[device], chat):
                yield from _missing(f"device {device}, chat {chat}", known[device, chat], rows)


def _learn(known: dict[int, int], id: int, version: int) -> None:
    known[id] = max(version, known.get(id, 0))


def _missing(where: str, known: dict[int, int], rows: dict[int, Row]) -> Iterator[str]:
    missing = sorted(row.seq for row in rows.values() if row.id not in known)
    if missing:
        yield f"{where}: never learnt of seq {missing[:SHOWN]} ({len(missing)} in all)"
    stale = sorted(row.seq for row in rows.values() if known.get(row.id, row.version) < row.version)
    if stale:
        yield f"{where}: an old version of seq {stale[:SHOWN]} ({len(stale)} in all)"


def refused_is_invisible(history: History) -> Iterator[str]:
    """J6: what was refused is seen by nobody, unless another attempt with its key was accepted."""
    answers: dict[tuple[int, str], set[str]] = defaultdict(set)
    for send in history.sends:
        answers[send.sender, send.key].add(send.outcome)
    refused = {key for (_, key), outcomes in answers.items() if outcomes == {"fail"}}
    visible = {frame.key for frame in history.frames} | {row.key for page in history.pages for row in page.rows}
    yield from (f"{key} was refused and is visible" for key in sorted(refused & visible))


def repeated_is_there_once(history: History) -> Iterator[str]:
    """J7: a send of unknown outcome is answered when repeated, and there exactly once."""
    unknown = {(send.sender, send.key): send for send in history.sends if send.outcome == "unknown"}
    answered = {(send.sender, send.key) for send in history.sends if send.outcome != "unknown"}
    refused = {(send.sender, send.key) for send in history.sends if send.outcome == "fail"}
    stored = Counter((row.sender, row.key) for rows in _final_rows(history).values() for row in rows.values())
    for which, send in unknown.items():
        if which not in answered:
            yield f"{send.key} was never answered, however often it was repeated"
        elif which not in refused and stored[which] != 1:
            yield f"{send.key} was repeated and is there {stored[which]} times"


def nobody_else(history: History) -> Iterator[str]:
    """J8: nobody learns anything of a chat that is not theirs, nor of people whom they share no chat with."""
    for frame in history.frames:
        if not history.seen_by(history.owners[frame.device], frame.chat):
            yield f"device {frame.device} heard {frame.kind} of chat {frame.chat}"
    for page in history.pages:
        if not history.seen_by(page.reader, page.chat):
            yield f"person {page.reader} read chat {page.chat}"
    partners: dict[int, set[int]] = defaultdict(set)
    for members in history.members.values():
        for person in members:
            partners[person] |= members
    for presence in history.presence:
        if presence.person not in partners[history.owners[presence.device]]:
            yield f"device {presence.device} was told of person {presence.person}"


def no_fault_shows(history: History) -> Iterator[str]:
    """J9: no 500, no traceback, no reply of another shape, nothing unhandled in a log."""
    yield from (f"{fault.where}: {fault.text}" for fault in history.faults)


def nothing_leaks(history: History) -> Iterator[str]:
    """J10: resources come back to what they were."""
    for gauge in history.gauges:
        if gauge.after > gauge.most:
            yield f"{gauge.name}: {gauge.before:g} before, {gauge.after:g} after, at most {gauge.most:g}"


def _final_rows(history: History) -> dict[int, dict[int, Row]]:
    """The messages of each chat by id, over all final reads; with their keys, where anybody was shown them."""
    rows: dict[int, dict[int, Row]] = defaultdict(dict)
    for page in history.final_pages():
        for row in page.rows:
            known = rows[page.chat].get(row.id)
            if known is None or not known.key:
                rows[page.chat][row.id] = row
    return rows


INVARIANTS: dict[str, Callable[[History], Iterator[str]]] = {
    "J1": acknowledged_is_there,
    "J2": once,
    "J3": no_holes,
    "J4": one_order,
    "J5": nothing_missed,
    "J6": refused_is_invisible,
    "J7": repeated_is_there_once,
    "J8": nobody_else,
    "J9": no_fault_shows,
    "J10": nothing_leaks,
}
