"""Receiving a file: inspect it, scan it, and store it in the bucket. No state is kept, and Postgres is not used."""

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
    """A received file.

    Attributes:
        path: where it is; `ingest` deletes it.
        name: as the client gives it, unchecked.
        voice: whether it was recorded as a voice message.
    """

    path: Path
    name: str
    voice: bool = False


@dataclass(frozen=True, slots=True)
class CheckedFile:
    """An inspected file that may be stored.

    Attributes:
        state: `ready`, or `quarantined` if the scanner was away.
        metadata: results of the inspection, with `scanned` and, for voice messages, `voice`.
    """

    inspected: Inspected
    file_name: str
    state: str
    metadata: dict[str, Any]

    @property
    def sizes(self) -> list[int]:
        """Bytes of its objects: of the content and, if there is one, of the thumbnail."""
        thumbnail = self.inspected.thumbnail
        return [self.inspected.size, *([] if thumbnail is None else [thumbnail.stat().st_size])]


class _Pipeline:
    """The limits of uploads, the inspector processes and the scanner. Starts no process yet."""

    def __init__(self, settings: Settings) -> None:
        self.inspectors = InspectorPool(
            children=settings.file_processes, on_start=lambda missing: metrics.set_missing_sandbox_layers(len(missing))
        )
        self.scanner = Scanner(settings.clamd_url) if settings.clamd_url else None
        self.max_bytes = settings.max_file_mb << 20
        self.max_unsent_bytes = settings.max_unsent_mb << 20
        self.timeout = settings.file_timeout


pipeline = Bound("The ingest of files", _Pipeline)


def max_bytes() -> int:
    """The largest size of a file in bytes (MAX_FILE_MB)."""
    return pipeline().max_bytes


def max_unsent_bytes() -> int:
    """The largest total size of one user's unsent files in bytes (MAX_UNSENT_MB)."""
    return pipeline().max_unsent_bytes


def budget() -> Budget:
    """The time budget of a request that begins now (FILE_TIMEOUT)."""
    return Budget(seconds=pipeline().timeout)


@contextmanager
def inspect(actor: Actor, uploads: Sequence[Upload], *, within: Budget | None = None) -> Iterator[list[CheckedFile]]:
    """Inspect files; yields the files to be stored, which exist until the block ends.

    Parameters:
        within: the remaining budget of the request; the default is a new budget.

    Raises:
        ChatError: a file is refused (`files.refusals`), `file_infected`, `file_too_large`; `data["index"]` is its
            position, from 0.
        Unavailable: the budget is spent, or no inspector is available.
    """
    within = within or budget()
    with TemporaryDirectory(prefix="chatapp-files-") as folder:
        yield [_inspect_at(index, upload, Path(folder), actor, within) for index, upload in enumerate(uploads)]


def _inspect_at(index: int, upload: Upload, folder: Path, actor: Actor, within: Budget) -> CheckedFile:
    try:
        return _inspect(upload, folder / str(index), actor, within)
    except (Invalid, TooLarge, Unsupported) as refused:
        refused.data["index"] = index
        raise


def _inspect(upload: Upload, into: Path, actor: Actor, within: Budget) -> CheckedFile:
    if upload.path.stat().st_size > pipeline().max_bytes:
        raise TooLarge("file_too_large")
    into.mkdir()
    found = pipeline().inspectors.inspect(upload.path, into=into, voice=upload.voice, person=actor.id, budget=within)
    # With half of the remaining budget: if the scanner hangs, the file is quarantined, and the request still succeeds.
    verdict = scan(found.content, within=within.seconds() / 2)
    return CheckedFile(
        inspected=found,
        file_name=safe_name(upload.name, found.extension),
        state="quarantined" if verdict is None else "ready",
        metadata={**found.metadata, "scanned": bool(verdict), **({"voice": True} if upload.voice else {})},
    )


def has_scanner() -> bool:
    """Whether there is a scanner (CLAMD_URL)."""
    return pipeline().scanner is not None


def scan(path: Path, *, within: float | None = None) -> bool | None:
    """Scan a file. True if it is clean, False if there is no scanner, None if the scanner is away or too slow.

    Scan the file that will be served, not the one that was received.

    Parameters:
        within: time-out in seconds; at most the scanner's own.

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
        log.warning("scanner unavailable, file quarantined")
        return None
    if not verdict.is_clean:
        log.warning("infected file refused", extra={"signature": verdict.signature})
        raise Invalid({"file": [Reason("file_infected")]}, "file_infected")
    return True


def store(checked_file: CheckedFile, names: Sequence[str]) -> None:
    """Store a file and its thumbnail in the bucket.

    Parameters:
        names: of its objects, in the order of `sizes`.

    Raises:
        Unavailable: S3 is away.
    """
    found = checked_file.inspected
    object_storage.put(names[0], found.content, found.content_type)
    if found.thumbnail is not None:
        object_storage.put(names[1], found.thumbnail, THUMBNAIL_TYPE)


def mark_as_voice(uploads: Sequence[Upload]) -> list[Upload]:
    """The same files, marked as recorded voice messages."""
    return [replace(upload, voice=True) for upload in uploads]
