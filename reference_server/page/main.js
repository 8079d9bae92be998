// Brings the parts together: links into the state, the state onto the page, controls to the links.

import { Chat } from "./chat.js";
import { countMessage, counts, latencyMs, renderMs, resetCounters } from "./counters.js";
import { EventLink, SocketLink } from "./links.js";
import { ofEvent, ofMessage } from "./operations.js";
import { announce, ConnectionPanel, heapMb, renderFigures } from "./panels.js";
import { Renderer, setText } from "./render.js";
import { keepToken, readToken, settings, takeToken } from "./settings.js";
import { Store } from "./store.js";
import { Load, Throughput } from "./traffic.js";

const RUN_EVENTS = [
  "connection_established",
  "agent_update",
  "execution_progress",
  "message_delta",
  "message_complete",
  "error",
];
const SWITCHES = ["batching", "debouncing", "memory", "socket"];

const at = (id) => document.getElementById(id);

takeToken();

const renderer = new Renderer(settings);
const store = new Store(settings, (changes, urgent) => renderer.changed(changes, urgent));
renderer.show(store);

const run = { session: settings.session, fails: false, id: "", lastEvent: 0 };
let panel = null;
let connectedMs = null;

function withToken(parameters) {
  const query = new URLSearchParams(parameters);
  if (readToken()) query.set("token", readToken());
  return query.size ? `?${query}` : "";
}

function linkChanged() {
  if (!panel) return;
  panel.render();
  if (document.body.dataset.connection !== "open" || connectedMs !== null) return;
  connectedMs = performance.now();
  if (settings.load.auto) load.start(settings.load);
}

const streams = new EventLink("SSE", {
  url: () => `/api/copilotkit${withToken({})}`,
  types: ["message"],
  greets: (_, data) => data.type === "connection",
  heard: (_, data) => {
    countMessage();
    if (data.type === "connection") showUser(data.data ?? {});
    if (data.type === "heartbeat") setText(at("heartbeat"), new Date().toLocaleTimeString());
  },
  changed: linkChanged,
});

const events = new EventLink("RT", {
  url: () => {
    const failing = run.fails ? { simulate: "error" } : {};
    return `/api/copilotkit${withToken({ protocol: "sse", sessionId: run.session, ...failing })}`;
  },
  types: RUN_EVENTS,
  greets: (type) => type === "connection_established",
  heard: hearRun,
  changed: linkChanged,
});

const socket = new SocketLink("WS", {
  url: () => `${location.origin.replace("http", "ws")}/api/copilotkit/ws${withToken({ sessionId: settings.session })}`,
  heard: (message) => {
    countMessage();
    throughput.heard(message);
    const operation = ofMessage(message);
    if (operation) store.put(operation);
  },
  changed: linkChanged,
  settings,
});

const links = [streams, events, socket];
const throughput = new Throughput(socket, settings);
const chat = new Chat(store);
const load = new Load(store, showLoad);
panel = new ConnectionPanel(links);

/** A stream that is opened anew tells its run from the beginning: what is known of the same run is passed over. */
function hearRun(type, data, id) {
  countMessage();
  if (type === "connection_established" && data.runId !== run.id) {
    Object.assign(run, { id: data.runId, lastEvent: 0 });
    store.put({ kind: "new run" });
  }
  const number = Number(id);
  if (number && number <= run.lastEvent) return;
  run.lastEvent = number || run.lastEvent;
  const operation = ofEvent(type, data);
  if (!operation) return;
  store.put(operation);
  if (type === "error") announce(`The run failed: ${operation.text}`);
  if (operation.kind === "run" && operation.progress === 100) announce("The run is complete.");
}

function startRun(fails) {
  Object.assign(run, { session: crypto.randomUUID(), fails, lastEvent: 0 });
  events.disconnect();
  events.connect();
}

function showUser({ authenticated, user }) {
  setText(at("user"), authenticated ? String(user) : readToken() ? "nobody: the token was not accepted" : "anonymous");
}

function connect() {
  for (const link of links) link.connect();
}

