"""The `worker` process: the leader runs the jobs and services; the others are on standby."""

from __future__ import annotations

import logging
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import gevent
from gevent.event import Event
from redis.exceptions import RedisError

from chatapp import metrics
from chatapp.actions import chat_settings, presence_changes
from chatapp.actions.assistant.answering import close_unfinished
from chatapp.actions.attachments import cleanup
from chatapp.errors import Unavailable
from chatapp.events.bus import bus
from chatapp.ops.monitoring import fleet_metrics
from chatapp.ops.upkeep import erasing, exporting
from chatapp.ops.upkeep.jobs import AlreadyRunning, due_jobs, run_job
from chatapp.ops.worker.leadership import CHECK_INTERVAL, Leadership
from chatapp.outbox import CONSUMERS, redacting, search_follower
from chatapp.outbox.feed import Feed
from chatapp.transaction import keep_recording_published
from config import Settings

log = logging.getLogger(__name__)

JOBS_EVERY = 5.0  # seconds between two checks for due jobs
HEARTBEAT = 60.0  # seconds between two heartbeats in the log
FINISH_WITHIN = 5.0  # seconds for work in progress after SIGTERM; batches are short, and the platform waits 30
LONGEST_PAUSE = 30.0  # seconds between two attempts of a service that keeps failing, unless it has its own


@dataclass(frozen=True)
class Service:
    """Work that the leader does every `interval` seconds in a separate greenlet; unlike a job it is not recorded."""

    name: str
    interval: float
    run: Callable[[], object]
    longest_pause: float = LONGEST_PAUSE


def services() -> list[Service]:
    """What runs besides the jobs."""
    return [
        Service("presence", 5.0, presence_changes.sweep),
        *(Service(consumer.name, 1.0, Feed(consumer).run, consumer.longest_pause) for consumer in CONSUMERS),
        Service("search_follower", search_follower.PERIOD, search_follower.Follower().run),
        Service("redaction", 2.0, redacting.redact),
        Service("object_cleanup", 1.0, cleanup.clean_up),
        Service("snoozes", 1.0, chat_settings.end_snoozes),
        Service("erasures", 2.0, erasing.continue_erasures),
        Service("exports", 2.0, exporting.make_exports),
        Service("unfinished_answers", 5.0, close_unfinished),
    ]


class Worker:
    """Runs until SIGTERM or SIGINT, through any outage of Postgres and Redis."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._leadership = Leadership(settings)
        self._stopped = Event()
        self._started_at = time.monotonic()

    def run(self) -> None:
        """Block until asked to stop, then let work in progress finish."""
        for number in (signal.SIGTERM, signal.SIGINT):
            gevent.signal_handler(number, self._stopped.set)
        metrics.watch_event_loop()
        gevent.spawn(fleet_metrics.keep_publishing, self._settings, "worker")
        bus.start_publishing()
        keep_recording_published()
        leading = gevent.spawn(self._leadership.run)
        working = [gevent.spawn(self._serve, service) for service in services()]
        for name, are_long in (("jobs", False), ("long_jobs", True)):
            run = partial(self._run_due_jobs, are_long=are_long)
            working.append(gevent.spawn(self._serve, Service(name, JOBS_EVERY, run)))
        log.info("worker started")
        while not self._stopped.wait(HEARTBEAT):
            seconds = round(time.monotonic() - self._started_at)
            log.info("heartbeat", extra={"leading": self._leadership.is_leading, "uptime_s": seconds})
        gevent.joinall(working, timeout=FINISH_WITHIN)
        self._leadership.stop()
        leading.join(FINISH_WITHIN)
        log.info("worker stopped")

    def _serve(self, service: Service) -> None:
        failures = 0
        while not self._stopped.is_set():
            pause = CHECK_INTERVAL
            if self._leadership.is_leading:
                failures = 0 if self._try(service) else failures + 1
                pause = min(max(service.longest_pause, service.interval), service.interval * 2 ** min(failures, 10))
            self._stopped.wait(pause)

    def _try(self, service: Service) -> bool:
        """Run a service once; failures are logged and retried later. Returns whether it succeeded."""
        try:
            service.run()
        except (Unavailable, RedisError) as error:
            log.warning("service failed, will retry", extra={"service": service.name, "reason": type(error).__name__})
            return False
        except Exception:
            log.exception("service failed", extra={"service": service.name})
            return False
        return True

    def _run_due_jobs(self, *, are_long: bool) -> None:
        for job in due_jobs(self._settings, are_long=are_long):
            if self._stopped.is_set() or not self._leadership.is_leading:
                return
            try:
                run_job(job, self._settings)
            except AlreadyRunning:
                log.info("job is running elsewhere", extra={"job": job.name})
            except Unavailable:
                raise
            except Exception:
                log.exception("job failed", extra={"job": job.name})
