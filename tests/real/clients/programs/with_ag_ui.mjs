// HttpAgent of @ag-ui/client: a run for every message on standard input; prints the events of the run and how it ended.
import { createRequire } from "node:module";
import { createInterface } from "node:readline";
import { randomUUID } from "node:crypto";

const { HttpAgent } = createRequire(process.cwd() + "/")("@ag-ui/client");
const [url, headers = "{}"] = process.argv.slice(2);
const tell = (seen) => process.stdout.write(JSON.stringify(seen) + "\n");

const agent = new HttpAgent({ url, headers: JSON.parse(headers) });
for await (const line of createInterface({ input: process.stdin })) {
  agent.messages.push({ id: randomUUID(), role: "user", content: JSON.parse(line).say });
  try {
    const { newMessages } = await agent.runAgent({}, { onEvent: ({ event }) => tell({ happened: "event", type: event.type }) });
    tell({ happened: "end", new: newMessages, messages: agent.messages, state: agent.state });
  } catch (problem) {
    tell({ happened: "failed", message: String(problem.message ?? problem) });
  }
}
