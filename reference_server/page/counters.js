// What the page counts of itself. A harness reads it as `window.pulsegate.counters()`.

const MOST_DURATIONS = 20000;

class Durations {
  #ring = new Float64Array(MOST_DURATIONS);
  #count = 0;

  add(milliseconds) {
    this.#ring[this.#count % MOST_DURATIONS] = milliseconds;
    this.#count += 1;
  }

  get mean() {
    const held = this.#held();
    return held.length ? held.reduce((sum, one) => sum + one, 0) / held.length : null;
  }

  /** The latest, oldest first. */
  list() {
    const start = this.#count % MOST_DURATIONS;
    const held = [...this.#held()];
    return this.#count > MOST_DURATIONS ? [...held.slice(start), ...held.slice(0, start)] : held;
  }

  clear() {
    this.#count = 0;
  }

  #held() {
    return this.#ring.subarray(0, Math.min(this.#count, MOST_DURATIONS));
  }
}

/** How often something happened within the last five seconds, per second. */
export class Rate {
  #seconds = new Map();

  add(now = performance.now()) {
    const second = Math.floor(now / 1000);
    this.#seconds.set(second, (this.#seconds.get(second) ?? 0) + 1);
  }

  perSecond(now = performance.now()) {
    const current = Math.floor(now / 1000);
    let sum = 0;
    for (const [second, count] of this.#seconds) {
      if (second < current - 5) this.#seconds.delete(second);
      else if (second < current) sum += count;
    }
    return sum / 5;
  }
}

export const counts = {
  messages: 0, // events and messages from the server, heartbeats too
  updates: 0, // operations on the state that they asked for
  stateUpdates: 0, // changes of the state, each of one operation or several
  renders: 0,
  removed: 0, // messages dropped by memory management
  badMessages: 0, // could not be read
  reconnections: 0,
};

export const renderMs = new Durations();
export const latencyMs = new Durations();
export const messageRate = new Rate();
export const updateRate = new Rate();
export const renderRate = new Rate();

export function countMessage() {
  counts.messages += 1;
  messageRate.add();
}

export function resetCounters() {
  for (const name of Object.keys(counts)) counts[name] = 0;
  renderMs.clear();
  latencyMs.clear();
}
