"""Files: throughput of uploads and downloads, and how ten concurrent uploads affect the worker and the chat.

S3 and the uploading clients are isolated from the measurement (`bench.isolated`).
"""

from __future__ import annotations

import io
import multiprocessing
import os
import socket
import time
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pikepdf
import psutil
import requests
from PIL import Image

from bench import isolated, report
from bench.environment import Environment, running_environment, token_for
from bench.stats import percentile, print_errors, spread
from bench.workload import SETTLE_SECONDS, PairWorkload, Result

CHAT = "/api/v1/marketplace/chat"
MEGABYTE = 1 << 20
UPLOADER, READER = 900_001, 900_002  # outside the ids of the chat load
SINGLE = 9  # sequential uploads, and downloads
CONCURRENCY = 10
CHATTING = 50  # sockets
CHAT_RATE = 100.0  # messages a second during the uploads
UP_SECONDS, DOWN_MEGABYTES, CHAT_P99_MS, GROWTH_MEGABYTES = 1.0, 200.0, 50.0, 32.0  # the goals


def files(seconds: float) -> list[dict[str, Any]]:
    """Run in a separate environment that allows larger files.

    Parameters:
        seconds: how long ten uploads are kept running.
    """
    with running_environment(is_s3_isolated=True, MAX_FILE_MB="100") as running:
        for person in (UPLOADER, READER):
            _request(running.port, "GET", "/unread-count", person)
        picture, document = noisy_picture(10 * MEGABYTE), noisy_document(10 * MEGABYTE)
        return [
            _sequentially(running, "JPEG", "a.jpg", picture),
            _sequentially(running, "PDF", "a.pdf", document),
            _down(running, "10 MB", document),
            _down(running, "95 MB", noisy_document(95 * MEGABYTE)),
            _concurrently(running, picture, seconds),
        ]


def noisy_picture(size: int) -> bytes:
    """A JPEG of nearly this size in bytes; its noise does not compress."""
    side = 512
    while True:
        target = io.BytesIO()
        Image.effect_noise((side, side), 80).save(target, format="JPEG", quality=92)
        ratio = size / len(target.getvalue())
        if 1.0 <= ratio < 1.05:
            return target.getvalue()
        side = int(side * (ratio * 0.98) ** 0.5)


def noisy_document(size: int) -> bytes:
    """A PDF of nearly this size in bytes."""
    target = io.BytesIO()
    with pikepdf.new() as document:
        page = document.add_blank_page()
        page.obj.Noise = document.make_stream(os.urandom(size - 4096))
        document.save(target)
    return target.getvalue()


def _sequentially(running: Environment, kind: str, name: str, content: bytes) -> dict[str, Any]:
    errors: list[str] = []
    taken = [_upload(running.port, name, content, errors) for _ in range(SINGLE)]
    return {
        "scenario": f"{len(content) / MEGABYTE:.1f} MB up",
        "of": kind,
        "count": SINGLE,
        **spread(taken),
        "goal": f"p50 < {UP_SECONDS * 1000:g} ms",
        "is_met": percentile(taken, 0.5) < UP_SECONDS * 1000,
        "errors": print_errors(f"{kind} up", errors),
    }


