/** What the page asks the server: `/api/v2/admin`, for users with the role of a moderator. */

import { Cookies } from "../sdk/cookies.js";
import { PACE } from "../sdk/pace.js";
import { Rest } from "../sdk/rest.js";
import { language } from "./texts.js";

/**
 * @typedef {object} Report
 * @property {number} id
 * @property {"user" | "filter" | "held"} source
 * @property {"open" | "decided"} state
 * @property {number | null} reporter_id
 * @property {number} author_id
 * @property {number | null} chat_id
 * @property {number | null} message_id
 * @property {string} reason
 * @property {string} text
 * @property {string | null} action
 * @property {string | null} decided_by
 * @property {string | null} decided_at
 * @property {string} created_at
 */

/**
 * @typedef {object} EvidenceMessage
 * @property {number} id
 * @property {{ id: number, username: string, name: string }} sender
 * @property {string} content
 * @property {boolean} is_edited
 * @property {boolean} is_deleted
 * @property {string} created_at
 * @property {{ id: number, file_type: string, file_name: string, url: string }[]} attachments
 */

/** @typedef {Report & { evidence: EvidenceMessage[], held_content: string | null }} ReportDetail */
/** @typedef {{ is_shadow: boolean, reason: string, until: string | null, created_at: string }} Ban */
/** @typedef {{ id: number, username: string, name: string, email: string | null, picture_url: string | null, is_moderator: boolean, ban: Ban | null }} Person */
/** @typedef {{ id: number, moderator: string, action: string, user_id: number | null, report_id: number | null, reason: string, created_at: string }} LogEntry */
/** @typedef {{ action: string, reason: string, until: string | null }} Decision */
/** @typedef {{ reason: string, until: string | null, is_shadow: boolean }} BanRequest */

/**
 * @typedef {object} SocketStats
 * @property {number} connections
 * @property {number} users
 * @property {number} frames_in
 * @property {number} frames_out
 * @property {{ worker: string, connections: number, frames_in: number, frames_out: number }[]} workers
 */

/**
 * @typedef {object} Numbers
 * @property {number} sessions
 * @property {number} questions
 * @property {number} answers
 * @property {number} answers_with_items
 * @property {number} answers_failed
 * @property {number} handovers
 * @property {number} ratings_up
 * @property {number} ratings_down
 * @property {number | null} answer_seconds_mean
 */

/** @typedef {{ total: Numbers, days: (Numbers & { day: string, language: string })[] }} AssistantStats */

const rest = new Rest({
  baseUrl: location.origin, credentials: new Cookies(), language: () => language.value,
  fetch: (input, init) => fetch(input, init), pace: PACE,
});
const ROOT = "/api/v2/admin";

/**
 * @param {string} method
 * @param {string} path
 * @param {{ query?: Record<string, string | number | boolean | undefined>, body?: unknown }} [options]
 * @returns {Promise<any>}
 */
const call = (method, path, options = {}) => rest.call(method, ROOT + path, { ...options, isBare: true });

/** @param {{ state: "open" | "decided", cursor?: number | undefined }} query @returns {Promise<{ reports: Report[], has_more: boolean, next_cursor: number | null }>} */
export const listReports = ({ state, cursor }) => call("GET", "/reports", { query: { state, cursor } });

/** @param {number} id @returns {Promise<ReportDetail>} */
export const readReport = (id) => call("GET", `/reports/${id}`);

/** @param {number} id @param {Decision} decision @returns {Promise<Report>} */
export const decide = (id, decision) => call("POST", `/reports/${id}`, { body: decision });

/** @param {string} q  empty: who is banned @returns {Promise<{ people: Person[], has_more: boolean }>} */
export const findPeople = (q) => call("GET", "/people", { query: { q } });

/** @param {number} id @param {BanRequest} request @returns {Promise<Ban>} */
export const ban = (id, request) => call("POST", `/people/${id}/ban`, { body: request });

/** @param {number} id @param {string} reason @returns {Promise<void>} */
export const unban = (id, reason) => call("DELETE", `/people/${id}/ban`, { query: { reason } });

/** @param {{ cursor?: number | undefined }} query @returns {Promise<{ entries: LogEntry[], has_more: boolean, next_cursor: number | null }>} */
export const readLog = ({ cursor }) => call("GET", "/log", { query: { cursor } });

/** @returns {Promise<{ sockets: SocketStats, assistant: AssistantStats }>} */
export const readStats = () => call("GET", "/stats");
