/**
 * Data as the marketplace dialect sends it (snake_case, docs/rest.md and docs/sockets.md), and what the SDK adds to it.
 * Ids are integers below 2^53; times are RFC 3339 in UTC.
 */

import type { Pace } from "./pace.js";

export interface Person {
    id: number;
    name: string;
    email: string;
    picture_url: string;
}

export interface OtherPerson extends Person {
    is_online: boolean;
    last_seen: string | null;
}

export interface Item {
    title: string;
    image_url: string;
    price: number | null;
    currency: string;
    is_deleted: boolean;
}

export type GroupRole = "owner" | "admin" | "member";
export type ChatKind = "direct" | "listing" | "storefront_product" | "group" | "assistant";
export type MessageType = "text" | "image" | "video" | "audio" | "voice" | "file" | "location" | "system";

export interface Reaction {
    emoji: string;
    /** Number of users. */
    count: number;
    /** Ids of the first ten of them. */
    user_ids: number[];
    /** Whether I am one of them. Null in live frames; never null in `state`. */
    mine: boolean | null;
}

export interface Attachment {
    id: number;
    /** 0 until it is sent with a message. */
    message_id: number;
    file_type: "image" | "video" | "audio" | "document";
    file_name: string;
    /** Bytes. */
    file_size: number;
    content_type: string;
    /** Opens the file for an hour; renewed with every response. Empty until the file is ready. */
    public_url: string;
    /** A WebP of at most 320 px a side; empty if there is none. */
    thumbnail_url: string;
    metadata: AttachmentMetadata;
    state: "ready" | "quarantined";
    created_at: string;
}

export interface AttachmentMetadata {
    width?: number;
    height?: number;
    /** Seconds. */
    duration?: number;
    dominant_color?: string;
    animated?: boolean;
    frames?: number;
    /** 64 levels from 0 to 100. */
    waveform?: number[];
    pages?: number;
    scanned?: boolean;
    voice?: boolean;
}

export interface Quote {
    id: number;
    sender_id: number;
    /** The first 500 characters. */
    content: string;
    message_type: MessageType;
    is_deleted: boolean;
}

export interface Origin {
    message_id: number;
    sender_id: number;
    sender_name: string;
    created_at: string;
}

export interface LinkPreview {
    url: string;
    title: string;
    description: string;
    site_name: string;
    image_url: string | null;
}

export interface SystemNote {
    event: "created" | "member_added" | "member_removed" | "left" | "role_changed" | "title_changed" | "picture_changed";
    users?: { id: number; name: string; picture_url: string }[];
    count?: number;
    member_count?: number;
    title?: string;
    role?: GroupRole;
}

export interface Location {
    latitude: number;
    longitude: number;
    address?: string;
}

export interface Message {
    id: number;
    chat_id: number;
    /** 1, 2, 3 … in its chat. */
    seq: number;
    /** Of the chat, when the message changed last. */
    version: number;
    sender_id: number;
    /** Null in a chat of more than two. */
    receiver_id: number | null;
    message_type: MessageType;
    /** Plain text: show it as text, never as HTML. */
    content: string;
    location_data: Location | null;
    client_message_id: string | null;
    is_read: boolean;
    is_edited: boolean;
    /** In `state`: my edit is shown, and the server has not confirmed it. */
    is_saving?: boolean;
    is_deleted: boolean;
    has_attachments: boolean;
    attachments_count: number;
    attachments: Attachment[];
    reactions: Reaction[];
    reply_to: Quote | null;
    mentions: number[];
    forwarded_from: Origin | null;
    link_preview: LinkPreview | null;
    system: SystemNote | null;
    original_language: string | null;
    created_at: string;
    updated_at: string;
    edited_at: string | null;
    read_at?: string | null;
    sender: Person;
    receiver: Person | null;
}

/** The newest message of a chat. Of messages that the device has, also the optional fields. */
export interface LastMessage {
    id: number;
    content: string;
    created_at: string;
    sender?: Person | null;
    system?: SystemNote | null;
    sender_id: number | null;
    is_deleted: boolean;
    message_type?: MessageType;
    is_read?: boolean;
    attachments?: Attachment[];
}

export interface ChatSettings {
    is_archived: boolean;
    is_muted: boolean;
    /** Null if never, or not muted. */
    muted_until: string | null;
    is_pinned: boolean;
    snoozed_until: string | null;
    is_marked_unread: boolean;
}

export interface ListedDraft {
    content: string;
    /** Whether it is only the beginning: `client.draft(chatId)` reads all of it. */
    is_cut: boolean;
    updated_at: string;
}

