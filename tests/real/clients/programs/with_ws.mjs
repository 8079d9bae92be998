// The npm package ws: obeys the orders on its standard input, and prints a line for everything that comes.
import { createRequire } from "node:module";
import { createInterface } from "node:readline";

const { WebSocket } = createRequire(process.cwd() + "/")("ws");
const [url, headers = "{}"] = process.argv.slice(2);
const tell = (seen) => process.stdout.write(JSON.stringify(seen) + "\n");

const socket = new WebSocket(url, { headers: JSON.parse(headers) });
socket.on("open", () => tell({ happened: "open" }));
socket.on("message", (data, binary) => tell({ happened: "message", binary, ...JSON.parse(data) }));
socket.on("pong", (data) => tell({ happened: "pong", data: data.toString() }));
socket.on("close", (code, reason) => tell({ happened: "close", code, reason: reason.toString() }));
socket.on("unexpected-response", (_, answer) => tell({ happened: "refused", status: answer.statusCode }));
socket.on("error", (problem) => tell({ happened: "error", message: problem.message }));

for await (const line of createInterface({ input: process.stdin })) {
  const order = JSON.parse(line);
  if (order.send !== undefined) socket.send(JSON.stringify(order.send));
  if (order.raw !== undefined) socket.send(order.raw);
  if (order.ping !== undefined) socket.ping(order.ping);
  if (order.close !== undefined) socket.close(order.close);
}
