"""Password hashes: salted, verified, and as expensive where there is none."""

from __future__ import annotations

import pytest
from argon2 import extract_parameters

from chatapp.auth import passwords
from chatapp.errors import Unavailable


def test_a_password_matches_its_hash_alone() -> None:
    stored, again = passwords.hash_password("correct horse"), passwords.hash_password("correct horse")
    assert stored != again
    assert passwords.matches("correct horse", stored)
    assert not passwords.matches("correct horse ", stored)


@pytest.mark.parametrize("stored", ["", "plain", "$argon2id$broken", None])
def test_nothing_matches_an_invalid_hash(stored: str | None) -> None:
    assert not passwords.matches("plain", stored)
    assert not passwords.matches("", stored)


def test_an_unknown_user_costs_as_much_as_a_known_one() -> None:
    """Otherwise the time of a refusal would reveal which accounts exist."""
    assert extract_parameters(passwords._DUMMY) == extract_parameters(passwords.hash_password("x"))


def test_log_ins_beyond_those_in_progress_are_refused_after_a_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passwords, "_WAIT", 0.01)
    with passwords._SLOTS, passwords._SLOTS, pytest.raises(Unavailable):
        passwords.hash_password("x")
    assert passwords.hash_password("x")
