import type { ChatClientOptions, ConnectionInfo } from "./types.js";

export interface AssistantItem {
    kind: "listing" | "storefront_product";
    id: number;
}

export interface AssistantSession {
    session_id: string;
    /** Proves that it is mine, without an account. Only in what `open` and `claim` return. */
    signed_session_id?: string;
    created_at: string;
    expires_at: string;
    ended_at: string | null;
    language: string;
    item: AssistantItem | null;
    responder: "assistant" | "human";
    handover: "offered" | "accepted" | null;
    message_count: number;
    last_message_at: string | null;
}

export interface AssistantMessage {
    id: string;
    seq: number;
    role: "user" | "assistant" | "human";
    status: "complete" | "stopped" | "interrupted" | "failed";
    /** Plain text. */
    content: string;
    /** `{type: "text", text}`, `{type: "data-items", data: {items, found, exact}}`, `{type: "data-choices", data: {choices}}`. */
    parts: { type: string; [field: string]: any }[];
    answer_id: string | null;
    client_message_id: string | null;
    retry_after: number | null;
    is_edited: boolean;
    is_deleted: boolean;
    created_at: string;
    updated_at: string;
}

/** The answer on its way. */
export interface Answer {
    answer_id: string | null;
    text: string;
    state: "thinking" | "searching" | "generating" | "error" | null;
}

export interface AssistantPending {
    key: string;
    content: string;
    created_at: string;
    state: "sending" | "refused";
    error: { code: string; message: string; status: number } | null;
}

export interface AssistantChange {
    kinds: ReadonlySet<"session" | "messages" | "answer" | "pending" | "typing">;
    messageIds: ReadonlySet<string>;
}

export interface AssistantEvents {
    change: AssistantChange;
    connection: ConnectionInfo;
    /** A piece of an answer was appended. */
    delta: { answer_id: string; delta: string };
    /** An answer is complete. */
    answer: { message: AssistantMessage };
}

export interface AssistantOptions extends ChatClientOptions {
    /** The visitor is logged in with the cookies of the browser dialect. Without them and `getToken`, the visitor is anonymous. */
    useCookies?: boolean;
    /** Where the session of an anonymous visitor is kept; by default localStorage, null keeps it in memory. */
    storage?: Storage | null;
    /** The item whose page the visitor is on. */
    item?: AssistantItem | null;
}
