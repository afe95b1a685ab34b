"""Uploads in multipart bodies: streamed to a temporary folder per request, never held in memory."""

from __future__ import annotations

import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import gevent
from flask import request
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.sansio.multipart import Data, Epilogue, Event, Field, File, MultipartDecoder, NeedData, State

from chatapp import metrics
from chatapp.actions.attachments.ingest import Upload, max_bytes
from chatapp.actions.content import MAX_FILES
from chatapp.edge.http.middleware import current_settings
from chatapp.edge.http.request_body import BROKEN, body_was_read
from chatapp.errors import ChatError, Invalid, Reason, TooLarge, Unavailable, Unreadable, Unsupported
from chatapp.infra.fair_scheduling import yield_turn

View = Callable[..., Any]

FILES, VOICE = "files", "voice"  # the accepted parts of a form

CHUNK = 64 * 1024  # bytes read at once; between two chunks the event loop serves other requests
OVERHEAD = 1 << 20  # bytes of a body besides its files: boundaries and headers of parts
MIN_RATE = 16 * 1024  # bytes per second on average; a slower body would hold its slot and folder for hours
MAX_BOUNDARY = 200  # characters; RFC 2046 allows 70
MAX_PART_HEAD = 8 * 1024  # bytes of the headers of a part; a file name takes a few hundred at most
MAX_FIELDS = 10  # parts other than files; only one is known
MAX_FIELD = 100  # bytes of a part other than a file

# Of uploads that arrive, of files that `actions` processes, and of files that child processes inspect.
_FOLDERS = "chatapp-files-", "chatapp-upload-", "chatapp-child-"
_ABANDONED_AFTER = 86_400.0  # seconds; by then its worker was killed, since MIN_RATE ends every upload
_BOOLEANS = {b"": False, b"0": False, b"false": False, b"1": True, b"true": True}


def takes_files(view: View) -> View:
    """Document that a view reads files with `received_files`."""
    view.takes_files = True  # type: ignore[attr-defined]
    return view


@contextmanager
def received_files() -> Iterator[list[Upload]]:
    """The files of the request's form, at least one, in order. They are removed when the block ends.

    Raises:
        Unsupported: `multipart_required`: the body is not `multipart/form-data`, or compressed.
        TooLarge: `file_too_large` over MAX_FILE_MB, else `too_large`; as soon as the bound is exceeded.
        Invalid: `too_many_files`, `files_required`, or an unknown part.
        Unreadable: the body is late, incomplete or malformed.
        Unavailable: the disk is full.
    """
    boundary = _boundary()
    with tempfile.TemporaryDirectory(prefix=_FOLDERS[0], ignore_cleanup_errors=True) as folder:
        limit = max_bytes()
        form = _Form(Path(folder), limit)
        try:
            _read_form(form, boundary, MAX_FILES * limit + OVERHEAD)
            uploads = form.uploads()
        except ChatError as error:
            metrics.file_upload_failed("unavailable" if isinstance(error, Unavailable) else "refused")
            raise
        finally:
            form.close()
        yield uploads


def remove_abandoned_folders() -> None:
    """Remove the folders of workers that were killed. Called when a worker starts."""
    found = (folder for prefix in _FOLDERS for folder in Path(tempfile.gettempdir()).glob(f"{prefix}*"))
    for folder in found:
        try:
            is_old = folder.lstat().st_mtime < time.time() - _ABANDONED_AFTER
        except FileNotFoundError:  # another worker has removed it
            continue
        if is_old and not folder.is_symlink():
            shutil.rmtree(folder, ignore_errors=True)


def _boundary() -> bytes:
    if request.mimetype != "multipart/form-data" or request.headers.get("Content-Encoding", "identity") != "identity":
        raise Unsupported("multipart_required")
    boundary = request.mimetype_params.get("boundary", "")
    if not 1 <= len(boundary) <= MAX_BOUNDARY or not boundary.isascii():
        raise Unreadable("invalid_multipart")
    return boundary.encode()


def _read_form(form: _Form, boundary: bytes, limit: int) -> None:
    # Except within data, the decoder buffers its input until it can parse it: two chunks bound that.
    decoder = MultipartDecoder(boundary, max_form_memory_size=2 * CHUNK)
    try:
        for chunk in _chunks(limit):
            decoder.receive_data(chunk)
            while not isinstance(event := _next_event(decoder), NeedData | Epilogue):
                form.handle(event)
    except RequestEntityTooLarge:
        raise TooLarge() from None
    except ValueError:  # from the decoder: a malformed part, or the end is missing
        raise Unreadable("invalid_multipart") from None
    body_was_read()


