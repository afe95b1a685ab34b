"""Users of an external identity provider."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from chatapp.actions import accounts
from chatapp.actions.erasure.requests import erase_person
from chatapp.actions.moderation import bans
from chatapp.auth import tokens
from chatapp.errors import Unauthorised
from chatapp.infra.postgres import database_connection
from chatapp.models import User
from config import Settings
from tests.auth.forging import access_token
from tests.servers import SECRET_KEY

Configure = Callable[..., Settings]


@pytest.fixture(autouse=True)
def external(configure: Configure) -> Configure:
    configure(AUTH_MODE="external", JWT_SECRET=SECRET_KEY, DATABASE_WAIT="20s")
    return configure


# Actors are compared, and a token's expiry is part of its actor.
EXPIRES_AT = int(time.time()) + 3600


def enter(**claims: Any) -> Any:
    claims.setdefault("exp", EXPIRES_AT)
    return accounts.actor_of(tokens.verify(access_token(**claims)))


def row(user_id: int) -> User:
    with database_connection():
        return User.get_by_id(user_id)


def unique(name: str) -> str:
    return f"{name}-{uuid.uuid4().hex[:8]}"


def test_integer_subject_becomes_the_user_id() -> None:
    actor = enter(
        sub="700001",
        username=unique("i"),
        name="Ime",
        email="i@example.com",
        picture="https://e.com/p.png",
        verified=True,
    )
    assert (actor.id, actor.is_verified, actor.family_id) == (700001, True, None)
    user = row(700001)
    assert (user.name, user.email, user.picture_url) == ("Ime", "i@example.com", "https://e.com/p.png")


def test_numeric_subject_becomes_the_user_id(external: Configure) -> None:
    external(AUTH_MODE="external", JWT_SECRET=SECRET_KEY, JWT_USER_CLAIM="user_id")
    assert enter(sub="opaque", user_id=700002).id == 700002


def test_uuid_subject_becomes_the_uuid() -> None:
    name = str(uuid.uuid4())
    first, second = enter(sub=name.upper()), enter(sub=name)
    assert first == second and first.uuid == name


def test_subject_is_mapped_to_the_same_user() -> None:
    subject = unique("auth0|")
    assert enter(sub=subject).id == enter(sub=subject).id


def test_subject_of_uuid_length_is_a_subject() -> None:
    subject = uuid.uuid4().hex + "-xyz"
    assert enter(sub=subject).id == enter(sub=subject).id


def test_log_out_of_an_external_session_changes_nothing() -> None:
    actor = enter(sub="700003")
    accounts.log_out(actor)
    accounts.check_account_active(actor)
    assert enter(sub="700003") == actor


def test_integer_beyond_the_id_range_is_a_subject() -> None:
    assert enter(sub="108204268033311374519").id < 2**53


@pytest.mark.parametrize("sub", [None, "", "x" * 256, "a\x00b", True, 1.5, ["1"], {"id": 1}, -1, 0])
def test_invalid_user_claim_is_refused(sub: Any) -> None:
    with pytest.raises(Unauthorised, match="token_invalid"):
        enter(sub=sub, username="unknown")


def test_taken_username_gets_a_suffix() -> None:
    name = unique("same")
    first, second, third = (enter(sub=unique("s"), username=spelled) for spelled in (name, name, name.upper()))
    assert first.username == name
    assert second.username.startswith(f"{name}-") and third.username.startswith(f"{name.upper()}-")


def test_invalid_profile_claims_are_ignored() -> None:
    actor = enter(
        sub=unique("s"), username=["x"], name=5, email="no address", picture="javascript:alert(1)", verified="yes"
    )
    user = row(actor.id)
    assert (user.name, user.email, user.picture_url, actor.is_verified) == ("", None, None, False)
    assert actor.username.startswith("user-")


def test_concurrent_first_requests_create_one_user() -> None:
    token = access_token(sub=unique("race"), username=unique("race"))
    with ThreadPoolExecutor(12) as pool:
        actors = set(pool.map(lambda _: accounts.actor_of(tokens.verify(token)), range(12)))
    assert len(actors) == 1


def test_generated_ids_skip_those_of_the_host() -> None:
    last = enter(sub=unique("s")).id
    for taken in range(last + 1, last + 6):
        enter(sub=str(taken))
    assert enter(sub=unique("s")).id > last + 5


def test_banned_and_erased_users_are_refused_and_not_recreated() -> None:
    subject = unique("s")
    actor = enter(sub=subject)
    bans.ban(actor.id)
    with pytest.raises(Unauthorised, match="access_revoked"):
        enter(sub=subject)
    bans.unban(actor.id)
    assert enter(sub=subject).id == actor.id
    erase_person(actor.id)
    with pytest.raises(Unauthorised, match="access_revoked"):
        enter(sub=subject)
