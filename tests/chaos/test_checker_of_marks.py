"""The checker judges reactions, pins and messages that a person has hidden from themselves, by seeded defects."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from chaos.checker import check
from chaos.history import Frame, Hidden, History, Mark, Page, PinList, Row, Send
from tests.chaos.test_checker import ALICE, BOB, DEVICES, EDITED, FIRST, MESSAGES, change_final, clean

PINNED, UNPINNED, HIDDEN = 8, 10, 9  # the seq of each message
HEART, THUMB = 7001, 7002  # digests of reactions
HIDDEN_AT = 40.0
# Versions, in order: behind the edit, the last change of `clean`.
REACTED, WAS_PINNED, WAS_UNPINNED, IS_PINNED, SENT, REACTED_TO_HIDDEN = range(MESSAGES + 2, MESSAGES + 8)
BOBS = 21


def message(seq: int) -> int:
    """The id of a message of the first chat."""
    return FIRST * 1000 + seq


def with_marks() -> History:
    """A clean history, in which the edited message of the first chat gets a reaction, two messages are pinned and one
    of them is unpinned. Then bob hides a message; one more is sent, and the hidden one gets a reaction."""
    history = clean()
    last = Row(MESSAGES + 1, message(MESSAGES + 1), SENT, ALICE, "last", digest=77)
    devices = [device for device, person in DEVICES.items() if history.can_see(person, FIRST)]
    history.sends.append(Send(last.key, FIRST, ALICE, HIDDEN_AT + 1, HIDDEN_AT + 2, "ok", last.id, last.seq))
    for device in devices:
        history.frames.append(
            Frame(device, device, FIRST, "new_message", SENT, HIDDEN_AT + 2, last.seq, last.id, last.key, last.digest)
        )
        history.marks += [
            Mark(device, FIRST, message(EDITED), REACTED, reactions=HEART),
            Mark(device, FIRST, message(UNPINNED), WAS_PINNED, is_pinned=True),
            Mark(device, FIRST, message(UNPINNED), WAS_UNPINNED, is_pinned=False),
            Mark(device, FIRST, message(PINNED), IS_PINNED, is_pinned=True),
        ]
        if device != BOBS:
            history.marks.append(Mark(device, FIRST, message(HIDDEN), REACTED_TO_HIDDEN, reactions=THUMB))
    history.marks.append(Mark(0, FIRST, message(EDITED), REACTED, reactions=HEART))
    history.versions[FIRST] += range(REACTED, REACTED_TO_HIDDEN + 1)
    history.hidden[BOB, FIRST][message(HIDDEN)] = Hidden(message(HIDDEN), HIDDEN, HIDDEN_AT)
    history.pin_lists = [PinList(person, FIRST, ((message(PINNED), IS_PINNED),)) for person in (ALICE, BOB)]
    change_final(history, FIRST, lambda rows: [*map(_reacted, rows), last])
    _change_of_reader(history, BOB, lambda row: None if row.seq == HIDDEN else row)
    return history


def _reacted(row: Row) -> Row:
    if row.seq == EDITED:
        return row._replace(version=REACTED, reactions=HEART)
    return row._replace(version=REACTED_TO_HIDDEN, reactions=THUMB) if row.seq == HIDDEN else row


def _change_of_reader(history: History, reader: int, change: Callable[[Row], Row | None]) -> None:
    """Change the rows that one person reads after recovery; None leaves a row out."""
    history.pages = [
        replace(page, rows=tuple(row for each in page.rows if (row := change(each)) is not None))
        if page.is_final and (page.reader, page.chat) == (reader, FIRST)
        else page
        for page in history.pages
    ]


def _change_marks(history: History, change: Callable[[Mark], Mark | None]) -> None:
    """Change what bob's device learned; None leaves it out."""
    history.marks = [
        changed for mark in history.marks if (changed := change(mark) if mark.device == BOBS else mark) is not None
    ]


def lose_reaction_frame(history: History) -> None:
    _change_marks(history, lambda mark: None if mark.version == REACTED else mark)


def show_other_reactions_on_device(history: History) -> None:
    _change_marks(history, lambda mark: replace(mark, reactions=THUMB) if mark.version == REACTED else mark)


