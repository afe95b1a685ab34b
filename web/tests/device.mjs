/**
 * Clients in a process of their own, for tests in another language: one JSON command a line, one JSON answer a line.
 *
 * `{id, open: name, options}` makes a client, with `isCore` the core alone; `{id, on: name, call: "groups.create", args}` calls a method or reads a property
 * and answers with its (awaited) value; `{id, on: name, events: "new_message"}` answers with the events so far.
 */

import { createInterface } from "node:readline";
import { ChatCore } from "../sdk/core.js";
import { ChatClient } from "../sdk/index.js";

const clients = new Map();
const events = new Map();

function open({ open: name, options: { token, isCore, ...options } }) {
    const tokens = [token].flat(); // each 401 asks for the next one
    const client = new (isCore ? ChatCore : ChatClient)({ ...options, getToken: () => (tokens.length > 1 ? tokens.shift() : tokens[0]) });
    const seen = [];
    client.on("frame", (frame) => seen.push(frame));
    for (const kind of ["connection", "refused", "signedOut", "sync"]) {
        client.on(kind, (event) => seen.push({ type: kind, ...event, error: event.error && { name: event.error.name, code: event.error.code } }));
    }
    clients.set(name, client);
    events.set(name, seen);
    client.connect();
}

async function call({ on, call: path, args = [] }) {
    const names = path.split(".");
    const last = names.pop();
    const owner = names.reduce((value, name) => value[name], clients.get(on));
    const value = typeof owner[last] === "function" ? await owner[last](...args) : owner[last];
    return value === undefined ? null : value;
}

async function answer(command) {
    if (command.open) return open(command) ?? null;
    if (command.events) return events.get(command.on).filter(({ type }) => type === command.events);
    return call(command);
}

for await (const line of createInterface({ input: process.stdin })) {
    const command = JSON.parse(line);
    answer(command).then(
        (value) => ({ id: command.id, value }),
        (error) => ({ id: command.id, error: { name: error.name, code: error.code, status: error.status, message: error.message } }),
    ).then((reply) => process.stdout.write(`${JSON.stringify(reply)}\n`));
}
process.exit(0);
