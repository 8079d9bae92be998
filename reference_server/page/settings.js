// What the page's address asks for (README.md lists the parameters), and the token it is given.

const asked = new URLSearchParams(location.search);

const truth = (name, fallback) => (asked.has(name) ? !["0", "false", "off"].includes(asked.get(name)) : fallback);

const number = (name, fallback, least, most) => {
  const value = Number(asked.get(name) || NaN);
  return Number.isFinite(value) ? Math.min(Math.max(value, least), most) : fallback;
};

const choice = (name, choices) => (choices.includes(asked.get(name)) ? asked.get(name) : choices[0]);

export const LIMITS = { rate: [10, 5000], count: [1, 10000], agents: [1, 200] };

/** Read once; the four switches change when the user throws them. */
export const settings = {
  batching: truth("batching", true),
  debouncing: truth("debouncing", true),
  memory: truth("memory", true),
  socket: truth("socket", true),
  batchSize: number("batch_size", 10, 1, 1000),
  batchMs: number("batch_ms", 50, 0, 10000),
  debounceMs: number("debounce_ms", 100, 0, 10000),
  keep: number("keep", 500, 10, 100000),
  thresholdMb: number("threshold_mb", 50, 1, 100000),
  pingMs: number("ping_ms", 2000, 50, 600000),
  connect: truth("connect", true),
  session: asked.get("session") || crypto.randomUUID(),
  load: {
    auto: truth("load", false),
    kind: choice("kind", ["updates", "messages", "mixed"]),
    rate: number("rate", 60, ...LIMITS.rate),
    count: number("count", 600, ...LIMITS.count),
    agents: number("agents", 8, ...LIMITS.agents),
  },
  slowRenderMs: number("slow_render_ms", 0, 0, 5000),
  leak: truth("leak", false),
  giveUp: truth("give_up", false),
};

const TOKEN = "pulsegate-token";

/** Take the token out of the address, so that it is in no history and no screenshot, and keep it for this tab. */
export function takeToken() {
  const given = new URLSearchParams(location.hash.slice(1)).get("token");
  if (given === null) return;
  keepToken(given);
  history.replaceState(null, "", location.pathname + location.search);
}

export function keepToken(token) {
  if (token.trim()) sessionStorage.setItem(TOKEN, token.trim());
  else sessionStorage.removeItem(TOKEN);
}

export const readToken = () => sessionStorage.getItem(TOKEN) ?? "";
