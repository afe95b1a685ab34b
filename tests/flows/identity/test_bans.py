"""Banning and unbanning users."""

from __future__ import annotations

import uuid
from collections.abc import Callable

import pytest

from chatapp.actions import accounts, log_ins
from chatapp.actions.moderation import bans
from chatapp.auth import tokens
from chatapp.errors import Forbidden, NotFound, Unauthorised
from config import Settings

PASSWORD = "long enough"
UNKNOWN_USER = 2**52


@pytest.fixture(autouse=True)
def builtin(configure: Callable[..., Settings]) -> None:
    configure(AUTH_MODE="builtin", DATABASE_WAIT="20s")


@pytest.fixture
def username() -> str:
    """The name of a new user."""
    name = f"u{uuid.uuid4().hex[:12]}"
    accounts.sign_up(name, f"{name}@example.com", PASSWORD)
    return name


def test_banned_user_is_refused_until_the_ban_ends(username: str) -> None:
    entered = accounts.log_in(username, PASSWORD)
    actor = accounts.actor_of_token(entered.access_token)
    accounts.check_account_active(actor)
    bans.ban(actor.id)
    for refused in (
        lambda: accounts.check_account_active(actor),
        lambda: accounts.actor_of_token(entered.access_token),
        lambda: log_ins.refresh(entered.refresh_token),
    ):
        with pytest.raises(Unauthorised, match="access_revoked"):
            refused()
    with pytest.raises(Forbidden, match="account_suspended"):
        accounts.log_in(username, PASSWORD)
    with pytest.raises(Unauthorised, match="invalid_credentials"):
        accounts.log_in(username, "a wrong password")

    bans.unban(actor.id)
    with pytest.raises(Unauthorised, match="access_revoked"):
        accounts.check_account_active(actor)  # the ban ended that session
    entered = accounts.log_in(username, PASSWORD)
    assert accounts.actor_of(tokens.verify(entered.access_token, types=("access",))).id == actor.id


def test_ban_of_an_unknown_user_is_refused() -> None:
    for act in (bans.ban, bans.unban):
        with pytest.raises(NotFound, match="user_not_found"):
            act(UNKNOWN_USER)
