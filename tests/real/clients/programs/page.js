// In the page: everything that happens goes to `happened`, which the test gives.

window.openSource = (url, types, withCredentials = false) => {
  const source = new EventSource(url, { withCredentials });
  window.source = source;
  source.onopen = () => happened({ happened: "open" });
  source.onerror = (event) => {
    if (event.data !== undefined) return; // a message of that name
    happened({ happened: source.readyState === EventSource.CLOSED ? "failed" : "reconnecting" });
  };
  for (const type of ["message", ...types]) {
    source.addEventListener(type, ({ data, lastEventId }) => {
      if (data !== undefined) happened({ happened: "event", type, data: JSON.parse(data), id: lastEventId });
    });
  }
};

window.openSocket = (url) => {
  const socket = new WebSocket(url);
  window.socket = socket;
  socket.onopen = () => happened({ happened: "open" });
  socket.onmessage = ({ data }) => happened({ happened: "message", ...JSON.parse(data) });
  socket.onclose = ({ code, wasClean }) => happened({ happened: "close", code, wasClean });
};

window.ask = async (url, options) => {
  try {
    const answer = await fetch(url, options);
    const conversation = answer.headers.get("X-Conversation-Id");
    happened({ happened: "answer", status: answer.status, conversation, text: await answer.text() });
  } catch (problem) {
    happened({ happened: "failed", message: String(problem) });
  }
};
