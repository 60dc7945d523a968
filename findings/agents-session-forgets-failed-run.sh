#!/bin/bash
# @openai/agents 0.20.0, a run with a session (MemorySession), seen 2026-11-29.
#
# Seen: a run that ends in an error leaves nothing of its work in the session: not the calls of tools that were carried
# out, not their results, and, unless it streams, not even the user's message. So it is when the limit of turns is
# reached, when the model's service fails in a later turn, when a tool throws, and when the model asks for a tool that
# does not exist. An aborted run keeps all of it; aborted while it streams, it keeps the user's message alone.
#
# Guessed: a session grows with the conversation, a turn at a time, and certainly when the loop stops by its own limit:
# the mail was sent, so the next run on the session knows it. In fact the next run begins as if nothing had happened,
# and "go on" makes the model send the mail again. Take the items out of the error's `state` where it has one (a failure
# of the service carries none), or keep a record of what the tools did.
set -eu
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT; cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund @openai/agents@0.20.0 zod@4.6.7 >/dev/null 2>&1
cat > run.mjs <<'J'
import { Agent, MemorySession, Runner, Usage, setTracingDisabled, tool } from "@openai/agents";
import { z } from "zod";
setTracingDisabled(true);
console.log(`Node ${process.version}`);
let calls = 0;
const call = (name) => [{ type: "function_call", callId: `call-${++calls}`, name, status: "completed", arguments: "{}" }];
const text = (words) => [{ type: "message", role: "assistant", status: "completed", content: [{ type: "output_text", text: words }] }];
class ScriptedModel {
  constructor(script) { this.script = script; }
  next() {
    const output = this.script.shift();
    if (output instanceof Error) throw output;
    return { output, usage: { inputTokens: 10, outputTokens: 5, totalTokens: 15 } };
  }
  async getResponse() { const { output, usage } = this.next(); return { output, usage: new Usage(usage), responseId: "1" }; }
  async *getStreamedResponse() { yield { type: "response_done", response: { id: "1", ...this.next() } }; }
}
const parameters = z.object({});
const everything = "user, call of mail, result", nothing = "";
const scenes = {
  "it finishes": [() => [call("mail"), text("done")], {}, `${everything}, assistant`, `${everything}, assistant`],
  "limit of turns": [() => [call("mail")], { maxTurns: 1 }, nothing, "user"],
  "service fails": [() => [call("mail"), new Error("500 overloaded")], {}, nothing, "user"],
  "tool throws": [() => [call("mail"), call("throws")], {}, nothing, "user"],
  "no such tool": [() => [call("mail"), call("nothing")], {}, nothing, "user"],
  "aborted": [() => [call("mail"), call("abort")], {}, `${everything}, call of abort, result`, "user"],
};
for (const [scene, [script, options, plain, streamed]] of Object.entries(scenes))
  for (const stream of [false, true]) {
    let mails = 0;
    const controller = new AbortController();
    const make = (name, execute) => tool({ name, description: name, parameters, execute, errorFunction: null });
    const tools = [
      make("mail", async () => { mails += 1; return "sent"; }),
      make("throws", async () => { throw new Error("broken"); }),
      make("abort", async () => { controller.abort(); return "late"; }),
    ];
    const session = new MemorySession();
    const agent = new Agent({ name: "agent", model: new ScriptedModel(script()), tools });
    let outcome = "ended";
    try {
      const result = await new Runner().run(agent, "Send the mail", { session, stream, signal: controller.signal, ...options });
      if (stream) await result.completed;
    } catch (error) { outcome = `${error.constructor.name}${error.state ? " with state" : ""}`; }
    const names = { function_call: (item) => `call of ${item.name}`, function_call_result: () => "result" };
    const items = (await session.getItems()).map((item) => names[item.type]?.(item) ?? item.role).join(", ");
    console.log(`${scene}, ${stream ? "streamed" : "plain"}: ${outcome}; mails sent: ${mails}; session: ${items || "empty"}`);
    if (mails !== 1 || items !== (stream ? streamed : plain)) { console.log(`CHANGED: expected ${stream ? streamed : plain}`); process.exitCode = 1; }
  }
J
node run.mjs
