#!/bin/bash
# @langchain/langgraph 1.7.3 (core 1.4.0, langchain 1.5.14) with a checkpointer, seen 2026-11-29.
#
# Seen: the model asks for two tools in one answer, `mail` and one that asks the user (interrupt()). In
# createReactAgent(), the mail is sent, the question comes back, and after the user's answer the mail is sent again: all
# calls of an answer are one node there. In createAgent() of the langchain package the same two tools run once each. In
# a graph of one's own, too, it depends on how the step ends. Of three nodes side by side, one ends early, one late, one
# stops the step in between. Does that one ask, the late one is waited for, and both are kept. Does it throw, invoke()
# rejects at once; the late one gets an aborted signal, and if it is past stopping, it does its work, its result is
# thrown away, and the resumed run does the work a second time.
#
# Guessed: a checkpoint keeps what was completed, whatever happens beside it; the documentation says so of the nodes of
# a step, and two ready-made agents of one family treat a tool call alike. Nothing is logged when it runs again. Give
# tools and nodes with side effects a key by which they know work that was done, or let each be a step of its own.
set -eu
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT; cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund @langchain/langgraph@1.7.3 @langchain/core@1.4.0 langchain@1.5.14 zod@4.6.7 >/dev/null 2>&1
cat > run.mjs <<'J'
import { Annotation, Command, END, MemorySaver, START, StateGraph, interrupt } from "@langchain/langgraph";
import { createReactAgent } from "@langchain/langgraph/prebuilt";
import { AIMessage } from "@langchain/core/messages";
import { BaseChatModel } from "@langchain/core/language_models/chat_models";
import { createAgent, tool } from "langchain";
import { setTimeout as wait } from "node:timers/promises";
import { z } from "zod";
console.log(`Node ${process.version}`);
const check = (what, seen, expected) => {
  console.log(`${what}: ${seen}`);
  if (seen !== expected) { console.log(`CHANGED: expected ${expected}`); process.exitCode = 1; }
};
const thread = () => ({ configurable: { thread_id: "thread" } });
const Log = Annotation.Root({ log: Annotation({ reducer: (old, more) => old.concat(more), default: () => [] }) });
for (const kind of ["throws", "asks"]) {
  const runs = { early: 0, late: 0 };
  let aborted = false, ended, first = true;
  const lateEnded = new Promise((resolve) => (ended = resolve));
  const graph = new StateGraph(Log)
    .addNode("early", () => { runs.early += 1; return { log: ["early"] }; })
    .addNode("late", async (_state, { signal }) => {
      await wait(500);
      runs.late += 1;
      aborted ||= signal?.aborted === true;
      ended();
      return { log: ["late"] };
    })
    .addNode("other", async () => {
      await wait(100);
      if (kind === "asks") return { log: [interrupt("May I?")] };
      if (first) throw new Error("broken");
      return { log: ["yes"] };
    });
  for (const node of ["early", "late", "other"]) graph.addEdge(START, node).addEdge(node, END);
  const app = graph.compile({ checkpointer: new MemorySaver() });
  const outcome = await app.invoke({}, thread()).then((state) => (state.__interrupt__ ? "asked" : "ended"), (error) => error.message);
  const before = runs.late;
  await lateEnded;
  await wait(200); // time to keep the late result, if it were kept
  first = false;
  const { log } = await app.invoke(kind === "asks" ? new Command({ resume: "yes" }) : null, thread());
  check(
    `a node ${kind}`,
    `${outcome}; late node done by then: ${before}, told to stop: ${aborted}; after resuming: early ran ${runs.early}, late ran ${runs.late}, log ${log.sort()}`,
    kind === "throws"
      ? "broken; late node done by then: 0, told to stop: true; after resuming: early ran 1, late ran 2, log early,late,yes"
      : "asked; late node done by then: 1, told to stop: false; after resuming: early ran 1, late ran 1, log early,late,yes",
  );
}
class ScriptedModel extends BaseChatModel {
  constructor(script) { super({}); this.script = script; }
  _llmType() { return "scripted"; }
  bindTools() { return this; }
  async _generate() { return { generations: [{ text: "", message: this.script.shift() }] }; }
}
const makers = {
  createReactAgent: (model, tools, checkpointer) => createReactAgent({ llm: model, tools, checkpointSaver: checkpointer }),
  createAgent: (model, tools, checkpointer) => createAgent({ model, tools, checkpointer }),
};
for (const [name, make] of Object.entries(makers)) {
  let mails = 0;
  const schema = z.object({});
  const mail = tool(async () => { mails += 1; return "sent"; }, { name: "mail", description: "Sends", schema });
  const ask = tool(async () => `the user said ${interrupt("May I?")}`, { name: "ask", description: "Asks", schema });
  const calls = ["mail", "ask"].map((name, index) => ({ id: `call-${index}`, name, args: {}, type: "tool_call" }));
  const agent = make(new ScriptedModel([new AIMessage({ content: "", tool_calls: calls }), new AIMessage("done")]), [mail, ask], new MemorySaver());
  await agent.invoke({ messages: [{ role: "user", content: "Send it" }] }, thread());
  const before = mails;
  const { messages } = await agent.invoke(new Command({ resume: "yes" }), thread());
  check(`${name}, a tool asks beside mail`, `mails before the answer ${before}, after it ${mails}; last message: ${messages.at(-1).content}`,
    `mails before the answer 1, after it ${name === "createAgent" ? 1 : 2}; last message: done`);
}
J
node run.mjs
