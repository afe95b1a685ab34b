"""Modules without a test file of their own: which test covers them, and why no other is needed.

A key is a path below `chatapp/`, or from the root for `config/`; a value is a test file below `tests/`. `test_map.py`
checks that both exist and that no entry is left over.
"""

from __future__ import annotations

COVERED_BY = {
    # Use cases: a route or frame calls each of them, and what it did is seen by the next request.
    "actions/accounts.py": "flows/identity/test_accounts.py",  # sign-up and log-in over REST
    "actions/content.py": "flows/marketplace/test_bad_requests.py",  # what a message may not hold
    "actions/draft.py": "actions/test_group_commit.py",  # what a batch is made of
    "actions/group_commit_sql.py": "actions/test_group_commit.py",  # the statements of group_commit.py alone
    "actions/groups/people.py": "actions/groups/test_creation.py",  # who is found, and who is refused
    "actions/groups/rules.py": "actions/groups/test_membership.py",  # what each role may do
    "actions/system_messages.py": "actions/groups/test_membership.py",  # every event, as members read it
    "actions/erasure/batches.py": "ops/upkeep/test_compaction.py",  # which partitions are rewritten
    "actions/erasure/policy.py": "actions/erasure/test_messages.py",  # both policies
    "actions/items.py": "flows/identity/test_service.py",  # the host writes items through service routes
    "actions/moderation/shadow_changes.py": "actions/moderation/test_shadow_writes.py",  # with what they change
    "actions/moderation/releasing.py": "actions/moderation/test_screening.py",  # held texts are sent as they were
    "actions/people.py": "flows/identity/test_people.py",  # users of the host, and their erasure
    "actions/reading.py": "flows/marketplace/test_reading.py",  # read pointers and receipts
    "actions/attachments/waveform.py": "flows/attachments/test_waveforms.py",  # in both dialects
    "actions/redactions.py": "outbox/test_redacting.py",  # one INSERT, whose effect is the redaction
    "actions/typing.py": "flows/live/test_socket.py",  # timers that end in frames
    "actions/attachments/ingest.py": "flows/attachments/test_bad_uploads.py",  # inspection of every upload
    "actions/attachments/object_records.py": "actions/attachments/test_cleanup.py",  # which objects may be removed
    "actions/attachments/uploading.py": "flows/attachments/test_uploading.py",  # uploads to a message
    # Plain values and declarations.
    "assistant/port.py": "assistant/test_supervision.py",  # records, as adapters use them
    "assistant/budget.py": "assistant/test_completions.py",  # reserved before, settled after each request
    "metrics/assistant.py": "assistant/test_supervision.py",  # every answer is counted
    "auth/actor.py": "auth/test_tokens.py",  # a record that tokens fill
    "auth/refresh_tokens.py": "flows/identity/test_refresh.py",  # valid, old, forged ones
    "auth/token_kinds.py": "auth/test_tokens.py",  # refresh and ID tokens of the host are refused
    "errors.py": "flows/contract/test_documents.py",  # a class per status; refusals have the documented shape
    "events/moderation.py": "actions/moderation/test_shadow_writes.py",  # records; the signals are compared whole
    "events/chat_log.py": "actions/test_chat_log.py",  # the table is used by what writes and what reads
    "events/types.py": "events/test_encoding.py",  # every kind is read back
    "events/snapshots.py": "events/test_encoding.py",  # records, read back from JSON with their events
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
    "models/moderation.py": "actions/moderation/test_decisions.py",
    "models/users.py": "flows/identity/test_accounts.py",
    "text/top_level_domains.py": "text/test_links.py",  # a list
    # The adapter `catalog`: its parts are seen in what it answers.
    "assistant/catalog_assortment.py": "assistant/test_catalog.py",  # categories and choices of questions back
    "assistant/catalog_memory.py": "assistant/test_catalog.py",  # what follow-ups refer to
    "assistant/catalog_texts.py": "assistant/test_catalog.py",  # every text, in the language of the question
    # Dialects: parsing, calling and rendering are seen on the wire, and compared with the documents.
    "dialects/account/dialect.py": "flows/contract/test_documents.py",  # what is mounted is documented
    "dialects/account/replies.py": "flows/identity/test_accounts.py",
    "dialects/account/routes.py": "flows/identity/test_accounts.py",
    "dialects/account/schemas.py": "flows/contract/test_bodies.py",
    "actions/assistant/adapters.py": "flows/assistant/test_answers.py",
    "actions/assistant/answers.py": "flows/assistant/test_answers.py",
    "actions/assistant/budget.py": "flows/assistant/test_adapters.py",
    "actions/assistant/mailbox.py": "flows/assistant/test_adapters.py",
    "actions/assistant/claiming.py": "flows/assistant/test_claiming.py",
    "actions/assistant/context.py": "flows/assistant/test_answers.py",
    "actions/assistant/control.py": "flows/assistant/test_answers.py",
    "actions/assistant/handover.py": "flows/assistant/test_handover.py",
    "actions/assistant/parts.py": "flows/assistant/test_answers.py",
    "actions/assistant/running.py": "actions/assistant/test_answering.py",  # one answer of those
    "actions/assistant/statistics.py": "flows/assistant/test_statistics.py",
    "actions/assistant/asking.py": "flows/assistant/test_messages.py",
    "actions/assistant/bot.py": "flows/assistant/test_answers.py",
    "actions/assistant/deletion.py": "flows/assistant/test_removal.py",
    "actions/assistant/history.py": "flows/assistant/test_messages.py",
    "actions/assistant/policy.py": "flows/assistant/test_sessions.py",
    "actions/assistant/questions.py": "flows/assistant/test_answers.py",
    "actions/assistant/sessions.py": "flows/assistant/test_sessions.py",
    "actions/assistant/visits.py": "flows/assistant/test_sessions.py",
    "actions/assistant/waking.py": "flows/assistant/test_answers.py",
    "dialects/assistant/chat_routes.py": "flows/assistant/test_messages.py",
    "dialects/assistant/dialect.py": "flows/contract/test_documents.py",
    "dialects/assistant/frame_schemas.py": "flows/assistant/test_contract.py",
    "dialects/assistant/frames.py": "flows/assistant/test_frames.py",
    "dialects/assistant/identification.py": "flows/assistant/test_sessions.py",
    "dialects/assistant/places.py": "flows/assistant/test_messages.py",
    "dialects/assistant/replies.py": "flows/assistant/test_contract.py",
    "dialects/assistant/reply_schemas.py": "flows/assistant/test_contract.py",
    "dialects/assistant/request_schemas.py": "flows/assistant/test_messages.py",
    "dialects/assistant/session_routes.py": "flows/assistant/test_sessions.py",
    "dialects/assistant/socket.py": "flows/assistant/test_messages.py",
    "dialects/browser/account_routes.py": "flows/browser/test_log_in.py",
    "dialects/browser/admin_routes.py": "flows/browser/test_admin.py",
    "dialects/browser/admin_schemas.py": "flows/browser/test_contract.py",
    "actions/moderation/as_moderator.py": "flows/browser/test_admin.py",
    "actions/moderation/roles.py": "flows/browser/test_admin.py",
    "edge/moderation/reading.py": "flows/browser/test_admin.py",  # reports
    "edge/moderation/replies.py": "flows/moderation/test_reports.py",
    "edge/moderation/schemas.py": "flows/contract/test_moderation.py",
    "edge/statistics.py": "flows/assistant/test_statistics.py",
    "dialects/browser/cookies.py": "flows/browser/test_log_in.py",
    "dialects/browser/csrf.py": "flows/browser/test_csrf.py",
    "dialects/browser/dialect.py": "flows/contract/test_documents.py",
    "dialects/browser/mounting.py": "flows/browser/test_mounts.py",
    "dialects/browser/routes.py": "flows/browser/test_log_in.py",
    "dialects/browser/schemas.py": "flows/browser/test_contract.py",
    "dialects/marketplace/catchup.py": "flows/live/test_catching_up.py",
    "dialects/marketplace/dialect.py": "flows/contract/test_documents.py",
    "dialects/marketplace/file_routes.py": "flows/attachments/test_uploading.py",
    "dialects/marketplace/file_schemas.py": "flows/contract/test_files.py",
    "dialects/marketplace/frame_schemas.py": "flows/contract/test_frames.py",
    "dialects/marketplace/frames.py": "flows/contract/test_frames.py",
    "dialects/marketplace/group_routes.py": "flows/groups/test_dialects.py",
    "dialects/marketplace/group_schemas.py": "flows/contract/test_groups.py",
    "dialects/marketplace/moderation_routes.py": "flows/moderation/test_reports.py",
    "dialects/marketplace/moderation_schemas.py": "flows/contract/test_moderation.py",
    "dialects/marketplace/replies.py": "flows/contract/test_frames.py",
    "dialects/marketplace/block_routes.py": "flows/blocking/test_marketplace_routes.py",  # all of them
    "dialects/marketplace/block_schemas.py": "flows/blocking/test_marketplace_routes.py",  # what is refused and shown
    "dialects/marketplace/privacy_routes.py": "flows/privacy/test_routes.py",
    "dialects/marketplace/privacy_schemas.py": "flows/privacy/test_presence.py",
    "dialects/marketplace/message_extras.py": "flows/referring/test_replies.py",
    "dialects/marketplace/mark_frames.py": "flows/contract/test_frames.py",
    "dialects/marketplace/mark_routes.py": "flows/marks/test_bad_input.py",
    "dialects/marketplace/mark_schemas.py": "flows/contract/test_frames.py",
    "dialects/marketplace/reply_schemas.py": "flows/contract/test_frames.py",
    "dialects/marketplace/request_schemas.py": "edge/http/test_fast_loading.py",
    "dialects/marketplace/routes.py": "flows/marketplace/test_bad_requests.py",
    "dialects/marketplace/sends.py": "flows/referring/test_forwards.py",
    "dialects/marketplace/settings_routes.py": "flows/settings/test_settings.py",
    "dialects/marketplace/settings_schemas.py": "flows/contract/test_frames.py",
    "dialects/marketplace/search_routes.py": "flows/search/test_routes.py",
    "dialects/marketplace/search_schemas.py": "flows/search/test_routes.py",
    "dialects/marketplace/socket.py": "flows/marketplace/test_bad_frames.py",
    "dialects/service/assistant_routes.py": "flows/assistant/test_statistics.py",
    "dialects/service/assistant_schemas.py": "flows/assistant/test_statistics.py",
    "queries/assistant_days.py": "flows/assistant/test_statistics.py",
    "dialects/service/dialect.py": "flows/contract/test_documents.py",
    "dialects/service/moderation_routes.py": "flows/moderation/test_reports.py",
    "dialects/service/moderation_schemas.py": "flows/contract/test_moderation.py",
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
    "dialects/marketplace/gallery_routes.py": "flows/attachments/test_gallery.py",
    "dialects/marketplace/gallery_schemas.py": "flows/attachments/test_gallery.py",
    "dialects/social/gallery_schemas.py": "flows/attachments/test_social.py",
    "dialects/social/group_routes.py": "flows/groups/test_dialects.py",
    "dialects/social/group_schemas.py": "flows/contract/test_groups.py",
    "dialects/social/moderation_replies.py": "flows/moderation/test_reports.py",
    "dialects/social/moderation_routes.py": "flows/moderation/test_reports.py",
    "dialects/social/moderation_schemas.py": "flows/contract/test_moderation.py",
    "dialects/social/replies.py": "flows/contract/test_social_frames.py",
    "dialects/social/privacy_routes.py": "flows/privacy/test_routes.py",
    "dialects/social/privacy_schemas.py": "flows/privacy/test_presence.py",
    "dialects/social/message_extras.py": "flows/referring/test_replies.py",
    "dialects/social/mark_frames.py": "flows/contract/test_social_frames.py",
    "dialects/social/mark_routes.py": "flows/marks/test_bad_input.py",
    "dialects/social/mark_schemas.py": "flows/contract/test_social_frames.py",
    "dialects/social/reply_schemas.py": "flows/contract/test_social_frames.py",
    "dialects/social/request_schemas.py": "edge/http/test_fast_loading.py",
    "dialects/social/routes.py": "flows/social/test_conversations.py",
    "dialects/social/sends.py": "flows/referring/test_forwards.py",
    "dialects/social/settings_routes.py": "flows/settings/test_settings.py",
    "dialects/social/settings_schemas.py": "flows/contract/test_social_frames.py",
    "dialects/social/search_routes.py": "flows/search/test_routes.py",
    "dialects/social/search_schemas.py": "flows/search/test_routes.py",
    "dialects/social/socket.py": "flows/social/test_socket.py",
    # The edge: what a real server accepts, refuses and adds to a response.
    "edge/accounts.py": "flows/identity/test_lockout.py",  # limits of log-ins, for tokens in bodies and cookies
    "edge/account_schemas.py": "flows/contract/test_bodies.py",
    "edge/http/credentials.py": "flows/browser/test_log_in.py",  # bearer tokens and cookies, each in its place
    "edge/catchup.py": "flows/live/test_catching_up.py",  # pages of what was missed, in both dialects
    "edge/dialect.py": "flows/contract/test_fifth_dialect.py",  # a dialect more is mounted and documented
    "edge/mark_fields.py": "flows/marks/test_bad_input.py",  # cursors and emoji of requests
    "edge/http/authentication.py": "auth/test_tokens.py",  # tokens in headers of real requests
    "edge/http/downloads.py": "flows/attachments/test_downloads.py",  # ranges, conditions, headers
    "edge/http/error_handlers.py": "flows/input/test_requests.py",  # errors of every kind over HTTP
    "edge/http/exports.py": "flows/privacy/test_routes.py",  # a document that is streamed
    "edge/http/middleware.py": "flows/input/test_requests.py",  # CORS, HTTPS, proxies
    "edge/http/signed_urls.py": "flows/attachments/test_links.py",  # links that expire
    "edge/http/unparsable_requests.py": "flows/input/test_outside_dialects.py",  # bytes that are no request
    "edge/http/uploads.py": "flows/attachments/test_bodies.py",  # slow, endless and broken-off forms
    "edge/rate_limits/request_limits.py": "flows/marketplace/test_limits.py",  # the limits of the contract
    "edge/rate_limits/round_trips.py": "edge/rate_limits/test_window_copies.py",  # counts with and without waiting
    "edge/search.py": "flows/search/test_routes.py",  # parameters, cursors and pages of both dialects
    "edge/websocket/admission.py": "flows/live/test_authentication.py",  # who may open a socket
    "edge/websocket/frame_table.py": "flows/contract/test_fifth_dialect.py",  # limits, validation and handlers by type
    "edge/websocket/route.py": "edge/websocket/test_lifecycle.py",  # requests that open a socket end
    "edge/handshake_facts.py": "flows/marketplace/test_languages.py",  # languages and request ids of sockets
    "edge/websocket/socket_dialect.py": "flows/contract/test_fifth_dialect.py",  # unwraps, counts and dispatches frames
    # Events between processes: seen where several workers, or a Redis that goes away, are there.
    "events/assistant.py": "flows/assistant/test_contract.py",  # frames of every event
    "events/families.py": "events/test_encoding.py",  # bases of all events
    "events/marks.py": "realtime/test_gathering.py",  # what is gathered, and who sees it
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
    "ops/demo/drawing.py": "ops/migration/test_runner.py",  # what it draws passes the inspection of uploads
    "ops/demo/creation.py": "ops/migration/test_runner.py",  # a second run changes nothing
    "ops/erasures.py": "ops/upkeep/test_erasing.py",  # the command
    "ops/migration/pooled_role.py": "flows/pools/test_poolers.py",  # a role that a pooler logs in with
    "ops/monitoring/metric_rows.py": "ops/test_reference.py",  # printed into the documentation
    "ops/monitoring/probes.py": "ops/monitoring/test_health.py",
    "ops/startup.py": "flows/processes/test_procfile.py",  # what a process checks before it serves
    "ops/upkeep/orphans.py": "actions/attachments/test_cleanup.py",  # bucket and rows, compared both ways
    "ops/upkeep/exporting.py": "flows/privacy/test_routes.py",  # a ZIP that is downloaded
    "ops/worker/leadership.py": "chaos/test_leader.py",  # a leader whose Postgres hangs
    "outbox/consumer.py": "outbox/test_feed.py",  # what a consumer may rely on
    "outbox/failures.py": "outbox/test_feed.py",  # events that are set aside, and tried again
    "outbox/positions.py": "outbox/test_feed.py",  # what comes next, and how far a consumer is
    "outbox/search_writer.py": "outbox/test_search_index.py",  # rows of the index
    "outbox/redis_export_keys.py": "outbox/test_redis_export.py",  # the keys that other services read
    # Queries: a statement is right when the page is; what it costs is asserted there.
    "queries/attachments.py": "flows/storage/test_reading.py",  # galleries and files of pages
    "queries/blocks.py": "actions/test_blocking.py",
    "queries/catchup_extras.py": "flows/live/test_catching_up.py",  # read positions and tombstones
    "queries/changes.py": "flows/live/test_catching_up.py",
    "queries/erasures.py": "actions/erasure/test_steps.py",  # how far each is
    "queries/chat_summaries.py": "queries/test_chats.py",  # the rows of lists
    "queries/groups.py": "flows/groups/test_dialects.py",  # members over several pages
    "queries/retention.py": "flows/assistant/test_messages.py",
    "queries/session_notes.py": "flows/assistant/test_answers.py",
    "queries/sessions.py": "flows/assistant/test_sessions.py",
    "queries/items.py": "actions/test_one_trip.py",  # the recipient of a message about an item
    "queries/marks.py": "actions/test_marks.py",  # what starring and hiding changed
    "queries/pins.py": "actions/test_pins.py",
    "queries/reactions.py": "actions/test_reactions.py",  # the stored form, after every change
    "queries/message_rows.py": "queries/test_messages.py",  # the rows of pages
    "queries/fragments.py": "queries/test_chats.py",  # SQL inside of other statements
    "queries/live.py": "realtime/test_ordering.py",  # gaps that the hub reads
    "queries/previews.py": "queries/test_hidden_messages.py",  # a preview that was not stored
    "queries/people.py": "flows/identity/test_people.py",
    "queries/system_notes.py": "flows/groups/test_dialects.py",  # what messages and lists show of a group
    "queries/redactions.py": "outbox/test_redacting.py",
    "queries/search_index.py": "queries/test_search.py",  # candidates, by both strategies
    "queries/redis_export.py": "outbox/test_redis_export.py",
    # Sockets: greenlets and a kernel socket; tests count bytes, system calls and frames of a real connection.
    "realtime/connection.py": "realtime/test_flushing.py",
    "realtime/memberships.py": "realtime/test_hub.py",  # who sees an event, who only its version
    "realtime/revocation_watch.py": "flows/outages/test_revoked_sockets.py",
    "realtime/roster.py": "realtime/test_draining.py",  # every socket is closed
    "realtime/transport.py": "flows/sockets/test_backpressure.py",  # slow, dead and flooding clients
    "realtime/views.py": "realtime/test_hub.py",  # who gets an event, a version, or nothing
    "realtime/waiting.py": "realtime/test_allowance.py",  # readers that wait and are woken
    "realtime/worker_stats.py": "ops/monitoring/test_fleet_metrics.py",  # sums over workers
    "config/contradictions.py": "config/test_settings.py",  # all problems are reported
    "config/dead_workers.py": "ops/monitoring/test_fleet_metrics.py",  # counts survive their worker
    "web/pages.py": "flows/browser/test_pages.py",
    "web/reports.py": "flows/browser/test_reports.py",
}