function disconnect() {
  for (const link of links) link.disconnect();
  latencyMs.clear();
}

function throwSwitch(name, on) {
  settings[name] = on;
  at(name).checked = on;
  store.flush();
  renderer.flush();
}

function showLoad({ running, wanted, received, error }) {
  at("load-stop").disabled = !running;
  at("load-start").disabled = running;
  at("load-progress").max = wanted || 1;
  at("load-progress").value = received;
  setText(at("load-text"), error || (wanted ? `${received} of ${wanted} events` : "No load yet."));
}

async function ask(event) {
  event.preventDefault();
  const input = at("question");
  const text = input.value.trim();
  if (!text || chat.busy) return;
  input.value = "";
  const answer = chat.ask(text, readToken());
  showChat("");
  try {
    const said = await answer;
    showChat("");
    if (said) announce(`Assistant: ${said}`);
  } catch (problem) {
    showChat(problem.message);
  }
}

function showChat(error) {
  at("send").hidden = chat.busy;
  at("stop").hidden = !chat.busy;
  setText(at("chat-error"), error);
}

function showToken() {
  setText(at("chat-hint"), readToken() ? "Answers are streamed word by word." : "Without a token answers come whole.");
  at("token-forget").disabled = !readToken();
}

function changeToken(token) {
  keepToken(token);
  at("token").value = "";
  chat.forget();
  showToken();
  disconnect();
  connect();
}

function loadForm() {
  return {
    kind: at("load-kind").value,
    rate: at("load-rate").valueAsNumber,
    count: at("load-count").valueAsNumber,
    agents: at("load-agents").valueAsNumber,
  };
}

function tick() {
  renderer.tick();
  panel.tick();
  renderFigures(panel.uptimeMs, store.messages.size);
  if (load.running) showLoad(load);
  if (settings.memory && (heapMb() ?? 0) > settings.thresholdMb) store.tidy(Math.ceil(settings.keep / 2));
}

function wire() {
  at("composer").addEventListener("submit", ask);
  at("stop").addEventListener("click", () => chat.stop());
  at("clear").addEventListener("click", () => store.tidy(0));
  at("connect").addEventListener("click", connect);
  at("disconnect").addEventListener("click", disconnect);
  at("run").addEventListener("click", () => startRun(false));
  at("run-failing").addEventListener("click", () => startRun(true));
  at("token-form").addEventListener("submit", (event) => {
    event.preventDefault();
    changeToken(at("token").value);
  });
  at("token-forget").addEventListener("click", () => changeToken(""));
  at("load").addEventListener("submit", (event) => {
    event.preventDefault();
    load.start(loadForm());
  });
  at("load-stop").addEventListener("click", () => load.stop());
  for (const name of SWITCHES) {
    at(name).checked = settings[name];
    at(name).addEventListener("change", ({ target }) => throwSwitch(name, target.checked));
  }
  at("load-kind").value = settings.load.kind;
  for (const name of ["rate", "count", "agents"]) at(`load-${name}`).value = settings.load[name];
}

/** For a harness: README.md describes each. */
window.pulsegate = Object.freeze({
  settings: () => structuredClone(settings),
  counters: () => ({
    ...counts,
    kept: store.messages.size,
    agents: store.agents.size,
    status: document.body.dataset.connection,
    connectedMs,
    uptimeMs: panel.uptimeMs,
    latencyMs: latencyMs.mean,
    renderMs: renderMs.mean,
    heapMb: heapMb(),
    load: load.figures(),
  }),
  renderMs: () => renderMs.list(),
  latencyMs: () => latencyMs.list(),
  reset: resetCounters,
  set: throwSwitch,
  load: (options = {}) => load.start({ ...settings.load, ...options }),
  throughput: (items) => throughput.measure(items),
  send: (type, payload, members) => socket.send(type, payload, members),
  connect,
  disconnect,
  flush() {
    store.flush();
    renderer.flush();
  },
});

wire();
showToken();
showLoad(load);
panel.render();
tick();
setInterval(tick, 500);
if (settings.connect) connect();
