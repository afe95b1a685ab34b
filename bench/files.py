"""Files: how fast they go up and come down, and what ten uploads at once cost the worker and everybody's chat.

S3 and, for the latter, those who upload are kept out of the way (`apart`).
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
from bench.environment import Stage, stage, token_for
from bench.stats import percentile, spread, tell_wrongs
from bench.workload import SETTLE, Pairs, Result

CHAT = "/api/v1/marketplace/chat"
MEGABYTE = 1 << 20
UPLOADER, READER = 900_001, 900_002  # people apart from those who chat
SINGLE = 9  # uploads one after the other, and downloads
AT_ONCE = 10
CHATTING = 50  # sockets
CHAT_RATE = 100.0  # messages a second beside the uploads
UP_SECONDS, DOWN_MEGABYTES, CHAT_P99_MS, GROWTH_MEGABYTES = 1.0, 200.0, 50.0, 32.0  # the goals


def files(seconds: float) -> list[dict[str, Any]]:
    """On a stage of its own, since larger files are allowed there.

    Parameters:
        seconds: for which ten uploads after ten others are under way.
    """
    with stage(has_s3_apart=True, MAX_FILE_MB="100") as running:
        for person in (UPLOADER, READER):
            _ask(running.port, "GET", "/unread-count", person)
        picture, document = noisy_picture(10 * MEGABYTE), noisy_document(10 * MEGABYTE)
        return [
            _one_by_one(running, "JPEG", "a.jpg", picture),
            _one_by_one(running, "PDF", "a.pdf", document),
            _down(running, "10 MB", document),
            _down(running, "95 MB", noisy_document(95 * MEGABYTE)),
            _all_at_once(running, picture, seconds),
        ]


def noisy_picture(size: int) -> bytes:
    """A JPEG of nearly so many bytes: noise, which compresses least."""
    side = 512
    while True:
        target = io.BytesIO()
        Image.effect_noise((side, side), 80).save(target, format="JPEG", quality=92)
        ratio = size / len(target.getvalue())
        if 1.0 <= ratio < 1.05:
            return target.getvalue()
        side = int(side * (ratio * 0.98) ** 0.5)


def noisy_document(size: int) -> bytes:
    """A PDF of nearly so many bytes."""
    target = io.BytesIO()
    with pikepdf.new() as document:
        page = document.add_blank_page()
        page.obj.Noise = document.make_stream(os.urandom(size - 4096))
        document.save(target)
    return target.getvalue()


def _one_by_one(running: Stage, kind: str, name: str, content: bytes) -> dict[str, Any]:
    wrong: list[str] = []
    taken = [_upload(running.port, name, content, wrong) for _ in range(SINGLE)]
    return {
        "scenario": f"{len(content) / MEGABYTE:.1f} MB up",
        "of": kind,
        "count": SINGLE,
        **spread(taken),
        "goal": f"p50 < {UP_SECONDS * 1000:g} ms",
        "is_met": percentile(taken, 0.5) < UP_SECONDS * 1000,
        "wrong": tell_wrongs(f"{kind} up", wrong),
    }


def _down(running: Stage, what: str, content: bytes) -> dict[str, Any]:
    attachment = _uploaded(running.port, "a.pdf", content)
    rates, wrong = [], []
    for _ in range(SINGLE):
        size, taken = _download(running.port, attachment["id"])
        rates.append(size / taken / MEGABYTE)
        if size != len(content):
            wrong.append(f"{size} bytes of {len(content)}")
    rates.sort()
    return {
        "scenario": f"{what} down",
        "count": SINGLE,
        "MB per s": round(rates[SINGLE // 2]),
        "slowest": round(rates[0]),
        "goal": f"≥ {DOWN_MEGABYTES:g} MB/s",
        "is_met": rates[SINGLE // 2] >= DOWN_MEGABYTES,
        "wrong": tell_wrongs(f"{what} down", wrong),
    }


def _all_at_once(running: Stage, content: bytes, seconds: float) -> dict[str, Any]:
    """People chat, then they chat while ten uploads are always under way. Clients of uploads are a process apart."""
    alone = _chat(running, 1, seconds)
    worker = psutil.Process(running.web.pid).children()[0]
    before = worker.memory_info().rss
    _forget_peak(worker.pid)
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as clients:
        # Longer than it is measured: people sit down, and there are uploads under way before and behind.
        uploading = clients.submit(upload_for, running.port, content, seconds + SETTLE + 2)
        together = _chat(running, 1001, seconds)
        taken, wrong = uploading.result()
    growth = (_peak(worker.pid) - before) / MEGABYTE
    wrong += [*report.problems_of(alone), *report.problems_of(together)]
    chat_p99 = together.percentile(0.99) * 1000
    return {
        "scenario": f"{AT_ONCE} uploads at once",
        "uploads": len(taken),
        "upload_p50_ms": percentile(taken, 0.5),
        "chat_alone_p99_ms": round(alone.percentile(0.99) * 1000, 1),
        "chat_p99_ms": round(chat_p99, 1),
        "rss_growth_mb": round(growth, 1),
        "goal": f"chat p99 < {CHAT_P99_MS:g} ms, growth < {GROWTH_MEGABYTES:g} MB",
        "is_met": chat_p99 < CHAT_P99_MS and growth < GROWTH_MEGABYTES,
        "wrong": tell_wrongs("uploads at once", wrong),
    }


def _chat(running: Stage, first_person: int, seconds: float) -> Result:
    pairs = Pairs(running, CHATTING, first_person)
    try:
        return pairs.open_loop(CHAT_RATE, seconds)
    finally:
        pairs.close()


def upload_for(port: int, content: bytes, seconds: float) -> tuple[list[float], list[str]]:
    """Ten uploads under way, a new one for each that is done; how long each took, and what went wrong."""
    isolated.step_back()
    until, wrong = time.monotonic() + seconds, list[str]()

    def one_after_the_other(number: int) -> list[float]:
        taken = []
        while time.monotonic() < until:
            taken.append(_upload(port, f"{number}.jpg", content, wrong))
        return taken

    with ThreadPoolExecutor(AT_ONCE) as several:
        found = several.map(one_after_the_other, range(AT_ONCE))
        return [seconds for taken in found for seconds in taken], wrong


def _upload(port: int, name: str, content: bytes, wrong: list[str]) -> float:
    """Seconds that an upload to a message took, from the first byte to the answer."""
    message = _ask(port, "POST", "/messages", UPLOADER, json={"receiver_id": READER, "content": name}).json()
    path, form = f"/messages/{message['data']['id']}/attachments", {"files": (name, content)}
    prepared = _prepared(port, path, form)
    began = time.perf_counter()
    with requests.Session() as http:
        answer = http.send(prepared, timeout=60)
    taken = time.perf_counter() - began
    if answer.status_code != 200:
        wrong.append(f"{answer.status_code}: {answer.text[:200]}")
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
    """Bytes of the body and seconds; read by a socket alone, so that the server is what is measured."""
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


def _ask(port: int, method: str, path: str, person: int, **options: Any) -> requests.Response:
    headers = {"Authorization": f"Bearer {token_for(person)}"}
    answer = requests.request(method, f"http://127.0.0.1:{port}{CHAT}{path}", headers=headers, timeout=30, **options)
    answer.raise_for_status()
    return answer


def _forget_peak(pid: int) -> None:
    Path(f"/proc/{pid}/clear_refs").write_text("5")  # the largest size is kept anew from here (Linux)


def _peak(pid: int) -> int:
    """Largest resident size since `_forget_peak`, in bytes."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return 1024 * next(int(line.split()[1]) for line in lines if line.startswith("VmHWM:"))
