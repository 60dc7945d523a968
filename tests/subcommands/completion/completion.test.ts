import assert from "node:assert/strict";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { runInProcess } from "../../support/in-process.js";
import { temporaryFolder } from "../../support/program.js";

async function folderToComplete(t: Parameters<typeof temporaryFolder>[0]) {
  const cwd = await temporaryFolder(t);
  for (const folder of [".autogpt/runs/20261127-090000-000-aaaa", ".autogpt/runs/20261128-090000-000-bbbb"])
    await mkdir(join(cwd, folder), { recursive: true });
  await mkdir(join(cwd, "workspace/papers"), { recursive: true });
  await writeFile(join(cwd, "workspace/papers/one.pdf"), "");
  await writeFile(join(cwd, "workspace/plan.md"), "");
  const lines = async (...words: string[]): Promise<string[]> =>
    (await runInProcess({ cwd, args: ["__complete", ...words] })).stdout.split("\n").slice(0, -1);
  /** What is offered, without what is said of it. */
  return { lines, offered: async (...words: string[]) => (await lines(...words)).map((line) => line.split("\t")[0]) };
}

test("completes subcommands, inner ones and their flags, each with what it does", async (t) => {
  const { lines, offered } = await folderToComplete(t);
  assert.deepEqual(await offered("doc"), ["doctor"]);
  assert.deepEqual(await offered("memory", "se"), ["search"]);
  assert.deepEqual(await offered("memory", "search", "--"), ["--count", "--json", "--help"]);
  assert.deepEqual(await offered("config", "show", "--o"), ["--origin"]);
  assert.deepEqual(await offered("--continuous-"), ["--continuous-limit"]);
  assert.deepEqual(await offered("check", "--ai-s"), ["--ai-settings"], "a flag of the whole program");
  assert.deepEqual(await offered("-c", "-w", "somewhere", "doc"), ["doctor"], "behind flags and their values");
  assert.match((await lines("memory", "cl"))[0] ?? "", /^clear\tForget everything/);
  assert.match((await lines("inge"))[0] ?? "", /this AI's memory$/);
});

test("completes the values of flags, also behind = in one word or, as bash has it, in three", async (t) => {
  const { offered } = await folderToComplete(t);
  assert.deepEqual(await offered("--output-format", ""), ["text", "json", "stream-json"]);
  assert.deepEqual(await offered("--output-format=s"), ["--output-format=stream-json"]);
  assert.deepEqual(await offered("--output-format", "="), ["text", "json", "stream-json"]);
  assert.deepEqual(await offered("--output-format", "=", "j"), ["json"]);
  assert.deepEqual(await offered("-m", "re"), ["redis"]);
  assert.deepEqual(await offered("-b", ""), ["chrome", "chromium", "edge"]);
  assert.deepEqual(await offered("schema", ""), ["events", "settings", "goals"]);
  assert.deepEqual(await offered("completion", "z"), ["zsh"]);
  assert.deepEqual(await offered("memory", "forget", "--kind", "p"), ["page"]);
  assert.deepEqual(await offered("add", "py"), ["python"]);
  assert.deepEqual(await offered("help", "write_to"), ["write_to_file"]);
});

test("completes runs, newest first, and files and folders, those of the workspace where it is about them", async (t) => {
  const { offered } = await folderToComplete(t);
  const runs = ["20261128-090000-000-bbbb", "20261127-090000-000-aaaa"];
  assert.deepEqual(await offered("--resume", ""), runs);
  assert.deepEqual(await offered("runs", "show", ""), runs);
  assert.deepEqual(await offered("runs", "rm", runs[0] ?? "", "20261127"), runs.slice(1));
  assert.deepEqual(await offered("undo", "20261127"), runs.slice(1));
  assert.deepEqual(await offered("diff", '"2026'), runs, "in a quote that is still open");
  assert.deepEqual(await offered("-C", ""), [":files"]);
  assert.deepEqual(await offered("memory", "import", ""), [":files"]);
  assert.deepEqual(await offered("-w", ""), [":folders"]);
  assert.deepEqual(await offered("ingest", "--file", ""), ["papers/", "plan.md"]);
  assert.deepEqual(await offered("ingest", "--file", "papers/"), ["papers/one.pdf"]);
  assert.deepEqual(await offered("ingest", "--dir", "p"), ["papers/"]);
});

test("offers nothing where nothing is known, and settings that cannot be read are no error", async (t) => {
  const { offered } = await folderToComplete(t);
  assert.deepEqual(await offered("--max-cost", ""), []);
  assert.deepEqual(await offered("nonsense", "x", ""), []);
  const cwd = await temporaryFolder(t);
  await writeFile(join(cwd, ".env"), "OPENAI_TIMEOUT=never\n");
  assert.deepEqual(await runInProcess({ cwd, args: ["__complete", "--resume", ""] }), {
    ...{ code: 0, signal: null, stdout: "", stderr: "" },
  });
});
