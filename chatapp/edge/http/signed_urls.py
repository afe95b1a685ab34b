"""The links to files that clients are given: signed, and good for anybody who has them, but not for long."""

from __future__ import annotations

import time

from chatapp.events.snapshots import AttachmentSnapshot
from chatapp.files.names import content_disposition
from chatapp.infra import object_storage
from config import Settings

# A link is given again for this share of its life: signing costs more than all else of a message, and browsers keep a
# picture only while its address stays the same.
_REUSED = 0.25
_KEPT = 4096  # links; 700 bytes each

_period = 900.0
_links: dict[tuple[str, str], tuple[int, str]] = {}


def bind(settings: Settings) -> None:
    """Take the life of links from the settings."""
    global _period
    _period = settings.file_url_ttl * _REUSED
    _links.clear()


def file_link(file: AttachmentSnapshot) -> str:
    """A URL of the bytes; empty while the file is not ready. Pages are saved, all else is shown."""
    if file.state != "ready":
        return ""
    disposition = content_disposition(file.file_name, "attachment" if file.file_type == "document" else "inline")
    return _link(file.object_name, disposition, file.content_type)


def thumbnail_link(file: AttachmentSnapshot) -> str:
    """A URL of the thumbnail; empty where there is none, or the file is not ready."""
    if file.state != "ready" or file.thumbnail_name is None:
        return ""
    return _link(file.thumbnail_name, "inline", "image/webp")


def _link(name: str, disposition: str, content_type: str) -> str:
    now = int(time.monotonic() / _period)
    period, link = _links.get((name, disposition), (-1, ""))
    if period == now:
        return link
    if len(_links) >= _KEPT:
        _links.clear()
    link = object_storage.link(name, disposition=disposition, content_type=content_type)
    _links[name, disposition] = (now, link)
    return link
