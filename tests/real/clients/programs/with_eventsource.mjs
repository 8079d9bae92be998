// The npm package eventsource: prints a line for every event of the stream, and for what happens to the connection.
import { createRequire } from "node:module";

const { EventSource } = createRequire(process.cwd() + "/")("eventsource");
const [url, ...types] = process.argv.slice(2);
const tell = (seen) => process.stdout.write(JSON.stringify(seen) + "\n");

const source = new EventSource(url);
source.onopen = () => tell({ happened: "open" });
source.onerror = (event) => {
  if (event.data !== undefined) return; // a message of that name
  const closed = source.readyState === EventSource.CLOSED;
  tell({ happened: closed ? "failed" : "reconnecting", status: event.code, message: event.message });
};
for (const type of ["message", ...types]) {
  source.addEventListener(type, ({ data, lastEventId }) => {
    if (data !== undefined) tell({ happened: "event", type, data: JSON.parse(data), id: lastEventId });
  });
}
