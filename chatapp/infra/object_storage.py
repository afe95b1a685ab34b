"""The bucket: objects by name, streamed from and to files, never whole in memory. Failures of the store are a 503."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from typing import IO, Any, cast

import urllib3
from minio import Minio
from minio.deleteobjects import DeleteObject
from minio.error import MinioException, S3Error
from urllib3.exceptions import HTTPError

from chatapp import clock
from chatapp.errors import NotFound, TooLarge, Unavailable
from chatapp.infra.bound import Bound
from chatapp.infra.fair_scheduling import yield_turn
from chatapp.infra.presigning import presigned_put
from config import Settings

PIECE = 128 * 1024  # bytes; between two of them the event loop serves others
CONNECTIONS = 20  # kept open; more are made when needed
_PUT_EXPIRY = dt.timedelta(minutes=5)
# The client library waits 300 s and retries five times. An upload must get its 503 within 10 s when the store is away
# or hangs, so a request is sent at most twice.
_TIMEOUT = urllib3.Timeout(connect=2.0, read=4.0)
_RETRIES = urllib3.Retry(total=1, backoff_factor=0.2, status_forcelist=(500, 502, 503, 504))
# A body is sent once: only connecting is tried again.
_PUT_TIMEOUT = urllib3.Timeout(connect=3.0, read=8.0)
_PUT_RETRIES = urllib3.Retry(total=None, connect=1, read=0, redirect=0, status=0, other=0)
_MISSING = ("NoSuchKey", "NoSuchObject", "NotFound")
_EXISTS = ("BucketAlreadyOwnedByYou", "BucketAlreadyExists")


class _Bucket:
    """The bucket of the settings, and the clients that reach it.

    Attributes:
        client: sends requests.
        public: signs links for S3_PUBLIC_ENDPOINT; sends nothing.
        keys: access key and secret key.
        lifetime: of links (FILE_URL_TTL).
        uploads: connections for bodies.
    """

    def __init__(self, settings: Settings) -> None:
        self.name = settings.s3_bucket
        self.region = settings.s3_region
        self.keys = (settings.s3_access_key, settings.s3_secret_key)
        self.lifetime = dt.timedelta(seconds=settings.file_url_ttl)
        self.client = self._minio(settings.s3_endpoint)
        self.public = self._minio(settings.s3_public_endpoint or settings.s3_endpoint)
        self.uploads = urllib3.PoolManager(maxsize=CONNECTIONS, timeout=_PUT_TIMEOUT, retries=_PUT_RETRIES)

    def _minio(self, endpoint: str) -> Minio:
        scheme, _, host = endpoint.partition("://")
        return Minio(
            host,
            access_key=self.keys[0],
            secret_key=self.keys[1],
            region=self.region,  # without it, signing a link would ask the store
            secure=scheme == "https",
            http_client=urllib3.PoolManager(maxsize=CONNECTIONS, timeout=_TIMEOUT, retries=_RETRIES),
        )


bucket = Bound("The bucket", _Bucket)


@dataclass(frozen=True, slots=True)
class Listed:
    """An object as a listing shows it."""

    name: str
    size: int
    modified_at: dt.datetime


def check_bucket() -> None:
    """Ask the store for the bucket.

    Raises:
        LookupError: there is no such bucket.
        Unavailable: S3 is away, or refuses our key.
    """
    with _translated():
        if not bucket().client.bucket_exists(bucket().name):
            raise LookupError("no such bucket")


def make_bucket() -> bool:
    """Create the bucket unless it exists; returns whether this call created it.

    Raises:
        Unavailable: S3 is away, or refuses our key.
    """
    with _translated():
        if bucket().client.bucket_exists(bucket().name):
            return False
        try:
            bucket().client.make_bucket(bucket().name, location=bucket().region)
        except S3Error as error:
            if error.code in _EXISTS:  # another process was faster
                return False
            raise
    return True


def put(name: str, path: Path, content_type: str) -> None:
    """Store a file under a name.

    The client library would read it in parts of 5 MB; a signed PUT streams it.

    Raises:
        Unavailable: S3 is away. The bytes may have arrived all the same.
    """
    with _translated(), path.open("rb") as file:
        url = bucket().client.presigned_put_object(bucket().name, name, expires=_PUT_EXPIRY)
        headers = {"Content-Length": str(path.stat().st_size), "Content-Type": content_type}
        response = bucket().uploads.request("PUT", url, body=cast("IO[bytes]", _Considerate(file)), headers=headers)
        if response.status != 200:
            raise Unavailable("s3")


def size_of(name: str) -> int:
    """Bytes of an object.

    Raises:
        NotFound: `attachment_not_found`: there is none of this name.
        Unavailable: S3 is away.
    """
    with _translated():
        return int(bucket().client.stat_object(bucket().name, name).size or 0)


def fetch(name: str, path: Path, *, limit: int, within: float | None = None) -> None:
    """Write an object into a file.

    Parameters:
        limit: bytes that it may have, whatever was said of it before.
        within: seconds in which it must have come, where there is such a bound.

    Raises:
        NotFound: `attachment_not_found`.
        TooLarge: `file_too_large`.
        Unavailable: S3 is away, or too slow.
    """
    until = None if within is None else monotonic() + within
    with path.open("wb") as file, closing(read(name)) as pieces:
        left = limit
        for piece in pieces:
            left -= len(piece)
            if left < 0:
                raise TooLarge("file_too_large")
            if until is not None and monotonic() > until:
                raise Unavailable("s3")
            file.write(piece)


class Reading:
    """An object's bytes, piece by piece, once. To be closed by whoever does not read to the end."""

    def __init__(self, response: urllib3.BaseHTTPResponse) -> None:
        self._response = response

    def __iter__(self) -> Iterator[bytes]:
        try:
            with _translated():
                for piece in self._response.stream(PIECE, decode_content=False):
                    yield piece
                    yield_turn()
        finally:
            self.close()

    def close(self) -> None:
        """Give the connection back; what was not read of it is dropped with it."""
        self._response.close()
        self._response.release_conn()


