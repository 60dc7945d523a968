import assert from "node:assert/strict";
import { readFile, readdir, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import test, { type TestContext } from "node:test";
import { endHint } from "../../src/console/interruption.js";
import { allChecks } from "../../src/goals/index.js";
import { readAiSettings } from "../../src/settings/ai/ai-settings.js";
import { isExample } from "../../src/settings/ai/example.js";
import { runInProcess } from "../support/in-process.js";
import { repository, temporaryFolder } from "../support/program.js";
import { startFakeOpenAi } from "../support/services/fake-open-ai.js";

const ai = (name: string, more = "") => `ai_name: ${name}\nai_role: a role\nai_goals:\n  - One\n${more}`;

test("version and -v are understood as --version is", async (t) => {
  const cwd = await temporaryFolder(t);
  const [flag, word, letter] = await Promise.all(
    ["--version", "version", "-v"].map((argument) => runInProcess({ cwd, args: [argument] })),
  );
  assert.deepEqual([word?.code, word?.stdout, letter?.stdout], [0, flag?.stdout, flag?.stdout]);
});

test("a key of ai_settings.yaml that means nothing is named with its line and what was probably meant", async (t) => {
  const cwd = await temporaryFolder(t);
  const file = join(cwd, "ai_settings.yaml");
  await writeFile(file, ai("A", "api-budget: 1\nfoo: 1\nx-mine: 2\n"));
  const notes = (await readAiSettings(file, allChecks))?.notes ?? [];
  assert.equal(notes.length, 2);
  assert.match(notes[0] ?? "", /line 5: "api-budget" means nothing here.*Did you mean api_budget\?/);
  assert.match(notes[1] ?? "", /line 6: "foo"/);
});

test("the file that comes with the program is an example until something in it is changed", async (t) => {
  const text = await readFile(join(repository, "ai_settings.yaml"), "utf8");
  const file = join(await temporaryFolder(t), "ai_settings.yaml");
  const read = async (content: string) => {
    await writeFile(file, content);
    const saved = await readAiSettings(file, allChecks);
    return saved !== null && isExample(saved);
  };
  assert.equal(await read(text), true);
  assert.equal(await read(text.replace(/^#.*\n/gm, "")), true);
  assert.equal(await read(text.replace("bridges carry", "roofs carry")), false);
  assert.equal(await read(`${text}api_budget: 2\n`), false);
});

test("the example is not greeted as an old friend, and stays as it is beside the user's own AI", async (t) => {
  const server = await startFakeOpenAi({ chat: () => "no" });
  t.after(() => server.close());
  const cwd = await temporaryFolder(t);
  const example = await readFile(join(repository, "ai_settings.yaml"), "utf8");
  await writeFile(join(cwd, "ai_settings.yaml"), example);
  const env = { OPENAI_API_BASE_URL: server.url, OPENAI_RETRIES: "0" };
  const first = await runInProcess({ cwd, env, args: ["-m", "no_memory"], input: "n\nMine\na role\nOne\n\nn\n" });
  assert.match(first.stdout, /an example to try: Librarian/);
  assert.doesNotMatch(first.stdout, /Welcome back/);
  assert.equal(await readFile(join(cwd, "ai_settings.yaml"), "utf8"), example);
  assert.match(await readFile(join(cwd, "ai_settings.local.yaml"), "utf8"), /ai_name: Mine/);
  assert.equal(await readFile(join(cwd, ".autogpt", ".gitignore"), "utf8"), "*\n");
  const second = await runInProcess({ cwd, env, args: ["-m", "no_memory"], input: "y\n" });
  assert.match(second.stdout, /Welcome back! Shall I go on as Mine\?/);
});

test("n at the question keeps a copy of what it replaces, and the welcome names what a start brings along", async (t) => {
  const server = await startFakeOpenAi({ chat: () => "no" });
  t.after(() => server.close());
  const cwd = await temporaryFolder(t);
  const checked = "  - goal: Two\n    checks: [{ file_exists: a }]\napi_budget: 1.5\napprove:\n  read_file: always\n";
  await writeFile(join(cwd, "ai_settings.yaml"), ai("Elder", checked));
  const env = { OPENAI_API_BASE_URL: server.url, OPENAI_RETRIES: "0" };
  const { stdout } = await runInProcess({ cwd, env, args: ["-m", "no_memory"], input: "n\nYounger\nr\nOne\n\n" });
  assert.match(
    stdout,
    /Goals: One; Two \(1 check\)\nBudget: \$1\.5; model: gpt-\S+; memory: no_memory\nRules: read_file always/,
  );
  assert.match(await keptCopy(cwd, stdout), /ai_name: Elder\n[^]*file_exists/);
});

test("init keeps copies of an AI and of a key that it replaces, and says where", async (t) => {
  const cwd = await temporaryFolder(t);
  await writeFile(join(cwd, "ai_settings.yaml"), ai("Elder"));
  await writeFile(join(cwd, ".env"), "OPENAI_API_KEY=sk-old-00000001\n");
  const args = ["init", "--ai-name", "Younger", "--key", "sk-new-00000001"];
  const { code, stdout, stderr } = await runInProcess({ cwd, args });
  assert.equal(code, 0, stderr);
  const copies = await readdir(join(cwd, ".autogpt", "replaced"));
  assert.equal(copies.length, 2);
  for (const copy of copies) {
    assert.ok(stdout.includes(copy), copy);
    assert.equal((await stat(join(cwd, ".autogpt", "replaced", copy))).mode & 0o777, 0o600);
  }
});

test("memory clear keeps a copy that can be imported", async (t) => {
  const cwd = await temporaryFolder(t);
  const text = "About bridges and what they carry. ".repeat(4);
  const args = (...more: string[]) => ["--ai-name", "Tester", ...more];
  const env = { EMBEDDING_PROVIDER: "none" };
  const { code } = await runInProcess({ cwd, env, args: ["--help"] });
  assert.equal(code, 0);
  await writeWorkspace(t, cwd, text);
  assert.equal((await runInProcess({ cwd, env, args: args("ingest", "--file", "a.txt") })).code, 0);
  const cleared = await runInProcess({ cwd, env, args: args("memory", "clear", "--json") });
  const { forgotten, copy } = JSON.parse(cleared.stdout) as { forgotten: number; copy: string };
  assert.ok(forgotten > 0);
  const back = await runInProcess({ cwd, env, args: args("memory", "import", copy) });
  assert.match(back.stdout, new RegExp(`^Added ${forgotten} record`));
});

test("a budget that cannot be kept is refused before any question", async (t) => {
  const cwd = await temporaryFolder(t);
  await writeFile(join(cwd, "ai_settings.yaml"), ai("A", "api_budget: 1.5\n"));
  const env = { OPENAI_API_BASE_URL: "http://127.0.0.1:1/v1", SMART_LLM_MODEL: "llama3.2", FAST_LLM_MODEL: "llama3.2" };
  const { code, stdout, stderr } = await runInProcess({ cwd, env, input: "y\n" });
  assert.equal(code, 2);
  assert.match(stderr, /The price of llama3\.2 .* is not known/);
  assert.doesNotMatch(stdout, /Welcome/);
});

test("an end at the limit of steps says how to go on, one without proof says why its exit code is 3", () => {
  const end = { reason: "limit-steps", exitCode: 5, goals: [] } as const;
  assert.match(endHint({ ...end, goals: [] }) ?? "", /--resume" with a higher --continuous-limit/);
  const claimed = { goal: "a", verdict: "claimed", evidence: "" } as const;
  const hint = endHint({ reason: "task-complete", exitCode: 3, goals: [claimed] });
  assert.match(hint ?? "", /--require-proof .* 1 of 1 .*exit code 3/);
  assert.equal(endHint({ reason: "task-complete", exitCode: 0, goals: [claimed] }), null);
});

async function writeWorkspace(_t: TestContext, cwd: string, text: string): Promise<void> {
  const { mkdir } = await import("node:fs/promises");
  await mkdir(join(cwd, "workspace"), { recursive: true });
  await writeFile(join(cwd, "workspace", "a.txt"), text);
}

async function keptCopy(cwd: string, stdout: string): Promise<string> {
  const [name = ""] = await readdir(join(cwd, ".autogpt", "replaced"));
  assert.ok(stdout.includes(name), `${name} in ${stdout}`);
  return readFile(join(cwd, ".autogpt", "replaced", name), "utf8");
}
