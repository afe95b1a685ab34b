"""Frames written to a socket in one loop iteration leave in one system call.

Packets of a SOCK_SEQPACKET pair keep the bounds of the writes that made them. Nothing is patched: it is the tests' own
loop.
"""

from __future__ import annotations

import socket
from collections.abc import Iterator

import gevent
import pytest
from gevent.event import AsyncResult
from gevent.socket import socket as GeventSocket

from chatapp.realtime.flushing import SLICE, Flusher
from chatapp.realtime.send_queue import MAX_QUEUED_FRAMES
from chatapp.realtime.transport import SEND_BUFFER, FrameSocket


class Peer:
    """The other end."""

    def __init__(self) -> None:
        ours, self.sock = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.sock.settimeout(5)
        self.is_too_slow = False
        self.frames = FrameSocket(GeventSocket(fileno=ours.detach(), type=socket.SOCK_SEQPACKET), write_deadline=5)
        self.frames.attach(self._note)

    def _note(self) -> None:
        self.is_too_slow = True
        self.frames.abort()

    def packet(self) -> bytes:
        return self.sock.recv(1 << 20)


@pytest.fixture
def peer() -> Iterator[Peer]:
    peer = Peer()
    yield peer
    peer.sock.close()
    peer.frames.close()


def test_frames_of_one_iteration_are_one_write(peer: Peer) -> None:
    for frame in (b"1", b"2", b"3"):
        peer.frames.send(frame)
    gevent.sleep(0.01)
    assert peer.packet() == b"123"
    peer.frames.send(b"4")
    gevent.sleep(0.01)
    assert peer.packet() == b"4"


def test_an_acknowledgement_leaves_together_with_its_message(peer: Peer) -> None:
    """The publisher writes the message to the socket first, and then wakes the sender that waits for the commit."""
    stored: AsyncResult[None] = AsyncResult()

    def handle() -> None:
        stored.get()
        peer.frames.send(b"ack")

    handler = gevent.spawn(handle)
    gevent.sleep(0)
    peer.frames.send(b"message ")
    stored.set(None)
    handler.join()
    gevent.sleep(0.01)
    assert peer.packet() == b"message ack"


def test_a_close_frame_does_not_overtake(peer: Peer) -> None:
    peer.frames.send(b"last words")
    peer.frames.end(b"bye")
    peer.frames.send(b"too late")
    assert [peer.packet(), peer.packet()] == [b"last words", b"bye"]


def test_an_iteration_buffers_no_more_than_the_kernel_accepts_at_once(peer: Peer) -> None:
    peer.frames.send(b"a" * SEND_BUFFER)
    assert peer.packet() == b"a" * SEND_BUFFER


def test_more_frames_in_an_iteration_than_may_be_queued_end_a_client_that_does_not_read(peer: Peer) -> None:
    """Even if all of them were buffered before the first was written."""
    for _ in range(3):  # after these nothing fits into the kernel's buffer
        peer.frames.send(b"a" * SEND_BUFFER)
    for _ in range(MAX_QUEUED_FRAMES):
        peer.frames.send(b"b")
    assert not peer.is_too_slow
    peer.frames.flush()
    assert peer.is_too_slow
    assert not peer.frames.is_open


def test_frames_after_the_end_of_tcp_are_dropped(peer: Peer) -> None:
    peer.sock.close()
    peer.frames.send(b"a")
    gevent.sleep(0.01)
    assert not peer.frames.is_open
    peer.frames.send(b"b")
    peer.frames.end(b"bye")


class _Sink:
    """A socket that records when it is flushed."""

    def __init__(self, name: int | str, flushed: list[int | str]) -> None:
        self._name = name
        self._flushed = flushed

    def flush(self) -> None:
        self._flushed.append(self._name)

    def abort(self) -> None:
        raise AssertionError("never called")


def test_a_message_to_many_sockets_does_not_delay_others_until_all_are_written() -> None:
    flusher, flushed = Flusher(), list[int | str]()
    with flusher.slicing():
        for number in range(10 * SLICE):
            flusher.add(_Sink(number, flushed))
    while not flushed:
        gevent.sleep(0.0001)
    flusher.add(_Sink("other", flushed))
    while len(flushed) <= 10 * SLICE:
        gevent.sleep(0.001)
    assert [name for name in flushed if name != "other"] == list(range(10 * SLICE))
    assert flushed.index("other") <= 2 * SLICE
