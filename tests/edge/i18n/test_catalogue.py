"""Texts for errors, reasons and successes; those that are missing have a general one."""

from __future__ import annotations

from chatapp.edge.i18n.catalogue import done_text, error_text, reason_texts
from chatapp.errors import ChatError, Invalid, NotFound, Reason, Unavailable, Unreadable


def test_a_code_without_a_text_has_that_of_its_class() -> None:
    assert error_text(NotFound("chat_not_found"), "en") == "This chat does not exist."
    assert error_text(NotFound("item_not_found"), "ru") == error_text(NotFound(), "ru") == "Не найдено."
    assert error_text(Unreadable("invalid_json"), "en") == error_text(Unreadable(), "en")
    assert error_text(Unavailable("s3"), "th") != error_text(ChatError("unheard_of"), "th")
    assert error_text(ChatError("unheard_of"), "th") == error_text(ChatError(), "th")


def test_a_view_without_a_text_has_a_general_one() -> None:
    assert (done_text("send", "en"), done_text("unheard_of", "en")) == ("Message sent successfully", "Done")


def test_a_reason_shows_its_values_in_the_language() -> None:
    error = Invalid({"name": [Reason("too_long", max=5), Reason("empty")], "size": [Reason("unheard_of")]})
    assert reason_texts(error, "en") == {
        "name": ["Longer than maximum length 5.", "Must not be empty."],
        "size": ["Invalid value."],
    }
    assert reason_texts(error, "ru")["name"] == ["Больше максимальной длины: 5.", "Не должно быть пустым."]
