// What an event or a message of the server's asks of the state. Nothing in it is trusted to be of the right type.

const text = (value) => (typeof value === "string" ? value : value === undefined ? "" : JSON.stringify(value));

const percent = (value) => (Number.isFinite(value) ? Math.min(Math.max(value, 0), 100) : undefined);

const named = (value, fallback) => text(value).slice(0, 100) || fallback;

function agent(data, source) {
  const task = data.currentTask === undefined ? undefined : text(data.currentTask);
  const id = named(data.agentId, source);
  return { kind: "agent", id, status: text(data.status), progress: percent(data.progress), task };
}

function runProgress(data) {
  return { kind: "run", progress: percent(data.progress) ?? 0, text: text(data.message), task: text(data.currentTask) };
}

function failure(id, data, author) {
  return { kind: "message", id, role: "error", author, text: text(data.message) || "It failed without a reason." };
}

/** The operation for a named event (RT and the load), or null. */
export function ofEvent(type, data) {
  const author = named(data.agentId, "Agent");
  const id = `event:${text(data.messageId)}`;
  switch (type) {
    case "agent_update":
      return agent(data, "Agent");
    case "execution_progress":
      return runProgress(data);
    case "message_delta":
      return { kind: "delta", id, role: "agent", author, text: text(data.delta) };
    case "message_complete":
      return { kind: "message", id, role: "agent", author, text: text(data.content) };
    case "error":
      return { ...failure(`error:${crypto.randomUUID()}`, data, "Run"), ends: id };
    default:
      return null;
  }
}

/** The operation for a message of the socket, or null. */
export function ofMessage(message) {
  const payload = typeof message.payload === "object" && message.payload !== null ? message.payload : {};
  const author = named(message.source, "Somebody");
  const id = `socket:${crypto.randomUUID()}`;
  switch (message.type) {
    case "agent_status":
      return agent(payload, author);
    case "agent_message":
      return { kind: "message", id, role: "peer", author, text: text(payload.text ?? message.payload) };
    case "state_update":
      return { kind: "message", id, role: "peer", author, text: `State: ${text(message.payload)}` };
    case "error":
      return failure(id, payload, "WebSocket");
    default:
      return null;
  }
}
