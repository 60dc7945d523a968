import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import test from "node:test";
import { reply } from "../../support/services/fake-open-ai.js";
import { temporaryFolder } from "../../support/program.js";
import { stubPlayers } from "../../support/stub-player.js";
import { scriptedWorld } from "../support/scripted-world.js";

const nasty = `"; touch x; " $(touch x) 🙂`;

test("--speak reads thoughts, the command and sub-agents' greetings, in two voices, by arguments alone", async (t) => {
  const stub = await stubPlayers(await temporaryFolder(t), ["espeak-ng"]);
  const world = await scriptedWorld(
    t,
    [
      reply("start_agent", { name: "Ada", task: "sums", prompt: "go" }, { speak: nasty }),
      { text: "ready" },
      reply("task_complete", { reason: "done" }, { speak: "All done." }),
    ],
    { env: { PATH: `${stub.path}${delimiter}${process.env["PATH"] ?? ""}`, USE_BRIAN_TTS: "True" } },
  );
  const { code, stdout, stderr } = await world.run(["-c", "--speak"]);
  assert.equal(code, 0, stderr);
  assert.match(stderr, /Speak Mode: ENABLED[^]*USE_BRIAN_TTS[^]*gone/);
  assert.equal(stdout.includes("ended with"), false);
  const played = await stub.played();
  assert.equal(played[0]?.input, nasty);
  const all = played.map(({ input }) => input);
  // A quick model cuts the queue; what is said at all is said in this order.
  const script = [
    nasty,
    "I want to execute start_agent",
    "Ada here, Reporting for duty!",
    "Hello Ada. Your task is as follows. sums.",
    "All done.",
    "I want to execute task_complete",
  ];
  assert.deepEqual(
    all,
    script.filter((line) => all.includes(line)),
  );
  for (const { args, input } of played) {
    assert.deepEqual(args, ["-v", input.startsWith("Ada here") ? "en+f3" : "en", "--stdin"]);
  }
  for (const folder of [world.folder, join(world.folder, "workspace")])
    assert.equal(existsSync(join(folder, "x")), false);
});

test("without a voice a run with --speak says so once and goes on", async (t) => {
  const stub = await stubPlayers(await temporaryFolder(t), []);
  const world = await scriptedWorld(
    t,
    [reply("do_nothing", {}, { speak: "one" }), reply("do_nothing", {}, { speak: "two" }), reply("task_complete")],
    { env: { PATH: stub.path } },
  );
  const { code, stderr } = await world.run(["-c", "--speak"]);
  assert.equal(code, 0, stderr);
  assert.equal(stderr.match(/Speech: /g)?.length, 1, stderr);
});
