"""Whose files are inspected next: the person who sent them counts, whichever way they came."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import psutil
import requests

from chatapp.actions.attachments import ingest, uploading
from chatapp.actions.attachments.direct_uploads import UploadRequest, complete_upload, prepare_uploads
from config import Settings
from tests.actions.attachments.conftest import Storage
from tests.files.corpus import JPEG, PDF
from tests.servers import await_true

TIMEOUT = 120.0  # seconds until a test is taken to hang


def test_each_persons_files_wait_in_a_line_of_their_own(storage: Storage, rebind: Callable[..., Settings]) -> None:
    rebind(FILE_PROCESSES="1", FILE_TIMEOUT=f"{TIMEOUT}s")
    alice, bob, _ = storage.actors
    storage.uploads(JPEG)
    inspectors = ingest.pipeline().inspectors
    child = psutil.Process(inspectors._idle[0]._process.pid)
    message = storage.sends()
    (link,) = prepare_uploads(bob, [UploadRequest("a.pdf", len(PDF))])
    requests.put(link.url, data=PDF, timeout=30).raise_for_status()

    def waiting() -> dict[int, int]:
        with inspectors._queue._lock:
            return {person: len(turns) for person, turns in inspectors._queue._waiting.items()}

    child.suspend()
    try:
        with ThreadPoolExecutor(3) as pool:
            jobs = [pool.submit(storage.uploads, JPEG)]
            await_true(lambda: alice.id in inspectors._queue._working, within=TIMEOUT)
            jobs.append(pool.submit(storage.adds, message, JPEG))
            await_true(lambda: waiting() == {alice.id: 1}, within=TIMEOUT)
            jobs.append(pool.submit(complete_upload, bob, link.id))
            await_true(lambda: waiting() == {alice.id: 1, bob.id: 1}, within=TIMEOUT)
            child.resume()
            for job in jobs:
                job.result(TIMEOUT)
    finally:
        child.resume()
    assert uploading.attachment_for_download(bob, link.id).attachment.content_type == "application/pdf"
