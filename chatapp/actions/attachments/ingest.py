"""Taking a file in: inspected, scanned, then sent to the bucket. Nothing is kept here, and Postgres is not asked."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from chatapp import metrics
from chatapp.auth.actor import Actor
from chatapp.errors import Invalid, Reason, TooLarge, Unavailable, Unsupported
from chatapp.files.budget import Budget
from chatapp.files.inspected import Inspected
from chatapp.files.inspector_pool import InspectorPool
from chatapp.files.names import safe_name
from chatapp.files.scanning import Scanner
from chatapp.infra import object_storage
from chatapp.infra.bound import Bound
from config import Settings

log = logging.getLogger(__name__)

THUMBNAIL_TYPE = "image/webp"


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that arrived.

    Attributes:
        path: where it is, until whoever received it removes it.
        name: what its sender calls it; anything.
        voice: it was recorded as a voice message.
    """

    path: Path
    name: str
    voice: bool = False


@dataclass(frozen=True, slots=True)
class Checked:
    """A file that may be stored.

    Attributes:
        state: `ready`, or `quarantined` while no scanner could look at it.
        metadata: of inspection, with `scanned` and, for voice messages, `voice`.
    """

    inspected: Inspected
    file_name: str
    state: str
    metadata: dict[str, Any]

    @property
    def sizes(self) -> list[int]:
        """Bytes of its objects: the content and, where there is one, the thumbnail."""
        thumbnail = self.inspected.thumbnail
        return [self.inspected.size, *([] if thumbnail is None else [thumbnail.stat().st_size])]


class _Pipeline:
    """The limits of uploads, and what examines them. Starts no process."""

    def __init__(self, settings: Settings) -> None:
        self.inspectors = InspectorPool(
            children=settings.file_processes, on_start=lambda missing: metrics.decoder_sandbox_lacks(len(missing))
        )
        self.scanner = Scanner(settings.clamd_url) if settings.clamd_url else None
        self.max_bytes = settings.max_file_mb << 20
        self.max_unsent_bytes = settings.max_unsent_mb << 20
        self.timeout = settings.file_timeout


pipeline = Bound("The ingest of files", _Pipeline)


def max_bytes() -> int:
    """What one file may have (MAX_FILE_MB)."""
    return pipeline().max_bytes


def max_unsent_bytes() -> int:
    """What the files of one person may have together that are not sent yet (MAX_UNSENT_MB)."""
    return pipeline().max_unsent_bytes


def budget() -> Budget:
    """What a request that begins now may cost (FILE_TIMEOUT)."""
    return Budget(seconds=pipeline().timeout)


@contextmanager
def checked(actor: Actor, uploads: Sequence[Upload], *, within: Budget | None = None) -> Iterator[list[Checked]]:
    """What may be stored of some files; it is there for the length of the block.

    Parameters:
        actor: who sent them.
        within: the budget of the request that brings them, where it began before; else it begins now.

    Raises:
        ChatError: one of them is refused (`files.refusals`), `file_infected`, `file_too_large`; `data["index"]` tells
            which, counted from 0.
        Unavailable: they could not be inspected in time, or none can now.
    """
    within = within or budget()
    with TemporaryDirectory(prefix="chatapp-files-") as folder:
        yield [_checked_at(index, upload, Path(folder), actor, within) for index, upload in enumerate(uploads)]


def _checked_at(index: int, upload: Upload, folder: Path, actor: Actor, within: Budget) -> Checked:
    try:
        return _checked(upload, folder / str(index), actor, within)
    except (Invalid, TooLarge, Unsupported) as refused:
        refused.data["index"] = index
        raise


def _checked(upload: Upload, into: Path, actor: Actor, within: Budget) -> Checked:
    if upload.path.stat().st_size > pipeline().max_bytes:
        raise TooLarge("file_too_large")
    into.mkdir()
    found = pipeline().inspectors.inspect(upload.path, into=into, voice=upload.voice, person=actor.id, budget=within)
    # Half of what is left: a scanner that does not answer costs the file a quarantine, but not the whole request.
    verdict = scan(found.content, within=within.seconds() / 2)
    return Checked(
        inspected=found,
        file_name=safe_name(upload.name, found.extension),
        state="quarantined" if verdict is None else "ready",
        metadata={**found.metadata, "scanned": bool(verdict), **({"voice": True} if upload.voice else {})},
    )


def scans() -> bool:
    """Whether there is a scanner (CLAMD_URL)."""
    return pipeline().scanner is not None


def scan(path: Path, *, within: float | None = None) -> bool | None:
    """Whether a file was scanned and found clean; None when the scanner is away or too slow.

    What is scanned is what others will get, not what was sent.

    Parameters:
        within: seconds; the scanner's own deadline where it is None or later.

    Raises:
        Invalid: `file_infected`.
        TooLarge: `file_too_large_to_scan`.
    """
    scanner = pipeline().scanner
    if scanner is None:
        return False
    try:
        verdict = scanner.scan(path, within=within)
    except Unavailable:
        log.warning("the scanner is away, a file is quarantined")
        return None
    if not verdict.is_clean:
        log.warning("an infected file was refused", extra={"signature": verdict.signature})
        raise Invalid({"file": [Reason("file_infected")]}, "file_infected")
    return True


def store(checked_file: Checked, names: Sequence[str]) -> None:
    """Send a file, and its thumbnail, to the bucket.

    Parameters:
        names: of its objects, as `sizes` counts them.

    Raises:
        Unavailable: S3 is away.
    """
    found = checked_file.inspected
    object_storage.put(names[0], found.content, found.content_type)
    if found.thumbnail is not None:
        object_storage.put(names[1], found.thumbnail, THUMBNAIL_TYPE)


def as_voice(uploads: Sequence[Upload]) -> list[Upload]:
    """The same files, recorded as voice messages."""
    return [replace(upload, voice=True) for upload in uploads]
