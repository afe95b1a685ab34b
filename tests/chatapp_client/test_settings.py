"""Settings and drafts end in the same state, in whatever order frames and lists arrive."""

from __future__ import annotations

import itertools
from typing import Any

from chatapp_client.settings import OwnSettings

SET = {
    "is_archived": True,
    "is_muted": False,
    "muted_until": None,
    "is_pinned": True,
    "snoozed_until": "2199-01-01T00:00:00.000Z",
    "is_marked_unread": True,
}
UNSET = {**SET, "is_archived": False, "is_pinned": False, "snoozed_until": None, "is_marked_unread": False}


def summary(values: dict[str, Any], version: int, seq: int, draft: str | None = None, *, is_cut: bool = False) -> Any:
    """An entry of the chat list."""
    shown = None if draft is None else {"content": draft, "is_cut": is_cut}
    return {**values, "settings_version": version, "seq": seq, "draft": shown}


def test_the_larger_version_counts_in_any_order() -> None:
    steps = [
        lambda own: own.put(SET, 1, 3),
        lambda own: own.put_draft("one", 2, 3),
        lambda own: own.put_summary(summary(SET, 2, 3, "one")),
        lambda own: own.put(UNSET, 3, 3),
        lambda own: own.put_draft("two", 4, 3),
    ]
    for order in itertools.permutations(steps):
        own = OwnSettings()
        for step in order:
            step(own)
        assert own.current(3, 0) == {**UNSET, "draft": "two"}


def test_messages_end_the_archive_the_snooze_the_mark_and_the_draft() -> None:
    own = OwnSettings()
    assert own.put(SET, 1, 3) is True
    assert own.put(SET, 1, 3) is False
    assert own.put_draft("one", 2, 3) is True
    assert own.current(3, 3) == {**SET, "draft": "one"}
    assert own.current(4, 3) == {**SET, "is_archived": False, "snoozed_until": None, "draft": "one"}
    assert own.current(4, 4) == {
        **SET,
        "is_archived": False,
        "snoozed_until": None,
        "is_marked_unread": False,
        "draft": "",
    }


def test_a_list_read_after_a_message_is_newer_than_a_frame_from_before() -> None:
    own = OwnSettings()
    own.put_summary(summary(UNSET, 2, 4))
    assert own.put(SET, 2, 3) is False
    assert own.put_draft("one", 2, 3) is False
    assert own.current(4, 4) == {**UNSET, "draft": ""}


def test_the_beginning_in_a_list_does_not_replace_the_whole_draft() -> None:
    for order in itertools.permutations(["list", "frame"]):
        own = OwnSettings()
        for source in order:
            if source == "list":
                own.put_summary(summary(SET, 2, 7, "beginning", is_cut=True))
            else:
                own.put_draft("beginning and end", 2, 3)
        assert (own.current(7, 0)["draft"], own.is_draft_cut) == ("beginning and end", False)


def test_lists_of_older_servers_change_nothing() -> None:
    own = OwnSettings()
    own.put(SET, 1, 3)
    own.put_summary({"id": 1, "seq": 9})
    assert own.current(3, 0) == {**SET, "draft": ""}
