import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdir, open, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import type { JournalEvent, RunEnd } from "../../../src/history/events.js";
import { reply } from "../../support/services/fake-open-ai.js";
import { bin, eventsOfType } from "../../support/program.js";
import { scriptedWorld } from "../support/scripted-world.js";

const script = [
  reply("write_to_file", { file: "a.txt", text: "a" }, { text: "Thinking" }),
  "prose",
  reply("task_complete"),
];
const recordsOf = (stdout: string): JournalEvent[] => {
  assert.ok(stdout.endsWith("\n"));
  return stdout
    .slice(0, -1)
    .split("\n")
    .map((line) => JSON.parse(line) as JournalEvent);
};

test("stream-json prints exactly the events of the journal, numbered from 1 without gaps, and nothing else", async (t) => {
  const world = await scriptedWorld(t, script);
  const { code, stdout } = await world.run(["-c", "--output-format", "stream-json"]);
  assert.equal(code, 0);
  const records = recordsOf(stdout);
  const journal = await world.journal();
  assert.deepEqual(records, journal);
  assert.deepEqual(
    records.map(({ seq }) => seq),
    records.map((_record, index) => index + 1),
  );
  for (const { time } of records) assert.equal(new Date(time).toISOString(), time);
  assert.deepEqual([records[0]?.type, records.at(-1)?.type], ["run-start", "run-end"]);
});

test("each step is journalled in order: context, request, reply, command, end, with what the contract promises", async (t) => {
  const world = await scriptedWorld(t, script);
  await world.run(["-y"], { input: "y -2\n" });
  const journal = await world.journal();
  const promised = ["context-built", "model-requested", "model-replied", "reply-parsed"];
  promised.push("command-asked", "command-start", "step-end");
  const ofStep = (step: number): string[] =>
    journal
      .filter((event) => "step" in event && event.step === step && promised.includes(event.type))
      .map(({ type }) => type);
  const thought = promised.slice(0, 4);
  assert.deepEqual(ofStep(1), [...thought, "command-asked", "command-start", "step-end"]);
  assert.deepEqual(ofStep(2), [...thought, "step-end"]);
  assert.deepEqual(ofStep(3), [...thought, "command-start", "step-end"]);

  const [start] = eventsOfType(journal, "run-start");
  assert.ok(start && start.format === 1 && start.version !== "" && start.workspace.endsWith("workspace"));
  assert.deepEqual([start.memory, start.continuous], ["no_memory", false]);
  const [, bad] = eventsOfType(journal, "reply-parsed");
  assert.equal(bad?.command, null);
  assert.doesNotMatch(bad?.problem ?? "\n", /\n/);
  const [first] = eventsOfType(journal, "step-end");
  assert.deepEqual(first?.command, { name: "write_to_file", args: { file: "a.txt", text: "a" } });
  assert.equal(first?.result.text, "Command write_to_file returned: File written to successfully.");
  const [end] = eventsOfType(journal, "run-end");
  const replied = eventsOfType(journal, "model-replied");
  assert.equal(end?.usage.requests, 3);
  assert.equal(
    end?.usage.promptTokens,
    replied.reduce((sum, { usage }) => sum + usage.promptTokens, 0),
  );
  assert.ok(Math.abs((end?.usage.costUsd ?? 0) - world.server.billed().usd) < 1e-9);
});

test("json prints one object, the run-end record; thoughts and warnings are not on standard output", async (t) => {
  const world = await scriptedWorld(t, script);
  const { code, stdout, stderr } = await world.run(["-c", "--output-format", "json"]);
  assert.equal(code, 0);
  const records = recordsOf(stdout);
  assert.deepEqual(records, [(await world.journal()).at(-1)]);
  assert.match(stderr, /WARNING/);
});

