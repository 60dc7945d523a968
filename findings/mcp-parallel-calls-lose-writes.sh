#!/bin/bash
# @modelcontextprotocol/server-memory and server-filesystem 2026.8.31 (the protocol's own reference servers), asked by
# @modelcontextprotocol/client 2.4.0 over stdio, seen 2026-11-29.
#
# Seen: ten calls sent together to one server, by one client. create_entities with ten different names answers ten times
# with the entity it created, and the memory holds one of them. edit_file on ten different lines of one file answers ten
# times with the diff of its line, and the file holds one of the ten changes. Sent one after another, all ten are there.
# (Each call reads the whole file, changes its copy and writes the whole file back; nothing makes the calls wait for
# each other.)
#
# Guessed: a server that takes its requests one by one from one pipe, and owns the file, keeps what it reports as done;
# what touches different entities or different lines does not disturb. Models do ask for several tools in one answer,
# and agents that send those calls at once lose memories and edits that the model has just read a success for. Send
# calls to one server one after another, unless its tools are marked as read-only.
set -eu
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT; cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund @modelcontextprotocol/client@2.4.0 @modelcontextprotocol/server-memory@2026.8.31 @modelcontextprotocol/server-filesystem@2026.8.31 >/dev/null 2>&1
cat > run.mjs <<'J'
import { Client } from "@modelcontextprotocol/client";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";
import { mkdtempSync, readFileSync, realpathSync, writeFileSync } from "node:fs";
import { join } from "node:path";
console.log(`Node ${process.version}`);
const numbers = Array.from({ length: 10 }, (_, index) => index);
const kinds = {
  "server-memory, create_entities": {
    start: (folder) => ({ args: ["node_modules/@modelcontextprotocol/server-memory/dist/index.js"], env: { MEMORY_FILE_PATH: join(folder, "memory.jsonl") } }),
    prepare() {},
    call: (_folder, number) => ({ name: "create_entities", arguments: { entities: [{ name: `entity-${number}`, entityType: "thing", observations: ["seen"] }] } }),
    says: (result, number) => result.structuredContent.entities[0].name === `entity-${number}`,
    kept: (folder) => readFileSync(join(folder, "memory.jsonl"), "utf8").split("\n").filter((line) => line.includes("entity-")).length,
  },
  "server-filesystem, edit_file": {
    start: (folder) => ({ args: ["node_modules/@modelcontextprotocol/server-filesystem/dist/index.js", folder] }),
    prepare: (folder) => writeFileSync(join(folder, "file.txt"), numbers.map((number) => `line ${number} old\n`).join("")),
    call: (folder, number) => ({ name: "edit_file", arguments: { path: join(folder, "file.txt"), edits: [{ oldText: `line ${number} old`, newText: `line ${number} new` }] } }),
    says: (result, number) => result.content[0].text.includes(`+line ${number} new`),
    kept: (folder) => readFileSync(join(folder, "file.txt"), "utf8").match(/new/g)?.length ?? 0,
  },
};
for (const [what, kind] of Object.entries(kinds))
  for (const together of [false, true]) {
    const folder = realpathSync(mkdtempSync("data-"));
    kind.prepare(folder);
    const client = new Client({ name: "finding", version: "1" });
    await client.connect(new StdioClientTransport({ command: process.execPath, stderr: "ignore", ...kind.start(folder) }));
    const ask = async (number) => {
      const result = await client.callTool(kind.call(folder, number));
      return !result.isError && kind.says(result, number);
    };
    const answers = [];
    if (together) answers.push(...(await Promise.all(numbers.map(ask))));
    else for (const number of numbers) answers.push(await ask(number));
    await client.close();
    const success = answers.filter(Boolean).length, kept = kind.kept(folder);
    console.log(`${what}, ${together ? "together" : "one by one"}: ${success} of 10 answers say done, ${kept} of 10 are in the file`);
    if (success !== 10 || together !== kept < 10) { console.log("CHANGED"); process.exitCode = 1; }
  }
J
node run.mjs
