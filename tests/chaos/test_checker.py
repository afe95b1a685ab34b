"""The checker reports nothing for a clean history, and detects each seeded defect."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from chaos.checker import check
from chaos.history import Fault, Frame, Gauge, History, Page, Presence, Row, Send

ALICE, BOB, CAROL = 1, 2, 3
FIRST, SECOND = 100, 200
DEVICES = {11: ALICE, 12: ALICE, 21: BOB, 31: CAROL}
MESSAGES = 20
EDITED = 5  # the seq of the message that is edited
FILED = 6  # the seq of the message that gets files, in the second chat
SOCIAL = 31  # the device that sends in the second chat, and receives its own messages as `message.sent`


def clean() -> History:
    """Two chats; the fifth message is edited; the sixth of the second chat gets a file; device 12 is offline for the
    second half; one send is retried. All members do a final read in both dialects."""
    history = History(
        members={FIRST: frozenset({ALICE, BOB}), SECOND: frozenset({BOB, CAROL})},
        owners=dict(DEVICES),
        caught_up=set(DEVICES),
        gauges=[Gauge("descriptors", 50, 52, 55)],
        presence=[Presence(11, BOB)],
    )
    for chat in (FIRST, SECOND):
        sender = ALICE if chat == FIRST else CAROL
        rows = [Row(n, chat * 1000 + n, n, sender, f"{chat}-{n}", digest=n) for n in numbers()]
        _add_traffic(history, chat, rows)
        history.versions[chat] = [*numbers(), MESSAGES + 1]
        rows[EDITED - 1] = rows[EDITED - 1]._replace(version=MESSAGES + 1)
        if chat == SECOND:
            history.versions[chat].append(MESSAGES + 2)
            rows[FILED - 1] = rows[FILED - 1]._replace(version=MESSAGES + 2)
        for person in sorted(history.members[chat]):
            own = tuple(row if row.sender == person else row._replace(key="") for row in rows)
            history.pages.append(Page(person, chat, tuple(rows), is_final=True))
            history.pages.append(Page(person, chat, own, is_final=True, dialect="social"))
    history.sends.insert(3, Send(f"{FIRST}-4", FIRST, ALICE, 3.0, 3.5, "unknown"))
    history.sends.append(Send("refused", FIRST, ALICE, 5.0, 5.1, "fail"))
    return history


def numbers() -> range:
    return range(1, MESSAGES + 1)


def _add_traffic(history: History, chat: int, rows: list[Row]) -> None:
    devices = [device for device, person in DEVICES.items() if history.can_see(person, chat)]
    for row in rows:
        sent = Send(row.key, chat, row.sender, row.seq, row.seq + 0.01, "ok", row.id, row.seq)
        history.sends.append(sent)
        for device in devices:
            if not (device == 12 and row.seq > MESSAGES / 2):
                kind = "message_sent" if device == SOCIAL else "new_message"
                history.frames.append(_frame(device, chat, kind, row.version, row.seq, row))
    edited = rows[EDITED - 1]
    for device in set(devices) - {12}:
        history.frames.append(_frame(device, chat, "message_edited", MESSAGES + 1, 21, edited))
    if chat == SECOND:
        _add_file_frames(history, rows[FILED - 1])
    if chat == FIRST:
        missed = [*rows[MESSAGES // 2 :], edited._replace(version=MESSAGES + 1)]
        history.pages.append(Page(ALICE, FIRST, tuple(missed), device=12))


def _add_file_frames(history: History, row: Row) -> None:
    """The marketplace device receives the message again; the social device one frame with the files."""
    for device, kinds in ((21, ("attachments_updated", "new_message")), (SOCIAL, ("message_edited",))):
        for kind in kinds:
            history.frames.append(_frame(device, SECOND, kind, MESSAGES + 2, 22, row))


def _frame(device: int, chat: int, kind: str, version: int, t: float, row: Row) -> Frame:
    """A live frame with a message, on the device's only connection."""
    return Frame(device, device, chat, kind, version, t, row.seq, row.id, row.key, row.digest)


def change_final(history: History, chat: int, change: Callable[[list[Row]], list[Row]]) -> None:
    history.pages = [
        replace(page, rows=tuple(change(list(page.rows)))) if page.is_final and page.chat == chat else page
        for page in history.pages
    ]


def lose_acknowledged_message(history: History) -> None:
    change_final(history, FIRST, lambda rows: rows[:-1])


def swap_seqs_for_one_reader(history: History) -> None:
    index = next(index for index, page in enumerate(history.pages) if page.is_final)
    rows = list(history.pages[index].rows)
    rows[6], rows[7] = rows[6]._replace(seq=8), rows[7]._replace(seq=7)
    history.pages[index] = replace(history.pages[index], rows=tuple(rows))


def duplicate_message(history: History) -> None:
    again = Row(MESSAGES + 1, 999_999, MESSAGES + 2, ALICE, f"{FIRST}-7")
    change_final(history, FIRST, lambda rows: [*rows, again])
    history.versions[FIRST].append(MESSAGES + 2)


def leak_to_stranger(history: History) -> None:
    history.frames.append(Frame(31, 31, FIRST, "typing", 3, 9.0))


def leave_gap_in_seq(history: History) -> None:
    change_final(history, FIRST, lambda rows: [row._replace(seq=row.seq + (row.seq > 9)) for row in rows])


