"""Edits and deletions end with their windows; the language of a text follows its edits."""

from __future__ import annotations

import dataclasses

import pytest

from chatapp.actions import editing
from chatapp.actions.sending import send_message
from chatapp.auth.actor import Actor
from chatapp.errors import Forbidden
from config import Settings, load
from tests.database import Database

OLDER = "UPDATE messages SET created_at = created_at - make_interval(secs => %s)"


@pytest.fixture
def settings(environment: dict[str, str]) -> Settings:
    """The settings of the tests."""
    return load(environment)


def refusal(act: object, *arguments: object) -> str | None:
    """The code with which an action is refused; None if it is not."""
    try:
        act(*arguments)  # type: ignore[operator]
    except Forbidden as error:
        return error.code
    return None


def test_without_windows_a_message_can_be_changed_for_ever(core: Database, actors: list[Actor], chat_id: int) -> None:
    message = send_message(actors[0], chat_id, "first")
    core.change(OLDER, 10 * 365 * 86400)
    assert editing.edit_message(actors[0], message.id, "second").content == "second"
    assert editing.delete_message(actors[0], message.id).is_deleted


def test_each_change_has_its_own_window(core: Database, actors: list[Actor], chat_id: int, settings: Settings) -> None:
    editing.windows.bind(dataclasses.replace(settings, edit_window=600, delete_window=3600))
    alice, bob, _ = actors
    message = send_message(alice, chat_id, "first")
    core.change(OLDER, 590)
    assert refusal(editing.edit_message, alice, message.id, "second") is None
    core.change(OLDER, 11)
    assert refusal(editing.edit_message, alice, message.id, "third") == "edit_window_closed"
    assert refusal(editing.edit_message, bob, message.id, "mine") == "not_author", "others get the same as before"
    core.change(OLDER, 3000)
    assert refusal(editing.delete_message, alice, message.id) == "delete_window_closed"
    assert core.rows("SELECT content, deleted_at FROM messages") == [("second", None)]


def test_a_repeated_change_is_answered_after_its_window(
    core: Database, actors: list[Actor], chat_id: int, settings: Settings
) -> None:
    editing.windows.bind(dataclasses.replace(settings, edit_window=600, delete_window=600))
    kept, deleted = (send_message(actors[0], chat_id, text) for text in ("kept", "deleted"))
    editing.edit_message(actors[0], kept.id, "edited", idempotency_key="k")
    editing.delete_message(actors[0], deleted.id)
    core.change(OLDER, 601)
    assert editing.edit_message(actors[0], kept.id, "edited", idempotency_key="k").content == "edited"
    assert editing.delete_message(actors[0], deleted.id).is_deleted


def test_the_language_follows_an_edit_and_goes_with_the_text(core: Database, actors: list[Actor], chat_id: int) -> None:
    message = send_message(actors[0], chat_id, "Is it still available?")
    assert message.original_language == "en"
    edited = editing.edit_message(actors[0], message.id, "Можно ли забрать его завтра утром?")
    assert edited.original_language == "ru"
    assert editing.delete_message(actors[0], message.id).original_language is None
    assert core.rows("SELECT original_language FROM messages") == [(None,)]