test("text prints the original's headings on standard output, warnings on standard error", async (t) => {
  const thoughts = { text: "T", reasoning: "R", plan: ["one", "two"], criticism: "C", speak: "S" };
  const world = await scriptedWorld(t, ["prose", reply("task_complete", { reason: "Bye." }, thoughts)], {
    ai: { name: "Ann" },
  });
  const { stdout, stderr } = await world.run(["-c", "--debug"]);
  assert.match(
    stdout,
    /ANN THOUGHTS: T\nREASONING: R\nPLAN:\n- {2}one\n- {2}two\nCRITICISM: C\nNEXT ACTION: COMMAND = task_complete {2}ARGUMENTS = /,
  );
  assert.match(stdout, /SYSTEM: Command task_complete returned: Bye\./);
  assert.match(stderr, /The reply could not be used:/);
  assert.doesNotMatch(stdout, /WARNING|DEBUG/);
});

const cannotStart: [name: string, args: string[], env: Record<string, string>, said: RegExp][] = [
  ["an unknown flag", ["--fly"], {}, /--fly/],
  ["a limit that is no number", ["-c", "-l", "many"], {}, /--continuous-limit/],
  ["--continuous-limit without --continuous", ["-l", "3"], {}, /--continuous/],
  ["both --gpt3only and --gpt4only", ["--gpt3only", "--gpt4only"], {}, /--gpt3only and --gpt4only/],
  ["RESTRICT_TO_WORKSPACE=False", ["-c"], { RESTRICT_TO_WORKSPACE: "False" }, /RESTRICT_TO_WORKSPACE/],
  ["a memory that is not there", ["-c", "-m", "redis"], {}, /redis/i],
  ["a cost limit on a model without a price", ["-c", "--max-cost", "1"], { SMART_LLM_MODEL: "own" }, /MODEL_CATALOG/],
];

for (const [name, args, env, said] of cannotStart) {
  test(`${name}: exit 2 with a run-end record in both formats, and no request`, async (t) => {
    const world = await scriptedWorld(t, []);
    for (const format of ["json", "stream-json"]) {
      const { code, stdout, stderr } = await world.run([...args, "--output-format", format], { env });
      assert.equal(code, 2);
      const records = recordsOf(stdout) as RunEnd[];
      assert.deepEqual(
        records.map(({ type, reason, exitCode }) => [type, reason, exitCode]),
        [["run-end", "settings", 2]],
      );
      assert.match(stderr, said);
      assert.doesNotMatch(stderr, /\n\s+at /);
    }
    assert.equal(world.server.requests.length, 0);
  });
}

test("a run that could not begin leaves no run behind", async (t) => {
  const world = await scriptedWorld(t, [reply("do_nothing")]);
  await world.run(["-c", "-l", "1"]);
  await world.run(["-c", "-m", "redis"]);
  const { stdout } = await world.run(["runs", "--json"]);
  const runs = JSON.parse(stdout) as { state: string }[];
  assert.deepEqual(
    runs.map(({ state }) => state),
    ["limit-steps"],
  );
});

test("a reader that closes standard output early does not end the run", async (t) => {
  const world = await scriptedWorld(t, [
    ...Array<string>(3).fill(reply("do_nothing")),
    reply("write_to_file", { file: "late.txt", text: "x" }),
    reply("task_complete"),
  ]);
  const running = world.start(["-c", "--output-format", "stream-json"]);
  assert.ok(running.child.stdout);
  await once(running.child.stdout, "data");
  running.child.stdout.destroy();
  const { code, stderr } = await running.ended;
  assert.equal(code, 0, stderr);
  assert.equal(await world.file("late.txt"), "x");
  assert.equal((await world.journal()).at(-1)?.type, "run-end");
});

test("standard output on a full disk does not end the run, and is said once", async (t) => {
  if (!existsSync("/dev/full")) return t.skip("this system has no /dev/full");
  const world = await scriptedWorld(t, [reply("do_nothing"), reply("task_complete")]);
  const full = await open("/dev/full", "w");
  t.after(() => full.close());
  const child = spawn(process.execPath, [bin, "-c"], {
    cwd: world.folder,
    env: { PATH: process.env["PATH"], OPENAI_API_BASE_URL: world.server.url, MEMORY_BACKEND: "no_memory" },
    stdio: ["ignore", full.fd, "pipe"],
  });
  let stderr = "";
  child.stderr?.setEncoding("utf8").on("data", (text: string) => (stderr += text));
  const [code] = (await once(child, "close")) as [number | null];
  assert.equal(code, 0, stderr);
  assert.equal(stderr.split("Standard output cannot be written").length, 2, stderr);
  assert.equal((await world.journal()).at(-1)?.type, "run-end");
});