def _next_event(decoder: MultipartDecoder) -> Event:
    """The decoder's next event.

    Headers of a part that are too long are refused unparsed: an encoded file name of 128 KB takes a tenth of a second.
    """
    if decoder.state is State.PART and len(decoder.buffer) > MAX_PART_HEAD:
        head = decoder.buffer[:MAX_PART_HEAD]
        if b"\r\n\r\n" not in head and b"\n\n" not in head and b"\r\r" not in head:
            raise TooLarge()
    return decoder.next_event()


def _chunks(limit: int) -> Iterator[bytes | None]:
    """The body as it arrives, then None."""
    request.max_content_length = limit
    timeout, began, size = current_settings().body_timeout, time.monotonic(), 0
    while True:
        if time.monotonic() - began > timeout + size / MIN_RATE:
            raise Unreadable("body_timeout")
        try:
            with gevent.Timeout(timeout, Unreadable("body_timeout")):
                chunk = request.stream.read(CHUNK)
        except BROKEN as error:
            raise Unreadable("body_incomplete") from error
        if not chunk:
            break
        size += len(chunk)
        yield chunk
        yield_turn()
    yield None


class _Form:
    """The parts of a form so far.

    Parameters:
        folder: for the files.
        limit: maximum bytes of a file.
    """

    def __init__(self, folder: Path, limit: int) -> None:
        self._folder, self._limit = folder, limit
        self._files: list[tuple[Path, str, int]] = []
        self._voice = bytearray()
        self._fields = 0
        self._target: IO[bytes] | None = None  # receives the data of the current part; None for a field

    def handle(self, event: Event) -> None:
        """Handle the next event of the decoder."""
        if isinstance(event, File):
            self._begin_file(event)
        elif isinstance(event, Field):
            self._begin_field(event)
        elif isinstance(event, Data):
            self._take_data(event)

    def uploads(self) -> list[Upload]:
        """The files."""
        # Browsers send a part without name and bytes for an empty file field.
        files = [(path, name, size) for path, name, size in self._files if name or size]
        if not files:
            raise Invalid({FILES: [Reason("required")]}, "files_required")
        is_voice = _BOOLEANS.get(bytes(self._voice).lower())
        if is_voice is None:
            raise Invalid({VOICE: [Reason("not_a_boolean")]})
        return [Upload(path, name, voice=is_voice) for path, name, _ in files]

    def close(self) -> None:
        """Close the current file."""
        if self._target is not None:
            self._target.close()
            self._target = None

    def _begin_file(self, part: File) -> None:
        self.close()
        _check_name(part.name, FILES)
        if len(self._files) == MAX_FILES:
            raise Invalid({FILES: [Reason("too_many", max=MAX_FILES)]}, "too_many_files")
        path = self._folder / str(len(self._files))
        self._files.append((path, part.filename, 0))
        self._target = _on_disk(lambda: path.open("xb", buffering=0))

    def _begin_field(self, part: Field) -> None:
        self.close()
        _check_name(part.name, VOICE)
        self._fields += 1
        if self._fields > MAX_FIELDS:
            raise Invalid({VOICE: [Reason("given_too_often")]})
        self._voice.clear()

    def _take_data(self, event: Data) -> None:
        target = self._target
        if target is None:
            self._voice += event.data
            if len(self._voice) > MAX_FIELD:
                raise Invalid({VOICE: [Reason("not_a_boolean")]})
            return
        path, name, size = self._files[-1]
        size += len(event.data)
        if size > self._limit:
            raise TooLarge("file_too_large")
        self._files[-1] = (path, name, size)
        _on_disk(lambda: target.write(event.data))


def _check_name(name: str | None, expected: str) -> None:
    if name is None:
        raise Unreadable("invalid_multipart")
    if name != expected:
        reason = Reason("not_a_file") if name == FILES else Reason("unknown_field")
        raise Invalid({name[:64].encode(errors="replace").decode(): [reason]})


def _on_disk(work: Callable[[], Any]) -> Any:
    try:
        return work()
    except OSError as error:  # no space, or too many open files: a problem of the server that may pass
        raise Unavailable("disk") from error
