// The same chat on Bun: its own WebSocket server (uWebSockets) and Postgres client, one statement per message.
import { SQL } from "bun";
import { BEGIN, Chats, POOL_SIZE, SCHEMA, STORE, messageOf, userOf } from "./protocol.js";

const sql = new SQL(process.env.DATABASE_URL, { max: POOL_SIZE });
const chats = new Chats();
const sockets = new Map();
await sql.unsafe(SCHEMA);

Bun.serve({
  hostname: "127.0.0.1",
  port: Number(process.env.PORT),
  async fetch(request, server) {
    const url = new URL(request.url);
    if (url.pathname === "/health") return Response.json({ ok: true });
    if (url.pathname === "/ws/chat") {
      const user = userOf(url.searchParams.get("token"));
      return server.upgrade(request, { data: { user } }) ? undefined : new Response(null, { status: 426 });
    }
    const sender = userOf(request.headers.get("authorization").slice("Bearer ".length));
    const { receiver_id: receiver } = await request.json();
    const [row] = await sql.unsafe(BEGIN, [sender, receiver]);
    chats.add(Number(row.id), sender, receiver);
    return Response.json({ data: { chat_id: Number(row.id) } });
  },
  websocket: {
    open(socket) {
      sockets.set(socket.data.user, socket);
      socket.send('{"type":"connected"}');
    },
    async message(socket, text) {
      const frame = JSON.parse(text);
      const sender = socket.data.user;
      const [chatId, receiver] = chats.resolve(sender, frame);
      const [row] = await sql.unsafe(STORE, [chatId, sender, receiver, frame.content, frame.client_message_id]);
      const message = messageOf(row, chatId, sender, receiver, frame);
      const event = JSON.stringify({ type: "new_message", message });
      sockets.get(receiver)?.send(event);
      socket.send(event);
      socket.send(JSON.stringify({ type: "message_ack", client_message_id: frame.client_message_id, message }));
    },
    close(socket) {
      if (sockets.get(socket.data.user) === socket) sockets.delete(socket.data.user);
    },
  },
});
process.on("SIGTERM", () => process.exit(0));
