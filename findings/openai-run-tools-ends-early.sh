#!/bin/bash
# openai 7.59.0 and 6.49.0, the package's own loop over tools (chat.completions.runTools), seen 2026-11-29.
#
# Seen: after ten answers of the model the loop ends, whatever is still to be done. Nothing is thrown and no event
# differs from those of a run that is done: finalContent() resolves, with null, the last message is a tool's result that
# the model never saw, and the ten calls were carried out. The same null comes back, after one call, when `tool_choice`
# names the tool. A tool that the model invented and arguments that are no JSON are answered to the model, which goes
# on; a tool that throws ends the whole run.
#
# Guessed: a limit that one did not set is either generous or says that it was reached, as the Agents SDK of the same
# maker does (MaxTurnsExceededError), and a tool's error goes where the other errors go. An agent built on it stops in
# the middle of longer tasks and looks done: null reads like "nothing to add". Set `maxChatCompletions`, look whether
# the last message is the model's, and catch errors inside the tools.
set -eu
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT; cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund openai6@npm:openai@6.49.0 openai7@npm:openai@7.59.0 >/dev/null 2>&1
cat > run.mjs <<'J'
import { createServer } from "node:http";
import { setMaxListeners } from "node:events";
console.log(`Node ${process.version}`);
setMaxListeners(0);
const call = (name, text = "{}") => ({ role: "assistant", content: null, tool_calls: [{ id: "call", type: "function", function: { name, arguments: text } }] });
const done = { role: "assistant", content: "done" };
const scenes = {
  "nine calls are needed": [(round) => (round <= 9 ? call("mail") : done), {}, "done; 9 mails; last message: assistant"],
  "twelve calls are needed": [(round) => (round <= 12 ? call("mail") : done), {}, "null; 10 mails; last message: tool"],
  "the tool is named": [(round) => (round === 1 ? call("mail") : done), { tool_choice: { type: "function", function: { name: "mail" } } }, "null; 1 mails; last message: tool"],
  "no such tool": [(round) => (round === 1 ? call("fax") : done), {}, "done; 0 mails; last message: assistant"],
  "arguments are no JSON": [(round) => (round === 1 ? call("mail", "{") : done), {}, "done; 0 mails; last message: assistant"],
  "the tool throws": [(round) => [call("mail"), call("throws"), done][round - 1], {}, "rejected: broken; 1 mails; last message: assistant"],
};
let answer, round;
const server = createServer((request, response) => request.resume().on("end", () => {
  round += 1;
  const message = answer(round);
  const choices = [{ index: 0, message, finish_reason: message.tool_calls ? "tool_calls" : "stop" }];
  response.setHeader("content-type", "application/json").end(JSON.stringify({ id: "1", object: "chat.completion", created: 1, model: "some-model", choices }));
}));
await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
for (const name of ["openai6", "openai7"]) {
  const { default: OpenAI } = await import(name);
  const client = new OpenAI({ apiKey: "none", baseURL: `http://127.0.0.1:${server.address().port}/v1`, maxRetries: 0 });
  for (const [scene, [script, options, expected]] of Object.entries(scenes)) {
    let mails = 0;
    [answer, round] = [script, 0];
    const tool = (title, run) => ({ type: "function", function: { name: title, description: title, parameters: { type: "object", properties: {} }, parse: JSON.parse, function: run } });
    const tools = [tool("mail", () => { mails += 1; return "sent"; }), tool("throws", () => { throw new Error("broken"); })];
    const runner = client.chat.completions.runTools({ model: "some-model", messages: [{ role: "user", content: "Send the mails" }], tools, ...options });
    const outcome = await runner.finalContent().catch((error) => `rejected: ${error.message}`);
    const seen = `${outcome}; ${mails} mails; last message: ${runner.messages.at(-1).role}`;
    console.log(`${name}, ${scene}: ${seen}`);
    if (seen !== expected) { console.log(`CHANGED: expected ${expected}`); process.exitCode = 1; }
  }
}
server.close();
J
node run.mjs
