"""The result of an inspection, as an inspector process sends it to its web worker."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, cast

from chatapp.files import limits

FileType = Literal["image", "video", "audio", "document"]

CONTENT, THUMBNAIL = "content", "thumbnail.webp"
"""File names of the results."""

# What may be stored: content type, file type and extension. Any other answer of an inspector process is invalid.
_STORED = {
    ("image/jpeg", "image", ".jpg"), ("image/png", "image", ".png"), ("image/gif", "image", ".gif"),
    ("image/webp", "image", ".webp"), ("video/mp4", "video", ".mp4"), ("video/webm", "video", ".webm"),
    ("audio/mp4", "audio", ".m4a"), ("audio/webm", "audio", ".weba"), ("audio/ogg", "audio", ".ogg"),
    ("audio/mpeg", "audio", ".mp3"), ("application/pdf", "document", ".pdf"),
}  # fmt: skip
_METADATA = {
    "width", "height", "dominant_color", "animated", "frames", "duration", "waveform", "pages",
}  # fmt: skip
_COLOR = re.compile(r"#[0-9a-f]{6}")


@dataclass(frozen=True, slots=True)
class Inspected:
    """A file that may be stored.

    Attributes:
        file_type: how clients show it.
        content_type: detected from the content, never taken from the client.
        extension: with its dot, in lower case.
        content: what to store: re-encoded without metadata, except for a well-formed PDF, which is the given file.
        size: of `content`, bytes.
        thumbnail: a WebP of at most 320 px a side, for pictures and videos.
        metadata: JSON-ready. Pictures: `width`, `height` (pixels), `dominant_color` (`#rrggbb`), `animated`, and if so
            `frames` and `duration`; videos: `width`, `height`, `duration` (seconds), `dominant_color`; audio:
            `duration`, `waveform` (64 bars, 0 to 100); PDF: `pages`, None if a password hides them.
    """

    file_type: FileType
    content_type: str
    extension: str
    content: Path
    size: int
    thumbnail: Path | None
    metadata: dict[str, Any]

    def as_json(self) -> dict[str, Any]:
        """The input of `from_json`: everything but the files."""
        return {
            "file_type": self.file_type,
            "content_type": self.content_type,
            "extension": self.extension,
            "metadata": self.metadata,
        }

    @classmethod
    def from_json(cls, data: dict[str, Any], *, content: Path, thumbnail: Path | None) -> Inspected:
        """Parse and validate the output of `as_json`.

        Parameters:
            content: what to store.
            thumbnail: if there is one.
        Raises:
            TypeError, KeyError, ValueError, AttributeError: it is invalid.
        """
        content_type, file_type, extension = data["content_type"], data["file_type"], data["extension"]
        if (content_type, file_type, extension) not in _STORED:
            raise ValueError("unknown file type")
        if not all(name in _METADATA and _is_plain(value) for name, value in data["metadata"].items()):
            raise ValueError("unknown metadata")
        size = content.stat().st_size
        return cls(cast(FileType, file_type), content_type, extension, content, size, thumbnail, data["metadata"])


def _is_plain(value: Any) -> bool:
    """Whether a value is a number, a boolean, None, a colour, or the bars of a waveform."""
    if isinstance(value, list):
        return len(value) <= limits.WAVEFORM_BARS and all(isinstance(bar, int) for bar in value)
    return value is None or isinstance(value, int | float) or bool(isinstance(value, str) and _COLOR.fullmatch(value))
