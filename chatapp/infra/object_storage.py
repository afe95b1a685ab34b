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
class ObjectInfo:
    """An entry of a listing."""

    name: str
    size: int
    modified_at: dt.datetime


def check_bucket() -> None:
    """Ask the store for the bucket.

    Raises:
        LookupError: there is no such bucket.
        Unavailable: S3 is away, or refuses our key.
    """
    with _translate_errors():
        if not bucket().client.bucket_exists(bucket().name):
            raise LookupError("no such bucket")


def make_bucket() -> bool:
    """Create the bucket unless it exists; returns whether this call created it.

    Raises:
        Unavailable: S3 is away, or refuses our key.
    """
    with _translate_errors():
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

    The client library would read it in parts of 5 MB into memory; a presigned PUT streams it.

    Raises:
        Unavailable: S3 is away. The object may have been stored nevertheless.
    """
    with _translate_errors(), path.open("rb") as file:
        url = bucket().client.presigned_put_object(bucket().name, name, expires=_PUT_EXPIRY)
        headers = {"Content-Length": str(path.stat().st_size), "Content-Type": content_type}
        response = bucket().uploads.request("PUT", url, body=cast("IO[bytes]", _YieldingFile(file)), headers=headers)
        if response.status != 200:
            raise Unavailable("s3")


def size_of(name: str) -> int:
    """The size of an object in bytes.

    Raises:
        NotFound: `attachment_not_found`.
        Unavailable: S3 is away.
    """
    with _translate_errors():
        return int(bucket().client.stat_object(bucket().name, name).size or 0)


def fetch(name: str, path: Path, *, limit: int, within: float | None = None) -> None:
    """Write an object into a file.

    Parameters:
        limit: most bytes accepted, whatever size was declared before.
        within: time-out in seconds for the whole object; None for none.

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


class ObjectStream:
    """The bytes of an object in pieces, once. Close it unless it is read to the end."""

    def __init__(self, response: urllib3.BaseHTTPResponse) -> None:
        self._response = response

    def __iter__(self) -> Iterator[bytes]:
        try:
            with _translate_errors():
                for piece in self._response.stream(PIECE, decode_content=False):
                    yield piece
                    yield_turn()
        finally:
            self.close()

    def close(self) -> None:
        """Return the connection. Unread bytes are dropped."""
        self._response.close()
        self._response.release_conn()


def read(name: str, *, offset: int = 0, length: int | None = None) -> ObjectStream:
    """Open an object for reading.

    Parameters:
        offset: first byte.
        length: bytes to read, at least 1; None reads to the end.

    Raises:
        NotFound: `attachment_not_found`.
        Unavailable: S3 is away. Reading the pieces raises it, too.
    """
    with _translate_errors():
        return ObjectStream(bucket().client.get_object(bucket().name, name, offset=offset, length=length or 0))


def remove(names: list[str]) -> list[str]:
    """Remove objects; returns the names that no longer exist, including those that never did.

    Raises:
        Unavailable: S3 is away.
    """
    if not names:
        return []
    with _translate_errors():
        wanted = [DeleteObject(name) for name in names]
        failed = {error.name for error in bucket().client.remove_objects(bucket().name, wanted)}
    return [name for name in names if name not in failed]


def list_objects(*, after: str | None = None, prefix: str | None = None) -> Iterable[ObjectInfo]:
    """The objects of the bucket, sorted by name.

    Parameters:
        after: skips all names up to this one.
        prefix: skips names that do not begin with it.

    Raises:
        Unavailable: S3 is away. Iterating raises it, too.
    """
    with _translate_errors():
        found = bucket().client.list_objects(bucket().name, prefix=prefix, recursive=True, start_after=after or None)
        for item in found:
            yield ObjectInfo(str(item.object_name), int(item.size or 0), item.last_modified)


def presign_download(name: str, *, disposition: str, content_type: str) -> str:
    """A URL that serves an object with the given headers to anyone who has it, for FILE_URL_TTL.

    Parameters:
        disposition: Content-Disposition of the response.
        content_type: Content-Type of the response.
    """
    headers: dict[str, Any] = {"response-content-disposition": disposition, "response-content-type": content_type}
    url = bucket().public.presigned_get_object(bucket().name, name, expires=bucket().lifetime, response_headers=headers)
    return str(url)


def presign_upload(name: str, size: int, lifetime: dt.timedelta) -> str:
    """A URL that accepts PUTs of exactly `size` bytes under a name from anyone who has it, for `lifetime`."""
    # The client library knows how the store addresses buckets, but cannot sign a length.
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


class _YieldingFile:
    """A file that yields to other greenlets before each block: a fast store would otherwise occupy the loop."""

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
def _translate_errors() -> Iterator[None]:
    try:
        yield
    except S3Error as error:
        if error.code in _MISSING:
            raise NotFound("attachment_not_found") from error
        raise Unavailable("s3") from error
    except (MinioException, HTTPError) as error:
        raise Unavailable("s3") from error
