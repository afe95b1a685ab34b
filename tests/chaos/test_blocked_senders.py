"""The checker knows that in a larger chat a member does not see messages of users that the member blocks."""

from __future__ import annotations

from chaos.checker import check
from chaos.history import Frame, History, Page, Row
from tests.chaos.test_checker import ALICE, BOB, CAROL, DEVICES, MESSAGES, change_final, clean, numbers

THIRD = 300
CAROLS = 31


def with_hidden() -> History:
    """A clean history with a third chat of three, in which carol blocks bob, who writes every fourth message.

    Of these she gets the version only: live, by `chat_advanced`, and her pages lack them.
    """
    history = clean()
    history.members[THIRD] = frozenset({ALICE, BOB, CAROL})
    history.blocked = {CAROL: frozenset({BOB})}
    rows = [Row(n, THIRD * 1000 + n, n, ALICE if n % 4 else BOB, f"{THIRD}-{n}", digest=n) for n in numbers()]
    visible = tuple(row for row in rows if row.sender != BOB)
    history.versions[THIRD] = [*numbers()]
    for row in rows:
        for device in DEVICES:
            place = (device, device, THIRD, "new_message", row.version, row.seq)
            frame = Frame(*place, row.seq, row.id, row.key, row.digest)
            if device == CAROLS and row.sender == BOB:
                frame = Frame(device, device, THIRD, "chat_advanced", row.version, row.seq)
            history.frames.append(frame)
    for person in (CAROL, ALICE, BOB):
        seen = visible if person == CAROL else tuple(rows)
        history.pages.append(Page(person, THIRD, seen, is_final=True))
    return history


def test_messages_that_a_reader_may_not_see_are_no_gap() -> None:
    assert check(with_hidden()) == {f"J{number}": [] for number in range(1, 11)}


def test_a_hidden_message_that_is_shown_is_detected() -> None:
    pushed, read, other = with_hidden(), with_hidden(), with_hidden()
    hidden = Row(4, THIRD * 1000 + 4, 4, BOB, f"{THIRD}-4", digest=4)
    pushed.frames.append(Frame(99, CAROLS, THIRD, "new_message", 4, 30.0, 4, hidden.id, hidden.key))
    read.pages.append(Page(CAROL, THIRD, (hidden,), device=CAROLS))
    other.pages.append(Page(ALICE, THIRD, (hidden,), device=11))
    assert (len(check(pushed)["J8"]), len(check(read)["J8"]), check(other)["J8"]) == (1, 1, [])


def test_a_visible_message_beside_hidden_ones_is_missed() -> None:
    history = with_hidden()
    history.frames = [frame for frame in history.frames if (frame.device, frame.id) != (CAROLS, THIRD * 1000 + 5)]
    change_final(history, THIRD, lambda rows: [row for row in rows if row.seq != 7 or len(rows) == MESSAGES])
    found = check(history)
    assert [name for name, violations in found.items() if violations] == ["J3", "J4", "J5"]
