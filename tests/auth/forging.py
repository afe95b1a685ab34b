"""Tokens as attackers and other services make them."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from typing import Any

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

from tests.servers import SECRET_KEY


def now() -> int:
    """Seconds since 1970."""
    return int(time.time())


def access_token(
    key: Any = SECRET_KEY, algorithm: str = "HS256", headers: dict[str, Any] | None = None, **claims: Any
) -> str:
    """A signed token that is good for a minute; a claim of None is left out."""
    content = {"sub": "1", "exp": now() + 60, **claims}
    content = {name: value for name, value in content.items() if value is not None}
    return jwt.encode(content, key, algorithm=algorithm, headers=headers)


def raw_token(header: dict[str, Any], content: Any, key: bytes | None = None) -> str:
    """A token whose header says anything; signed by HMAC-SHA256 with `key`, unsigned without."""
    signed = f"{_part(header)}.{_part(content)}"
    signature = b"" if key is None else hmac.new(key, signed.encode(), hashlib.sha256).digest()
    return f"{signed}.{base64.urlsafe_b64encode(signature).rstrip(b'=').decode()}"


def rsa_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, 2048)


def key_for(algorithm: str) -> Any:
    """A fresh private key."""
    if algorithm == "RS256":
        return rsa_key()
    return ec.generate_private_key(ec.SECP256R1()) if algorithm == "ES256" else ed25519.Ed25519PrivateKey.generate()


def public_pem(key: Any) -> str:
    """Its public half."""
    form = serialization.PublicFormat.SubjectPublicKeyInfo
    return str(key.public_key().public_bytes(serialization.Encoding.PEM, form).decode())


def jwk(key: rsa.RSAPrivateKey, key_id: str) -> dict[str, Any]:
    """Its public half as a JWKS lists it."""
    described = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(key.public_key()))
    return {**described, "kid": key_id, "use": "sig", "alg": "RS256"}


def _part(content: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(content).encode()).rstrip(b"=").decode()
