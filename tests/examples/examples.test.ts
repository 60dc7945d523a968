import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { text } from "node:stream/consumers";
import { test } from "node:test";
import { acpWorld, connect } from "../acp/acp-world.js";
import { long, repository, startProgram, type Ended } from "../support/program.js";
import { reply, startFakeOpenAi } from "../support/services/fake-open-ai.js";
import { wholeFile } from "../support/services/services.js";
import { editorLines } from "./editor-lines.js";
import { addDeclarations, installedPackage, link } from "./packed.js";

/** Node itself, and with the long tests the other lines, whose binaries AUTOGPT_TEST_NODES names, with colons between. */
const others = long ? (process.env["AUTOGPT_TEST_NODES"] ?? "").split(":").filter((node) => node !== "") : [];
const nodes = [process.execPath, ...others];

/** Packed once for all tests. */
const installed = installedPackage(wholeFile());

/** What each example says, with what is typed into it. */
const examples: Record<string, { input?: string; says: RegExp }> = {
  "01-run-from-code.mjs": {
    says: /: task-complete after 2 steps and 2 requests\nproven: Write a haiku[\s\S]*Old pond\./,
  },
  "02-own-command.mjs": { says: /Command word_count returned: text\.txt has 5 words\.\n[\s\S]*task-complete\n$/ },
  "03-own-check.mjs": { says: /most_words slogan\.txt 5: 11 words[\s\S]*proven: Write a slogan .*: 3 words\)\n$/ },
  "04-own-front-end.mjs": {
    input: "y\nkeep it\ny\n",
    says: /write_to_file .*\(writes\)\. y, n,[\s\S]*feedback: Human feedback: keep it\n[\s\S]*\ntask-complete, \$0\.0000\n$/,
  },
  "05-read-runs.mjs": {
    says: /: Clerk, an AI that keeps files in order\n[\s\S]*2\. delete_file: feedback\n[\s\S]*3 requests/,
  },
};

test("every example says in the packed program what it is meant to say, with nothing on standard error", async (t) => {
  const folder = await installed;
  const numbered = readdirSync(folder).filter((name) => /^\d\d-/.test(name));
  assert.deepEqual(numbered, Object.keys(examples));
  for (const node of nodes) {
    const cwd = mkdtempSync(join(folder, "run-"));
    const line = execFileSync(node, ["--version"], { encoding: "utf8" }).trim();
    t.diagnostic(`Node ${line}`);
    for (const [name, { input = "", says }] of Object.entries(examples)) {
      const ended = await startProgram({ node, program: join(folder, name), cwd, input }).ended;
      assert.deepEqual({ code: ended.code, stderr: ended.stderr }, { code: 0, stderr: "" }, `${name} on ${line}`);
      assert.match(ended.stdout, says, `${name} on ${line}`);
    }
  }
});

test("the packed program loads an extension that imports it, and can be required", async (t) => {
  const folder = await installed;
  const server = await startFakeOpenAi({
    chat: () => reply("word_count", { file: "a.txt" }),
  });
  t.after(() => server.close());
  mkdirSync(join(folder, "workspace"));
  writeFileSync(join(folder, "workspace", "a.txt"), "one two three");
  writeFileSync(
    join(folder, "ai_settings.yaml"),
    "ai_name: a\nai_role: r\nai_goals: [g]\nextensions: [./word-count.mjs]\n",
  );
  const start = (program: string, args: readonly string[], node?: string): Promise<Ended> =>
    startProgram({
      cwd: folder,
      program,
      args,
      env: { OPENAI_API_BASE_URL: server.url, MEMORY_BACKEND: "no_memory" },
      ...(node !== undefined && { node }),
    }).ended;
  writeFileSync(
    join(folder, "required.cjs"),
    'const { run, readRun, defineCheck, defineCommand } = require("autogpt");\n' +
      "console.log([run, readRun, defineCheck, defineCommand].map((one) => typeof one).join());\n",
  );
  const bin = join(folder, "node_modules", "autogpt", "bin", "autogpt.js");
  for (const node of nodes) {
    const ended = await start(bin, ["-c", "-l", "1", "--trust-extensions", "-y"], node);
    assert.equal(ended.code, 5, ended.stderr);
    assert.match(ended.stdout, /Command word_count returned: a\.txt has 3 words\./);
    const required = await start(join(folder, "required.cjs"), [], node);
    assert.equal(required.stdout, "function,function,function,function\n", required.stderr);
  }
});

