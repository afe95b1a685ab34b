"""Pages are cut by their bytes, never below one item, and each item counts for at least its text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatapp.events.snapshots import MessageSnapshot, Person
from chatapp.events.types import AttachmentsUpdated, MessageDeleted, MessageEdited
from chatapp.queries.page_bytes import MAX_PAGE_BYTES, fitting, size_of

ALICE = Person(1, "a", "alice", "", None)


def message(content: str = "", files: int = 0, picture: str | None = None) -> MessageSnapshot:
    sender = Person(2, "b", "bob", "", picture)
    return MessageSnapshot(1, 1, 1, 1, sender, ALICE, "text", content, None, None, "", "", attachments_count=files)


@given(st.lists(st.integers(0, MAX_PAGE_BYTES * 2), max_size=20))
def test_what_fits_comes_first_and_says_whether_there_is_more(lengths: list[int]) -> None:
    items = [message("x" * length) for length in lengths]
    page, has_more = fitting(items)
    assert page == items[: len(page)]
    assert has_more is (len(page) < len(items) or (len(items) == 1 and size_of(items[0]) > MAX_PAGE_BYTES))
    assert len(page) > 0 or not items
    if len(page) > 1:
        assert sum(map(size_of, page)) <= MAX_PAGE_BYTES


@pytest.mark.parametrize("content", ["", "abc", "Ж" * 100, "😀" * 1000])
def test_texts_count_in_bytes(content: str) -> None:
    assert size_of(message(content)) - size_of(message()) == len(content.encode())


def test_files_and_pictures_count() -> None:
    assert size_of(message(files=2)) - size_of(message(files=1)) == size_of(message(files=1)) - size_of(message()) > 0
    assert size_of(message(picture="x" * 50)) == size_of(message()) + 50


def test_what_frames_repeat_counts_as_often() -> None:
    edited, added = MessageEdited((), 1, 2, message("abc", 1)), AttachmentsUpdated((), 1, 2, message("abc", 1))
    assert size_of(edited) == size_of(message("abcabc", 1))
    assert size_of(added) == size_of(message("abc", 3))
    assert size_of(MessageDeleted((), 1, 2, 3, 1, "now")) == size_of(message())
