"""The load: people with devices who chat, as they are told to. Runs in a process of its own (run_load.py)."""

from __future__ import annotations

import itertools
import random
import time
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import gevent
from gevent.pool import Pool

from chaos.checker import check
from chaos.load.background import Background
from chaos.load.device import Device
from chaos.load.final_read import read_all, stored_people, stored_versions
from chaos.load.plan import Plan
from chaos.load.state import World
from chaos.load.stats import SAMPLE_SECONDS, Figures

READ_AT_ONCE = 8  # chats, at the end
AT_ONCE = 100  # sockets that are opened side by side at first: that all come together is a fault of its own
READS, EDITS, DELETES, OVER_REST = 0.05, 0.04, 0.01, 0.03  # shares of sends that go along with, or take another way


class Load:
    """Obeys commands; each method that is one has a name without an underscore. So has each of its `Figures`."""

    def __init__(self, plan: Plan) -> None:
        self.world = World(plan.ports)
        self._plan = plan
        self._devices: list[Device] = []
        self._chats: list[int] = []
        self._rate = 0.0
        self._count = 0
        self._figures = Figures(self.world, self._devices)
        self._background = Background(self.world, self._devices, self._chats)
        self._begin()

    def command(self, name: str) -> Callable[..., Any]:
        """The method of this name."""
        found: Callable[..., Any] = getattr(self if hasattr(self, name) else self._figures, name)
        return found

    def rate(self, per_second: float) -> None:
        """Send so many messages a second from now on, over all chats."""
        self._rate = per_second

    def browse(self, per_minute: float) -> None:
        """Look around over REST so often from now on."""
        self._background.requests_per_minute = per_minute

    def lose(self, share: float) -> None:
        """Lose this share of all connections each second from now on."""
        self._background.lost_share = share

    def people(self) -> list[list[int]]:
        """Buyer and seller of each chat."""
        return [list(pair) for pair in self._plan.pairs()]

    def cut(self) -> None:
        """All connections break at once."""
        for device in self._devices:
            device.cut()

    def hang(self, first: int, count: int, bytes_per_second: float = 0) -> list[int]:
        """So many devices read slowly, or not at all; returns their own ports. In a star the seller's come first."""
        chosen = self._devices[first : first + count]
        ports = [device.own_port for device in chosen]
        for device in chosen:
            device.read_at(bytes_per_second)
        return ports

    def read_again(self) -> None:
        """All read as fast as they can."""
        for device in self._devices:
            device.read_at(None)

    def missing(self) -> int:
        """How many (device, message) pairs are not known yet, by what has been acknowledged."""
        stored: dict[int, set[int]] = {}
        for send in self.world.history.sends:
            if send.outcome == "ok":
                stored.setdefault(send.chat, set()).add(send.id)
        return sum(
            len(stored.get(chat, set()) - device.knows.keys())
            for device in self._devices
            for chat in self._chats_of(device)
        )

    def settle(self, within: float = 8.0) -> dict[str, Any]:
        """Stop sending, and wait until all is answered and known; says how long that took."""
        self.rate(0)
        self.browse(0)
        self.lose(0)
        started = time.time()
        while time.time() - started < within:
            state = self._figures.now()
            if not state["pending"] and state["caught_up"] == len(self._devices) and not self.missing():
                break
            gevent.sleep(0.05)
        return {**self._figures.now(), "missing": self.missing(), "settled_s": round(time.time() - started, 2)}

    def finish(self) -> dict[str, Any]:
        """Read everything over REST in both dialects, and judge."""
        history, reading = self.world.history, Pool(READ_AT_ONCE)
        for chat in self._chats:
            for reader in sorted(history.members[chat])[: 2 if self._count < 5000 else 1]:
                for dialect in self.world.dialects:
                    reading.spawn(read_all, self.world, dialect, chat, reader)
        reading.join(raise_error=True)
        history.versions = stored_versions(self._plan.database_url, self._chats)
        history.caught_up = {device.number for device in self._devices if device.is_caught_up}
        for device in self._devices:
            if not device.is_caught_up:
                self.world.fault(f"device {device.number}", "did not come back")
            for waiting in device.outgoing.pending.values():
                self.world.fault(f"device {device.number}", f"{waiting.key} was never answered")
        unknown = {send.key for send in history.sends if send.outcome == "unknown"}
        statuses = Counter(status for _, _, status in self.world.numbers.replies)
        return {
            "violations": {name: found[:20] for name, found in check(history).items()},
            "sends": len({send.key for send in history.sends}),
            "unknown": len(unknown),
            "refused": sum(send.outcome == "fail" for send in history.sends),
            "frames": len(history.frames),
            "jumps": self.world.numbers.jumps,
            "before_greeting": self.world.numbers.before_greeting,
            "statuses": {str(status): n for status, n in statuses.items()},
            **self._figures.now(),
        }

    def _begin(self) -> None:
        """Connect first, so that cursors are older than every chat; then open the chats."""
        plan, number = self._plan, 0
        people: dict[int, list[Device]] = {}
        speakers: list[tuple[Device, int]] = []
        for person, devices in plan.people():
            people[person] = [self._add(Device(number + n, person, self.world)) for n in range(1, devices + 1)]
            number += devices
            if number // AT_ONCE > (number - devices) // AT_ONCE:
                self._await_all()
        if plan.stranger:
            self._add(Device(number + 1, plan.first_person + 2 * plan.chats + 1, self.world))
        self._await_all()
        self.world.people |= stored_people(plan.database_url, [person for person, _ in plan.people()])
        for buyer, seller in plan.pairs():
            chat = self._open_chat(buyer, seller)
            for person in (buyer, seller):
                speakers += [(device, chat) for device in people[person]]
        random.shuffle(speakers)
        self._turns = itertools.cycle(speakers)
        gevent.spawn(self._pace)
        gevent.spawn(self._look_after)
        gevent.spawn(self._sample)
        self._background.start()

    def _add(self, device: Device) -> Device:
        self._devices.append(device)
        gevent.spawn(device.run)
        return device

    def _await_all(self, within: float = 30.0) -> None:
        deadline = time.time() + within
        while not all(device.is_caught_up for device in self._devices):
            if time.time() > deadline:
                raise TimeoutError(f"not all connected: {self._figures.now()}")
            gevent.sleep(0.02)

    def _open_chat(self, one: int, other: int) -> int:
        body = {"receiver_id": other, "content": "hello", "client_message_id": f"first-{one}-{other}"}
        status, answer = self.world.ask("POST", "/messages", one, json=body)
        if status != 200:
            raise RuntimeError(f"no chat for {one} and {other}: {status} {answer}")
        chat: int = answer["data"]["chat_id"]
        self._chats.append(chat)
        self.world.history.members[chat] = frozenset((one, other))
        return chat

    def _chats_of(self, device: Device) -> Iterator[int]:
        return (chat for chat in self._chats if self.world.history.seen_by(device.person, chat))

    def _pace(self) -> None:
        owed, last = 0.0, time.monotonic()
        while not self.world.ended:
            gevent.sleep(0.004)
            now = time.monotonic()
            owed = min(owed + self._rate * (now - last), 50.0)  # a stall of ours is no burst of theirs
            last = now
            while owed >= 1:
                owed -= 1
                self._say()

    def _say(self) -> None:
        self._count += 1
        device, chat = next(self._turns)
        while device.bytes_per_second is not None:  # who does not read would be held up soon, and the load with it
            device, chat = next(self._turns)
        if device.outgoing.is_held_up:
            return
        key = f"{device.number}-{self._count}-{random.getrandbits(32):08x}"
        device.outgoing.send(chat, key, f"{key} {'x' * self._plan.padding}")
        dice = random.random()
        if not device.outgoing.own or not device.is_connected:
            return
        if dice < EDITS:
            device.tell({"type": "edit_message", "message_id": device.outgoing.own[-1], "content": f"edited {key}"})
        elif dice < EDITS + DELETES:
            device.tell({"type": "delete_message", "message_id": device.outgoing.own.pop()})
        elif dice < EDITS + DELETES + READS:
            device.read(chat)
        elif dice < EDITS + DELETES + READS + OVER_REST:
            waiting = device.outgoing.pending.get(key)
            if waiting is not None:
                # The same key both ways at once, in either dialect.
                device.outgoing.send_by_rest(waiting, self.world.dialects[self._count % 2])

    def _look_after(self) -> None:
        while not self.world.ended:
            gevent.sleep(0.1)
            for device in self._devices:
                device.look_after()

    def _sample(self) -> None:
        while not self.world.ended:
            gevent.sleep(SAMPLE_SECONDS)
            self._figures.sample(time.time())