test("the lines that editors are given start the installed program as they stand, and a session of theirs ends with its goal reached", async (t) => {
  const folder = await installed;
  link(folder, "@agentclientprotocol/sdk");
  const bin = join(folder, "node_modules", ".bin");
  mkdirSync(bin, { recursive: true });
  symlinkSync(join("..", "autogpt", "bin", "autogpt.js"), join(bin, "autogpt"));
  const { json, words } = editorLines();
  assert.ok(json.length >= 2 && words.length >= 3, "the page has lines for five editors");
  for (const given of words) assert.deepEqual(given, ["autogpt", ...(json[0]?.args ?? [])]);
  for (const node of nodes)
    for (const { command, args, env } of json) {
      const world = await acpWorld(t, [
        reply("write_to_file", { file: "a.txt", text: "x" }),
        reply("task_complete", { reason: "Done." }),
      ]);
      // An editor has its own folder and path. One of a desktop does not find what a shell does, so it is given the whole path.
      const path = command === "autogpt" ? [bin] : [];
      const child = spawn(command.replace(/^\/path\/to\//, `${bin}/`), args, {
        cwd: "/",
        env: { ...world.environment, PATH: [...path, dirname(node), "/usr/bin", "/bin"].join(":"), ...env },
        stdio: "pipe",
      });
      t.after(() => child.kill("SIGKILL"));
      const said = text(child.stderr);
      const exit = once(child, "close").then(([code]) => Number(code));
      const editor = await connect(t, { input: child.stdin, output: child.stdout, exit, folder: world.folder }, {});
      assert.deepEqual(await editor.prompt(await editor.open(), "Write"), { stopReason: "end_turn" });
      assert.equal(readFileSync(join(world.folder, "a.txt"), "utf8"), "x");
      assert.deepEqual([await editor.leave(), await said], [0, ""], command);
    }
});

/** What a program in TypeScript may rely on. A line above which an error is expected fails where there is none. */
const typed = `
import { defineCheck, defineCommand, readRun, run, RunError, SettingsError } from "autogpt";
import type { Check, Command, JournalEvent, RecordedRun, RunEnd, RunOptions } from "autogpt";
import * as z from "zod";

const command: Command = defineCommand({
  name: "a",
  args: z.object({ times: z.int() }),
  effect: "reads",
  run: ({ times }, { workspace, signal }) => \`\${workspace.root} \${times.toFixed()} \${signal.aborted}\`,
});
const plain: Command = defineCommand({ name: "b", args: { file: "<file>" }, effect: "nothing", run: ({ file }) => file.trim() });
defineCommand({
  name: "c",
  args: { file: "<file>" },
  effect: "nothing",
  // @ts-expect-error There is no such argument.
  run: ({ folder }) => folder,
});
// @ts-expect-error There is no such effect.
defineCommand({ name: "d", effect: "magic", run: () => "" });
const check: Check = defineCheck({
  name: "e",
  value: z.strictObject({ words: z.int() }),
  title: ({ words }) => words.toFixed(),
  // @ts-expect-error A check can only read.
  run: async ({ words }, { workspace }) => ({ ok: words > 0, found: await workspace.write("a", "b") }),
});

const options: RunOptions = {
  ai: { name: "a", role: "r", goals: ["g", { goal: "h", checks: [{ file_exists: "a" }] }], approve: { c: "never" } },
  settings: { continuous: true, maxCost: 0.5, maxTime: "5m" },
  commands: [command, plain],
  checks: [check],
  onEvent(event: JournalEvent) {
    if (event.type === "step-end") console.log(event.result.text.length, event.step.toFixed());
    // @ts-expect-error There is no such event.
    if (event.type === "step-begin") return;
  },
  ask: ({ command }) => (command.name === "a" ? "yes" : { feedback: "no" }),
  signal: AbortSignal.timeout(1000),
};
// @ts-expect-error There is no such setting.
await run({ settings: { maxCots: 1 } });
const end: RunEnd = await run(options);
console.log(end.reason === "task-complete", end.goals.map(({ verdict }) => verdict));
const recorded: RecordedRun = await readRun(end.run ?? undefined);
console.log(recorded.steps.length, recorded.totals.costUsd.toFixed(2));
console.log(new SettingsError("a") instanceof RunError);
`;

// Making the declarations and checking takes 20 s of computing; types of the examples are checked by npm run types, too.
if (long)
  test("the declarations stand on their own: examples and a program in TypeScript are checked by a project of their own", async () => {
    const folder = await installed;
    await addDeclarations(folder);
    for (const name of ["typescript", "@types/node", "undici-types"]) link(folder, name);
    const compilerOptions = { module: "nodenext", target: "es2023", types: ["node"], strict: true, noEmit: true };
    writeFileSync(
      join(folder, "tsconfig.json"),
      JSON.stringify({ compilerOptions: { ...compilerOptions, allowJs: true, checkJs: true } }),
    );
    writeFileSync(join(folder, "typed.mts"), typed);
    writeFileSync(
      join(folder, "required.cts"),
      'import { run } from "autogpt";\nexport const end = run({ ai: "ai_settings.yaml" });\n',
    );
    const tsc = join(repository, "node_modules", "typescript", "bin", "tsc");
    const ended = await startProgram({ program: tsc, cwd: folder, args: ["--project", "."] }).ended;
    assert.equal(ended.code, 0, ended.stdout.split("\n").slice(0, 9).join("\n"));
  });
