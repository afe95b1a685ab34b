"""Every token that must not be accepted, and the few that must."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from chatapp.auth import tokens
from chatapp.auth.tokens import Verifier
from chatapp.errors import Unauthorised
from config import ConfigError, Settings
from tests.auth import forging
from tests.auth.forging import access_token, now, raw_token
from tests.people import Person
from tests.servers import SECRET_KEY, ChatServer

ME = "/api/v1/auth/me"
KEY = SECRET_KEY.encode()


def claims_of(person: Person) -> dict[str, Any]:
    return {"sub": str(person.id), "exp": now() + 60}


def good_claims() -> dict[str, Any]:
    return {"sub": "1", "exp": now() + 60}


REFUSED: dict[str, Callable[[Person], str]] = {
    "alg none": lambda p: raw_token({"alg": "none", "typ": "JWT"}, claims_of(p)),
    "alg None": lambda p: raw_token({"alg": "None", "typ": "JWT"}, claims_of(p)),
    "alg NONE": lambda p: raw_token({"alg": "NONE", "typ": "JWT"}, claims_of(p)),
    "alg none with a signature": lambda p: raw_token({"alg": "none"}, claims_of(p), KEY),
    "no alg": lambda p: raw_token({"typ": "JWT"}, claims_of(p), KEY),
    "alg HS512": lambda p: access_token(SECRET_KEY * 2, "HS512", sub=str(p.id)),
    "another secret": lambda p: access_token("another-secret-of-more-than-32-bytes!", sub=str(p.id)),
    "empty secret": lambda p: raw_token({"alg": "HS256"}, claims_of(p), b""),
    "jwk of the attacker": lambda p: raw_token(
        {"alg": "HS256", "jwk": {"kty": "oct", "k": "YXR0YWNrZXI"}}, claims_of(p), b"attacker"
    ),
    "jku of the attacker": lambda p: raw_token(
        {"alg": "HS256", "jku": "http://127.0.0.1:9/jwks", "kid": "1"}, claims_of(p), b"attacker"
    ),
    "x5u of the attacker": lambda p: raw_token({"alg": "HS256", "x5u": "http://127.0.0.1:9/x"}, claims_of(p), b"a"),
    "kid that is a path": lambda p: raw_token({"alg": "HS256", "kid": "../../../../dev/null"}, claims_of(p), b""),
    "kid that is SQL": lambda p: raw_token({"alg": "HS256", "kid": "' UNION SELECT 'a"}, claims_of(p), b"a"),
    "unknown crit": lambda p: raw_token({"alg": "HS256", "crit": ["exp2"], "exp2": 1}, claims_of(p), KEY),
    "exp before the leeway": lambda p: access_token(sub=str(p.id), exp=now() - 35),
    "no exp": lambda p: access_token(sub=str(p.id), exp=None),
    "exp a text": lambda p: raw_token({"alg": "HS256"}, {"sub": str(p.id), "exp": "soon"}, KEY),
    "exp without end": lambda p: raw_token({"alg": "HS256"}, {"sub": str(p.id), "exp": float("inf")}, KEY),
    "nbf after the leeway": lambda p: access_token(sub=str(p.id), nbf=now() + 40),
    "iat after the leeway": lambda p: access_token(sub=str(p.id), iat=now() + 40),
    "typ refresh": lambda p: access_token(sub=str(p.id), typ="refresh"),
    "token_type refresh": lambda p: access_token(sub=str(p.id), token_type="refresh"),
    "token_use id": lambda p: access_token(sub=str(p.id), token_use="id"),
    "token_use ID": lambda p: access_token(sub=str(p.id), token_use="ID"),
    "type refresh": lambda p: access_token(sub=str(p.id), type="refresh"),
    "typ Refresh": lambda p: access_token(sub=str(p.id), typ="Refresh"),
    "typ ID": lambda p: access_token(sub=str(p.id), typ="ID"),
    "at_hash": lambda p: access_token(sub=str(p.id), at_hash="MTIzNDU2Nzg5MDEyMzQ1Ng"),
    "header typ logout": lambda p: access_token(sub=str(p.id), headers={"typ": "logout+jwt"}),
    "header typ refresh": lambda p: access_token(sub=str(p.id), headers={"typ": "application/rt+JWT"}),
    "typ socket": lambda p: access_token(sub=str(p.id), typ="socket"),
    "typ a list": lambda p: access_token(sub=str(p.id), typ=["access"]),
    "the refresh token": lambda p: p.refresh_token,
    "a ticket": lambda p: p.ticket(),
    "a socket token": lambda p: str(p.gets("/ws-token").data["token"]),
    "truncated": lambda p: p.token[:-3],
    "without its signature": lambda p: p.token.rpartition(".")[0] + ".",
    "two parts": lambda p: p.token.rpartition(".")[0],
    "content not an object": lambda p: raw_token({"alg": "HS256"}, [1, 2], KEY),
    "sub unknown": lambda p: access_token(sub=str(2**52)),
    "sub too large for an id": lambda p: access_token(sub="9" * 40),
    "sub negative": lambda p: access_token(sub="-1"),
    "sub missing": lambda p: access_token(sub=None),
    "sub a list": lambda p: raw_token({"alg": "HS256"}, {"sub": [p.id], "exp": now() + 60}, KEY),
    "sid of no login": lambda p: access_token(sub=str(p.id), sid="00000000-0000-4000-8000-000000000000"),
    "sid no id": lambda p: access_token(sub=str(p.id), sid="'; DROP TABLE users"),
}
ACCEPTED: dict[str, Callable[[Person], str]] = {
    "without typ": lambda p: access_token(sub=str(p.id)),
    "typ Bearer": lambda p: access_token(sub=str(p.id), typ="Bearer"),
    "token_use access": lambda p: access_token(sub=str(p.id), token_use="access", token_type="Bearer"),
    "type of another thing": lambda p: access_token(sub=str(p.id), type="customer"),
    "header typ at+jwt": lambda p: access_token(sub=str(p.id), headers={"typ": "at+jwt"}),
    "header typ with its tree": lambda p: access_token(sub=str(p.id), headers={"typ": "application/at+JWT"}),
    "header typ a number": lambda p: access_token(sub=str(p.id), headers={"typ": "7"}),
    "exp within the leeway": lambda p: access_token(sub=str(p.id), exp=now() - 20),
    "nbf within the leeway": lambda p: access_token(sub=str(p.id), nbf=now() + 20),
    "jku ignored": lambda p: access_token(sub=str(p.id), headers={"jku": "http://127.0.0.1:9/", "kid": "../x"}),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_forged_or_misused_token_is_refused(name: str, server: ChatServer, alice: Person) -> None:
    reply = server.get(ME, token=REFUSED[name](alice))
    assert (reply.status, reply.json["success"]) == (401, False), reply.text
    assert reply.error in ("auth.tokenInvalid", "auth.tokenExpired", "auth.accessRevoked")
    assert reply.headers["WWW-Authenticate"] == "Bearer"


@pytest.mark.parametrize("name", ACCEPTED)
def test_an_unusual_but_valid_token_is_accepted(name: str, server: ChatServer, alice: Person) -> None:
    assert server.get(ME, token=ACCEPTED[name](alice)).data["id"] == alice.id


def test_an_expired_token_says_so(server: ChatServer, alice: Person) -> None:
    assert server.get(ME, token=access_token(sub=str(alice.id), exp=now() - 60)).error == "auth.tokenExpired"


def test_a_token_of_100_kb_is_refused(server: ChatServer, configure: Callable[..., Settings]) -> None:
    token = access_token(sub="1", padding="x" * 75_000)
    assert 400 <= server.get(ME, token=token).status < 500  # the server's own bound on headers
    configure()
    with pytest.raises(Unauthorised, match="token_invalid"):
        tokens.verify(token)


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer ", "Basic dTpw", "Bearer a b", "token"])
def test_a_header_without_a_token_is_refused(server: ChatServer, header: str) -> None:
    assert server.get(ME, headers={"Authorization": header}).status == 401


def test_a_token_that_was_verified_expires_all_the_same(
    verifier: Callable[..., Verifier], monkeypatch: pytest.MonkeyPatch
) -> None:
    key = forging.key_for("ES256")
    checks = verifier(JWT_ALGORITHM="ES256", JWT_PUBLIC_KEY=forging.public_pem(key))
    token, other = (access_token(key, "ES256", sub=subject, exp=now() + 5) for subject in ("abc", "abd"))
    assert checks.verify(token).values == checks.verify(token).values != checks.verify(other).values
    later = now() + 5 + tokens.LEEWAY
    monkeypatch.setattr(tokens.time, "time", lambda: later)
    with pytest.raises(Unauthorised, match="token_expired"):
        checks.verify(token)


@pytest.mark.parametrize("algorithm", ["RS256", "ES256", "EdDSA"])
def test_a_public_key_checks_its_algorithm_alone(verifier: Callable[..., Verifier], algorithm: str) -> None:
    key = forging.key_for(algorithm)
    pem = forging.public_pem(key)
    checks = verifier(JWT_ALGORITHM=algorithm, JWT_PUBLIC_KEY=pem)
    assert checks.verify(access_token(key, algorithm, sub="abc")).values["sub"] == "abc"
    confused = raw_token({"alg": "HS256"}, good_claims(), pem.encode())
    named = raw_token({"alg": algorithm}, good_claims(), pem.encode())
    for token in (confused, named, access_token(forging.key_for(algorithm), algorithm)):
        with pytest.raises(Unauthorised, match="token_invalid"):
            checks.verify(token)


@pytest.mark.parametrize(
    "wrong", [{"iss": None}, {"iss": "evil"}, {"aud": None}, {"aud": "other"}, {"aud": ["other"]}, {"iss": ["host"]}]
)
def test_issuer_and_audience_are_checked_where_configured(
    verifier: Callable[..., Verifier], wrong: dict[str, Any]
) -> None:
    checks = verifier(JWT_SECRET=SECRET_KEY, JWT_ISSUER="host", JWT_AUDIENCE="chat")
    right = {"iss": "host", "aud": ["chat", "shop"]}
    checks.verify(access_token(**right))
    with pytest.raises(Unauthorised, match="token_invalid"):
        checks.verify(raw_token({"alg": "HS256"}, {**good_claims(), **right, **wrong}, KEY))


def test_a_claim_is_required_where_configured(verifier: Callable[..., Verifier]) -> None:
    for claim, right, wrong in (
        ("token_use=access", ({"token_use": "access"},), ({}, {"token_use": "web"}, {"token_use": True})),
        ("scope=chat", ({"scope": "mail chat"}, {"scope": ["chat"]}), ({"scope": "chatter"}, {"scope": ["mail"]})),
    ):
        checks = verifier(JWT_SECRET=SECRET_KEY, JWT_ACCESS_CLAIM=claim)
        for claims in right:
            checks.verify(access_token(**claims))
        for claims in wrong:
            with pytest.raises(Unauthorised, match="token_invalid"):
                checks.verify(access_token(**claims))


@pytest.mark.parametrize("claim", ["token_use", "=access", "token_use="])
def test_a_required_claim_without_name_or_value_is_refused(verifier: Callable[..., Verifier], claim: str) -> None:
    with pytest.raises(ConfigError, match="JWT_ACCESS_CLAIM"):
        verifier(JWT_SECRET=SECRET_KEY, JWT_ACCESS_CLAIM=claim)


def test_socket_tokens_open_sockets_alone(configure: Callable[..., Settings]) -> None:
    configure()
    token = tokens.issue_socket_token(_User(), None)
    assert tokens.verify(token, types=("access", "socket")).values["typ"] == "socket"
    with pytest.raises(Unauthorised):
        tokens.verify(token)


class _User:
    id, uuid, username = 1, "c7a995d9-7357-4ec1-9cd3-5f94a682394c", "dora"