def leave_gap_in_version(history: History) -> None:
    history.versions[SECOND].remove(12)


def reorder_frames_on_connection(history: History) -> None:
    found = [index for index, frame in enumerate(history.frames) if frame.connection == 21 and frame.chat == FIRST]
    first, second = found[3], found[4]
    history.frames[first], history.frames[second] = history.frames[second], history.frames[first]


def acknowledge_after_later_message(history: History) -> None:
    """On a social socket the answer is sent after a later message, not at the position of its message."""
    own = [index for index, frame in enumerate(history.frames) if frame.connection == SOCIAL and frame.chat == SECOND]
    late, later = own[3], own[4]
    history.frames[later] = replace(history.frames[later], kind="new_message")
    history.frames[late], history.frames[later] = history.frames[later], history.frames[late]


def acknowledge_and_push(history: History) -> None:
    index = next(index for index, frame in enumerate(history.frames) if frame.connection == SOCIAL)
    history.frames.insert(index, replace(history.frames[index], kind="new_message"))


def repeat_message_twice_for_its_files(history: History) -> None:
    history.frames.append(
        next(f for f in history.frames if f.kind == "new_message" and f.version == MESSAGES + 2 and f.connection == 21)
    )


def repeat_message_without_new_files(history: History) -> None:
    history.frames = [frame for frame in history.frames if frame.kind != "attachments_updated"]


def show_refused_message(history: History) -> None:
    history.frames.append(Frame(21, 21, FIRST, "new_message", MESSAGES + 1, 30.0, MESSAGES + 1, 777, "refused"))


def never_answer_retry(history: History) -> None:
    history.sends = [send for send in history.sends if not (send.key == f"{FIRST}-4" and send.outcome == "ok")]


def answer_with_500(history: History) -> None:
    history.faults.append(Fault("POST /messages", "500"))


def miss_message_after_reconnect(history: History) -> None:
    history.pages = [replace(page, rows=page.rows[1:]) if page.device == 12 else page for page in history.pages]


def miss_edit(history: History) -> None:
    history.frames = [frame for frame in history.frames if not (frame.device == 21 and frame.kind == "message_edited")]


def _change_last_of(history: History, device: int, digest: int) -> None:
    """Change what the last frame of a device about the edited message carries."""
    index = max(i for i, frame in enumerate(history.frames) if frame.device == device and frame.seq == EDITED)
    history.frames[index] = replace(history.frames[index], digest=digest)


def show_change_as_deletion(history: History) -> None:
    _change_last_of(history, 21, 0)


def show_old_text_on_device(history: History) -> None:
    _change_last_of(history, 21, 99)


def push_message_twice(history: History) -> None:
    index = next(index for index, frame in enumerate(history.frames) if frame.connection == 21)
    history.frames.insert(index, history.frames[index])


def _change_social(history: History, change: Callable[[list[Row]], list[Row]]) -> None:
    index = next(index for index, page in enumerate(history.pages) if page.dialect == "social")
    page = history.pages[index]
    history.pages[index] = replace(page, rows=tuple(change(list(page.rows))))


def truncate_one_dialect(history: History) -> None:
    _change_social(history, lambda rows: rows[:-1])


def show_old_text_in_one_dialect(history: History) -> None:
    _change_social(history, lambda rows: [rows[0]._replace(digest=99), *rows[1:]])


def store_retry_twice_over_other_dialect(history: History) -> None:
    again = Send(f"{FIRST}-4", FIRST, ALICE, 3.0, 3.6, "ok", FIRST * 1000 + 7, 7)
    history.sends.append(again)


def leak_descriptors(history: History) -> None:
    history.gauges.append(Gauge("descriptors", 50, 90, 55))


DEFECTS = [
    (lose_acknowledged_message, "J1"),
    (duplicate_message, "J2"),
    (push_message_twice, "J2"),
    (store_retry_twice_over_other_dialect, "J2"),
    (acknowledge_and_push, "J2"),
    (repeat_message_twice_for_its_files, "J2"),
    (repeat_message_without_new_files, "J2"),
    (leave_gap_in_seq, "J3"),
    (leave_gap_in_version, "J3"),
    (swap_seqs_for_one_reader, "J4"),
    (reorder_frames_on_connection, "J4"),
    (acknowledge_after_later_message, "J4"),
    (truncate_one_dialect, "J4"),
    (show_old_text_in_one_dialect, "J4"),
    (miss_message_after_reconnect, "J5"),
    (miss_edit, "J5"),
    (show_change_as_deletion, "J5"),
    (show_old_text_on_device, "J5"),
    (show_refused_message, "J6"),
    (never_answer_retry, "J7"),
    (leak_to_stranger, "J8"),
    (answer_with_500, "J9"),
    (leak_descriptors, "J10"),
]


def test_clean_history_has_no_violation() -> None:
    assert check(clean()) == {f"J{number}": [] for number in range(1, 11)}


@pytest.mark.parametrize(("seed", "invariant"), DEFECTS, ids=[defect.__name__ for defect, _ in DEFECTS])
def test_seeded_defect_is_detected(seed: Callable[[History], None], invariant: str) -> None:
    history = clean()
    seed(history)
    assert check(history)[invariant]