/** An entry of the chat list. A group has title, picture_url, member_count and role; the others have the two users. */
export interface ChatSummary extends ChatSettings {
    id: number;
    kind: ChatKind;
    title?: string;
    picture_url?: string;
    member_count?: number;
    role?: GroupRole;
    /** 0 if the chat is not about a listing. */
    listing_id: number;
    storefront_product_id: number;
    buyer_id?: number;
    seller_id?: number;
    last_message_at: string;
    created_at: string;
    updated_at: string;
    settings_version: number;
    draft: ListedDraft | null;
    unread_count: number;
    seq: number;
    version: number;
    buyer?: Person;
    seller?: Person;
    other_user?: OtherPerson;
    last_message: LastMessage | null;
    item?: Item | null;
}

/** A chat as it is to be shown now: the entry of the list, with everything that has happened since. Do not change it. */
export interface ShownChat extends Omit<ChatSummary, "draft"> {
    /** My draft; empty if there is none. */
    draft: string;
    /** Ids of the users who are typing. */
    typing: readonly number[];
    /** Number of my messages that the server has not answered or has refused. */
    pending_count: number;
}

export type MessageState = "sending" | "sent" | "delivered" | "read";

/** A message of mine that the server has not answered yet, or has refused. Do not change it. */
export interface PendingMessage {
    /** Idempotency key; `client_message_id` of the message that it becomes. */
    key: string;
    /** Null for the first message of a chat that does not exist yet. */
    chat_id: number | null;
    receiver_id: number | null;
    listing_id: number | null;
    storefront_product_id: number | null;
    content: string;
    message_type: MessageType;
    location_data: Location | null;
    attachments: readonly Attachment[];
    reply_to_id: number | null;
    forward_message_id: number | null;
    mentions: readonly number[];
    /** By the clock of this device. */
    created_at: string;
    state: "sending" | "refused";
    /** Why it was refused; null while sending. */
    error: { code: string; message: string; status: number } | null;
}

/** What to send. Name a chat, or a user, or an item (and a user, if I am its seller). */
export interface Draft {
    chatId?: number;
    receiverId?: number;
    listingId?: number;
    storefrontProductId?: number;
    content?: string;
    /** Files that were uploaded by `client.upload`, at most ten. */
    attachments?: readonly Attachment[];
    location?: Location;
    replyToId?: number;
    /** Ids of mentioned members. */
    mentions?: readonly number[];
    /** Sends a copy of this message; then nothing else but the chat. */
    forwardMessageId?: number;
    /** Idempotency key; random by default. */
    key?: string;
}

export interface Sending {
    key: string;
    /** The message as it was stored. Rejects with `RefusedError`, or `ClosedError` after log-out; never for the network. */
    sent: Promise<Message>;
}

/** A stretch of a chat without holes, oldest message first. */
export interface MessageWindow {
    messages: readonly Message[];
    /** Whether there are older messages to load. */
    hasOlder: boolean;
    /** Whether the newest messages are missing: then it is not the end of the chat. */
    hasNewer: boolean;
}

export interface MessagePage {
    messages: Message[];
    total: number;
    page: number;
    limit: number;
    has_more: boolean;
    cursor: string;
    hidden: { from_version: number; version: number }[];
}

export interface Pin {
    message: Message;
    pinned_by: Person;
    pinned_at: string;
    version: number;
}

export interface Receipt {
    user: Person;
    delivered_at: string | null;
    read_at: string | null;
}

export interface SearchPage {
    results: { message: Message; chat: ChatSummary | null; fragments: { text: string; hit: boolean }[] }[];
    has_more: boolean;
    next_cursor: string | null;
    /** Parts of the query that cannot be searched for. */
    ignored: string[];
    indexed_until: string;
}

export interface Suggestion {
    type: string;
    text: string;
    /** 0 for a query. */
    chat_id: number;
}

export interface Member extends Person {
    role: GroupRole;
}

export interface Group extends ChatSummary {
    /** The first hundred. */
    members: Member[];
}

export interface Account {
    id: number;
    uuid: string;
    username: string;
    name: string;
    email: string | null;
    picture_url: string | null;
}

/** My account, and with the browser dialect what a page must know of the server. */
export interface Me {
    user: Account;
    /** `moderator` opens the moderators' page. */
    roles?: string[];
    language?: string;
    limits?: {
        /** Characters of a message. */
        max_content_length: number;
        max_file_bytes: number;
        /** Files of a message. */
        max_files: number;
        max_group_members: number;
        /** Seconds in which a message can be edited or deleted; 0: for ever. */
        edit_window: number;
        delete_window: number;
    };
}

export interface Shared {
    message_id: number;
    sender_id: number;
    created_at: string;
}

export interface GalleryPage<T> {
    entries: T[];
    has_more: boolean;
    next_cursor: string | null;
}

