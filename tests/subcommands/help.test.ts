import assert from "node:assert/strict";
import { test } from "node:test";
import { allCommands } from "../../src/commands/index.js";
import { declaredSettings } from "../../src/settings/schema.js";
import { runInProcess } from "../support/in-process.js";
import { repository } from "../support/program.js";

const run = async (...args: string[]) => runInProcess({ cwd: repository, args });
const help = async (...args: string[]): Promise<string> => {
  const { code, stdout, stderr } = await run(...args);
  assert.deepEqual([code, stderr], [0, ""], args.join(" "));
  return stdout;
};

test("--help is one screen of 80 columns, with examples, every subcommand and where the rest stands", async () => {
  const text = await help("--help");
  const lines = text.trimEnd().split("\n");
  assert.ok(lines.length <= 45, `${lines.length} lines`);
  const long = lines.filter((line) => line.length > 80);
  assert.deepEqual(long, []);
  const twoLines = lines.filter((line) => /^ {6,}/.test(line));
  assert.deepEqual(twoLines, [], "give the subcommand a summary() that fits on its line");
  for (const word of ["Examples:", "autogpt demo", "--max-cost", "help settings", "help commands", "completion"])
    assert.ok(text.includes(word), word);
  assert.equal(await help("help"), text);
});

test("help settings has every flag and every variable of the environment, in 80 columns", async () => {
  const text = await help("help", "settings");
  for (const [, { flag, environment }] of declaredSettings())
    for (const name of [flag?.long, flag?.short, environment?.[0]]) assert.ok(text.includes(name ?? ""), name);
  assert.deepEqual(
    text.split("\n").filter((line) => line.length > 80),
    [],
  );
});

test("help commands lists what the AI is told of, by effect, and says what is asked about", async () => {
  const text = await help("help", "commands");
  for (const { name, effect, hidden } of allCommands) {
    assert.equal(new RegExp(`^ {2}${name} `, "m").test(text), hidden !== true, name);
    assert.ok(hidden || text.includes(`\n${effect}:\n`), effect);
  }
  assert.match(text, /You are asked about each of them/);
});

test("help NAME tells about a subcommand, one within another, a command of the AI, a flag or a setting", async () => {
  assert.match(await help("help", "runs"), /Usage: autogpt runs/);
  assert.match(await help("help", "memory", "search"), /Usage: autogpt memory search .*<text>/);
  assert.match(await help("help", "write_to_file"), /Arguments: "file".*\n {2}Effect: writes/);
  for (const name of ["max-cost", "MAX-COST"]) assert.match(await help("help", name), /^--max-cost <USD>\n/);
  assert.match(await help("help", "openai_api_key"), /^OPENAI_API_KEY\n[^]*It is a secret/);
});

test("help on a name that there is not names the nearest one, exit 2", async () => {
  for (const [words, said] of [
    [["comands"], /Did you mean commands\?/],
    [["memory", "serch"], /only stats, search,/],
    [["read_file", "write_to_file"], /one name at a time/],
  ] as const) {
    const { code, stderr } = await run("help", ...words);
    assert.equal(code, 2);
    assert.match(stderr, said);
  }
});
