"""Every part of a signed upload is covered by its signature."""

from __future__ import annotations

import datetime as dt
from urllib.parse import parse_qs, urlsplit

from chatapp.infra.presigning import presigned_put

NOW = dt.datetime(2025, 11, 21, 13, 0, 5, tzinfo=dt.UTC)
URL = "https://files.example:9000/bucket/a%20b/%C3%A9"


def url_for(length: int = 1234, secret: str = "secret", url: str = URL, now: dt.datetime = NOW) -> str:
    return presigned_put(
        url,
        length=length,
        access_key="access",
        secret_key=secret,
        region="eu-1",
        now=now,
        lifetime=dt.timedelta(minutes=15),
    )


def test_the_url_names_what_was_signed() -> None:
    parts = urlsplit(url_for())
    query = {name: value for name, (value,) in parse_qs(parts.query).items()}
    assert f"{parts.scheme}://{parts.netloc}{parts.path}" == URL
    assert query.pop("X-Amz-Signature")
    assert query == {
        "X-Amz-Algorithm": "AWS4-HMAC-SHA256",
        "X-Amz-Credential": "access/20251121/eu-1/s3/aws4_request",
        "X-Amz-Date": "20251121T130005Z",
        "X-Amz-Expires": "900",
        "X-Amz-SignedHeaders": "content-length;host",
    }


def test_everything_is_part_of_the_signature() -> None:
    in_another_zone = NOW.astimezone(dt.timezone(dt.timedelta(hours=5)))
    assert url_for() == url_for(now=in_another_zone)
    others = [
        url_for(length=1235),
        url_for(secret="other"),
        url_for(url=URL + "x"),
        url_for(url=URL.replace("9000", "9001")),
        url_for(now=NOW + dt.timedelta(seconds=1)),
    ]
    signatures = {url.rpartition("=")[2] for url in [url_for(), *others]}
    assert len(signatures) == len(others) + 1
