"""Modules without a test file of their own: which test covers them, and why no other is needed.

A key is a path below `chatapp/`, or from the root for `config/`; a value is a test file below `tests/`. `test_map.py`
checks that both exist and that no entry is left over.
"""

from __future__ import annotations

COVERED_BY = {
    # Use cases: a route or frame calls each of them, and what it did is seen by the next request.
    "actions/accounts.py": "flows/identity/test_accounts.py",  # sign-up and log-in over REST
    "actions/content.py": "flows/marketplace/test_bad_requests.py",  # what a message may not hold
    "actions/editing.py": "flows/marketplace/test_changes.py",  # edits and deletions, seen by both members
    "actions/group_commit_sql.py": "actions/test_group_commit.py",  # the statements of group_commit.py alone
    "actions/items.py": "flows/identity/test_service.py",  # the host writes items through service routes
    "actions/people.py": "flows/identity/test_people.py",  # users of the host, and their erasure
    "actions/reading.py": "flows/marketplace/test_reading.py",  # read pointers and receipts
    "actions/redactions.py": "outbox/test_redacting.py",  # one INSERT, whose effect is the redaction
    "actions/typing.py": "flows/live/test_socket.py",  # timers that end in frames
    "actions/attachments/ingest.py": "flows/attachments/test_bad_uploads.py",  # inspection of every upload
    "actions/attachments/object_records.py": "actions/attachments/test_cleanup.py",  # which objects may be removed
    "actions/attachments/uploading.py": "flows/attachments/test_uploading.py",  # uploads to a message
    # Plain values and declarations.
    "auth/actor.py": "auth/test_tokens.py",  # a record that tokens fill
    "auth/refresh_tokens.py": "flows/identity/test_refresh.py",  # valid, old, forged ones
    "auth/token_kinds.py": "auth/test_tokens.py",  # refresh and ID tokens of the host are refused
    "errors.py": "flows/contract/test_documents.py",  # a class per status; refusals have the documented shape
    "events/chat_log.py": "actions/test_chat_log.py",  # the table is used by what writes and what reads
    "events/snapshots.py": "events/test_types.py",  # records, read back from JSON with their events
    "files/inspected.py": "files/test_handover.py",  # results of a child that was taken over
    "files/limits.py": "files/test_inspection.py",  # constants; the corpus exceeds each
    "files/refusals.py": "files/test_inspection.py",  # codes; the corpus names the expected one of each file
    "models/attachments.py": "flows/attachments/test_uploading.py",  # table definitions
    "models/base.py": "infra/test_postgres.py",  # the database of all models
    "models/blocks.py": "actions/test_blocking.py",
    "models/chats.py": "flows/marketplace/test_chats.py",
    "models/delivery.py": "outbox/test_relay.py",
    "models/items.py": "flows/identity/test_service.py",
    "models/messages.py": "flows/marketplace/test_messages.py",
    "models/users.py": "flows/identity/test_accounts.py",
    "text/top_level_domains.py": "text/test_links.py",  # a list
    # Dialects: parsing, calling and rendering are seen on the wire, and compared with the documents.
    "dialects/account/dialect.py": "flows/contract/test_documents.py",  # what is mounted is documented
    "dialects/account/replies.py": "flows/identity/test_accounts.py",
    "dialects/account/routes.py": "flows/identity/test_accounts.py",
    "dialects/account/schemas.py": "flows/contract/test_bodies.py",
    "dialects/marketplace/catchup.py": "flows/live/test_catching_up.py",
    "dialects/marketplace/dialect.py": "flows/contract/test_documents.py",
    "dialects/marketplace/file_routes.py": "flows/attachments/test_uploading.py",
    "dialects/marketplace/file_schemas.py": "flows/contract/test_files.py",
    "dialects/marketplace/frame_schemas.py": "flows/contract/test_frames.py",
    "dialects/marketplace/frames.py": "flows/contract/test_frames.py",
    "dialects/marketplace/replies.py": "flows/contract/test_frames.py",
    "dialects/marketplace/reply_schemas.py": "flows/contract/test_frames.py",
    "dialects/marketplace/request_schemas.py": "edge/http/test_fast_loading.py",
    "dialects/marketplace/routes.py": "flows/marketplace/test_bad_requests.py",
    "dialects/marketplace/socket.py": "flows/marketplace/test_bad_frames.py",
    "dialects/service/dialect.py": "flows/contract/test_documents.py",
    "dialects/service/replies.py": "flows/identity/test_service.py",
    "dialects/service/routes.py": "flows/identity/test_service.py",
    "dialects/service/schemas.py": "flows/identity/test_service.py",
    "dialects/social/catchup.py": "flows/social/test_socket.py",
    "dialects/social/dialect.py": "flows/contract/test_documents.py",
    "dialects/social/error_codes.py": "flows/social/test_bad_input.py",
    "dialects/social/file_routes.py": "flows/attachments/test_social.py",
    "dialects/social/file_schemas.py": "flows/contract/test_files.py",
    "dialects/social/frame_schemas.py": "flows/contract/test_social_frames.py",
    "dialects/social/frames.py": "flows/contract/test_social_frames.py",
    "dialects/social/gallery_schemas.py": "flows/attachments/test_social.py",
    "dialects/social/replies.py": "flows/contract/test_social_frames.py",
    "dialects/social/reply_schemas.py": "flows/contract/test_social_frames.py",
    "dialects/social/request_schemas.py": "edge/http/test_fast_loading.py",
    "dialects/social/routes.py": "flows/social/test_conversations.py",
    "dialects/social/socket.py": "flows/social/test_socket.py",
    # The edge: what a real server accepts, refuses and adds to a response.
    "edge/catchup.py": "flows/live/test_catching_up.py",  # pages of what was missed, in both dialects
    "edge/dialect.py": "flows/contract/test_fifth_dialect.py",  # a dialect more is mounted and documented
    "edge/http/authentication.py": "auth/test_tokens.py",  # tokens in headers of real requests
    "edge/http/downloads.py": "flows/attachments/test_downloads.py",  # ranges, conditions, headers
    "edge/http/error_handlers.py": "flows/input/test_requests.py",  # errors of every kind over HTTP
    "edge/http/middleware.py": "flows/input/test_requests.py",  # CORS, HTTPS, proxies
    "edge/http/signed_urls.py": "flows/attachments/test_links.py",  # links that expire
    "edge/http/unparsable_requests.py": "flows/input/test_outside_dialects.py",  # bytes that are no request
    "edge/http/uploads.py": "flows/attachments/test_bodies.py",  # slow, endless and broken-off forms
    "edge/rate_limits/request_limits.py": "flows/marketplace/test_limits.py",  # the limits of the contract
    "edge/rate_limits/round_trips.py": "edge/rate_limits/test_window_copies.py",  # counts with and without waiting
    "edge/websocket/admission.py": "flows/live/test_authentication.py",  # who may open a socket
    "edge/websocket/frame_table.py": "flows/contract/test_fifth_dialect.py",  # limits, validation and handlers by type
    "edge/websocket/route.py": "edge/websocket/test_lifecycle.py",  # requests that open a socket end
    "edge/handshake_facts.py": "flows/marketplace/test_languages.py",  # languages and request ids of sockets
    "edge/websocket/socket_dialect.py": "flows/contract/test_fifth_dialect.py",  # unwraps, counts and dispatches frames
    # Events between processes: seen where several workers, or a Redis that goes away, are there.
    "events/subscriptions.py": "events/test_bus.py",  # subscriptions that Redis loses
    # Decoders run in child processes only; the corpus sends good and hostile files through them.
    "files/audio.py": "files/test_media.py",
    "files/children.py": "files/test_inspector_pool.py",
    "files/containers.py": "files/test_inspection.py",  # files that were cut
    "files/document_bytes.py": "files/test_documents.py",
    "files/inspector_process.py": "files/test_sandbox.py",
    "files/system_calls.py": "files/test_sandbox.py",  # the filter, tried from inside
    "files/thumbnails.py": "files/test_pictures.py",
    "files/video.py": "files/test_media.py",
    # Adapters: only the real server on the other side shows whether they are right.
    "infra/fair_scheduling.py": "flows/storage/test_fairness.py",  # transfers side by side
    "infra/object_storage.py": "flows/attachments/test_store_away.py",  # S3 that stops, hangs and refuses
    "infra/postgres_sessions.py": "flows/pools/test_poolers.py",  # settings behind PgBouncer
    "infra/redis_client.py": "infra/test_gevent_redis.py",
    # Operations: run as the commands and processes that they are.
    "ops/__main__.py": "config/test_settings.py",  # commands and their errors
    "ops/contract/asyncapi.py": "flows/contract/test_documents.py",
    "ops/contract/bytes_shape.py": "flows/contract/test_files.py",
    "ops/contract/components.py": "flows/contract/test_documents.py",
    "ops/contract/examples.py": "flows/contract/test_documents.py",
    "ops/contract/openapi.py": "flows/contract/test_documents.py",
    "ops/contract/pages.py": "flows/input/test_open_routes.py",  # pages that are made once
    "ops/demo/content.py": "flows/processes/test_run.py",  # `make run` shows the demo
    "ops/demo/creation.py": "ops/migration/test_runner.py",  # a second run changes nothing
    "ops/migration/pooled_role.py": "flows/pools/test_poolers.py",  # a role that a pooler logs in with
    "ops/monitoring/metric_rows.py": "ops/test_reference.py",  # printed into the documentation
    "ops/monitoring/probes.py": "ops/monitoring/test_health.py",
    "ops/startup.py": "flows/processes/test_procfile.py",  # what a process checks before it serves
    "ops/upkeep/orphans.py": "actions/attachments/test_cleanup.py",  # bucket and rows, compared both ways
    "ops/worker/leadership.py": "chaos/test_leader.py",  # a leader whose Postgres hangs
    "outbox/consumer.py": "outbox/test_feed.py",  # what a consumer may rely on
    "outbox/failures.py": "outbox/test_feed.py",  # events that are set aside, and tried again
    "outbox/positions.py": "outbox/test_feed.py",  # what comes next, and how far a consumer is
    "outbox/redis_export_keys.py": "outbox/test_redis_export.py",  # the keys that other services read
    # Queries: a statement is right when the page is; what it costs is asserted there.
    "queries/attachments.py": "flows/storage/test_reading.py",  # galleries and files of pages
    "queries/blocks.py": "actions/test_blocking.py",
    "queries/changes.py": "flows/live/test_catching_up.py",
    "queries/chat_summaries.py": "queries/test_chats.py",  # the rows of lists
    "queries/items.py": "actions/test_one_trip.py",  # the recipient of a message about an item
    "queries/message_rows.py": "queries/test_messages.py",  # the rows of pages
    "queries/fragments.py": "queries/test_chats.py",  # SQL inside of other statements
    "queries/live.py": "realtime/test_ordering.py",  # gaps that the hub reads
    "queries/previews.py": "queries/test_hidden_messages.py",  # a preview that was not stored
    "queries/people.py": "flows/identity/test_people.py",
    "queries/receipts.py": "queries/test_messages.py",  # when each message was read
    "queries/redactions.py": "outbox/test_redacting.py",
    "queries/redis_export.py": "outbox/test_redis_export.py",
    # Sockets: greenlets and a kernel socket; tests count bytes, system calls and frames of a real connection.
    "realtime/connection.py": "realtime/test_flushing.py",
    "realtime/revocation_watch.py": "flows/outages/test_revoked_sockets.py",
    "realtime/roster.py": "realtime/test_draining.py",  # every socket is closed
    "realtime/transport.py": "flows/sockets/test_backpressure.py",  # slow, dead and flooding clients
    "realtime/waiting.py": "realtime/test_allowance.py",  # readers that wait and are woken
    "realtime/worker_stats.py": "ops/monitoring/test_fleet_metrics.py",  # sums over workers
    "config/dead_workers.py": "ops/monitoring/test_fleet_metrics.py",  # counts survive their worker
}
