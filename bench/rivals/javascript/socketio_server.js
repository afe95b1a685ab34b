// The same chat on Socket.IO and node-postgres: a room per user, one statement per message.
import { createServer } from "node:http";
import { json } from "node:stream/consumers";
import pg from "pg";
import { Server } from "socket.io";
import { BEGIN, Chats, POOL_SIZE, SCHEMA, STORE, messageOf, userOf } from "./protocol.js";

const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL, max: POOL_SIZE, min: POOL_SIZE });
const chats = new Chats();
await pool.query(SCHEMA);

const server = createServer(async (request, response) => {
  if (request.url === "/health") return response.end('{"ok":true}');
  const sender = userOf(request.headers.authorization.slice("Bearer ".length));
  const { receiver_id: receiver } = await json(request);
  const { rows } = await pool.query({ name: "begin", text: BEGIN, values: [sender, receiver] });
  const id = Number(rows[0].id);
  chats.add(id, sender, receiver);
  response.setHeader("Content-Type", "application/json");
  return response.end(JSON.stringify({ data: { chat_id: id } }));
});

const io = new Server(server, { transports: ["websocket"], serveClient: false, perMessageDeflate: false });
io.use((socket, next) => {
  try {
    socket.data.user = userOf(socket.handshake.query.token);
    next();
  } catch (error) {
    next(error);
  }
});
io.on("connection", (socket) => {
  const sender = socket.data.user;
  socket.join(`user-${sender}`);
  socket.on("frame", async (frame) => {
    const [chatId, receiver] = chats.resolve(sender, frame);
    const values = [chatId, sender, receiver, frame.content, frame.client_message_id];
    const { rows } = await pool.query({ name: "store", text: STORE, values });
    const message = messageOf(rows[0], chatId, sender, receiver, frame);
    io.to(`user-${receiver}`).to(`user-${sender}`).emit("frame", { type: "new_message", message });
    socket.emit("frame", { type: "message_ack", client_message_id: frame.client_message_id, message });
  });
});

server.listen(Number(process.env.PORT), "127.0.0.1");
process.on("SIGTERM", () => process.exit(0));
