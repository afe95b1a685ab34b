"""Presigned URLs for uploads of an exact length (AWS Signature Version 4, query parameters).

The S3 client signs only the host, so its links accept any number of bytes. Here the `Content-Length` header is signed,
too: a store that verifies signatures rejects every other length before it reads a byte.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
from urllib.parse import quote, urlsplit

_ALGORITHM = "AWS4-HMAC-SHA256"
_SERVICE = "s3"


def presigned_put(
    url: str, *, length: int, access_key: str, secret_key: str, region: str, now: dt.datetime, lifetime: dt.timedelta
) -> str:
    """A URL that accepts PUTs of exactly `length` bytes until it expires.

    Parameters:
        url: of the object, with its path encoded. Its query is dropped.
        length: bytes.
        region: of the store.
        now: with a time zone.
    """
    parts = urlsplit(url)
    stamp = now.astimezone(dt.UTC).strftime("%Y%m%dT%H%M%SZ")
    scope = f"{stamp[:8]}/{region}/{_SERVICE}/aws4_request"
    headers = {"content-length": str(length), "host": parts.netloc}
    names = ";".join(headers)  # sorted, as the signature requires
    query = _encoded(
        {
            "X-Amz-Algorithm": _ALGORITHM,
            "X-Amz-Credential": f"{access_key}/{scope}",
            "X-Amz-Date": stamp,
            "X-Amz-Expires": str(int(lifetime.total_seconds())),
            "X-Amz-SignedHeaders": names,
        }
    )
    listed = "".join(f"{name}:{value}\n" for name, value in headers.items())
    request = "\n".join(["PUT", parts.path, query, listed, names, "UNSIGNED-PAYLOAD"])
    signed = "\n".join([_ALGORITHM, stamp, scope, hashlib.sha256(request.encode()).hexdigest()])
    signature = _mac(_signing_key(secret_key, stamp[:8], region), signed).hex()
    return f"{parts.scheme}://{parts.netloc}{parts.path}?{query}&X-Amz-Signature={signature}"


def _encoded(query: dict[str, str]) -> str:
    return "&".join(f"{name}={quote(value, safe='-_.~')}" for name, value in query.items())


def _signing_key(secret_key: str, date: str, region: str) -> bytes:
    key = f"AWS4{secret_key}".encode()
    for part in (date, region, _SERVICE, "aws4_request"):
        key = _mac(key, part)
    return key


def _mac(key: bytes, text: str) -> bytes:
    return hmac.new(key, text.encode(), hashlib.sha256).digest()
