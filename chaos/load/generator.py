"""The load generator: people whose devices chat at a given rate. Runs in its own process (`python -m chaos.load`)."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import gevent
from gevent.pool import Pool

from chaos.checker import check
from chaos.history import Hidden
from chaos.load.actions import Actions
from chaos.load.background import Background
from chaos.load.device import Device
from chaos.load.files_and_blocks import FilesAndBlocks
from chaos.load.final_read import last_versions, read_all, read_pins, stored_people, stored_versions
from chaos.load.paced import Paced
from chaos.load.plan import Plan
from chaos.load.sdk_device import SdkDevice, check_all
from chaos.load.sdk_process import SdkProcess
from chaos.load.state import LoadState
from chaos.load.stats import SAMPLE_SECONDS, LoadStats
from chaos.load.turns import Turns

READ_AT_ONCE = 8  # chats, in the final read
ANSWERED_WITHIN = 60.0  # seconds before the final read, in which an overloaded server answers what it was sent
AT_ONCE = 100  # sockets opened at the same time at the start; a storm of connections is a separate fault


class LoadGenerator:
    """Executes commands: each public method, and each public method of its `LoadStats`, is one."""

    def __init__(self, plan: Plan) -> None:
        self.state = LoadState(plan.ports)
        self._plan = plan
        self._devices: list[Device] = []
        self._chats: list[int] = []
        self._rate = self._action_share = 0.0
        self._turns = Turns(self.state, plan.padding)
        self._stats = LoadStats(self.state, self._devices)
        self._background = Background(self.state, self._devices, self._chats)
        self._paced = Paced(self.state)
        self._beside = FilesAndBlocks(self.state, self._chats)
        self._actions = Actions(self.state, self._chats)
        self._sdk = SdkProcess(partial(self.state.fault, "SDK")) if plan.client == "sdk" else None
        self._begin()

    def command(self, name: str) -> Callable[..., Any]:
        """Return the method with this name."""
        found: Callable[..., Any] = getattr(self if hasattr(self, name) else self._stats, name)
        return found

    def set_rate(self, per_second: float) -> None:
        """Set the number of messages a second, over all chats."""
        self._rate = per_second
        self._actions.per_second = per_second * self._action_share

    def set_action_share(self, share: float) -> None:
        """Let people do something with messages and chats; so often for each message sent.

        Some messages then answer or copy others, and some are reacted to over the socket.
        """
        self._action_share, self._turns.has_actions = share, share > 0
        self._actions.per_second = self._rate * share

    def set_browse_rate(self, per_minute: float) -> None:
        """Set the number of REST requests a minute."""
        self._background.requests_per_minute = per_minute

    def set_drop_share(self, share: float) -> None:
        """Set the share of all connections dropped each second."""
        self._background.drop_share = share

    def set_file_rate(self, per_second: float) -> None:
        """Set the number of files sent, added or deleted a second."""
        self._beside.files_per_second = per_second

    def set_block_rate(self, per_second: float) -> None:
        """Set the number of blocks a second. Messages and edits between the two users are refused meanwhile."""
        self.state.expected_refusals.append("blocked")
        self._beside.blocks_per_second = per_second

    def changes(self) -> dict[str, int]:
        """Count the kinds of live frames, and what was done besides sending."""
        kinds = Counter(frame.kind for frame in self.state.history.frames)
        return {**kinds, **self._beside.done, **self._actions.done}

    def members(self) -> list[list[int]]:
        """Buyer and seller of each chat."""
        return [list(pair) for pair in self._plan.pairs()]

    def drop_connections(self) -> None:
        """Drop all connections at once."""
        for device in self._devices:
            device.drop_connection()

    def slow_down(self, first: int, count: int, bytes_per_second: float = 0) -> list[int]:
        """Make devices read slowly, or not at all; returns their local ports. In a star the seller's come first."""
        chosen = self._devices[first : first + count]
        ports = [device.own_port for device in chosen]
        for device in chosen:
            device.set_read_rate(bytes_per_second)
        return ports

    def ports_from(self, first: int) -> list[int]:
        """Local ports of the devices from this one on."""
        return [device.own_port for device in self._devices[first:]]

    def resume_reading(self) -> None:
        """Let all devices read without a limit."""
        for device in self._devices:
            device.set_read_rate(None)

    def count_missing(self) -> int:
        """Count the (device, message) pairs where a device does not know an acknowledged message yet."""
        stored: dict[int, set[int]] = {}
        for send in self.state.history.sends:
            if send.outcome == "ok":
                stored.setdefault(send.chat, set()).add(send.id)
        nothing: dict[int, Hidden] = {}
        return sum(
            len(
                stored.get(chat, set())
                - device.known_versions.keys()
                - self.state.history.hidden.get((device.person, chat), nothing).keys()
            )
            for device in self._devices
            for chat in self._chats_of(device)
        )

    def _count_behind(self) -> int:
        """Count the (device, chat) pairs where a device does not know every change that is stored."""
        versions = last_versions(self._plan.database_url, self._chats)
        return sum(
            device.is_behind(chat, versions[chat]) for device in self._devices for chat in self._chats_of(device)
        )

    def drain(self, within: float = 8.0) -> dict[str, Any]:
        """Stop all activity, and wait until everything is answered and known; reports how long that took."""
        self.set_rate(0)
        self.set_browse_rate(0)
        self.set_drop_share(0)
        self._beside.files_per_second = self._beside.blocks_per_second = 0.0
        started = time.time()
        while time.time() - started < within:
            state = self._stats.snapshot()
            is_answered = not state["pending"] and self._paced.is_at_rest
            is_known = is_answered and state["caught_up"] == len(self._devices) and not self.count_missing()
            if is_known and not self._count_behind():
                break
            gevent.sleep(0.05)
        return {**self._stats.snapshot(), "missing": self.count_missing(), "drained_s": round(time.time() - started, 2)}

    def judge(self) -> dict[str, Any]:
        """Read everything over REST in both dialects, and check the history."""
        history, reading = self.state.history, Pool(READ_AT_ONCE)
        self._await_answers()  # a message stored after its chat was read would seem lost
        for chat in self._chats:
            has_hidden = any(history.hidden.get((person, chat)) for person in history.members[chat])
            for reader in sorted(history.members[chat])[: 2 if has_hidden or self._turns.count < 5000 else 1]:
                for dialect in self.state.dialects:
                    reading.spawn(read_all, self.state, dialect, chat, reader)
                    if self._actions.done["pin"]:
                        reading.spawn(read_pins, self.state, dialect, chat, reader)
        reading.join(raise_error=True)
        check_all(self._devices)
        history.versions = stored_versions(self._plan.database_url, self._chats)
        history.caught_up = {device.number for device in self._devices if device.is_caught_up}
        for device in self._devices:
            if not device.is_caught_up:
                self.state.fault(f"device {device.number}", "did not reconnect")
            for waiting in device.outgoing.pending.values():
                self.state.fault(f"device {device.number}", f"{waiting.key} was never answered")
        unknown = {send.key for send in history.sends if send.outcome == "unknown"}
        statuses = Counter(status for _, _, status in self.state.measurements.responses)
        return {
            "violations": {name: found[:20] for name, found in check(history).items()},
            "sends": len({send.key for send in history.sends}),
            "unknown": len(unknown),
            "refused": sum(send.outcome == "fail" for send in history.sends),
            "frames": len(history.frames),
            "gaps": self.state.measurements.gaps,
            "before_greeting": self.state.measurements.before_greeting,
            "actions": dict(self._actions.done),
            "statuses": {str(status): n for status, n in statuses.items()},
            **self._stats.snapshot(),
        }

    def _await_answers(self) -> None:
        deadline = time.time() + ANSWERED_WITHIN
        while self._stats.snapshot()["pending"] and time.time() < deadline:
            gevent.sleep(0.05)

    def _begin(self) -> None:
        """Connect first, so that cursors are older than every chat; then create the chats."""
        plan, number = self._plan, 0
        people: dict[int, list[Device]] = {}
        speakers: list[tuple[Device, int]] = []
        for person, devices in plan.people():
            people[person] = [self._add(self._device(number + n, person)) for n in range(1, devices + 1)]
            number += devices
            if number // AT_ONCE > (number - devices) // AT_ONCE:
                self._await_all()
        if plan.stranger:
            self._add(self._device(number + 1, plan.first_person + 2 * plan.chats + 1))
        self._await_all()
        self.state.people |= stored_people(plan.database_url, [person for person, _ in plan.people()])
        for buyer, seller in plan.pairs():
            chat = self._open_chat(buyer, seller)
            for person in (buyer, seller):
                speakers += [(device, chat) for device in people[person]]
        if plan.group_size:
            chat = self._open_group(plan.group())
            speakers += [(device, chat) for person in plan.group() for device in people[person]]
        self._turns.shuffle(speakers)
        gevent.spawn(self._pace)
        gevent.spawn(self._retry_due)
        gevent.spawn(self._sample)
        self._background.start()
        self._beside.start(self._paced)
        self._actions.start(self._paced)

    def _device(self, number: int, person: int) -> Device:
        return (
            Device(number, person, self.state)
            if self._sdk is None
            else SdkDevice(number, person, self.state, self._sdk)
        )

    def _add(self, device: Device) -> Device:
        self._devices.append(device)
        gevent.spawn(device.run)
        return device

    def _await_all(self, within: float = 120.0) -> None:
        deadline = time.time() + within
        while not all(device.is_caught_up for device in self._devices):
            if time.time() > deadline:
                raise TimeoutError(f"not all connected: {self._stats.snapshot()}")
            gevent.sleep(0.02)

    def _open_group(self, members: list[int]) -> int:
        owner, *others = members
        body = {"title": "Everyone", "member_ids": others}
        status, answer = self.state.ask("POST", "/groups", owner, json=body)
        if status != 200:
            raise RuntimeError(f"no group: {status} {answer}")
        chat: int = answer["data"]["id"]
        self._chats.append(chat)
        self.state.history.members[chat] = frozenset(members)
        self._actions.owners[chat] = owner
        return chat

    def _open_chat(self, one: int, other: int) -> int:
        body = {"receiver_id": other, "content": "hello", "client_message_id": f"first-{one}-{other}"}
        status, answer = self.state.ask("POST", "/messages", one, json=body)
        if status != 200:
            raise RuntimeError(f"no chat for {one} and {other}: {status} {answer}")
        chat: int = answer["data"]["chat_id"]
        self._chats.append(chat)
        self.state.history.members[chat] = frozenset((one, other))
        return chat

    def _chats_of(self, device: Device) -> Iterator[int]:
        return (chat for chat in self._chats if self.state.history.can_see(device.person, chat))

    def _pace(self) -> None:
        owed, last = 0.0, time.monotonic()
        while not self.state.has_ended:
            gevent.sleep(0.004)
            now = time.monotonic()
            owed = min(owed + self._rate * (now - last), 50.0)  # a stall of the load must not become a burst
            last = now
            while owed >= 1:
                owed -= 1
                self._turns.send_next()

    def _retry_due(self) -> None:
        while not self.state.has_ended:
            gevent.sleep(0.1)
            for device in self._devices:
                device.retry_due()

    def _sample(self) -> None:
        while not self.state.has_ended:
            gevent.sleep(SAMPLE_SECONDS)
            self._stats.sample(time.time())
