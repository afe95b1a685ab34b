"""RFC 6455: Autobahn's cases through kosoku, and vectors of our own in case it goes away."""

from __future__ import annotations

import json
import shutil
import struct
import subprocess
import sys
from pathlib import Path

import pytest

from tests.realtime.conftest import EchoServer, run_echo_server
from tests.realtime.raw_client import BINARY, CLOSE, PING, PONG, TEXT, encode

LARGEST_CASE = 16 << 20  # 9.1.6


def test_autobahn_core_and_limits(tmp_path: Path) -> None:
    """301 cases: none failed, none unclean, at most ten non-strict."""
    kosoku = Path(sys.executable).parent / "kosoku"
    program = str(kosoku) if kosoku.exists() else shutil.which("kosoku")
    assert program, "kosoku is not installed: pip install -r requirements-dev.txt"
    groups = [part for group in (1, 2, 3, 4, 5, 6, 7, 9, 10) for part in ("-i", f"{group}.*")]
    with run_echo_server(WS_MAX_FRAME_BYTES=str(LARGEST_CASE + 1024)) as server:
        subprocess.run(
            [program, "-p", "4", *groups, "-o", str(tmp_path), f"ws://127.0.0.1:{server.port}/echo"],
            check=False, capture_output=True, timeout=120,
        )  # fmt: skip
    (cases,) = json.loads((tmp_path / "index.json").read_text()).values()
    verdicts = [case["behavior"] for case in cases.values()]
    assert len(verdicts) == 301
    assert {name: case for name, case in cases.items() if "FAILED" in (case["behavior"], case["behaviorClose"])} == {}
    assert {name: case for name, case in cases.items() if case["behaviorClose"] == "UNCLEAN"} == {}
    assert verdicts.count("NON-STRICT") <= 10


def _close(code: int, reason: bytes = b"") -> bytes:
    return encode(struct.pack("!H", code) + reason, CLOSE)


HALF_A_CHARACTER = "ж".encode()[:1]

REFUSED = {
    "rsv1": (encode(b"a", rsv=4), 1002),
    "rsv2": (encode(b"a", rsv=2), 1002),
    "rsv3": (encode(b"a", rsv=1), 1002),
    "reserved opcode 3": (encode(b"a", 3), 1002),
    "reserved opcode 11": (encode(b"a", 11), 1002),
    "unmasked": (encode(b"a", mask=False), 1002),
    "ping of 126 bytes": (encode(b"a" * 126, PING), 1002),
    "close of 126 bytes": (encode(b"\x03\xe8" + b"a" * 124, CLOSE), 1002),
    "fragmented ping": (encode(b"a", PING, fin=False), 1002),
    "continuation of nothing": (encode(b"a", 0), 1002),
    "text inside a fragmented text": (encode(b"a", fin=False) + encode(b"b"), 1002),
    "16-bit length for 5 bytes": (struct.pack("!BBH", 0x81, 0xFE, 5) + b"\0\0\0\0hello", 1002),
    "64-bit length for 5 bytes": (struct.pack("!BBQ", 0x81, 0xFF, 5) + b"\0\0\0\0hello", 1002),
    "length with its top bit set": (struct.pack("!BBQ", 0x81, 0xFF, 1 << 63) + b"\0\0\0\0", 1002),
    "close of one byte": (encode(b"\x03", CLOSE), 1002),
    "close 1005": (_close(1005), 1002),
    "close 1006": (_close(1006), 1002),
    "close 65535": (_close(65535), 1002),
    "close with broken UTF-8": (_close(1000, HALF_A_CHARACTER), 1007),
    "text with half a character": (encode(HALF_A_CHARACTER), 1007),
    "half a character at the end of fragments": (encode(b"a", fin=False) + encode(HALF_A_CHARACTER, 0), 1007),
}


@pytest.mark.parametrize("name", REFUSED)
def test_an_invalid_frame_fails_the_connection(echo_server: EchoServer, name: str) -> None:
    wrong, code = REFUSED[name]
    client = echo_server.connect("/echo")
    client.send_raw(wrong)
    assert client.read_close() == code


def test_a_character_may_be_split_between_fragments(echo_server: EchoServer) -> None:
    client = echo_server.connect("/echo")
    letter = "ж".encode()
    client.send_raw(encode(letter[:1], fin=False) + encode(b"between", PING) + encode(letter[1:], 0))
    assert client.read().opcode == PONG
    assert client.read().payload == letter
    client.close()


def test_a_frame_may_come_byte_by_byte(echo_server: EchoServer) -> None:
    client = echo_server.connect("/echo")
    for byte in encode(b"slowly"):
        client.send_raw(bytes((byte,)))
    assert client.read().payload == b"slowly"
    client.close()


def test_a_pong_has_the_payload_of_the_ping(echo_server: EchoServer) -> None:
    client = echo_server.connect("/echo")
    client.send(b"a" * 125, PING)
    pong = client.read()
    assert (pong.opcode, pong.payload) == (PONG, b"a" * 125)
    client.close()


def test_frames_before_a_close_frame_are_handled(echo_server: EchoServer) -> None:
    client = echo_server.join("alice")
    client.send_raw(encode(b'{"type":"fail"}') + encode(struct.pack("!H", 1000), CLOSE))
    assert client.read_close() == 1000


@pytest.mark.parametrize(
    ("payload", "opcode"), [(b"a" * 65537, TEXT), ("ж".encode() * 32769, TEXT), (b"a" * 65537, BINARY)]
)
def test_a_message_of_more_than_64_kb_closes_with_1009(echo_server: EchoServer, payload: bytes, opcode: int) -> None:
    """Counted in bytes: the second message has half as many characters."""
    client = echo_server.connect("/echo")
    client.send(payload, opcode)
    assert client.read_close() == 1009


def test_many_small_fragments_count_together(echo_server: EchoServer) -> None:
    client = echo_server.connect("/echo")
    client.send_raw(encode(b"a" * 1000, fin=False) + encode(b"a" * 1000, 0, fin=False) * 70)
    assert client.read_close() == 1009


def test_a_message_of_exactly_64_kb_passes(echo_server: EchoServer) -> None:
    client = echo_server.connect("/echo")
    client.send("ж" * 32768)
    assert client.read().payload == "ж".encode() * 32768
    client.close()
