// From the state to the page. Text from the server becomes text and never markup.

import { counts, renderMs, renderRate } from "./counters.js";
import { STATUSES } from "./store.js";

const SIGNS = { idle: "○", running: "▶", completed: "✓", failed: "✕", paused: "‖" };
const leaked = [];

export function element(tag, name = "", text = "") {
  const made = document.createElement(tag);
  if (name) made.className = name;
  if (text) made.textContent = text;
  return made;
}

/** Write only what is different: an unchanged text costs no layout. */
export function setText(target, text) {
  if (target.textContent !== text) target.textContent = text;
}

/** Shows changes at once or, with debouncing, all those of a while together. */
export class Renderer {
  #store;
  #settings;
  #timer = 0;
  #pending = null;
  #conversation = new Conversation();
  #agents = new AgentCards();

  constructor(settings) {
    this.#settings = settings;
  }

  show(store) {
    this.#store = store;
  }

  changed(changes, urgent) {
    this.#pending = this.#pending ? merged(this.#pending, changes) : changes;
    if (urgent || !this.#settings.debouncing) this.flush();
    else this.#timer ||= setTimeout(() => this.flush(), this.#settings.debounceMs);
  }

  flush() {
    clearTimeout(this.#timer);
    this.#timer = 0;
    const changes = this.#pending;
    if (!changes) return;
    this.#pending = null;
    const start = performance.now();
    this.#conversation.render(this.#store.messages, changes);
    this.#agents.render(this.#store.agents, changes.agents);
    if (changes.run) renderRun(this.#store.run);
    this.#conversation.follow();
    if (this.#settings.slowRenderMs) burn(this.#settings.slowRenderMs);
    if (this.#settings.leak) leak(changes);
    measured(start);
  }

  /** The time that running agents take is shown even while nothing else changes. */
  tick() {
    this.#agents.tick(this.#store.agents);
  }
}

function merged(one, other) {
  for (const name of ["messages", "removed", "agents"]) for (const id of other[name]) one[name].add(id);
  one.run ||= other.run;
  return one;
}

function measured(start) {
  const { duration } = performance.measure("pulsegate:render", { start });
  performance.clearMeasures("pulsegate:render"); // observers have it; the page's own list would grow for ever
  counts.renders += 1;
  renderMs.add(duration);
  renderRate.add();
}

function burn(milliseconds) {
  const end = performance.now() + milliseconds;
  while (performance.now() < end);
}

/** The planted leak: 8 kB a change that nobody ever lets go of. */
function leak(changes) {
  for (const id of [...changes.messages, ...changes.agents]) {
    leaked.push({ id, held: new Array(2000).fill(leaked.length) });
  }
}

class Conversation {
  #list = document.getElementById("messages");
  #log = document.getElementById("log");
  #empty = document.getElementById("no-messages");
  #shown = new Map();
  #atEnd = true;

  constructor() {
    const log = this.#log;
    const look = () => (this.#atEnd = log.scrollHeight - log.scrollTop - log.clientHeight < 40);
    log.addEventListener("scroll", look, { passive: true });
  }

  render(messages, changes) {
    for (const id of changes.removed) {
      this.#shown.get(id)?.item.remove();
      this.#shown.delete(id);
    }
    const added = document.createDocumentFragment();
    for (const id of changes.messages) {
      const message = messages.get(id);
      if (!message) continue;
      const parts = this.#shown.get(id) ?? this.#add(message, added);
      setText(parts.text, message.text);
      parts.item.classList.toggle("streaming", message.streaming);
      parts.item.setAttribute("aria-busy", String(message.streaming));
    }
    this.#list.append(added);
    this.#empty.hidden = this.#shown.size > 0;
  }

  /** Stay at the end unless the reader has scrolled away; reading the height also makes layout part of the render. */
  follow() {
    if (this.#atEnd) this.#log.scrollTop = this.#log.scrollHeight;
  }

  #add(message, target) {
    const item = element("li", `message ${message.role}`);
    const text = element("p", "text");
    item.append(element("span", "author", message.author), text);
    target.append(item);
    const parts = { item, text };
    this.#shown.set(message.id, parts);
    return parts;
  }
}

class AgentCards {
  #list = document.getElementById("cards");
  #empty = document.getElementById("no-agents");
  #shown = new Map();

  render(agents, changed) {
    for (const id of changed) {
      const agent = agents.get(id);
      if (agent) fill(this.#shown.get(id) ?? this.#add(id), agent);
      else this.#remove(id);
    }
    this.#empty.hidden = this.#shown.size > 0;
  }

  tick(agents) {
    for (const [id, parts] of this.#shown) setText(parts.time, duration(agents.get(id)));
  }

  #add(id) {
    const card = element("li", "card");
    const parts = {
      card,
      name: element("h3", "name", id),
      status: element("span", "badge"),
      bar: element("progress"),
      percent: element("span", "percent"),
      task: element("span", "task"),
      time: element("span", "time"),
    };
    parts.bar.max = 100;
    parts.bar.setAttribute("aria-label", `Progress of ${id}`);
    const head = element("div", "head");
    head.append(parts.name, parts.status);
    const progress = element("div", "progress");
    progress.append(parts.bar, parts.percent);
    const foot = element("div", "foot");
    foot.append(parts.task, parts.time);
    card.append(head, progress, foot);
    this.#list.append(card);
    this.#shown.set(id, parts);
    return parts;
  }

  #remove(id) {
    this.#shown.get(id)?.card.remove();
    this.#shown.delete(id);
  }
}

function fill(parts, agent) {
  const known = STATUSES.includes(agent.status);
  parts.card.dataset.status = known ? agent.status : "unknown";
  setText(parts.status, known ? `${SIGNS[agent.status]} ${agent.status}` : "? unknown");
  if (parts.bar.value !== agent.progress) parts.bar.value = agent.progress;
  setText(parts.percent, `${Math.round(agent.progress)} %`);
  setText(parts.task, agent.task || " ");
  setText(parts.time, duration(agent));
}

function duration(agent) {
  if (!agent || agent.since === null) return "not started";
  return `${(((agent.until ?? performance.now()) - agent.since) / 1000).toFixed(1)} s`;
}

function renderRun(run) {
  const bar = document.getElementById("run-progress");
  bar.value = run?.progress ?? 0;
  setText(document.getElementById("run-percent"), run ? `${Math.round(run.progress)} %` : "");
  setText(document.getElementById("run-text"), run ? [run.task, run.text].filter(Boolean).join(" · ") : "No run yet.");
}