/** Options of `ChatCore`. */
export interface ConnectionOptions {
    /** Such as `https://chat.example.com`; by default the origin of the page. */
    baseUrl?: string;
    /** Returns the current access token; called again after a 401. */
    getToken: () => string | Promise<string>;
    /** The language of error texts: `en`, `ru`, `sr`, `th`. By default that of the browser. */
    language?: () => string;
    fetch?: typeof fetch;
    WebSocket?: typeof WebSocket;
    /** Where `online`, `visibilitychange`, `freeze`, `pagehide` … happen; `globalThis` by default. */
    eventTarget?: EventTarget;
    /** Bounds and periods in milliseconds, to replace those of `pace.js`. */
    pace?: Partial<Pace>;
}

export interface ChatClientOptions extends Omit<ConnectionOptions, "getToken"> {
    /**
     * Returns the current access token; called again after a 401. Without it, the client uses the cookies of the browser
     * dialect (`/api/v2`, with a CSRF token).
     */
    getToken?: () => string | Promise<string>;
    /**
     * One socket for all tabs of the browser. By default with cookies, where Web Locks and BroadcastChannel exist. With
     * `getToken`, name the person, such as by an id: tabs of one name share.
     */
    shareSocket?: boolean | string;
    /** Keep unanswered messages in IndexedDB. By default where it exists. */
    persist?: boolean;
}

export interface Warning {
    id: number;
    message_id: number | null;
    reason: string;
    created_at: string;
    acknowledged_at: string | null;
}

/** A frame of the socket, under its wire name (docs/sockets.md). Unknown ones are ignored. */
export interface Frame {
    type: string;
    [field: string]: any;
}

/** What a change concerns. */
export type ChangeKind =
    /** The row of the chat list: title, picture, item, last message, unread count, settings, role. */
    | "summary"
    /** Messages came, changed or went; also reactions, quotes and `is_read`. */
    | "messages"
    | "pending"
    | "typing"
    | "pins"
    | "stars"
    /** The chat is gone: deleted, or left. */
    | "removed"
    /** The order or the members of the list. */
    | "list"
    /** Somebody's presence or name; `userIds` says whose. */
    | "people"
    /** The number of unread messages in all chats. */
    | "unread"
    /** Everything: the state was read again. */
    | "reset";

/** What changed since the last one; at most one a chat and microtask. */
export interface Change {
    /** Null if it concerns no chat in particular. */
    chatId: number | null;
    kinds: ReadonlySet<ChangeKind>;
    /** The messages that changed; empty if `kinds` has no "messages". */
    messageIds: ReadonlySet<number>;
    userIds: ReadonlySet<number>;
}

export type ConnectionState =
    | "disconnected"
    /** Asks for a ticket, opens a socket, waits for the greeting. */
    | "connecting"
    /** Reads what it missed. */
    | "catchingUp"
    | "live"
    /** Lost; tries again at `retryAt`. */
    | "waiting"
    /** No socket for three attempts: asks every five seconds, and goes on trying. */
    | "polling"
    /** Does not try again by itself; `reason` says why. */
    | "stopped";

export type StopReason =
    /** Neither the token nor its successor is accepted: log in again. */
    | "unauthorized"
    /** Another socket took its place (4409). */
    | "replaced"
    /** The origin of the page is not allowed (4403). */
    | "forbidden"
    /** The server refuses what this client sends (1008, 1009, 4400, a 4xx without cure). */
    | "refused";

export interface ConnectionInfo {
    readonly state: ConnectionState;
    readonly reason: StopReason | null;
    /** Failures in a row. */
    readonly attempts: number;
    /** When the next attempt begins, in ms since 1970; null if none is waiting. */
    readonly retryAt: number | null;
    /** Since when the connection has not been live, in ms since 1970; null while live. */
    readonly lostAt: number | null;
    /** Whether this tab owns the socket of all tabs. */
    readonly isLeader: boolean;
    /** Try at once. */
    retryNow(): void;
}

export interface Upload {
    /** The file as stored. Rejects with `RefusedError`, or `AbortError` after `cancel`. Retried while the network fails. */
    readonly stored: Promise<Attachment>;
    /** From 0 to 1. */
    readonly progress: number;
    cancel(): void;
}

export interface Events {
    change: Change;
    connection: ConnectionInfo;
    /** The server refused a command; `code` as in docs/errors.md. */
    refused: { kind: string; key: string; chatId: number | null; messageId: number | null; error: Error };
    /** The chat list was read. */
    sync: {};
    /** The log-in ended: log in again. */
    signedOut: { reason: StopReason | "logout" };
    new_message: Frame & { chat_id: number; message: Message };
    warning: Frame & Warning;
    /** Every frame that was news. */
    frame: Frame;
}
