"""The bucket of the attachments."""

from __future__ import annotations

from minio.error import MinioException, S3Error
from urllib3.exceptions import HTTPError

from chatapp.errors import Unavailable
from chatapp.infra import clients
from config import Settings

_THERE_ALREADY = ("BucketAlreadyOwnedByYou", "BucketAlreadyExists")


def make_bucket(settings: Settings) -> bool:
    """Make the bucket unless it is there; returns whether it was made now.

    Raises:
        Unavailable: S3 is away, or refuses our key.
    """
    try:
        if clients.object_store.bucket_exists(settings.s3_bucket):
            return False
        clients.object_store.make_bucket(settings.s3_bucket, location=settings.s3_region)
    except S3Error as error:
        if error.code in _THERE_ALREADY:  # another process was faster
            return False
        raise Unavailable("s3") from error
    except (MinioException, HTTPError) as error:
        raise Unavailable("s3") from error
    return True