def _down(running: Environment, what: str, content: bytes) -> dict[str, Any]:
    attachment = _uploaded(running.port, "a.pdf", content)
    rates, errors = [], []
    for _ in range(SINGLE):
        size, taken = _download(running.port, attachment["id"])
        rates.append(size / taken / MEGABYTE)
        if size != len(content):
            errors.append(f"{size} bytes of {len(content)}")
    rates.sort()
    return {
        "scenario": f"{what} down",
        "count": SINGLE,
        "MB per s": round(rates[SINGLE // 2]),
        "slowest": round(rates[0]),
        "goal": f"≥ {DOWN_MEGABYTES:g} MB/s",
        "is_met": rates[SINGLE // 2] >= DOWN_MEGABYTES,
        "errors": print_errors(f"{what} down", errors),
    }


def _concurrently(running: Environment, content: bytes, seconds: float) -> dict[str, Any]:
    """Measure the chat alone, then during ten concurrent uploads from a separate process."""
    alone = _chat(running, 1, seconds)
    worker = psutil.Process(running.web.pid).children()[0]
    before = worker.memory_info().rss
    _reset_peak(worker.pid)
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as clients:
        # Longer than the measurement, so that uploads run before and after it.
        uploading = clients.submit(upload_for, running.port, content, seconds + SETTLE_SECONDS + 2)
        together = _chat(running, 1001, seconds)
        taken, errors = uploading.result()
    growth = (_peak(worker.pid) - before) / MEGABYTE
    errors += [*report.problems_of(alone), *report.problems_of(together)]
    chat_p99 = together.percentile(0.99) * 1000
    return {
        "scenario": f"{CONCURRENCY} uploads at once",
        "uploads": len(taken),
        "upload_p50_ms": percentile(taken, 0.5),
        "chat_alone_p99_ms": round(alone.percentile(0.99) * 1000, 1),
        "chat_p99_ms": round(chat_p99, 1),
        "rss_growth_mb": round(growth, 1),
        "goal": f"chat p99 < {CHAT_P99_MS:g} ms, growth < {GROWTH_MEGABYTES:g} MB",
        "is_met": chat_p99 < CHAT_P99_MS and growth < GROWTH_MEGABYTES,
        "errors": print_errors("uploads at once", errors),
    }


def _chat(running: Environment, first_person: int, seconds: float) -> Result:
    workload = PairWorkload(running, CHATTING, first_person)
    try:
        return workload.open_loop(CHAT_RATE, seconds)
    finally:
        workload.close()


def upload_for(port: int, content: bytes, seconds: float) -> tuple[list[float], list[str]]:
    """Keep ten uploads running for some seconds; returns the duration of each, and errors."""
    isolated.lower_own_priority()
    until, errors = time.monotonic() + seconds, list[str]()

    def upload_repeatedly(number: int) -> list[float]:
        taken = []
        while time.monotonic() < until:
            taken.append(_upload(port, f"{number}.jpg", content, errors))
        return taken

    with ThreadPoolExecutor(CONCURRENCY) as several:
        found = several.map(upload_repeatedly, range(CONCURRENCY))
        return [seconds for taken in found for seconds in taken], errors


def _upload(port: int, name: str, content: bytes, errors: list[str]) -> float:
    """Upload to a message; returns the seconds from the first byte to the response."""
    message = _request(port, "POST", "/messages", UPLOADER, json={"receiver_id": READER, "content": name}).json()
    path, form = f"/messages/{message['data']['id']}/attachments", {"files": (name, content)}
    prepared = _prepared(port, path, form)
    began = time.perf_counter()
    with requests.Session() as http:
        answer = http.send(prepared, timeout=60)
    taken = time.perf_counter() - began
    if answer.status_code != 200:
        errors.append(f"{answer.status_code}: {answer.text[:200]}")
    return taken


def _prepared(port: int, path: str, form: dict[str, Any]) -> requests.PreparedRequest:
    headers = {"Authorization": f"Bearer {token_for(UPLOADER)}"}
    return requests.Request("POST", f"http://127.0.0.1:{port}{CHAT}{path}", headers=headers, files=form).prepare()


def _uploaded(port: int, name: str, content: bytes) -> dict[str, Any]:
    with requests.Session() as http:
        answer = http.send(_prepared(port, "/attachments", {"files": (name, content)}), timeout=60)
    answer.raise_for_status()
    found: dict[str, Any] = answer.json()["data"][0]
    return found


def _download(port: int, attachment_id: int) -> tuple[int, float]:
    """Bytes of the body and seconds, read by a bare socket, so that the client costs little."""
    buffer = bytearray(MEGABYTE)
    request = f"GET {CHAT}/attachments/{attachment_id}/download HTTP/1.1\r\nHost: 127.0.0.1\r\n"
    request += f"Authorization: Bearer {token_for(UPLOADER)}\r\nConnection: close\r\n\r\n"
    with socket.create_connection(("127.0.0.1", port)) as connection:
        began = time.perf_counter()
        connection.sendall(request.encode())
        head = b""
        while b"\r\n\r\n" not in head:
            head += connection.recv(4096)
        size = len(head.partition(b"\r\n\r\n")[2])
        while received := connection.recv_into(buffer):
            size += received
        return size, time.perf_counter() - began


def _request(port: int, method: str, path: str, person: int, **options: Any) -> requests.Response:
    headers = {"Authorization": f"Bearer {token_for(person)}"}
    answer = requests.request(method, f"http://127.0.0.1:{port}{CHAT}{path}", headers=headers, timeout=30, **options)
    answer.raise_for_status()
    return answer


def _reset_peak(pid: int) -> None:
    Path(f"/proc/{pid}/clear_refs").write_text("5")  # resets VmHWM (Linux)


def _peak(pid: int) -> int:
    """Largest resident size in bytes since `_reset_peak`."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return 1024 * next(int(line.split()[1]) for line in lines if line.startswith("VmHWM:"))
