"""Tokens for access and for what a message contains."""

from __future__ import annotations

from chatapp.search import marks


def test_a_message_of_two_is_found_by_both_members() -> None:
    found = marks.of_message(5, (1, 2), 1, has_links=False, file_types=[])
    assert found == ("=c5", "=u1", "=u2", "=s1")


def test_a_message_of_a_larger_chat_is_found_by_its_chat() -> None:
    assert marks.of_message(5, (), None, has_links=True, file_types=[]) == ("=c5", "=l")


def test_files_of_several_types() -> None:
    found = marks.of_message(5, (), 1, has_links=False, file_types=["image", "document", "image", "audio"])
    assert found == ("=c5", "=s1", "=f", "=a", "=i")
