"""What the assistant says by itself is there in every language, each in its own script."""

from __future__ import annotations

import pytest

from chatapp.actions.assistant import texts
from chatapp.actions.assistant.texts import text


@pytest.mark.parametrize("key", list(texts._TEXTS))
def test_every_text_is_there_in_every_language(key: str) -> None:
    assert set(texts._TEXTS[key]) == {"en", "de", "ru", "sr-Latn", "sr-Cyrl", "th"}
    assert len(set(texts._TEXTS[key].values())) == 6


@pytest.mark.parametrize(
    ("language", "nearest"),
    [("sr", "sr-Latn"), ("hr", "sr-Latn"), ("sr-Cyrl", "sr-Cyrl"), ("de-AT", "de"), ("en-GB", "en"), ("fi", "en")],
)
def test_the_nearest_language_is_used(language: str, nearest: str) -> None:
    assert text("busy", language) == text("busy", nearest)
