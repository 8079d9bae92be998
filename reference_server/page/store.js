// The state: conversation, agents and run. Operations come one by one; with batching they are applied together.

import { counts, updateRate } from "./counters.js";

export const STATUSES = ["idle", "running", "completed", "failed", "paused"];
const ENDED = ["completed", "failed"];
const MOST_AGENTS = 200;

export class Store {
  messages = new Map();
  agents = new Map();
  run = null;
  #settings;
  #changed;
  #queue = [];
  #timer = 0;

  /** `changed(changes, urgent)` is called after each change of the state. */
  constructor(settings, changed) {
    this.#settings = settings;
    this.#changed = changed;
  }

  /** Apply an operation, now or with its batch; an urgent one takes along what waits before it. */
  put(operation, urgent = false) {
    counts.updates += 1;
    this.#queue.push(operation);
    const { batching, batchSize, batchMs } = this.#settings;
    if (urgent || !batching || this.#queue.length >= batchSize) this.flush(urgent);
    else this.#timer ||= setTimeout(() => this.flush(), batchMs);
  }

  flush(urgent = false) {
    clearTimeout(this.#timer);
    this.#timer = 0;
    if (!this.#queue.length) return;
    const changes = { messages: new Set(), removed: new Set(), agents: new Set(), run: false };
    for (const operation of this.#queue) this.#apply(operation, changes);
    this.#queue = [];
    counts.stateUpdates += 1;
    updateRate.add();
    if (this.#settings.memory) this.#drop(this.#settings.keep, changes);
    this.#changed(changes, urgent);
  }

  /** Drop all but the latest `keep` messages. */
  tidy(keep) {
    const changes = { messages: new Set(), removed: new Set(), agents: new Set(), run: false };
    this.#drop(keep, changes);
    if (changes.removed.size) this.#changed(changes, false);
  }

  #apply(operation, changes) {
    switch (operation.kind) {
      case "message":
        this.messages.set(operation.id, { ...this.messages.get(operation.id), ...operation, streaming: false });
        changes.messages.add(operation.id);
        if (operation.ends) this.#end(operation.ends, changes);
        break;
      case "delta":
        this.#append(operation);
        changes.messages.add(operation.id);
        break;
      case "agent":
        this.#update(operation, changes);
        break;
      case "run":
        this.run = operation;
        changes.run = true;
        break;
      case "new run":
        for (const id of this.agents.keys()) changes.agents.add(id);
        this.agents.clear();
        for (const id of this.messages.keys()) if (id.startsWith("event:")) this.#end(id, changes);
        this.run = null;
        changes.run = true;
        break;
    }
  }

  #append({ id, role, author, text }) {
    const message = this.messages.get(id) ?? { id, role, author, text: "" };
    this.messages.set(id, { ...message, text: message.text + text, streaming: true });
  }

  /** No more comes of a message, complete or not. */
  #end(id, changes) {
    const message = this.messages.get(id);
    if (!message?.streaming) return;
    this.messages.set(id, { ...message, streaming: false });
    changes.messages.add(id);
  }

  #update({ id, status, progress, task }, changes) {
    const now = performance.now();
    const agent = this.agents.get(id) ?? { id, progress: 0, task: "", since: null, until: null };
    const next = { ...agent, status, progress: progress ?? agent.progress, task: task ?? agent.task };
    if (status === "running" && (agent.since === null || ENDED.includes(agent.status))) {
      next.since = now;
      next.until = null;
    }
    if (ENDED.includes(status)) next.until = now;
    this.agents.set(id, next);
    changes.agents.add(id);
    if (this.agents.size > MOST_AGENTS) {
      const [oldest] = this.agents.keys();
      this.agents.delete(oldest);
      changes.agents.add(oldest);
    }
  }

  #drop(keep, changes) {
    for (const id of this.messages.keys()) {
      if (this.messages.size <= keep) return;
      this.messages.delete(id);
      changes.messages.delete(id);
      changes.removed.add(id);
      counts.removed += 1;
    }
  }
}
