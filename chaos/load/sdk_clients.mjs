/**
 * Clients of the SDK for the load. Over the socket whose descriptor is the argument come commands, and what happened goes
 * back, both as JSON lines. The process ends with the socket.
 *
 * Each client reports the frames of its socket and the pages of its catch-ups as they arrive, before the SDK interprets them.
 */

import { Socket } from "node:net";
import { createInterface } from "node:readline";
import { ChatClient, RefusedError } from "../../web/sdk/index.js";

/** Short, so that results reflect the server. */
const PACE = {
    reconnectFirst: 200, reconnectMost: 1000, stableAfter: 0, connectWait: 5000, answerWait: 6000,
    retryFirst: 600, retryMost: 5000, pollEvery: 500, pingAfter: 5000, pongWait: 10000,
};

const REFUSAL_LASTS = 500; // ms

const load = new Socket({ fd: Number(process.argv[2]) });
const clients = new Map();
/** By port, when a connection was refused last. */
const refusals = new Map();
let turn = 0;

function report(event) {
    load.write(`${JSON.stringify(event)}\n`);
}

process.on("uncaughtException", ({ stack }) => report({ uncaught: stack }));
load.on("error", () => process.exit()); // the load was killed

/** The same address at the next web server; like a load balancer, at none that has just refused a connection. */
function nextServer(address, ports) {
    const up = ports.filter((port) => performance.now() - (refusals.get(port) ?? -Infinity) > REFUSAL_LASTS);
    const candidates = up.length ? up : ports;
    const url = new URL(address);
    url.port = String(candidates[turn++ % candidates.length]);
    return url.href;
}

/** Make a request to the next web server. */
async function fetchNext(address, init, ports) {
    const url = nextServer(address, ports);
    try {
        return await fetch(url, init);
    } catch (error) {
        if (error.cause?.code === "ECONNREFUSED") refusals.set(Number(new URL(url).port), performance.now());
        throw error;
    }
}

/** A socket that reports what the SDK receives: it ignores what comes after it has closed one. */
function reportingSocket({ device, ports }, sockets) {
    return class extends WebSocket {
        constructor(address) {
            super(nextServer(address, ports));
            let isGreeted = false;
            sockets.add(this);
            this.addEventListener("message", ({ data }) => {
                if (this.readyState !== WebSocket.OPEN) return;
                if (!isGreeted) report({ device, port: Number(new URL(this.url).port) });
                isGreeted = true;
                report({ device, frame: JSON.parse(data) });
            });
            this.addEventListener("close", ({ code }) => {
                sockets.delete(this);
                if (isGreeted) report({ device, closed: code });
            });
        }
    };
}

function open({ device, ports, token }) {
    const sockets = new Set();
    const reportingFetch = async (address, init) => {
        const response = await fetchNext(address, init, ports);
        if (!response.ok || !new URL(address).pathname.endsWith("/messages/since")) return response;
        const text = await response.text();
        report({ device, page: JSON.parse(text).data });
        return new Response(text, response);
    };
    const client = new ChatClient({
        baseUrl: `http://127.0.0.1:${ports[0]}`, getToken: () => token, fetch: reportingFetch, pace: PACE,
        WebSocket: reportingSocket({ device, ports }, sockets),
    });
    client.on("connection", ({ state }) => report({ device, state }));
    clients.set(device, { client, sockets });
    client.connect();
}

function send(client, { device, key, chat, content, about }) {
    const names = { reply_to_id: "replyToId", forward_message_id: "forwardMessageId" };
    const { sent } = client.send({ chatId: chat, content, key, ...(about && { [names[about.field]]: about.message }) });
    sent.then((message) => report({ device, key, message }), (error) => {
        client.discard(key);
        report({ device, key, ...failure(error) });
    });
}

/** What a promise of the SDK rejects with. Anything else than a refusal is a defect. */
function failure(error) {
    return error instanceof RefusedError ? { refused: error.code } : { failed: String(error) };
}

/** Everything that the clients show, to be compared with what is stored. */
function shown({ client }) {
    const chatIds = ["active", "archived", "snoozed"].flatMap((name) => client.state.list(name));
    return chatIds.map((id) => ({ id, messages: client.state.messages(id), pinned: client.state.pinned(id) }));
}

for await (const line of createInterface({ input: load })) {
    const command = JSON.parse(line);
    const { device, call, args } = command;
    const found = clients.get(device);
    if (command.open) open(command);
    else if (command.key) send(found.client, command);
    else if (command.drop) for (const socket of found.sockets) socket.close();
    else if (command.show) report({ device, shown: shown(found) });
    else found.client[call](...args).catch((error) => report({ device, call, ...failure(error) }));
}
process.exit(0);
