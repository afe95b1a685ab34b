// What both JavaScript servers share: the schema, the statement that stores a message, tokens and frames.
// They implement the part of chatapp's protocol that the load uses and none of its guarantees: no limits, no validation,
// no stored idempotency keys, no second process.
import { createHmac } from "node:crypto";

export const POOL_SIZE = 20;
export const SCHEMA = `
CREATE TABLE chat (id bigserial PRIMARY KEY, buyer bigint, seller bigint, seq bigint NOT NULL);
CREATE TABLE message (
    id bigserial PRIMARY KEY, chat_id bigint, sender_id bigint, receiver_id bigint, seq bigint, content text,
    client_message_id text, created_at timestamptz NOT NULL DEFAULT now()
)`;
// The first message is the one that begins the chat; the load counts from the second.
export const BEGIN = "INSERT INTO chat (buyer, seller, seq) VALUES ($1, $2, 1) RETURNING id";
export const STORE = `
WITH head AS (UPDATE chat SET seq = seq + 1 WHERE id = $1 RETURNING seq)
INSERT INTO message (chat_id, sender_id, receiver_id, seq, content, client_message_id)
SELECT $1, $2, $3, head.seq, $4, $5 FROM head RETURNING id, seq, created_at`;

// Chats by id, and by their two members: a message may name either.
export class Chats {
  #members = new Map();
  #ids = new Map();

  add(id, sender, receiver) {
    this.#members.set(id, [sender, receiver]);
    this.#ids.set(`${Math.min(sender, receiver)}-${Math.max(sender, receiver)}`, id);
  }

  // The chat's id and the recipient of a message frame.
  resolve(sender, frame) {
    if (frame.chat_id === undefined) {
      const receiver = frame.receiver_id;
      return [this.#ids.get(`${Math.min(sender, receiver)}-${Math.max(sender, receiver)}`), receiver];
    }
    const [first, second] = this.#members.get(frame.chat_id);
    return [frame.chat_id, first === sender ? second : first];
  }
}

export const messageOf = (row, chatId, sender, receiver, frame) => ({
  id: Number(row.id),
  seq: Number(row.seq),
  created_at: row.created_at,
  chat_id: chatId,
  sender_id: sender,
  receiver_id: receiver,
  content: frame.content,
  client_message_id: frame.client_message_id,
});

// The user of an HS256 token; throws when its signature is wrong.
export function userOf(token) {
  const [header, claims, signature] = token.split(".");
  const expected = createHmac("sha256", process.env.JWT_SECRET).update(`${header}.${claims}`).digest("base64url");
  if (signature !== expected) throw new Error("the token is not signed with JWT_SECRET");
  return Number(JSON.parse(Buffer.from(claims, "base64url").toString()).sub);
}
