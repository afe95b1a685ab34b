"""chatapp: the chat server of a marketplace or social platform. This module wires the parts together."""

from __future__ import annotations

__version__ = "0.1.0"

from collections.abc import Iterable, Sequence
from functools import partial
from logging import getLogger

import gevent
from flask import Blueprint, Flask
from redis.exceptions import RedisError

import chatapp.edge
from chatapp import metrics, presence
from chatapp.access import hides_blocked, shadow_bans
from chatapp.actions.assistant.answering import answering
from chatapp.actions.moderation.filters import content_filter
from chatapp.dialects import DIALECTS
from chatapp.edge.dialect import Dialect
from chatapp.edge.rate_limits import request_limits
from chatapp.edge.websocket import handshake
from chatapp.edge.websocket.admission import admission_policy
from chatapp.edge.websocket.lifecycle import Service
from chatapp.edge.websocket.route import SocketRoute
from chatapp.edge.websocket.socket_dialect import SocketDialect
from chatapp.errors import Unavailable
from chatapp.events.bus import bus
from chatapp.events.moderation import ModerationChanged
from chatapp.events.types import Event
from chatapp.infra.refreshed_value import keep_refreshing, refresh_soon
from chatapp.ops import runtime
from chatapp.ops.contract import contract_blueprint
from chatapp.ops.monitoring import fleet_metrics, json_logging
from chatapp.ops.monitoring.health import health_blueprint
from chatapp.ops.upkeep import orphans
from chatapp.outbox.lag import report_lags
from chatapp.queries import live, people
from chatapp.realtime import worker_stats
from chatapp.realtime.connection import Connection
from chatapp.realtime.heartbeat import Heartbeat
from chatapp.realtime.hub import Hub
from chatapp.realtime.live_joins import JoinReads
from chatapp.realtime.revocation_watch import RevocationWatch
from chatapp.realtime.roster import roster
from chatapp.realtime.unread import UnreadPusher
from chatapp.transaction import keep_recording_published
from chatapp.web.pages import web_blueprint
from config import Settings

log = getLogger(__name__)

_REFRESHED = (shadow_bans, content_filter)


def create_app(settings: Settings, dialects: Sequence[Dialect] = DIALECTS) -> Flask:
    """The application with its routes. Sockets are served after `serve` has started the background greenlets."""
    runtime.build(settings)
    app = Flask("chatapp", static_folder=None)
    json_logging.log_requests(app)
    chatapp.edge.install(app, settings, dialects)
    app.register_blueprint(_sockets(app, settings, dialects))
    app.register_blueprint(health_blueprint(settings))
    app.register_blueprint(contract_blueprint(dialects))
    app.register_blueprint(web_blueprint(settings))
    return app


def serve(app: Flask) -> None:
    """Start the background greenlets of a worker, after the fork: hub, bus, heartbeat, metrics."""
    settings: Settings = app.config["SETTINGS"]
    hub: Hub = app.extensions["chatapp.hub"]
    hub.start()
    bus.start(partial(_receive, hub), live.recent_events)
    keep_refreshing(_REFRESHED, lambda: bus.is_connected)
    keep_recording_published()
    heartbeat = Heartbeat(
        roster,
        ping_period=settings.ws_ping_period,
        pong_wait=settings.ws_pong_wait,
        refresh=_refresh_presence,
        revocations=RevocationWatch(roster, people.revoked_among, lambda: bus.is_connected),
    )
    heartbeat.start()
    answering.start()
    gevent.spawn(_report, heartbeat)
    gevent.spawn(fleet_metrics.keep_publishing, settings, "web")


def _receive(hub: Hub, event: Event, via: int | None) -> None:
    """Take an event from the bus. Never blocks."""
    if isinstance(event, ModerationChanged):
        refresh_soon(_REFRESHED)
    else:
        hub.receive(event, via)


def _sockets(app: Flask, settings: Settings, dialects: Iterable[Dialect]) -> Blueprint:
    hub = Hub(
        live.changes_between,
        live.version_before,
        UnreadPusher(live.unread_counts, live.conversations),
        live.larger_chats,
        JoinReads(live.joined_ids, live.current_version, live.changes_between, live.conversations),
        hides_blocked=hides_blocked(),
    )
    app.extensions["chatapp.hub"] = hub
    app.config["SOCK_SERVER_OPTIONS"] = handshake.server_options()
    blueprint = Blueprint("sockets", __name__)
    handshake.prepare_upgrades(blueprint, settings, roster)
    limiter = request_limits.frame_limiter(app)
    policy = admission_policy(settings)
    for dialect in dialects:
        if dialect.socket is not None:
            metrics.register_frame_types([*dialect.socket.client_frames, *dialect.socket.server_frames])
            handler = SocketDialect(dialect.name, dialect.socket, settings, limiter, hub)
            service = Service(dialect=handler, policy=policy, hub=hub, roster=roster, settings=settings)
            SocketRoute(service).mount(blueprint, dialect.socket.path)
    return blueprint


def _report(heartbeat: Heartbeat) -> None:
    """Report the stats of this worker every few seconds. If Redis has lost them, refresh presence as well."""
    while True:
        try:
            if worker_stats.report(bus.worker_id, roster.stats()):
                heartbeat.refresh_soon()
        except RedisError as error:
            log.warning("worker stats not reported, will retry", extra={"reason": str(error)})
        try:
            orphans.report_orphans()
            report_lags()
        except Unavailable:
            log.warning("metrics from Postgres not updated, will retry")
        gevent.sleep(worker_stats.PERIOD)


def _refresh_presence(connections: list[Connection]) -> None:
    actors = ((connection.actor, connection.id) for connection in connections)
    try:
        presence.refresh(presence.Presence(actor.id, actor.uuid, id) for actor, id in actors if actor is not None)
    except RedisError as error:
        log.warning("presence not refreshed, will retry", extra={"reason": str(error)})
