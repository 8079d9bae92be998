// The three connections: two event streams and a socket. Each says how it is, and comes back by itself.

import { counts, latencyMs } from "./counters.js";
import { settings } from "./settings.js";

const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 10000;
const SILENCE_MS = 10000;
const MOST_WAITING = 100;

/** What the links have in common: `status` is closed, connecting, open or reconnecting. */
class Link {
  status = "closed";
  attempts = 0;
  error = "";
  #wanted = false;
  #timer = 0;

  constructor(name, changed) {
    this.name = name;
    this.changed = changed;
  }

  connect() {
    if (this.#wanted) return;
    this.#wanted = true;
    this.attempts = 0;
    this.error = "";
    this.set("connecting");
    this.open();
  }

  disconnect() {
    this.#wanted = false;
    clearTimeout(this.#timer);
    this.close();
    this.set("closed");
  }

  set(status, error = this.error) {
    this.status = status;
    this.error = error;
    this.changed(this);
  }

  /** The server has greeted us. */
  greeted() {
    if (this.status === "open") return;
    this.attempts = 0;
    this.set("open", "");
    console.log(`${this.name} connection established`);
  }

  /** Another attempt has begun or will; it waits twice as long each time, and never at the same time as others. */
  lost(error, again = true) {
    if (!this.#wanted) return;
    this.attempts += 1;
    counts.reconnections += 1;
    this.set("reconnecting", error);
    if (settings.giveUp) {
      this.disconnect();
      return;
    }
    if (!again) return;
    this.close();
    const wait = Math.min(FIRST_WAIT_MS * 2 ** (this.attempts - 1), LONGEST_WAIT_MS);
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.open(), wait * (0.8 + 0.4 * Math.random()));
  }
}

/** An EventSource. The browser itself reconnects after a cut, with the last event id; not after a refusal. */
export class EventLink extends Link {
  #source = null;

  /** `heard(type, data, id)` gets every event; `greets(type, data)` tells the one that opens a stream. */
  constructor(name, { url, types, heard, greets, changed }) {
    super(name, changed);
    Object.assign(this, { url, types, heard, greets });
  }

  open() {
    const source = new EventSource(this.url());
    this.#source = source;
    for (const type of this.types) source.addEventListener(type, (event) => this.#take(type, event));
    source.onerror = (event) => {
      if (event.data !== undefined || source !== this.#source) return; // the server's own event of that name
      if (source.readyState === EventSource.CONNECTING) this.lost("The stream was cut; trying again.", false);
      else this.#explain(source);
    };
  }

  close() {
    this.#source?.close();
    this.#source = null;
  }

  #take(type, event) {
    if (event.data === undefined) return;
    const data = parsed(event.data);
    if (data === null) return;
    if (this.greets(type, data)) this.greeted();
    this.heard(type, data, event.lastEventId);
  }

  /** EventSource keeps to itself why it gave up; the head of the same answer tells. */
  async #explain(source) {
    const reason = await refusal(source.url);
    if (source === this.#source) this.lost(reason);
  }
}

async function refusal(url) {
  try {
    const answer = await fetch(url, { method: "HEAD", cache: "no-store" });
    const type = answer.headers.get("Content-Type")?.split(";")[0].toLowerCase() ?? "no type";
    if (answer.ok && type !== "text/event-stream") {
      return `The answer is ${type} instead of text/event-stream: something else answers at the stream's path.`;
    }
    return `The server answered ${answer.status} (${type}).`;
  } catch {
    return "The server cannot be reached.";
  }
}

/** The WebSocket: keeps what is said while it is away, and measures the way there and back. */
export class SocketLink extends Link {
  #socket = null;
  #waiting = [];
  #pings = new Map();
  #sent = 0;
  #pinger = 0;

  constructor(name, { url, heard, changed, settings }) {
    super(name, changed);
    Object.assign(this, { url, heard, settings });
  }

  open() {
    const socket = new WebSocket(this.url());
    this.#socket = socket;
    socket.onmessage = ({ data }) => socket === this.#socket && this.#take(parsed(data));
    socket.onclose = ({ code, reason }) => {
      if (socket !== this.#socket) return;
      this.lost(code === 1006 ? "The socket was refused or cut." : `The socket was closed: ${code} ${reason}`.trim());
    };
  }

  close() {
    clearInterval(this.#pinger);
    this.#pings.clear();
    const socket = this.#socket;
    this.#socket = null;
    socket?.close(1000);
  }

  /** Send a message now, or once there is a connection again. */
  send(type, payload, members = {}) {
    this.#sent += 1;
    const message = { type, id: `page-${this.#sent}`, payload, timestamp: Date.now(), ...members };
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(message));
    else this.#waiting = [...this.#waiting, message].slice(-MOST_WAITING);
    return message.id;
  }

  #take(message) {
    if (message === null) return;
    if (message.type === "connection_established") this.#begin();
    if (message.type === "heartbeat") this.#pong(message.id);
    this.heard(message);
  }

  #begin() {
    this.greeted();
    for (const message of this.#waiting.splice(0)) this.#socket.send(JSON.stringify(message));
    clearInterval(this.#pinger);
    this.#pinger = setInterval(() => this.#ping(), this.settings.pingMs);
    this.#ping();
  }

  #ping() {
    const [oldest] = this.#pings.values();
    if (performance.now() - oldest > SILENCE_MS) {
      this.lost("The server does not answer heartbeats.");
      return;
    }
    const id = this.send("heartbeat", {});
    this.#pings.set(id, performance.now());
  }

  #pong(id) {
    if (!this.#pings.has(id)) return;
    latencyMs.add(performance.now() - this.#pings.get(id));
    this.#pings.delete(id);
  }
}

/** The JSON object in a text; null, and counted, when it is none. */
export function parsed(text) {
  try {
    const value = JSON.parse(text);
    if (typeof value === "object" && value !== null) return value;
  } catch {
    // counted below
  }
  counts.badMessages += 1;
  return null;
}