def read(name: str, *, offset: int = 0, length: int | None = None) -> Reading:
    """Begin to read an object.

    Parameters:
        offset: first byte.
        length: bytes from there, at least 1; None for all.

    Raises:
        NotFound: `attachment_not_found`.
        Unavailable: S3 is away, now or while its pieces are read.
    """
    with _translated():
        return Reading(bucket().client.get_object(bucket().name, name, offset=offset, length=length or 0))


def remove(names: list[str]) -> list[str]:
    """Remove objects; returns the names of those that are gone now, also those that never were there.

    Raises:
        Unavailable: S3 is away.
    """
    if not names:
        return []
    with _translated():
        wanted = [DeleteObject(name) for name in names]
        failed = {error.name for error in bucket().client.remove_objects(bucket().name, wanted)}
    return [name for name in names if name not in failed]


def listed(*, after: str | None = None, prefix: str | None = None) -> Iterable[Listed]:
    """Everything in the bucket, in the order of names.

    Parameters:
        after: only what comes behind this name.
        prefix: only names that begin like this.

    Raises:
        Unavailable: S3 is away, now or later.
    """
    with _translated():
        found = bucket().client.list_objects(bucket().name, prefix=prefix, recursive=True, start_after=after or None)
        for item in found:
            yield Listed(str(item.object_name), int(item.size or 0), item.last_modified)


def link(name: str, *, disposition: str, content_type: str) -> str:
    """A URL under which anybody may read an object for FILE_URL_TTL, with these headers and no others.

    Parameters:
        disposition: Content-Disposition of the answer.
        content_type: its Content-Type.
    """
    headers: dict[str, Any] = {"response-content-disposition": disposition, "response-content-type": content_type}
    url = bucket().public.presigned_get_object(bucket().name, name, expires=bucket().lifetime, response_headers=headers)
    return str(url)


def upload_link(name: str, size: int, lifetime: dt.timedelta) -> str:
    """A URL under which anybody may put exactly so many bytes under this name, for so long."""
    # The client library knows how the store wants buckets addressed, but signs no length.
    url = str(bucket().public.presigned_put_object(bucket().name, name, expires=lifetime))
    return presigned_put(
        url,
        length=size,
        access_key=bucket().keys[0],
        secret_key=bucket().keys[1],
        region=bucket().region,
        now=clock.now(),
        lifetime=lifetime,
    )


class _Considerate:
    """A file whose reader lets other greenlets run between two blocks: a fast store would hold the loop otherwise."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file

    def read(self, size: int = -1) -> bytes:
        yield_turn()
        return self._file.read(PIECE if size < 0 else max(size, PIECE))

    def tell(self) -> int:
        return self._file.tell()

    def seek(self, position: int) -> int:
        return self._file.seek(position)


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except S3Error as error:
        if error.code in _MISSING:
            raise NotFound("attachment_not_found") from error
        raise Unavailable("s3") from error
    except (MinioException, HTTPError) as error:
        raise Unavailable("s3") from error
