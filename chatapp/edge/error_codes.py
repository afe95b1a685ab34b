"""Every error code that a client can receive, for `docs/errors.md`. A test compares the table with the code."""

from __future__ import annotations

from typing import NamedTuple

from chatapp.actions.chat_settings import MAX_PINNED
from chatapp.actions.content import MAX_FILES
from chatapp.actions.moderation.screening import MAX_HELD
from chatapp.actions.reactions import MAX_KINDS
from chatapp.auth.tickets import TICKET_SECONDS
from chatapp.edge.http.error_handlers import MethodNotAllowed, RangeNotSatisfiable, UpgradeRequired
from chatapp.edge.http.request_body import MAX_DEPTH, MAX_KEYS, MAX_VALUES
from chatapp.errors import (
    ChatError,
    Conflict,
    Forbidden,
    Invalid,
    NotFound,
    RateLimited,
    TooLarge,
    Unauthorised,
    Unavailable,
    Unreadable,
    Unsupported,
)
from chatapp.queries.pins import MAX_PINS


class ErrorCode(NamedTuple):
    """A code, as the core names it; each dialect renders it in its own style.

    Attributes:
        code: snake_case name.
        kind: its class, which decides the HTTP status.
        when: the cause, for authors of clients.
    """

    code: str
    kind: type[ChatError]
    when: str


