import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { checksFromWords, isSound } from "../../src/subcommands/init/propose-checks.js";
import { runInProcess } from "../support/in-process.js";
import { temporaryFolder } from "../support/program.js";
import { startFakeOpenAi } from "../support/services/fake-open-ai.js";

test("the words of a goal say which file is to be made", () => {
  for (const [goal, ...files] of [
    ["Write a page about herons into birds/herons.md", "birds/herons.md"],
    ["Collect what is known about X in notes.md and save a table as out.csv", "notes.md", "out.csv"],
    ["Create index.html", "index.html"],
    ["Read notes.md and be quick"],
    ["Grow the business in 2.5 years"],
    ["Write it to ../secret.md"],
  ] as const)
    assert.deepEqual(
      checksFromWords(goal).map((check) => check["file_exists"]),
      files,
      goal,
    );
  assert.equal(isSound({ file_contains: { file: "a", pattern: "(" } }), false);
});

test("init shows proposed checks, leaves out those that are wrong, and takes none without a yes", async (t) => {
  const goals = [
    {
      goal: "Write poem.md",
      checks: [
        { kind: "file_contains", file: "poem.md", pattern: "heron", command: "" },
        { kind: "file_contains", file: "poem.md", pattern: "(", command: "" },
        { kind: "run", file: "", pattern: "", command: "test $(wc -l < poem.md) -ge 4" },
      ],
    },
  ];
  const server = await startFakeOpenAi({ chat: () => JSON.stringify({ name: "PoetGPT", role: "an AI", goals }) });
  t.after(() => server.close());
  const env = { OPENAI_API_BASE_URL: server.url };
  const written = async (args: readonly string[], input: string) => {
    const cwd = await temporaryFolder(t);
    const { code, stdout, stderr } = await runInProcess({ cwd, args: ["init", ...args], input, env });
    assert.equal(code, 0, stderr);
    return { stdout, yaml: await readFile(join(cwd, "ai_settings.yaml"), "utf8") };
  };
  const taken = await written([], "write a poem\ny\n");
  assert.match(taken.stdout, /Goal: Write poem\.md\n {2}Check: file_contains poem\.md \/heron\/\n {2}Check: run test/);
  assert.match(taken.yaml, /pattern: "?heron"?/);
  assert.equal(taken.yaml.includes('"("'), false);
  const told = await written(["--describe", "a poem"], "");
  assert.match(told.stdout, /Write poem\.md: run test .*\n.*None is taken without a yes/);
  assert.equal(told.yaml.includes("checks"), false);
  const entered = await written([], "\nPoet\nan AI\nWrite a poem to heron.md\n\ny\n");
  assert.match(entered.stdout, /Write a poem to heron\.md: file_exists heron\.md/);
  assert.match(entered.yaml, /file_exists: "?heron\.md"?/);
});
