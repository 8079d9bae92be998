// The indicator, the connection panel and the figures. None of it is counted as a render of the state.

import { counts, latencyMs, messageRate, renderMs, renderRate, updateRate } from "./counters.js";
import { element, setText } from "./render.js";

const at = (id) => document.getElementById(id);

const WORDS = {
  open: "Connected",
  connecting: "Connecting",
  reconnecting: "Reconnecting",
  closed: "Disconnected",
};

/** The documented bands: below the first bound excellent, up to the second good, else degraded. */
const BANDS = { latency: [100, 300], updates: [60, 120], heap: [50, 100], render: [16, 33] };

/** How many of the last sentences stay in the announcer. */
const ANNOUNCED = 5;

function band(name, value) {
  const [excellent, good] = BANDS[name];
  if (value < excellent) return "excellent";
  return value <= good ? "good" : "degraded";
}

/** The worst of the links is how the page is. */
export function overall(links) {
  return ["reconnecting", "connecting", "closed"].find((one) => links.some(({ status }) => status === one)) ?? "open";
}

export const heapMb = () => (performance.memory ? performance.memory.usedJSHeapSize / 1e6 : null);

/** Speaks to whoever does not look, and not every word of a stream. A sentence stays until a few others have come. */
export function announce(sentence) {
  at("announcer").append(element("p", "", sentence));
  while (at("announcer").childElementCount > ANNOUNCED) at("announcer").firstElementChild.remove();
}

export class ConnectionPanel {
  #links;
  #rows = new Map();
  #since = null;
  #shown = "";

  constructor(links) {
    this.#links = links;
    for (const link of links) this.#rows.set(link, this.#addRow(link));
  }

  get uptimeMs() {
    return this.#since === null ? 0 : performance.now() - this.#since;
  }

  render() {
    const status = overall(this.#links);
    if (status !== "open") this.#since = null;
    else this.#since ??= performance.now();
    for (const [link, row] of this.#rows) {
      row.line.dataset.status = link.status;
      setText(row.status, WORDS[link.status]);
      setText(row.attempts, String(link.attempts));
    }
    this.#renderErrors();
    at("connect").disabled = status !== "closed";
    at("disconnect").disabled = this.#links.every((link) => link.status === "closed");
    document.body.dataset.connection = status;
    setText(at("status-text"), WORDS[status]);
    if (status !== this.#shown && this.#shown) announce(WORDS[status]);
    this.#shown = status;
  }

  tick() {
    const latency = latencyMs.mean;
    const shown = latency === null || this.#since === null ? "" : `${latency.toFixed(1)} ms`;
    setText(at("status-latency"), shown);
    setText(at("latency"), shown ? `${shown} · ${band("latency", latency)}` : "–");
    const now = this.#links.reduce((sum, link) => sum + link.attempts, 0);
    setText(at("attempts"), `${now} now, ${counts.reconnections} in all`);
  }

  #addRow(link) {
    const line = element("tr");
    const name = element("th", "", link.name);
    name.scope = "row";
    const parts = { line, status: element("td", "state"), attempts: element("td", "figure") };
    line.append(name, parts.status, parts.attempts);
    at("links").append(line);
    return parts;
  }

  #renderErrors() {
    const errors = this.#links.filter((link) => link.error).map((link) => `${link.name}: ${link.error}`);
    at("errors").replaceChildren(...errors.map((error) => element("li", "", error)));
    at("errors").hidden = !errors.length;
    at("no-errors").hidden = errors.length > 0;
  }
}

/** Hours, minutes and seconds. */
export function clock(milliseconds) {
  const seconds = Math.floor(milliseconds / 1000);
  const parts = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  return parts.map((part) => String(part).padStart(2, "0")).join(":");
}

export function renderFigures(uptimeMs, kept) {
  const latency = latencyMs.mean;
  const render = renderMs.mean;
  const updates = updateRate.perSecond();
  const heap = heapMb();
  figure("messages-total", String(counts.messages));
  figure("messages-rate", messageRate.perSecond().toFixed(1));
  figure("latency-mean", latency === null ? "–" : `${latency.toFixed(1)} ms`, latency, "latency");
  figure("uptime", clock(uptimeMs));
  figure("updates-rate", `${updates.toFixed(1)}/s`, updates || null, "updates");
  figure("renders-rate", `${renderRate.perSecond().toFixed(1)}/s`);
  figure("render-mean", render === null ? "–" : `${render.toFixed(2)} ms`, render, "render");
  figure("kept", String(kept));
  figure("heap", heap === null ? "unknown" : `${heap.toFixed(1)} MB`, heap, "heap");
}

function figure(id, text, value = null, bands = "") {
  const place = at(id);
  setText(place.querySelector("output"), text);
  const name = value === null ? "" : band(bands, value);
  const label = place.querySelector(".band");
  if (!label) return;
  setText(label, name);
  label.dataset.band = name;
}
