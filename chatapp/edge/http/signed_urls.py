"""The links to files that clients are given: signed, and good for anybody who has them, but not for long."""

from __future__ import annotations

import time

from chatapp.events.snapshots import AttachmentSnapshot
from chatapp.files.names import content_disposition
from chatapp.infra import object_storage
from chatapp.infra.bound import Bound
from config import Settings

# A link is given again for this share of its life: signing costs more than all else of a message, and browsers keep a
# picture only while its address stays the same.
_REUSED = 0.25
_KEPT = 4096  # links; 700 bytes each


class _Links:
    """The links given lately.

    Attributes:
        period: seconds for which a link is given again.
        given: by name of the object and disposition: the number of the period, and the link.
    """

    def __init__(self, settings: Settings) -> None:
        self.period = settings.file_url_ttl * _REUSED
        self.given: dict[tuple[str, str], tuple[int, str]] = {}


links = Bound("The links to files", _Links)


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
    given = links().given
    now = int(time.monotonic() / links().period)
    period, link = given.get((name, disposition), (-1, ""))
    if period == now:
        return link
    if len(given) >= _KEPT:
        given.clear()
    link = object_storage.presign_download(name, disposition=disposition, content_type=content_type)
    given[name, disposition] = (now, link)
    return link
