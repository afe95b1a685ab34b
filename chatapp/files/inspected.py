"""What inspection found out, as it crosses from a child of the workshop to its web worker."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

FileType = Literal["image", "video", "audio", "document"]


@dataclass(frozen=True, slots=True)
class Inspected:
    """A file that may be stored.

    Attributes:
        file_type: what clients show it as.
        content_type: by content, never by what the client said.
        extension: with its dot, in lower case.
        content: what is to be stored: written anew without metadata; a PDF is the file that was given.
        size: of `content`, bytes.
        thumbnail: a WebP of at most 320 px a side, for pictures and videos.
        metadata: JSON-ready. Pictures: `width`, `height` (pixels), `dominant_color` (`#rrggbb`), `animated`, and if so
            `frames` and `duration`; videos: `width`, `height`, `duration` (seconds), `dominant_color`; audio:
            `duration`, `waveform` (64 bars, 0 to 100); PDF: `pages`, None where a password hides them.
    """

    file_type: FileType
    content_type: str
    extension: str
    content: Path
    size: int
    thumbnail: Path | None
    metadata: dict[str, Any]

    def as_json(self) -> dict[str, Any]:
        """What `from_json` reads."""
        thumbnail = None if self.thumbnail is None else str(self.thumbnail)
        return {**dataclasses.asdict(self), "content": str(self.content), "thumbnail": thumbnail}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Inspected:
        """Read what `as_json` wrote.

        Raises:
            TypeError, KeyError: it is something else.
        """
        thumbnail = None if data["thumbnail"] is None else Path(data["thumbnail"])
        return cls(**{**data, "content": Path(data["content"]), "thumbnail": thumbnail})
