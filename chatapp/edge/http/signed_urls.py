"""Signed links to files. Anyone who has a link can use it until it expires."""

from __future__ import annotations

import time

from cachetools import LRUCache

from chatapp.events.snapshots import AttachmentSnapshot
from chatapp.files.names import content_disposition
from chatapp.infra import object_storage
from chatapp.infra.bound import Bound
from config import Settings

# A link is reused for this share of its lifetime: signing costs more than the rest of rendering a message, and browsers
# cache an image only while its URL stays the same.
_REUSE_SHARE = 0.25
_MAX_LINKS = 4096  # 700 bytes each


class _Links:
    """Recently signed links.

    Attributes:
        period: seconds for which a link is reused.
        issued: the number of the period and the link, by name of the object and disposition.
    """

    def __init__(self, settings: Settings) -> None:
        self.period = settings.file_url_ttl * _REUSE_SHARE
        self.issued: LRUCache[tuple[str, str], tuple[int, str]] = LRUCache(_MAX_LINKS)


links = Bound("The links to files", _Links)


def file_link(file: AttachmentSnapshot) -> str:
    """A URL of the file; empty until the file is ready. Browsers save documents and show everything else."""
    if file.state != "ready":
        return ""
    disposition = content_disposition(file.file_name, "attachment" if file.file_type == "document" else "inline")
    return _link(file.object_name, disposition, file.content_type)


def thumbnail_link(file: AttachmentSnapshot) -> str:
    """A URL of the thumbnail; empty if there is none, or until the file is ready."""
    if file.state != "ready" or file.thumbnail_name is None:
        return ""
    return _link(file.thumbnail_name, "inline", "image/webp")


def object_link(name: str, file_name: str, content_type: str) -> str:
    """A URL that saves an object under a file name, for files that no message has any more."""
    return _link(name, content_disposition(file_name, "attachment"), content_type)


def picture_link(name: str | None) -> str:
    """A URL of the picture of a group, by the name of its object; empty without one."""
    return "" if name is None else _link(name, "inline", "image/webp")


def _link(name: str, disposition: str, content_type: str) -> str:
    issued = links().issued
    now = int(time.monotonic() / links().period)
    period, link = issued.get((name, disposition), (-1, ""))
    if period == now:
        return link
    link = object_storage.presign_download(name, disposition=disposition, content_type=content_type)
    issued[name, disposition] = (now, link)
    return link
