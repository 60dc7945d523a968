import assert from "node:assert/strict";
import { test } from "node:test";
import { allCommands, commandMap } from "../../src/commands/index.js";
import { prepareCommand } from "../../src/commands/prepare.js";
import type { CommandCall } from "../../src/history/event-parts.js";
import { declaredSettings } from "../../src/settings/schema.js";

const commands = commandMap(allCommands);
const prepared = (name: string, args: Record<string, unknown> = {}): CommandCall => {
  const outcome = prepareCommand(commands, { name, args });
  assert.ok(outcome.ok, outcome.ok ? "" : outcome.text);
  return outcome.call;
};
const refused = (name: string, args: Record<string, unknown> = {}): string => {
  const outcome = prepareCommand(commands, { name, args });
  assert.equal(outcome.ok, false);
  return outcome.ok ? "" : outcome.text;
};
const unknown = (name: string): string =>
  `Unknown command '${name}'. Please refer to the 'COMMANDS' list for available commands and only respond in the specified JSON format.`;

test("names are trimmed and lower-cased, and synonyms of later versions are understood", () => {
  const file = { file: "a", text: "b" };
  const names: [string, Record<string, unknown>, string][] = [
    [" Write_To_File\n", file, "write_to_file"],
    ["write_file", file, "write_to_file"],
    ["create_file", file, "write_to_file"],
    ["analyze_code", { code: "x" }, "evaluate_code"],
    ["list_files", { directory: "." }, "search_files"],
    ["goals_accomplished", { reason: "r" }, "task_complete"],
    ["finish", { reason: "r" }, "task_complete"],
    ["memory_add", { string: "s" }, "memory_add"],
  ];
  for (const [written, args, name] of names) assert.equal(prepared(written, args).name, name);
});

test("arguments of later versions are renamed, and our own name wins where both are given", () => {
  assert.deepEqual(prepared("read_file", { filename: "a" }).args, { file: "a" });
  assert.deepEqual(prepared("read_file", { filename: "a", file: "b" }).args, { file: "b" });
  assert.deepEqual(prepared("read_file", { file: "b", filename: "a" }).args, { file: "b" });
});

test("a number or a truth value where text is due is its text; digits where a number is due are that number", () => {
  assert.deepEqual(prepared("write_to_file", { file: 5, text: true }).args, { file: "5", text: "true" });
  assert.deepEqual(prepared("message_agent", { key: 0, message: 1.5 }).args, { key: "0", message: "1.5" });
  assert.deepEqual(prepared("read_file", { file: "a", offset: "100" }).args, { file: "a", offset: 100 });
});

test("texts are passed on byte for byte, arguments nobody knows are left out", () => {
  const text = "\tline\r\n\u0000 C:\\Users \ud83d\ude00 ";
  assert.deepEqual(prepared("write_to_file", { file: "a", text, extra: 1 }).args, { file: "a", text });
});

test("focus of write_tests, reason of task_complete and directory of search_files may be missing", () => {
  assert.deepEqual(prepared("write_tests", { code: "x" }).args, { code: "x" });
  assert.deepEqual(prepared("task_complete").args, { reason: "" });
  assert.deepEqual(prepared("search_files").args, { directory: "" });
});

test("null is an argument that was left out", () => {
  assert.deepEqual(prepared("task_complete", { reason: null }).args, { reason: "" });
  assert.deepEqual(prepared("read_file", { file: null, filename: "a", offset: null }).args, { file: "a" });
  assert.match(refused("write_to_file", { file: "a", text: null }), /the argument "text" is missing/);
});

test("a missing or wrong argument is named, with what the command takes", () => {
  const takes = 'write_to_file takes "file", "text".';
  assert.equal(refused("write_to_file", { file: "a" }), `Error: the argument "text" is missing. ${takes}`);
  assert.equal(
    refused("write_to_file"),
    `Error: the argument "file" is missing; the argument "text" is missing. ${takes}`,
  );
  assert.equal(refused("write_to_file", { file: "a", text: null }), `Error: the argument "text" is missing. ${takes}`);
  assert.equal(
    refused("write_to_file", { file: ["a"], text: "b" }),
    `Error: the argument "file" must be a text. ${takes}`,
  );
  assert.match(refused("read_file", { file: "a", offset: "here" }), /"offset" must be a number/);
  assert.match(refused("read_file", { file: "a", offset: -1 }), /"offset" is wrong/);
});

test("an unknown command is answered with the original's sentence, and with a near one where there is one", () => {
  assert.equal(refused("fly_to_the_moon"), unknown("fly_to_the_moon"));
  assert.equal(refused("writeto_file"), `${unknown("writeto_file")} Did you mean 'write_to_file'?`);
  assert.equal(refused(" Reed_File "), `${unknown("Reed_File")} Did you mean 'read_file'?`);
  assert.equal(refused("memory_ad"), unknown("memory_ad"), "hidden commands are not suggested");
  assert.ok(refused("x".repeat(1_000_000)).length > 1_000_000);
});

test("pitfall 23: control words of the program are unknown commands", () => {
  for (const name of ["human_feedback", "error", "Error:", "y", "n", "exit"])
    assert.ok(refused(name).startsWith(unknown(name)));
});

test("pitfall 77: nothing clones a repository, so no token is put into an address", () => {
  assert.ok(refused("clone_repository", { repository_url: "https://git.example/a" }).startsWith("Unknown command"));
  const names = declaredSettings().flatMap(([, { environment = [] }]) => environment);
  assert.deepEqual(
    names.filter((name) => /git/i.test(name)),
    [],
  );
});

test("names that every object inherits are unknown as commands and ignored as arguments", () => {
  for (const name of ["constructor", "__proto__", "toString", "hasOwnProperty", "valueOf"]) {
    assert.equal(refused(name), unknown(name));
    const args = JSON.parse(`{"file": "a", ${JSON.stringify(name)}: {"text": "b"}}`) as Record<string, unknown>;
    assert.deepEqual(prepared("read_file", args).args, { file: "a" });
    assert.match(refused("write_to_file", args), /"text" is missing/);
  }
  assert.equal(({} as Record<string, unknown>)["text"], undefined);
});
