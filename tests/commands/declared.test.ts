import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join, basename } from "node:path";
import { test } from "node:test";
import type { Command } from "../../src/commands/command.js";
import { allCommands } from "../../src/commands/index.js";
import { commandLine } from "../../src/prompt/system-prompt.js";
import { repository } from "../support/program.js";
import { fixtureText } from "../support/fixtures.js";

const folder = join(repository, "src", "commands");

test("every file that declares a command is named after it, declares one, and stands in the list", async () => {
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((file) =>
    readFileSync(join(folder, file.endsWith(".ts") ? file : "command.ts"), "utf8").includes("= defineCommand({"),
  );
  const declared = await Promise.all(
    files.map(async (file) => {
      const module = `../../src/commands/${file.replace(/ts$/, "js")}`;
      const exported = Object.values((await import(module)) as Record<string, Command>);
      assert.equal(exported.length, 1, `src/commands/${file} should export its command and nothing else.`);
      const [command] = exported as [Command];
      const wanted = `${command.name.replaceAll("_", "-")}.ts`;
      assert.equal(basename(file), wanted, `src/commands/${file} should be called ${wanted}, after its command.`);
      return command.name;
    }),
  );
  assert.ok(declared.length >= 15);
  const listed = new Set(allCommands.map(({ name }) => name));
  const missing = declared.filter((name) => !listed.has(name));
  assert.deepEqual(missing, [], "Put a line for it into laterCommands of src/commands/index.ts.");
  assert.equal(allCommands.length, declared.length, "A command of the list lies in no file of its own.");
});

test("names and synonyms are each given once", () => {
  const names = allCommands.flatMap(({ name, synonyms = [] }) => [name, ...synonyms]);
  assert.deepEqual([...new Set(names)], names, "Give the command or the synonym that stands here twice another name.");
});

test("every listed command has the prompt line of the reference text, in its order", () => {
  const lines = [...fixtureText("prompt.txt").matchAll(/^\d+\. (.*: "(\w+)", args: .*)$/gm)];
  const known = new Map(lines.map(([, line = "", name = ""]) => [name, line]));
  const listed = allCommands.filter(({ hidden, name }) => !hidden && known.has(name));
  assert.ok(listed.length >= 15);
  assert.deepEqual(
    listed.map(commandLine),
    [...known].filter(([name]) => listed.some((command) => command.name === name)).map(([, line]) => line),
    "originalCommands of src/commands/index.ts has the original's commands, in the order and words of tests/fixtures/prompt.txt.",
  );
  assert.equal(allCommands.filter(({ hidden }) => !hidden).at(-1)?.name, "do_nothing");
});