def show_old_text_with_new_reactions(history: History) -> None:
    """The device misses the edit, and then receives a reaction with a larger version."""
    kept = [frame for frame in history.frames if (frame.device, frame.kind) != (BOBS, "message_edited")]
    of_message = (BOBS, message(EDITED))
    history.frames = [replace(f, digest=99) if (f.device, f.id) == of_message else f for f in kept]


def lose_pin_frame(history: History) -> None:
    _change_marks(history, lambda mark: None if mark.version == IS_PINNED else mark)


def lose_unpin_frame(history: History) -> None:
    _change_marks(history, lambda mark: None if mark.version == WAS_UNPINNED else mark)


def show_other_pins_to_one_reader(history: History) -> None:
    history.pin_lists[1] = replace(history.pin_lists[1], pins=((message(UNPINNED), WAS_PINNED),))


def show_other_reactions_to_one_reader(history: History) -> None:
    _change_of_reader(history, BOB, lambda row: row._replace(reactions=THUMB) if row.seq == EDITED else row)


def forget_acknowledged_reaction(history: History) -> None:
    lost = lambda row: row._replace(version=MESSAGES + 1, reactions=0) if row.seq == EDITED else row  # noqa: E731
    change_final(history, FIRST, lambda rows: [*map(lost, rows)])


def show_hidden_message_after_recovery(history: History) -> None:
    back = Row(HIDDEN, message(HIDDEN), REACTED_TO_HIDDEN, ALICE, f"{FIRST}-{HIDDEN}", HIDDEN, THUMB)
    history.pages = [
        replace(page, rows=(*page.rows, back)) if page.is_final and page.reader == BOB and page.chat == FIRST else page
        for page in history.pages
    ]


def pin_hidden_message_again(history: History) -> None:
    history.pin_lists[1] = replace(history.pin_lists[1], pins=((message(HIDDEN), SENT), *history.pin_lists[1].pins))


def push_reaction_to_hidden_message(history: History) -> None:
    history.marks.append(Mark(BOBS, FIRST, message(HIDDEN), REACTED_TO_HIDDEN, reactions=THUMB))


def include_hidden_message_in_catch_up(history: History) -> None:
    back = Row(HIDDEN, message(HIDDEN), REACTED_TO_HIDDEN, ALICE, "", HIDDEN, THUMB)
    history.pages.append(Page(BOB, FIRST, (back,), device=BOBS))


def lose_message_beside_hidden_one(history: History) -> None:
    _change_of_reader(history, BOB, lambda row: None if row.seq == HIDDEN + 1 else row)


DEFECTS = [
    (forget_acknowledged_reaction, "J1"),
    (lose_message_beside_hidden_one, "J3"),
    (show_other_pins_to_one_reader, "J4"),
    (show_other_reactions_to_one_reader, "J4"),
    (lose_reaction_frame, "J5"),
    (show_other_reactions_on_device, "J5"),
    (show_old_text_with_new_reactions, "J5"),
    (lose_pin_frame, "J5"),
    (lose_unpin_frame, "J5"),
    (show_hidden_message_after_recovery, "J8"),
    (pin_hidden_message_again, "J8"),
    (push_reaction_to_hidden_message, "J8"),
    (include_hidden_message_in_catch_up, "J8"),
]


def test_history_with_marks_has_no_violation() -> None:
    assert check(with_marks()) == {f"J{number}": [] for number in range(1, 11)}


@pytest.mark.parametrize(("seed", "invariant"), DEFECTS, ids=[defect.__name__ for defect, _ in DEFECTS])
def test_seeded_defect_is_detected(seed: Callable[[History], None], invariant: str) -> None:
    history = with_marks()
    seed(history)
    assert check(history)[invariant]


def test_message_that_was_on_its_way_when_it_was_hidden_is_no_violation() -> None:
    history = with_marks()
    history.marks.append(Mark(BOBS, FIRST, message(HIDDEN), IS_PINNED, is_pinned=False))
    assert not check(history)["J8"]


def test_message_that_all_its_readers_have_hidden_is_not_lost() -> None:
    history = with_marks()
    history.hidden[ALICE, FIRST][message(HIDDEN)] = Hidden(message(HIDDEN), HIDDEN, HIDDEN_AT)
    _change_of_reader(history, ALICE, lambda row: None if row.seq == HIDDEN else row)
    history.marks = [mark for mark in history.marks if mark.id != message(HIDDEN)]
    assert check(history) == {f"J{number}": [] for number in range(1, 11)}
