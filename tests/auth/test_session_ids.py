"""Ids of sessions prove that this service has made them, when, and for which user."""

from __future__ import annotations

import dataclasses
import time

import pytest

from chatapp.auth import session_ids as module
from chatapp.auth.session_ids import MAX_AGE, SessionIds
from chatapp.errors import Unauthorised
from config import Settings, load
from tests.servers import SECRET_KEY

USER = "1c9f3a52-5f1e-4b7e-8c0a-3d2b1a0f9e8d"


@pytest.fixture
def settings(environment: dict[str, str]) -> Settings:
    return load(environment)


def built(settings: Settings, **changed: object) -> SessionIds:
    module.session_ids.bind(dataclasses.replace(settings, **changed))  # type: ignore[arg-type]
    return module.session_ids()


def refused(ids: SessionIds, text: str) -> str:
    with pytest.raises(Unauthorised) as refusal:
        ids.read(text)
    return refusal.value.code


def test_a_signed_id_names_its_session_and_its_user(settings: Settings) -> None:
    ids = built(settings)
    for user in (None, USER):
        signed, expires_at = ids.sign(ids.bare(42), user)
        assert ids.read(signed) == (42, user, True)
        assert 0 < expires_at - time.time() <= MAX_AGE


def test_any_changed_character_is_noticed(settings: Settings) -> None:
    ids = built(settings)
    signed, _ = ids.sign(ids.bare(42), USER)
    for index in range(len(signed)):
        changed = signed[:index] + ("1" if signed[index] != "1" else "2") + signed[index + 1 :]
        with pytest.raises(Unauthorised):
            ids.read(changed)


def test_a_signature_lasts_a_day(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    ids = built(settings)
    signed, expires_at = ids.sign(ids.bare(42), None)
    monkeypatch.setattr(time, "time", lambda: expires_at + 1)
    assert refused(ids, signed) == "session_signature_expired"
    monkeypatch.setattr(time, "time", lambda: expires_at - MAX_AGE - 60)  # signed in the future
    assert refused(ids, signed) == "session_signature_expired"


def test_ids_of_former_keys_are_accepted_until_these_are_dropped(settings: Settings) -> None:
    ids = built(settings)
    bare = ids.bare(42)
    signed, _ = ids.sign(bare, None)
    after = built(settings, secret_key="another-secret-key-0123456789abcdef", secret_keys_old=(SECRET_KEY,))
    assert (after.read(signed).chat_id, after.chat_id(bare)) == (42, 42)
    dropped = built(settings, secret_key="another-secret-key-0123456789abcdef")
    assert dropped.chat_id(bare) == 0
    assert refused(dropped, signed) == "session_signature_invalid"


def test_bare_ids_are_accepted_where_they_may_be(settings: Settings) -> None:
    lenient, strict = built(settings), built(settings, session_strict=True)
    assert lenient.read(lenient.bare(42)) == (42, None, False)
    assert refused(strict, strict.bare(42)) == "session_signature_required"
    assert strict.read(strict.bare(42), needs_signature=False).chat_id == 42


@pytest.mark.parametrize("text", ["", "x", USER, "٣" * 36, "00000000-0000-8000-8000-000000000000"])
def test_ids_that_this_service_has_not_made_lead_nowhere(settings: Settings, text: str) -> None:
    assert built(settings).read(text).chat_id == 0
