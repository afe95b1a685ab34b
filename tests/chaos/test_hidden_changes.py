"""Devices of the load know what they do not see: no gap is counted for it."""

from __future__ import annotations

from chaos.load.rows import complete_versions, rows_of
from chaos.load.social_translator import SocialTranslator
from chaos.load.versions import Versions
from chatapp.ids.public import encode_chat

CHAT = 7 << 12
ADVANCED = {"type": "chat_advanced", "chat_id": CHAT, "from_version": 2, "version": 4}


def test_a_frame_that_stands_for_several_changes_is_no_gap() -> None:
    versions = Versions()
    versions.saw_live(1)
    versions.saw_live(4, from_version=2)
    assert (versions.complete_to, versions.has_gap) == (4, False)
    versions.saw_live(7, from_version=6)
    assert versions.has_gap


def test_a_catch_up_names_them_and_shows_no_message() -> None:
    page = {"messages": [], "changes": [ADVANCED, {**ADVANCED, "from_version": 6, "version": 6}]}
    assert complete_versions(page) == {CHAT: 6}
    assert complete_versions({**page, "complete": [{"chat_id": CHAT, "version": 9}]}) == {CHAT: 9}
    assert rows_of(page) == {}


def test_both_dialects_say_the_same() -> None:
    payload = {"conversationId": encode_chat(CHAT), "fromVersion": 2, "version": 4}
    assert SocialTranslator(lambda uuid: 0).frame({"type": "conversation.advanced", "payload": payload}) == ADVANCED