# A table, one code a line.
# fmt: off
ERROR_CODES = (
    ErrorCode("unreadable", Unreadable, "The request is malformed HTTP."),
    ErrorCode("invalid_json", Unreadable, "The body or frame is not JSON in UTF-8."),
    ErrorCode("duplicate_key", Unreadable, "An object has a key twice."),
    ErrorCode("json_too_deep", Unreadable, f"More than {MAX_DEPTH} levels."),
    ErrorCode("json_too_complex", Unreadable, f"More than {MAX_VALUES:,} values, or {MAX_KEYS} keys in an object."),
    ErrorCode("body_not_an_object", Unreadable, "The body is JSON, but not an object."),
    ErrorCode("not_an_object", Unreadable, "The frame is JSON, but not an object."),
    ErrorCode("binary_frame", Unreadable, "The frame is not a text frame."),
    ErrorCode("body_incomplete", Unreadable, "The connection ended before the body, or its transfer encoding is broken."),
    ErrorCode("body_timeout", Unreadable, "The body did not arrive within `BODY_TIMEOUT`."),
    ErrorCode("invalid_multipart", Unreadable, "The form is malformed."),
    ErrorCode("too_many_parameters", Unreadable, f"More than {MAX_KEYS} query parameters."),
    ErrorCode("bad_cursor", Unreadable, "The cursor is malformed, or of another list."),
    ErrorCode("unauthorised", Unauthorised, "No credentials."),
    ErrorCode("token_missing", Unauthorised, "No bearer token in `Authorization`; for the browser dialect, no cookie."),
    ErrorCode("token_invalid", Unauthorised, "The token is malformed, forged, of the wrong type, or of an unknown user."),
    ErrorCode("token_expired", Unauthorised, "The token has expired."),
    ErrorCode("ticket_invalid", Unauthorised, "The ticket is malformed or forged."),
    ErrorCode("ticket_expired", Unauthorised, f"The ticket is older than {TICKET_SECONDS} s."),
    ErrorCode("ticket_used", Unauthorised, "The ticket has opened a socket before."),
    ErrorCode("access_revoked", Unauthorised, "Logged out, banned or removed, or a refresh token was reused."),
    ErrorCode("session_signature_required", Unauthorised, "The id of the session is not signed (assistant)."),
    ErrorCode("session_signature_invalid", Unauthorised, "The signed id of the session is malformed or forged (assistant)."),
    ErrorCode("session_signature_expired", Unauthorised, "The signed id is older than a day: sign it again (assistant)."),
    ErrorCode("invalid_credentials", Unauthorised, "Wrong login or password."),
    ErrorCode("account_suspended", Forbidden, "The login is correct, but the account is banned."),
    ErrorCode("forbidden", Forbidden, "The resource is visible, but the action is not allowed."),
    ErrorCode("csrf", Forbidden, "`X-CSRF-Token` is missing, expired or of another log-in: get one from `/api/v2/csrf` (browser)."),
    ErrorCode("origin_not_allowed", Forbidden, "A page of another origin made the request (browser)."),
    ErrorCode("tls_required", Forbidden, "A log-in over plain HTTP from another machine, whose cookies the browser would drop (browser)."),
    ErrorCode("moderator_required", Forbidden, "The caller is not a moderator."),
    ErrorCode("user_is_moderator", Forbidden, "Moderators ban no moderators: the service takes the role first."),
    ErrorCode("blocked", Forbidden, "One of the two users has blocked the other."),
    ErrorCode("not_author", Forbidden, "The message or file belongs to another user."),
    ErrorCode("edit_window_closed", Forbidden, "The message is older than `EDIT_WINDOW`."),
    ErrorCode("delete_window_closed", Forbidden, "The message is older than `DELETE_WINDOW`."),
    ErrorCode("content_held", Forbidden, "A filter holds the text back until a moderator decides. Do not send it again."),
    ErrorCode("role_too_low", Forbidden, "The caller's role in the group does not allow this."),
    ErrorCode("system_message", Forbidden, "The message records what happened to a group, and cannot be changed."),
    ErrorCode("attachment_quarantined", Forbidden, "The file waits for the virus scanner."),
    ErrorCode("admin_required", Forbidden, "In a chat of more than two, only its owners and admins may do this."),
    ErrorCode("not_found", NotFound, "No such path."),
    ErrorCode("chat_not_found", NotFound, "No such chat, or the caller is not a member."),
    ErrorCode("message_not_found", NotFound, "No such message, or the caller is not a member of its chat."),
    ErrorCode("attachment_not_found", NotFound, "No such file, or the caller is not a member of its chat."),
    ErrorCode("attachment_not_found", Invalid, "A file of `attachment_ids` was not uploaded by the caller, or is already sent."),
    ErrorCode("session_not_found", NotFound, "No such session, it has expired, or it belongs to another user (assistant)."),
    ErrorCode("turn_not_found", NotFound, "No such question (service routes)."),
    ErrorCode("waveform_not_found", NotFound, "The file is not audio."),
    ErrorCode("receiver_not_found", NotFound, "No such recipient."),
    ErrorCode("user_not_found", NotFound, "No such user."),
    ErrorCode("member_not_found", NotFound, "The group has no such member."),
    ErrorCode("export_not_found", NotFound, "No such export of the caller."),
    ErrorCode("erasure_not_found", NotFound, "The user was not erased (service routes)."),
    ErrorCode("block_not_found", NotFound, "The caller has not blocked this user."),
    ErrorCode("listing_not_found", NotFound, "No such listing."),
    ErrorCode("storefront_product_not_found", NotFound, "No such product."),
    ErrorCode("warning_not_found", NotFound, "The caller has no such warning."),
    ErrorCode("report_not_found", NotFound, "No such report (service routes)."),
    ErrorCode("item_not_found", NotFound, "No such item (service routes)."),
    ErrorCode("method_not_allowed", MethodNotAllowed, "The path exists, but not for this method; `Allow` lists its methods."),
    ErrorCode("conflict", Conflict, "The request conflicts with existing data."),
    ErrorCode("client_key_reused", Conflict, "The idempotency key belongs to a message with other content."),
    ErrorCode("username_taken", Conflict, "Another account has this username."),
    ErrorCode("email_taken", Conflict, "Another account has this email address."),
    ErrorCode("user_erased", Conflict, "The user was erased (service routes)."),
    ErrorCode("message_deleted", Conflict, "The message was deleted."),
    ErrorCode("too_many_reports", Conflict, "The caller has `MAX_OPEN_REPORTS` reports that are not decided yet."),
    ErrorCode("too_many_held", Conflict, f"{MAX_HELD} texts of the caller wait for a moderator."),
    ErrorCode("report_decided", Conflict, "Another moderator has decided about the report (service routes)."),
    ErrorCode("group_full", Conflict, "The group would have more than `MAX_GROUP_MEMBERS` members."),
    ErrorCode("session_ended", Conflict, "The session has ended (assistant)."),
    ErrorCode("turn_closed", Conflict, "The question has its answer, or no worker waits for one (service routes)."),
    ErrorCode("answer_running", Conflict, "The assistant answers in this session already (assistant)."),
    ErrorCode("human_answers", Conflict, "A human answers in this session, not the assistant (assistant)."),
    ErrorCode("not_handed_over", Conflict, "The assistant answers in this session, not a human (assistant)."),
    ErrorCode("last_owner", Conflict, "The caller is the only owner of the group: another one must be named first."),
    ErrorCode("stale_edit", Conflict, "The message has changed since the given `version`."),
    ErrorCode("too_many_reactions", Conflict, f"The message has {MAX_KINDS} kinds of reactions, and this is another."),
    ErrorCode("too_many_pins", Conflict, f"The chat has {MAX_PINS} pinned messages."),
    ErrorCode("already_authenticated", Conflict, "`auth` on a socket that is already authenticated (social)."),
    ErrorCode("attachment_sent", Conflict, "The file already belongs to a message."),
    ErrorCode("too_many_unsent_files", Conflict, "Too many uploaded files wait to be sent, in number or bytes."),
    ErrorCode("too_many_pinned_chats", Conflict, f"{MAX_PINNED} chats are pinned already."),
    ErrorCode("too_large", TooLarge, "The body is too large."),
    ErrorCode("file_too_large", TooLarge, "A file is larger than `MAX_FILE_MB`."),
    ErrorCode("file_too_large_to_scan", TooLarge, "A file is too large for the virus scanner."),
    ErrorCode("unsupported_media_type", Unsupported, "The body is not JSON in UTF-8 by its `Content-Type`, or is compressed."),
    ErrorCode("multipart_required", Unsupported, "The body is not a form by its `Content-Type`."),
    ErrorCode("file_type_not_allowed", Unsupported, "The content of the file is of no accepted type."),
    ErrorCode("file_ambiguous", Unsupported, "The content of the file is valid as more than one type."),
    ErrorCode("range_not_satisfiable", RangeNotSatisfiable, "The requested range is outside the file; `Content-Range` has its size."),
    ErrorCode("validation_failed", Invalid, "Fields are missing, unknown or invalid; `details` names them."),
    ErrorCode("unknown_frame_type", Invalid, "No frame has this `type`."),
    ErrorCode("contradictory_targets", Invalid, "A listing and a product, or an item that the chat is not about."),
    ErrorCode("cannot_message_self", Invalid, "The recipient is the caller."),
    ErrorCode("content_rejected", Invalid, "A filter of the moderators does not allow the text."),
    ErrorCode("cannot_report_self", Invalid, "The message to report is the caller's own."),
    ErrorCode("cannot_block_self", Invalid, "The user to block is the caller."),
    ErrorCode("receiver_required", Invalid, "Neither a chat nor a recipient, or the seller of the item is unknown."),
    ErrorCode("choose_receiver", Invalid, "The caller sells the item and must name the recipient."),
    ErrorCode("receiver_not_in_chat", Invalid, "The recipient is not a member of the given chat."),
    ErrorCode("reply_not_in_chat", Invalid, "The message to answer is not one of this chat that the caller sees."),
    ErrorCode("mention_not_in_chat", Invalid, "A mentioned user is not a member of the chat."),
    ErrorCode("not_forwardable", Invalid, "A message of this type cannot be forwarded."),
    ErrorCode("content_required", Invalid, "The text is empty, and there are no files."),
    ErrorCode("content_too_long", Invalid, "The text is longer than `MAX_CONTENT_LENGTH`."),
    ErrorCode("location_required", Invalid, "A message of type `location` without `location_data`."),
    ErrorCode("attachments_required", Invalid, "A message type that needs files without any."),
    ErrorCode("message_type_mismatch", Invalid, "A file does not match the message type."),
    ErrorCode("files_required", Invalid, "An upload without files."),
    ErrorCode("too_many_files", Invalid, f"More than {MAX_FILES} files."),
    ErrorCode("upload_missing", Invalid, "Nothing was uploaded to the presigned URL yet."),
    ErrorCode("file_empty", Invalid, "The file is empty."),
    ErrorCode("file_damaged", Invalid, "The file is damaged or incomplete."),
    ErrorCode("file_too_complex", Invalid, "Decoding the file takes too much time or memory."),
    ErrorCode("file_infected", Invalid, "The virus scanner found something."),
    ErrorCode("image_too_large", Invalid, "The image has too many pixels or frames."),
    ErrorCode("media_too_large", Invalid, "The video has too many pixels or tracks."),
    ErrorCode("media_too_long", Invalid, "The recording is too long."),
    ErrorCode("voice_not_audio", Invalid, "`voice` with a file that is not audio."),
    ErrorCode("pdf_active_content", Invalid, "The PDF contains scripts, launch actions or embedded files."),
    ErrorCode("upgrade_required", UpgradeRequired, "A plain request to a socket's path."),
    ErrorCode("rate_limit_exceeded", RateLimited, "Too many requests, or too many at once; `Retry-After` says when to try again."),
    ErrorCode("not_an_emoji", Invalid, "The reaction is not exactly one emoji of Unicode."),
    ErrorCode("internal_error", ChatError, "A defect of the server."),
    ErrorCode("chat_unavailable", Unavailable, "Other writes to the chat took too long; the message was not stored."),
    ErrorCode("database_unavailable", Unavailable, "Postgres is down."),
    ErrorCode("redis_unavailable", Unavailable, "Redis is down."),
    ErrorCode("s3_unavailable", Unavailable, "The object store is down."),
    ErrorCode("scanner_unavailable", Unavailable, "The virus scanner is down."),
    ErrorCode("files_unavailable", Unavailable, "Files could not be inspected in time."),
    ErrorCode("disk_unavailable", Unavailable, "The server has no room for the upload."),
    ErrorCode("identity_unavailable", Unavailable, "The keys of the auth service cannot be fetched, or too many log-ins are waiting."),
    ErrorCode("socket_server_unavailable", Unavailable, "The server process cannot open sockets, or too many are open."),
)
# fmt: on
