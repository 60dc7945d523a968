#!/bin/bash
# @langchain/langgraph 1.7.3 (core 1.4.0) with a checkpointer, seen 2026-11-29.
#
# Seen: values in a graph's state are others after a pause (interrupt(), a restart) than before it. Within a run every
# node gets what the node before it returned; a node that begins after a checkpoint was read gets a Date as text, a
# Float32Array (an embedding) as an object without length, a Buffer as { type, data }, a URL as text and NaN as null. A
# Map, a Set, a RegExp, an Error and a Uint8Array do come back as themselves. MemorySaver, which stores nothing outside
# the process, does the same as the saver for SQLite (1.0.4).
#
# Guessed: a serializer that cares for Map, Set, RegExp and Error cares for dates and typed arrays, and the saver in
# memory keeps the objects. Tests that run a graph through in one go pass. In use, just in the runs in which a person
# was asked, `state.due.getTime()` fails, `state.due < new Date()` is false for ever, and a loop over the embedding
# makes no turn, so its similarity to everything is 0. Keep plain JSON in the state, and test a graph with a pause in
# it.
set -eu
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT; cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund @langchain/langgraph@1.7.3 @langchain/core@1.4.0 >/dev/null 2>&1
cat > run.mjs <<'J'
import { Annotation, Command, END, MemorySaver, START, StateGraph, interrupt } from "@langchain/langgraph";
console.log(`Node ${process.version}`);
const State = Annotation.Root({ value: Annotation() });
const kind = (value) => (value === null ? "null" : Number.isNaN(value) ? "NaN" : typeof value === "object" ? value.constructor.name : typeof value);
const values = {
  "a Map": [new Map([["a", 1]]), "Map", "Map"],
  "a Set": [new Set([1]), "Set", "Set"],
  "a RegExp": [/a/g, "RegExp", "RegExp"],
  "an Error": [new Error("broken"), "Error", "Error"],
  "a Uint8Array": [new Uint8Array([1, 2]), "Uint8Array", "Uint8Array"],
  "a Date": [new Date("2026-11-29T00:00:00Z"), "Date", "string"],
  "a Float32Array": [new Float32Array([0.5, 0.25]), "Float32Array", "Object"],
  "a Buffer": [Buffer.from("text"), "Buffer", "Object"],
  "a URL": [new URL("http://127.0.0.1/"), "URL", "string"],
  NaN: [NaN, "NaN", "null"],
};
for (const [name, [value, before, after]] of Object.entries(values)) {
  const seen = [];
  const graph = new StateGraph(State)
    .addNode("make", () => ({ value }))
    .addNode("use", (state) => { seen.push(kind(state.value)); return {}; })
    .addNode("ask", () => { interrupt("Go on?"); return {}; })
    .addNode("use_later", (state) => { seen.push(kind(state.value)); return {}; })
    .addEdge(START, "make").addEdge("make", "use").addEdge("use", "ask").addEdge("ask", "use_later").addEdge("use_later", END)
    .compile({ checkpointer: new MemorySaver() });
  const thread = { configurable: { thread_id: "thread" } };
  await graph.invoke({}, thread);
  await graph.invoke(new Command({ resume: "yes" }), thread);
  console.log(`${name}: ${seen[0]} in the next node, ${seen[1]} after the pause`);
  if (seen[0] !== before || seen[1] !== after) { console.log(`CHANGED: expected ${before}, ${after}`); process.exitCode = 1; }
}
J
node run.mjs
