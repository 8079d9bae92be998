// Traffic for measurements: events that the server makes up at a rate, and messages there and back over the socket.

import { countMessage } from "./counters.js";
import { parsed } from "./links.js";
import { ofEvent } from "./operations.js";

const MOST_UNDER_WAY = 100;
const PATIENCE_MS = 10000;

/** A stream of made-up events; `received` and `lost` say what has come of it. */
export class Load {
  running = false;
  wanted = 0;
  received = 0;
  lost = 0;
  error = "";
  #store;
  #changed;
  #source = null;
  #finish = null;

  constructor(store, changed) {
    this.#store = store;
    this.#changed = changed;
  }

  /** Begin, and return what has come of it once it is over. */
  start({ kind, rate, count, agents }) {
    this.stop();
    Object.assign(this, { running: true, wanted: count, received: 0, lost: 0, error: "" });
    const query = new URLSearchParams({ kind, rate, count, agents, stamp: 1 });
    const source = new EventSource(`/page/load?${query}`);
    this.#source = source;
    for (const type of ["agent_update", "message_complete"]) {
      source.addEventListener(type, ({ data }) => this.#take(type, parsed(data)));
    }
    source.addEventListener("done", () => this.stop());
    source.onerror = () => this.stop("The load ended early.");
    this.#changed(this);
    return new Promise((resolve) => (this.#finish = resolve));
  }

  stop(error = "") {
    if (!this.running) return;
    this.#source.close();
    Object.assign(this, { running: false, error });
    this.#store.flush();
    this.#changed(this);
    this.#finish(this.figures());
  }

  figures() {
    const { running, wanted, received, lost, error } = this;
    return { running, wanted, received, lost, error };
  }

  #take(type, data) {
    if (data === null) return;
    countMessage();
    this.received += 1;
    this.lost = Math.max(this.lost, (data.stamp?.seq ?? 0) - this.received);
    this.#store.put(ofEvent(type, data));
  }
}

/** Sends small items over the socket as heartbeats, which come back: one a message or, optimised, a batch of them. */
export class Throughput {
  #socket;
  #settings;
  #under = new Map();
  #wake = () => {};
  #refused = "";

  constructor(socket, settings) {
    this.#socket = socket;
    this.#settings = settings;
  }

  /** For every message that the socket hears. */
  heard(message) {
    if (message.type === "error" && message.payload?.code === "rate_limited") this.#refused = message.payload.message;
    if (this.#under.delete(message.id) || this.#refused) this.#wake();
  }

  /** Send `count` items and wait until all are back; throws Error when the server refuses or keeps any. */
  async measure(count) {
    const size = this.#settings.socket ? this.#settings.batchSize : 1;
    const start = performance.now();
    let messages = 0;
    this.#refused = "";
    for (let from = 0; from < count; from += size, messages += 1) {
      const items = Array.from({ length: Math.min(size, count - from) }, (_, index) => ({ item: from + index }));
      this.#under.set(this.#socket.send("heartbeat", { items }), items.length);
      while (this.#under.size >= MOST_UNDER_WAY) await this.#next();
    }
    while (this.#under.size) await this.#next();
    const ms = performance.now() - start;
    return { items: count, messages, ms, itemsPerSecond: (count / ms) * 1000 };
  }

  async #next() {
    const timer = setTimeout(() => this.#refuse("The server keeps messages that should come back."), PATIENCE_MS);
    if (!this.#refused) await new Promise((resolve) => (this.#wake = resolve));
    clearTimeout(timer);
    if (!this.#refused) return;
    this.#under.clear();
    throw new Error(this.#refused);
  }

  #refuse(reason) {
    this.#refused = reason;
    this.#wake();
  }
}
