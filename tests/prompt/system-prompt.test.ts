import assert from "node:assert/strict";
import { test } from "node:test";
import { allCommands } from "../../src/commands/index.js";
import { buildSystemPrompt, type PromptParts } from "../../src/prompt/system-prompt.js";
import { fixtureText, textBeside } from "../support/fixtures.js";

const reference = fixtureText("prompt.txt");
const listedNames = allCommands.filter(({ hidden }) => !hidden).map(({ name }) => name);
/** Commands that the reference text does not have. */
const later = listedNames.filter((name) => !reference.includes(`: "${name}", args`));
const parts: PromptParts = {
  aiName: "我是GPT",
  aiRole: "a role",
  goals: ["First: goal", "第二"],
  commands: allCommands.filter(({ name }) => !later.includes(name)),
  fastModel: "gpt-6-luna",
  remembers: true,
};

const numbered = (lines: readonly string[]): string => lines.map((line, index) => `${index + 1}. ${line}`).join("\n");
const linesOf = (text: string, heading: string): string[] =>
  (new RegExp(`${heading}:\n\n((?:\\d+\\. .*\n)+)`).exec(text)?.[1] ?? "")
    .trimEnd()
    .split("\n")
    .map((line) => line.replace(/^\d+\. /, ""));

/** The reference text with the commands and resources that are there, and the names put in. */
function expected(text: string, names: ReadonlySet<string>, isTrue: (resource: string) => boolean): string {
  const commands = linesOf(text, "COMMANDS").filter((line) => names.has(/: "(\w+)", args/.exec(line)?.[1] ?? ""));
  const resources = linesOf(text, "RESOURCES").filter(isTrue);
  return text
    .trimEnd()
    .replace(/(COMMANDS:\n\n)(?:\d+\. .*\n)+/, (_all, heading: string) => `${heading}${numbered(commands)}\n`)
    .replace(/(RESOURCES:\n\n)(?:\d+\. .*\n)+/, (_all, heading: string) => `${heading}${numbered(resources)}\n`)
    .replace("{ai_name}", parts.aiName)
    .replace("{ai_role}", parts.aiRole)
    .replace("{goal 1}", parts.goals[0] ?? "")
    .replace("{goal 2}", parts.goals[1] ?? "")
    .replace("{fast model}", parts.fastModel);
}

test("the system prompt is the reference text word for word, with the commands and resources that are there", () => {
  const listed = new Set(listedNames);
  const searches = listed.has("google") || listed.has("browse_website");
  const always = expected(reference, listed, (line) => searches || !line.startsWith("Internet"));
  assert.equal(buildSystemPrompt(parts).trimEnd(), always);
  const forgetting = expected(
    reference,
    listed,
    (line) => (searches || !line.startsWith("Internet")) && !line.startsWith("Long Term"),
  );
  assert.equal(buildSystemPrompt({ ...parts, remembers: false }).trimEnd(), forgetting);
});

const original = textBeside("spec", "prompt.txt");
if (original !== null) {
  test("the reference text is the one that lies beside the repository", () => {
    assert.equal(reference, original);
  });
}

test("pitfalls 14 and 63: only commands and resources that are there are listed, numbered from 1 without gaps", () => {
  const files = allCommands.filter(({ name }) => ["write_to_file", "read_file"].includes(name));
  const prompt = buildSystemPrompt({ ...parts, remembers: false, commands: files });
  assert.match(prompt, /COMMANDS:\n\n1\. Write to file: .*\n2\. Read file: .*\n\n/);
  assert.match(prompt, /RESOURCES:\n\n1\. File output\.\n\n/);
  assert.doesNotMatch(prompt, /Long Term memory|powered Agents|Internet access/);
});

test("commands that the reference text lacks stand before the last one", () => {
  const lines = linesOf(buildSystemPrompt({ ...parts, commands: allCommands }), "COMMANDS");
  const names = lines.map((line) => /: "(\w+)", args/.exec(line)?.[1] ?? line);
  const original = names.filter((name) => !later.includes(name));
  assert.ok(later.length > 0);
  assert.deepEqual(
    names,
    [...original.slice(0, -1), ...later, "do_nothing"],
    "A new command's line belongs into laterCommands of src/commands/index.ts.",
  );
});

test("hidden commands are understood and not listed", () => {
  const hidden = allCommands.filter((command) => command.hidden).map(({ name }) => name);
  assert.ok(hidden.includes("memory_add"));
  for (const name of hidden) assert.doesNotMatch(buildSystemPrompt(parts), new RegExp(name));
});
