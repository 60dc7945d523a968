import assert from "node:assert/strict";
import { test } from "node:test";
import * as z from "zod";
import { defineCommand, type Need } from "../../src/commands/command.js";
import { allCommands, availableCommands, commandsWith } from "../../src/commands/index.js";

const names = (commands: readonly { name: string }[]): string[] => commands.map(({ name }) => name);
const needing = (need: Need): string[] => names(allCommands.filter(({ needs }) => needs === need));

test("a run that has everything has every command", () => {
  const has = new Set<Need>(["shell", "python", "downloads", "images", "skills"]);
  assert.deepEqual(availableCommands(allCommands, has), allCommands);
});

test("what a run has not takes a command away, unless the command explains itself: then it is only not listed", () => {
  const without = availableCommands(allCommands, new Set());
  const gone = [...needing("downloads"), ...needing("images"), ...needing("skills")];
  assert.deepEqual(gone, ["download_file", "generate_image", "use_skill"]);
  assert.deepEqual(
    names(without),
    names(allCommands).filter((name) => !gone.includes(name)),
  );
  const code = [...needing("python"), ...needing("shell")];
  assert.ok(code.includes("execute_shell"));
  assert.deepEqual(
    names(without.filter(({ hidden }) => hidden)).sort(),
    [...code, ...names(allCommands.filter(({ hidden }) => hidden))].sort(),
  );
});

const own = defineCommand({
  name: "count_words",
  label: "Count words",
  args: z.object({ text: z.string().describe("<text>") }),
  effect: "nothing",
  synonyms: ["wc"],
  run: async ({ text }) => String(text.split(/\s+/).length),
});

test("commands from outside stand before the last one, and under no name that is taken", () => {
  assert.deepEqual(names(commandsWith([own])).slice(-2), ["count_words", "do_nothing"]);
  assert.equal(commandsWith([own]).length, allCommands.length + 1);
  for (const [taken, name] of [
    [{ ...own, name: "google" }, "google"],
    [{ ...own, name: "do_nothing" }, "do_nothing"],
    [{ ...own, name: "write_file" }, "write_file"],
    [{ ...own, synonyms: ["read_file"] }, "read_file"],
  ] as const)
    assert.throws(() => commandsWith([taken]), {
      name: "SettingsError",
      message: new RegExp(`The command "${taken.name}" .*"${name}", which is taken`),
    });
  assert.throws(() => commandsWith([own, { ...own, name: "wc" }]), { message: /"wc", which is taken/ });
});