test("colour follows NO_COLOR and FORCE_COLOR, and a pipe has none", async (t) => {
  const world = await scriptedWorld(t, () => reply("task_complete", {}, { text: "T" }));
  const plain = await world.run(["-c"]);
  const forced = await world.run(["-c"], { env: { FORCE_COLOR: "1" } });
  const refused = await world.run(["-c"], { env: { NO_COLOR: "1" } });
  assert.doesNotMatch(plain.stdout + refused.stdout, /\u001b/);
  assert.match(forced.stdout, /\u001b\[\d+mTESTER THOUGHTS:\u001b\[0m T/);
});

test("the values of keys in the environment appear in no output, journal or error", async (t) => {
  const key = "sk-secret-value-123456";
  const echo = reply("write_to_file", { file: "key.txt", text: key }, { text: `My key is ${key}` });
  const world = await scriptedWorld(t, [
    echo,
    reply("read_file", { file: "key.txt" }),
    { status: 401, body: { error: { message: `Incorrect API key provided: ${key}`, code: "invalid_api_key" } } },
  ]);
  const { code, stdout, stderr } = await world.run(["-c", "--output-format", "stream-json", "--debug"], {
    env: { OPENAI_API_KEY: key },
  });
  assert.equal(code, 7);
  assert.doesNotMatch(stdout + stderr + JSON.stringify(await world.journal()), new RegExp(key));
  assert.equal(world.server.requests[0]?.headers.authorization, `Bearer ${key}`);
});

test("an error before the run masks the keys of the environment and of .env, on standard error and in the record", async (t) => {
  const world = await scriptedWorld(t, []);
  const keys = { OPENAI_API_KEY: "sk-of-the-environment", SOME_TOKEN: "token-of-the-file" };
  await writeFile(join(world.folder, ".env"), `SOME_TOKEN=${keys.SOME_TOKEN}\n`);
  for (const key of Object.values(keys)) {
    const env = { OPENAI_API_KEY: keys.OPENAI_API_KEY, OPENAI_TIMEOUT: key };
    const { code, stdout, stderr } = await world.run(["-c", "--output-format", "json"], { env });
    assert.equal(code, 2);
    assert.match(stderr, /OPENAI_TIMEOUT in the environment is "\[secret\]"/);
    assert.doesNotMatch(stdout + stderr, new RegExp(key));
  }
});

test("settings and state that lie in the workspace are refused, from whatever folder the run is started", async (t) => {
  const reads = [".env", ".env.local", "azure.yaml", ".autogpt/x"].map((file) => reply("read_file", { file }));
  const template = reply("write_to_file", { file: ".env.template", text: "KEY=" });
  const world = await scriptedWorld(t, [...reads, template, reply("task_complete")]);
  const first = join(world.folder, "first");
  await mkdir(join(first, ".autogpt"), { recursive: true });
  for (const file of [".env", ".env.local", "azure.yaml", ".autogpt/x"]) await writeFile(join(first, file), "hidden");
  const { code } = await world.run(["-c", "-w", "first"]);
  assert.equal(code, 0);
  const results = eventsOfType(await world.journal(), "step-end").map(({ result }) => result.text);
  for (const text of results.slice(0, 4)) assert.match(text, /is out of reach of commands/);
  assert.match(results[4] ?? "", /written/);
  assert.doesNotMatch(results.join(), /hidden/);
});

test("the journal cannot be written: exit 1, and nothing is asked of the model", async (t) => {
  const world = await scriptedWorld(t, [reply("do_nothing")]);
  await writeFile(join(world.folder, ".autogpt"), "a file where the folder should be");
  const { code, stderr, stdout } = await world.run(["-c", "--output-format", "json"]);
  assert.equal(code, 1);
  assert.match(stderr, /\.autogpt/);
  assert.equal((JSON.parse(stdout) as RunEnd).reason, "fault");
  assert.equal(world.server.requests.length, 0);
});
