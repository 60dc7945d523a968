import assert from "node:assert/strict";
import { readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import test from "node:test";
import { nearestName } from "../../src/base/names/edit-distance.js";
import { startFakeOpenAi } from "../support/services/fake-open-ai.js";
import { runInProcess } from "../support/in-process.js";
import { temporaryFolder } from "../support/program.js";

test("init writes .env and ai_settings.yaml from flags, keeps what else stands there, and shows no key", async (t) => {
  const cwd = await temporaryFolder(t);
  const args = [
    "init",
    "--ai-name",
    "Ada",
    "--ai-role",
    "an AI that adds",
    "--ai-goal",
    "Add: one",
    "--ai-goal",
    "Add two",
    "--key",
    "sk-init-0001",
  ];
  const first = await runInProcess({ cwd, args });
  assert.equal(first.code, 0, first.stderr);
  assert.equal((first.stdout + first.stderr).includes("sk-init-0001"), false);
  assert.equal(await readFile(join(cwd, ".env"), "utf8"), "OPENAI_API_KEY=sk-init-0001\n");
  assert.equal((await stat(join(cwd, ".env"))).mode & 0o777, 0o600);
  assert.match(await readFile(join(cwd, "ai_settings.yaml"), "utf8"), /ai_name: Ada\n.*"?Add: one"?/s);

  await writeFile(join(cwd, ".env"), "# mine\nOTHER=1\nOPENAI_API_KEY=old\n");
  const again = await runInProcess({
    cwd,
    args: ["init", "--ai-name", "Bob", "--key", "sk-init-0002", "--base-url", "http://127.0.0.1:9/v1"],
  });
  assert.equal(again.code, 0, again.stderr);
  assert.equal(
    await readFile(join(cwd, ".env"), "utf8"),
    "# mine\nOTHER=1\nOPENAI_API_KEY=sk-init-0002\nOPENAI_API_BASE_URL=http://127.0.0.1:9/v1\n",
  );
  assert.match(await readFile(join(cwd, "ai_settings.yaml"), "utf8"), /ai_name: Bob\n[^]*Add two/);
});

test("init asks what it is not told, and what the model proposes is shown before it is taken", async (t) => {
  const proposal = JSON.stringify({
    name: "CleverGPT",
    role: "an AI that is clever",
    goals: ["One", "Two", "Three", "Four", "Five", "Six"],
  });
  const server = await startFakeOpenAi({ chat: () => `<think>hm {"a": 1}</think>Here: ${proposal}` });
  t.after(() => server.close());
  const cwd = await temporaryFolder(t);
  const asked = await runInProcess({ cwd, args: ["init"], input: `${server.url}\n\n\nwrite a poem\ny\n` });
  assert.equal(asked.code, 0, asked.stderr);
  assert.match(asked.stdout, /Name: CleverGPT[^]*Goal: Five/);
  const yaml = await readFile(join(cwd, "ai_settings.yaml"), "utf8");
  assert.match(yaml, /ai_name: CleverGPT/);
  assert.equal(yaml.includes("Six"), false);
  assert.equal(server.chatRequests()[0]?.body?.messages.at(-1)?.content, "write a poem");
  assert.equal(server.chatRequests()[0]?.body?.model, "gpt-6-luna");

  const kept = await runInProcess({ cwd, args: ["init"], input: "n\n" });
  assert.match(kept.stdout, /stays as it is/);
  const told = await runInProcess({ cwd, args: ["init", "--describe", "something else"] });
  assert.equal(told.code, 0, told.stderr);
});

test("init asks for what another server needs, so that the program starts with what it wrote", async (t) => {
  const proposal = JSON.stringify({ name: "AnyGPT", role: "an AI", goals: ["One"] });
  const server = await startFakeOpenAi({ chat: () => proposal });
  t.after(() => server.close());
  const cwd = await temporaryFolder(t);
  const input = `${server.url}\nsk-other-0001\nlocal-model\nwrite a poem\ny\n`;
  const { code, stdout, stderr } = await runInProcess({ cwd, args: ["init"], input });
  assert.equal(code, 0, stderr);
  assert.equal((stdout + stderr).includes("sk-other-0001"), false);
  const written = await readFile(join(cwd, ".env"), "utf8");
  for (const line of [
    `OPENAI_API_BASE_URL=${server.url}`,
    "OPENAI_API_KEY=sk-other-0001",
    "SMART_LLM_MODEL=local-model",
    "FAST_LLM_MODEL=local-model",
  ])
    assert.ok(written.split("\n").includes(line), `${line} in ${written}`);
  const [asked] = server.chatRequests();
  assert.equal(asked?.body?.model, "local-model");
  assert.equal(asked?.headers.authorization, "Bearer sk-other-0001");
});

test("init with --describe says so where the model proposes nothing, exit 2, and writes nothing", async (t) => {
  const server = await startFakeOpenAi({ chat: () => "No." });
  t.after(() => server.close());
  const cwd = await temporaryFolder(t);
  const { code, stderr } = await runInProcess({
    cwd,
    args: ["init", "--describe", "x"],
    env: { OPENAI_API_BASE_URL: server.url },
  });
  assert.equal(code, 2);
  assert.match(stderr, /--ai-goal/);
  await assert.rejects(stat(join(cwd, "ai_settings.yaml")));
});

test("config show --origin says where each value comes from, and hides the keys", async (t) => {
  const cwd = await temporaryFolder(t);
  await writeFile(join(cwd, ".env"), "OPENAI_API_KEY=sk-config-0001\nSMART_LLM=other-model\n");
  const env = {
    OPENAI_TIMEOUT: "7",
    OPENAI_API_BASE_URL: "http://me:open-sesame@a.example/v1",
    REDIS_URL: "redis://:open-sesame@b",
  };
  const { stdout, code } = await runInProcess({ cwd, args: ["--debug", "config", "show", "--origin"], env });
  assert.equal(code, 0);
  assert.equal(stdout.includes("sk-config-0001") || stdout.includes("open-sesame"), false);
  assert.match(stdout, /^OPENAI_API_KEY = \(set\) {2}\(OPENAI_API_KEY in \.env, line 1\)$/m);
  assert.match(stdout, /^SMART_LLM_MODEL = other-model {2}\(SMART_LLM in \.env, line 2\)$/m);
  assert.match(stdout, /^OPENAI_TIMEOUT = 7 {2}\(OPENAI_TIMEOUT in the environment\)$/m);
  assert.match(stdout, /^--debug = true {2}\(--debug\)$/m);
  assert.match(stdout, /^FAST_LLM_MODEL = gpt-6-luna {2}\(the default\)$/m);
  const json = await runInProcess({ cwd, args: ["config", "show", "--json"], env });
  assert.equal((JSON.parse(json.stdout) as Record<string, unknown>)["OPENAI_TIMEOUT"], 7);
});

test("unknown flags, subcommands and settings name the nearest one", async (t) => {
  const cwd = await temporaryFolder(t);
  const said = async (args: readonly string[], env: Record<string, string> = {}) =>
    (await runInProcess({ cwd, args, env })).stderr;
  assert.match(await said(["--continous"]), /--continuous/);
  assert.match(await said(["docter"]), /Did you mean doctor\?/);
  assert.match(await said(["completion", "tcsh"]), /bash, zsh, fish, powershell/);
  await writeFile(join(cwd, ".env"), "SMART_LLM_MODLE=x\nSOMETHING_ELSE=1\n");
  const env = { OPENAI_API_BASE_URL: "http://127.0.0.1:1/v1", OPENAI_RETRIES: "0", TEMPERATUR: "0" };
  const stderr = await said(["-c", "--ai-goal", "x", "-m", "no_memory"], env);
  assert.match(stderr, /SMART_LLM_MODLE \(in \.env, line 1\) is not a setting\. Did you mean SMART_LLM_MODEL\?/);
  assert.match(stderr, /TEMPERATUR \(in the environment\) is not a setting\. Did you mean TEMPERATURE\?/);
  assert.equal(stderr.includes("SOMETHING_ELSE"), false);
});

test("the nearest name is at most two letters away", () => {
  const names = ["OPENAI_API_KEY", "FAST_LLM_MODEL"];
  assert.equal(nearestName("OPENAI_APIKEY", names), "OPENAI_API_KEY");
  assert.equal(nearestName("OEPNAI_API_KYE", names), "OPENAI_API_KEY");
  assert.equal(nearestName("GITHUB_API_KEY", names), undefined);
});
