import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { createPalette } from "../../../src/console/palette.js";
import { loadSettings } from "../../../src/settings/load.js";
import { approve, type Asker } from "../../../src/subcommands/questions/approve.js";
import { eventsOfType } from "../../support/program.js";
import { reply } from "../../support/services/fake-open-ai.js";
import { newestResult } from "../support/scripted-world.js";
import { inContinuous, worldWith, type McpWorld } from "./mcp-world.js";

/** `autogpt approve --edit` on a terminal on which these answers are given, and what it shows. */
async function editOn({ folder }: McpWorld, answers: readonly string[]): Promise<string> {
  const left = [...answers];
  const shown: string[] = [];
  const environment = { HOME: folder, XDG_STATE_HOME: join(folder, "state") };
  const asker: Asker = {
    lines: { isTerminal: true, ask: (question) => (shown.push(question), Promise.resolve(left.shift() ?? null)) },
    palette: createPalette(0),
    environment,
    signal: new AbortController().signal,
    print: (text) => void shown.push(text),
  };
  const loaded = await loadSettings({ cwd: folder, environment });
  await approve({ loaded, cwd: folder, run: "last", yes: undefined, edit: true }, asker);
  return shown.join("\n");
}

test("a parked question says that text of others may have led to it; its arguments can be edited, by the tool's schema", async (t) => {
  const world = await worldWith(t, [reply("test.picture", {}), reply("test.echo", { text: "ho" })], { more: "" });
  const parked = await world.run([...inContinuous, "--on-approval", "park"]);
  assert.equal(parked.code, 75, parked.stderr);
  const why = /Text that you did not write may have led to this \(.*test\.picture.*\): it would send or do something/;
  const [question] = eventsOfType(await world.journal(), "command-parked");
  assert.match(question?.remark ?? "", why);
  const [listed] = JSON.parse((await world.run(["questions", "--json"])).stdout) as { remark: string }[];
  assert.match(listed?.remark ?? "", why);
  assert.match((await world.run(["approve"])).stdout, why);
  assert.match((await world.run(["runs", "show", "last", "--markdown"])).stdout, why);

  await assert.rejects(
    editOn(world, ['{"times": 2}']),
    /the arguments do not fit, .*test\.echo takes arguments by this/s,
  );
  assert.match(await editOn(world, ['{"text": "edited"}', "y"]), why);
  const { code, stderr } = await world.run(["--resume"]);
  assert.equal(code, 0, stderr);
  assert.match(newestResult(world.messages(2)), /edited/);
  assert.deepEqual(await world.calls(), ["start ", "picture {}", "start ", 'echo {"text":"edited"}']);
});
