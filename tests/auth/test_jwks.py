"""Keys of a JWKS document: fetched when needed, rotated, and kept while the document cannot be read."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest

from chatapp.auth import jwks
from chatapp.auth.tokens import Verifier
from chatapp.errors import Unauthorised, Unavailable
from tests.auth import forging
from tests.auth.forging import access_token


class KeyService:
    """A JWKS document over HTTP."""

    def __init__(self) -> None:
        self.keys: list[dict[str, Any]] = []
        self.status = 200
        self.reads = 0
        service = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                service.reads += 1
                self.send_response(service.status)
                self.end_headers()
                self.wfile.write(json.dumps({"keys": service.keys}).encode())

            def log_message(self, *args: Any) -> None:
                pass

        self._server = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}/jwks"
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01})
        self._thread.start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


@pytest.fixture
def key_service() -> Iterator[KeyService]:
    service = KeyService()
    yield service
    service.close()


def test_keys_of_a_jwks_rotate(
    verifier: Callable[..., Verifier], key_service: KeyService, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jwks, "PAUSE", 0.0)
    old, new = forging.rsa_key(), forging.rsa_key()
    key_service.keys = [forging.jwk(old, "old")]
    checks = verifier(JWT_ALGORITHM="RS256", JWT_JWKS_URL=key_service.url)
    old_token = access_token(old, "RS256", {"kid": "old"})
    for _ in range(3):
        checks.verify(old_token)
    assert key_service.reads == 1
    key_service.keys = [forging.jwk(new, "new")]
    checks.verify(access_token(new, "RS256", {"kid": "new"}))
    with pytest.raises(Unauthorised):
        checks.verify(old_token)
    for token in (access_token(old, "RS256", {"kid": "new"}), access_token(new, "RS256")):
        with pytest.raises(Unauthorised):
            checks.verify(token)


def test_forged_key_ids_do_not_flood_the_jwks(verifier: Callable[..., Verifier], key_service: KeyService) -> None:
    key = forging.rsa_key()
    key_service.keys = [forging.jwk(key, "a")]
    checks = verifier(JWT_ALGORITHM="RS256", JWT_JWKS_URL=key_service.url)
    for number in range(50):
        with pytest.raises(Unauthorised):
            checks.verify(access_token(key, "RS256", {"kid": f"forged-{number}"}))
    assert key_service.reads == 1


def test_known_keys_go_on_working_while_the_jwks_is_away(
    verifier: Callable[..., Verifier], key_service: KeyService, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = forging.rsa_key()
    key_service.keys, key_service.status = [forging.jwk(key, "a")], 500
    checks = verifier(JWT_ALGORITHM="RS256", JWT_JWKS_URL=key_service.url)
    token = access_token(key, "RS256", {"kid": "a"})
    monkeypatch.setattr(jwks, "FETCH_SECONDS", 0)
    monkeypatch.setattr(jwks, "PAUSE", 0)
    with pytest.raises(Unavailable, match="identity_unavailable"):
        checks.verify(token)
    key_service.status = 200
    checks.verify(token)
    key_service.status = 500
    monkeypatch.setattr(jwks, "LIFETIME", 0.0)
    checks.verify(token)
    assert key_service.reads == 3
