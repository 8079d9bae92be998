// One question and its answer: streamed word by word with a token, whole without one.

import { parsed } from "./links.js";

/** Splits an event stream into the data of its events; texts come in pieces of any size. */
export class EventParser {
  #text = "";
  #data = [];
  #afterReturn = false;

  /** The data of the events that `piece` completes. A carriage return ends its line at once, whatever follows. */
  push(piece) {
    if (!piece) return [];
    const lines = (this.#text + (this.#afterReturn ? piece.replace(/^\n/, "") : piece)).split(/\r\n|\n|\r/);
    this.#afterReturn = piece.endsWith("\r");
    this.#text = lines.pop();
    return lines.flatMap((line) => this.#line(line));
  }

  #line(line) {
    if (line === "") {
      const data = this.#data.splice(0);
      return data.length ? [data.join("\n")] : [];
    }
    if (line === "data" || line.startsWith("data:")) this.#data.push(line.slice(5).replace(/^ /, ""));
    return [];
  }
}

export class Chat {
  #store;
  #conversation = null;
  #abort = null;

  constructor(store) {
    this.#store = store;
  }

  get busy() {
    return this.#abort !== null;
  }

  stop() {
    this.#abort?.abort();
  }

  /** Begin a new conversation with the next question: somebody else asks it. */
  forget() {
    this.#conversation = null;
  }

  /** Ask, and return the whole answer once it is there; throws Error with a sentence for the user. */
  async ask(text, token) {
    this.#abort = new AbortController();
    this.#store.put({ kind: "message", id: crypto.randomUUID(), role: "user", author: "You", text }, true);
    try {
      return await (token ? this.#streamed(text, token) : this.#whole(text));
    } catch (problem) {
      if (problem.name === "AbortError") return "";
      throw problem instanceof TypeError ? new Error("The server cannot be reached.") : problem;
    } finally {
      this.#abort = null;
    }
  }

  async #whole(text) {
    const answer = await this.#post("/ai/chat", { message: text });
    const said = String((await answer.json()).response);
    this.#store.put({ kind: "message", id: crypto.randomUUID(), role: "agent", author: "Assistant", text: said });
    return said;
  }

  async #streamed(text, token) {
    const headers = { Authorization: `Bearer ${token}` };
    if (this.#conversation) headers["X-Conversation-Id"] = this.#conversation;
    const body = { messages: [{ role: "user", content: text }], stream: true };
    const answer = await this.#post("/api/v1/chatkit", body, headers);
    this.#conversation = answer.headers.get("X-Conversation-Id");
    const message = { id: crypto.randomUUID(), role: "agent", author: "Assistant" };
    let said = "";
    let ended = false;
    try {
      for await (const data of events(answer.body)) {
        if (data === "[DONE]") ended = true;
        const word = ended ? null : parsed(data)?.choices?.[0]?.delta?.content;
        if (typeof word !== "string") continue;
        said += word;
        this.#store.put({ kind: "delta", ...message, text: word });
      }
    } finally {
      if (said) this.#store.put({ kind: "message", ...message, text: said });
    }
    if (!ended) throw new Error("The answer was cut short: it ended without [DONE].");
    return said;
  }

  async #post(path, body, headers = {}) {
    const answer = await fetch(path, {
      method: "POST",
      headers: { "Content-Type": "application/json", ...headers },
      body: JSON.stringify(body),
      signal: this.#abort.signal,
    });
    if (answer.status === 404) this.forget(); // the server no longer has the conversation
    if (!answer.ok) throw new Error(await sentence(answer));
    return answer;
  }
}

async function* events(body) {
  const parser = new EventParser();
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  for (let read = await reader.read(); !read.done; read = await reader.read()) yield* parser.push(read.value);
}

async function sentence(answer) {
  if (answer.status === 401) return "The token was refused (401).";
  const again = answer.headers.get("Retry-After");
  const detail = await answer.json().then((body) => body?.detail, () => "");
  const reason = typeof detail === "string" && detail ? `: ${detail}` : ".";
  return `The server answered ${answer.status}${reason}${again ? ` Try again in ${again} s.` : ""}`;
}
